# The rig of the fault tests: a catalog, N workers over N sshd of our own (each
# behind a proxy that can cut the link), a project whose packages leave
# witnesses, and the one oracle for everything. Needs tests/lib.sh; all in $work.
#
#   rig_start N [MASTER-OPTION...]   catalog, N workers w1..wN, each with its sshd and proxy, master
#   rig_master                       start the master (again), with the same options
#   run PACKAGE [OPTION...]          start an execution, print its id
#   proxy N COMMAND...               tell the proxy of worker N (proxy.c), wait until it has heard
#   net_enter                        before rig_start: workers in network namespaces instead of behind proxies
#   wire N down|up                   the link of worker N there
#   drop N from|to|both|none         packets from, to worker N are dropped there
#   check_invariants NAME            the oracle; resets what is looked at to what comes after
#   outcome NUMBER TEXT              a line of the table in doc/reliability.md
#
# Packages: quick; brief (0.3 s); daemon (leaves two that ignore TERM); gate (waits for $work/gate); fail; stubborn (ignores TERM);
# fork (ignores TERM and leaves two daemons that do too); closer (closes its
# descriptors); big (writes 8 MB to its output); talk (a loop of $Package::Turns
# turns); secret (takes $Package::Key).
. "$SO_SOURCE_DIR/tests/system/lib_sshd.sh"
unset SSH_AUTH_SOCK SCALEOUT_CATALOG
XDG_STATE_HOME=$work/state
export XDG_STATE_HOME

catalog=$work/c.db
effects_file=$work/effects
master_options=
rig_program=$SO_BUILD_DIR/scaleout-worker
rig_network=proxy
rig_slots=8
rig_sshd_options= # lines of sshd's configuration, separated by commas
workers=0
first_id=1
: >"$effects_file"

so() { "$SO_BUILD_DIR/scaleout" --catalog "$catalog" "$@"; }
# Rows of a query, columns separated by |.
rows() { so sql -h -1 -W -s '|' -Q "SET NOCOUNT ON $1"; }
value() { rows "SELECT $1" | tr -d ' \r\n'; }
slow_allowed() { [ -z "${SCALEOUT_SKIP_SLOW-}" ]; }
is_root() { [ "$(id -u)" = 0 ]; }
long() { [ -n "${SCALEOUT_LONG-}" ]; }

. "$SO_SOURCE_DIR/tests/system/faults/project.sh"
. "$SO_SOURCE_DIR/tests/system/faults/oracle.sh"

# --- random moments ---

seeds() { if long; then echo 50; else echo 3; fi; }
# Begin the random numbers of a turn; says with what. SO_SEED repeats a run.
seed() {
	state=${SO_SEED:-$(($(date +%s) % 100000 * 100 + $1))}
	first_state=$state
	echo "seed $state (SO_SEED=$state repeats it)"
}
random=
next_random() { # sets random below $1
	state=$(((state * 1103515245 + 12345) % 2147483648))
	random=$((state / 65536 % $1))
}

# --- the machines ---

# Worker N's sshd lives in $work/sshdN; its port, listener and key in files there, for lib_sshd.sh keeps one only.
rig_sshd() {
	number=$1
	shift
	sshd_skip=$((number * 50 - 50)) # each its own range of ports
	IFS=,
	# shellcheck disable=SC2086
	set -- $rig_sshd_options
	unset IFS
	sshd_start "$work/sshd$number" "$@" || return 1
	echo "$SSHD_PORT" >"$work/sshd$number/port"
}
listener() { cat "$work/sshd$1/pid"; }
sessions() { # of worker N
	SSHD_PID=$(listener "$1")
	sshd_sessions
}

# --- their links: through proxies, or each worker in a network namespace of its own ---

