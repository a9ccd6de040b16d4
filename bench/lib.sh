# What the benchmarks over SSH share: a catalog, a master and workers behind one
# sshd of their own, in a folder that goes at the end, and the peers' set-up.
# Peers get one host name per command, all of that sshd, so that their own
# fan-out limits nothing. TMPDIR says where (default /tmp).
#
#   . "$(dirname "$0")/lib.sh"
#   bench_open [SSHD-CONFIG-LINE...]   $work, so, number; SSHD_* of tests/system/lib_sshd.sh
#   bench_catalog NAME                 a fresh catalog instead of the present one, whose workers get fresh spools
#   bench_workers COUNT SLOTS [0]      register and enable (0: do not) workers w1..., at $bench_port if set
#   bench_each STATEMENTS              T-SQL that runs them for each worker's @worker, with @id bigint to use
#   bench_online COUNT                 wait until so many are online
#   bench_hosts COUNT                  $work/hosts and $work/ssh_config for peers, names n1...
#   now_ms; timed COMMAND...; median NUMBER...; ratio A B
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${SO_BUILD_DIR:-.}" && pwd)
export SO_SOURCE_DIR="${SO_SOURCE_DIR:-$(dirname "$here")}" SO_BUILD_DIR="$build"
. "$SO_SOURCE_DIR/tests/system/lib_sshd.sh"