# Begin again in a network namespace of our own, so that no address of ours is seen outside; ends the test where that cannot be.
net_enter() {
	if [ -z "${FAULTS_INSIDE-}" ]; then
		if ! { is_root && command -v ip && command -v nft && mkdir -p /run/netns && unshare --net --mount true; } >/dev/null 2>&1; then
			skip "$suite" "needs root, iproute2 and nftables for network namespaces"
			finish
		fi
		rm -rf "$work"
		FAULTS_INSIDE=1 exec unshare --net --mount sh "$0"
	fi
	rig_network=veth
	# The names are files: these vanish with us, whatever happens.
	mount -t tmpfs tmpfs /run/netns && ip link set lo up && nft add table inet cuts &&
		nft add chain inet cuts from '{ type filter hook input priority 0; }' &&
		nft add chain inet cuts to '{ type filter hook output priority 0; }'
}
net_name() { echo "so-$$-w$1"; }
net_worker() {
	ip netns add "$(net_name "$1")" &&
		ip link add "wire$1" type veth peer name eth0 netns "$(net_name "$1")" &&
		ip addr add "10.9.$1.1/24" dev "wire$1" && ip link set "wire$1" up &&
		ip -n "$(net_name "$1")" addr add "10.9.$1.2/24" dev eth0 &&
		ip -n "$(net_name "$1")" link set eth0 up && ip -n "$(net_name "$1")" link set lo up
}
net_leave() {
	for number in $(seq "$workers"); do ip netns del "$(net_name "$number")"; done 2>/dev/null
}
wire() { ip link set "wire$1" "$2"; }
drop() {
	nft flush chain inet cuts from
	nft flush chain inet cuts to
	case $2 in from | both) nft add rule inet cuts from ip saddr "10.9.$1.2" drop ;; esac
	case $2 in to | both) nft add rule inet cuts to ip daddr "10.9.$1.2" drop ;; esac
}
rig_host() { [ "$rig_network" = veth ] && echo "10.9.$1.2" || echo 127.0.0.1; }
rig_port() { [ "$rig_network" = veth ] && cat "$work/sshd$1/port" || cat "$work/proxy$1.port"; }
rig_link() { [ "$rig_network" = veth ] || rig_proxy "$1"; }
rig_place() { # where the worker's sshd will be
	[ "$rig_network" = veth ] || return 0
	net_worker "$1" || return 1
	sshd_address=$(rig_host "$1")
	sshd_inside="ip netns exec $(net_name "$1")"
}

rig_proxy() {
	mkfifo "$work/proxy$1"
	"$SO_BUILD_DIR/fault_proxy" "$work/proxy$1.port" "$work/proxy$1" "$work/proxy$1.count" "$(cat "$work/sshd$1/port")" &
	echo $! >"$work/proxy$1.pid"
	wait_for 10 test -s "$work/proxy$1.count"
}
heard() { [ "$(cut -d' ' -f1 "$work/proxy$1.count")" -ge "$2" ]; }
proxy() {
	proxy_number=$1
	shift
	proxy_before=$(cut -d' ' -f1 "$work/proxy$proxy_number.count")
	echo "$*" >"$work/proxy$proxy_number"
	wait_for 10 heard "$proxy_number" $((proxy_before + 1))
}
cuts() { cut -d' ' -f2 "$work/proxy$1.count"; }

rig_worker() { # N [OPTION...]
	number=$1
	shift
	so worker add "w$number" --host "$(rig_host "$number")" --port "$(rig_port "$number")" --user "$(id -un)" \
		--identity "$work/sshd$number/user_key" --program "$rig_program" --spool "$work/spool-$number" \
		--fingerprint "$(ssh-keygen -lf "$work/sshd$number/host_key.pub" | cut -d' ' -f2)" --slots "$rig_slots" --enable $allow_root "$@"
}

rig_master() {
	# shellcheck disable=SC2086
	"$SO_BUILD_DIR/scaleoutd" --catalog "$catalog" $master_options </dev/null
}
master_pid() { cat "$catalog.lock"; }
# A zombie has ended: nobody may be there to collect it.
gone() { ! kill -0 "$1" 2>/dev/null || grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null; }
kill_master() {
	killed=$(master_pid)
	kill -9 "$killed"
	wait_for 10 gone "$killed"
}
online() { [ "$(value 'COUNT(*) FROM scaleout.workers WHERE IsOnline = 1')" = "${1:-$workers}" ]; }

rig_available() {
	sshd_available && command -v zip >/dev/null && [ -x "$SO_BUILD_DIR/fault_proxy" ]
}

rig_setup() {
	# The master first: other commands would start one, with options of their own.
	so init --quiet && rig_master && faults_project || return 1
	for number in $(seq "$workers"); do
		rig_place "$number" && rig_sshd "$number" && rig_link "$number" && rig_worker "$number" || return 1
	done
	wait_for 30 online
}

# Ends the test when the rig cannot be built.
rig_start() {
	workers=$1
	shift
	master_options=$*
	at_end=rig_stop
	if ! rig_available; then
		skip "$suite" "sshd, zip or fault_proxy is missing"
		finish
	fi
	if ! rig_setup >"$work/setup.log" 2>&1; then
		not_ok "the rig is set up" "$(tail -n 20 "$work/setup.log" "$catalog.log" 2>&1)"
		finish
	fi
	rig_reference
}

rig_stop() {
	[ "$failed" = 0 ] || [ -z "${SO_KEEP-}" ] || cp -a "$work" "$SO_KEEP"
	[ "$failed" = 0 ] || tail -n 15 "$catalog.log"
	# By its process id if it does not listen any more, which would be a fault of its own.
	master=$(master_pid 2>/dev/null)
	so master stop >/dev/null 2>&1
	[ -z "$master" ] || wait_for 8 gone "$master" || kill -9 "$master" 2>/dev/null
	for file in "$work"/sshd*/pid; do
		[ -s "$file" ] || continue
		SSHD_PID=$(cat "$file" 2>/dev/null)
		sshd_stop
	done
	[ "$rig_network" = proxy ] || net_leave
	for file in "$work"/proxy*.pid; do
		[ ! -s "$file" ] || kill "$(cat "$file")" 2>/dev/null
	done
	# What a failed test has left: by its cookie, one by one.
	for pid in $(cookies_left); do kill -9 "$pid" 2>/dev/null; done
}

# --- executions ---

run() {
	package=$1
	shift
	so run "\\SSISDB\\Tests\\Faults\\$package.dtsx" "$@" | sed -n 's/^Execution ID: //p'
}
# N executions of a package that may run on any worker, with retries; accepted in one go.
run_many() { # PACKAGE N RETRIES
	so sql -b -Q "SET NOCOUNT ON
DECLARE @i int = 0, @id bigint
WHILE @i < $2
BEGIN
	EXEC catalog.create_execution @folder_name=N'Tests', @project_name=N'Faults', @package_name=N'$1.dtsx', @runinscaleout=True, @useanyworker=True, @execution_id=@id OUTPUT
	EXEC catalog.start_execution @execution_id=@id, @retry_count=$3
	SET @i = @i + 1
END"
}
status_of() { value "status FROM catalog.executions WHERE execution_id = $1"; }
has_status() { [ "$(status_of "$1")" = "$2" ]; }
tries_of() { value "executed_count FROM catalog.executions WHERE execution_id = $1"; }
has_effect() { grep -qx "$1" "$effects_file"; }
effects() { grep -E "$1" "$effects_file" | LC_ALL=C sort | tr '\n' ',' | sed 's/,$//'; }
all_ended() { [ "$(value "COUNT(*) FROM catalog.executions WHERE execution_id >= $first_id AND status IN (2, 5, 8)")" = 0 ]; }
last_id() { value "COALESCE(MAX(execution_id), 0) FROM catalog.executions"; }
count_effects() { # start|end, of what is looked at
	awk -F'[- ]' -v a="$first_id" -v w="$1" '$1 >= a && $3 == w' "$effects_file" | wc -l
}
count_results() { value "COUNT(*) FROM catalog.executions WHERE execution_id >= $first_id AND status IN (3, 4, 6, 7, 9)"; }

# N executions on worker W that wait at the gate; sets first and last.
at_gate() {
	rm -f "$work/gate"
	first=$(run gate --worker "w$2")
	last=$first
	for _ in $(seq 2 "$1"); do last=$(run gate --worker "w$2"); done
	for id in $(seq "$first" "$last"); do
		wait_for 30 has_effect "$id-1 start" || return 1
	done
}
open_gate() { : >"$work/gate"; }

# says NAME WORDS TEXT: the words as they are, not as a pattern.
says() {
	if printf '%s\n' "$3" | grep -Fq -- "$2"; then
		ok
	else
		not_ok "$1" "expected to hold: $2" "actual: $3"
	fi
}