so() { "$build/scaleout" --catalog "$catalog" "$@"; }
number() { so sql -h -1 -W -Q "SET NOCOUNT ON SELECT $1" | tr -d ' \n'; }
now_ms() { echo $(($(date +%s%N) / 1000000)); }
median() { printf '%s\n' "$@" | sort -n | sed -n "$((($# + 1) / 2))p"; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

bench_close() {
	so master stop >/dev/null 2>&1 || true
	sshd_stop || true
	rm -rf "$work"
}

bench_open() {
	ulimit -n "$(ulimit -H -n)" # peers hold files open for each command
	work=$(mktemp -d "${TMPDIR:-/tmp}/scaleout-bench.XXXXXX")
	trap bench_close EXIT
	export XDG_STATE_HOME=$work/state
	# bash reads ~/.bashrc for a command that sshd runs: what it does there is nobody's cost but its owner's.
	sshd_start "$work/sshd" "SetEnv HOME=$work" "$@"
	bench_catalog c
}

# What is of no use any more stays until the end: some file systems search long for an inode among just deleted ones.
bench_catalog() {
	catalog=$work/$1.db
	so init --quiet
	so deploy "$build/samples/Flaky.ispac" Bench >/dev/null
}

bench_workers() {
	cat >"$work/workers.sql" <<EOF
SET NOCOUNT ON
DECLARE @i int = 1, @id uniqueidentifier, @name nvarchar(20), @spool nvarchar(200)
WHILE @i <= $1
BEGIN
	SELECT @name = CONCAT(N'w', @i), @spool = CONCAT(N'$catalog-spool', @i)
	EXEC scaleout.add_worker @name = @name, @host = N'127.0.0.1', @port = ${bench_port:-$SSHD_PORT}, @user = N'$(id -un)',
	    @identity_file = N'$SSHD_KEY', @host_keys = N'$SSHD_HOST_KEY', @program = N'$build/scaleout-worker',
	    @spool = @spool, @slots = $2, @allow_root = $([ "$(id -u)" = 0 ] && echo 1 || echo 0), @worker_agent_id = @id OUTPUT
	IF ${3:-1} = 1 EXEC catalog.enable_worker_agent @id
	SET @i = @i + 1
END
EOF
	so sql -b -i "$work/workers.sql" >/dev/null
}

bench_each() {
	cat <<EOF
SET NOCOUNT ON
DECLARE @id bigint, @worker uniqueidentifier
DECLARE each CURSOR FOR SELECT WorkerAgentId FROM scaleout.workers
OPEN each
FETCH NEXT FROM each INTO @worker
WHILE @@FETCH_STATUS = 0
BEGIN
	$1
	FETCH NEXT FROM each INTO @worker
END
EOF
}

# In one session: asking costs next to nothing beside what is measured.
bench_online() {
	cat >"$work/online.sql" <<EOF
DECLARE @until datetime2 = DATEADD(second, 120, SYSDATETIME())
WHILE (SELECT COUNT(*) FROM scaleout.workers WHERE IsOnline = 1) < $1
BEGIN
	IF SYSDATETIME() > @until THROW 50000, 'workers do not come online', 1
	WAITFOR DELAY '00:00:00.010'
END
EOF
	so sql -b -i "$work/online.sql" >/dev/null || { so worker list >&2; exit 1; }
}

bench_hosts() {
	for i in $(seq "$1"); do echo "n$i"; done >"$work/hosts"
	cat >"$work/ssh_config" <<EOF
Host n*
	HostName 127.0.0.1
	Port $SSHD_PORT
	User $(id -un)
	IdentityFile $SSHD_KEY
	IdentitiesOnly yes
	UserKnownHostsFile $work/known_hosts
	StrictHostKeyChecking no
	LogLevel ERROR
EOF
	printf '#!/bin/sh\nexec ssh -F %s "$@"\n' "$work/ssh_config" >"$work/ssh"
	chmod 755 "$work/ssh"
}

timed() {
	local began ended
	began=$(now_ms)
	timeout 300 "$@" >/dev/null 2>"$work/peer.err" || { cat "$work/peer.err" >&2; return 1; }
	ended=$(now_ms)
	echo $((ended - began))
}

# A command that leaves a line, on every host of $work/hosts, so many at a time. A peer that says it is
# through before as many lines are there has not done what is measured. $work/logins is parallel's list.
peer_timed() {
	local commands
	commands=$(wc -l <"$work/hosts")
	rm -f "$work/effects"
	timed "$@" || return 1
	[ "$(wc -l <"$work/effects")" = "$commands" ] || {
		echo "$1 has run $(wc -l <"$work/effects") of $commands commands" >&2
		return 1
	}
}
run_pdsh() { PDSH_SSH_ARGS_APPEND="-F $work/ssh_config" PDSH_SSH_ARGS= peer_timed pdsh -R ssh -f "$1" -w "$(paste -sd, "$work/hosts")" "echo >>$work/effects"; }
run_clush() { peer_timed clush -q -S -f "$1" -o "-F $work/ssh_config" -w "$(paste -sd, "$work/hosts")" "echo >>$work/effects"; }
# --ssh is one word: with --controlmaster parallel executes it as the name of a program, and where there is none runs on twice.
run_parallel() { peer_timed parallel -j "$1" $parallel_more --ssh "$work/ssh" --sshloginfile "$work/logins" -n0 "echo >>$work/effects" ::: $(seq "$(wc -l <"$work/hosts")"); }
parallel_more=
run_parallel_controlmaster() { parallel_more=--controlmaster run_parallel "$1"; }
# Its own exit status says whether each host did it.
run_ansible() {
	LC_ALL=C.UTF-8 ANSIBLE_HOST_KEY_CHECKING=False ANSIBLE_PIPELINING=True ANSIBLE_LOCAL_TEMP="$work/ansible" ANSIBLE_NOCOLOR=1 \
		timed ansible all -i "$work/hosts" -f "$1" --ssh-common-args "-F $work/ssh_config" -m command -a true
}
# One after the other over one connection that stays.
run_ssh_controlpersist() {
	peer_timed sh -c 'for host in $(cat "$1/hosts"); do
		ssh -F "$1/ssh_config" -o ControlMaster=auto -o ControlPersist=10 -o ControlPath="$1/control" n1 "echo >>$1/effects" || exit 1
	done' sh "$work"
}
# Those of the words whose program is here.
bench_peers() {
	for peer in "$@"; do
		if command -v "${peer%%_*}" >/dev/null 2>&1; then echo "$peer"; else echo "# $peer is not installed (scripts/deps bench)" >&2; fi
	done
}
