#!/bin/sh
# worker add, check and upgrade against a real sshd whose account has a home
# folder of its own ($work/home, by SetEnv), so that nothing of the user's is touched.
. "${SO_SOURCE_DIR:-$(dirname "$0")/../..}/tests/lib.sh"
. "$SO_SOURCE_DIR/tests/system/lib_sshd.sh"
. "$SO_SOURCE_DIR/tests/system/lib_effects.sh"
unset SSH_AUTH_SOCK
if ! sshd_available || ! command -v zip >/dev/null; then
	skip "workers over SSH" "sshd or zip is not installed"
	finish
fi
XDG_STATE_HOME=$work/state
export XDG_STATE_HOME
home=$work/home
lib=$home/.local/lib/scaleout
version=$("$SO_BUILD_DIR/scaleout-worker" --version | cut -d' ' -f2)
: >"$effects_file"
at_end=effects_teardown
mkdir -p "$home" "$work/bin"
cat >"$work/bin/sync" <<SH
#!/bin/sh
/bin/sync "\$@" && echo "\$(ls "$lib") \$*" >>"$work/synced"
SH
chmod 755 "$work/bin/sync"
# A path that finds no scaleout-worker of the system, a sync that notes what it did, and a home that is not the user's.
sshd_start "$work/sshd" "SetEnv HOME=$home XDG_STATE_HOME=$home/state PATH=$work/bin:/usr/bin:/bin SCALEOUT_SYSTEMD_RUN=$work/systemd-run SCALEOUT_CGROUP_ROOT=$work/groups" && so init --quiet ||
	{ not_ok "the sshd and the catalog are set up"; finish; }
add() { so worker add "$@" --host 127.0.0.1 --port "$SSHD_PORT" --user "$(id -un)" --identity "$SSHD_KEY"; }
registered() { value "COUNT(*) FROM scaleout.workers WHERE DisplayName = '$1'"; }
plain() { printf '%s' "$1" | tr + .; }

# --- nothing is believed unasked ---
matches "without a terminal the key must be named" "was not accepted.*" "$(add w1 $allow_root 2>&1 </dev/null)"
matches "another fingerprint is refused" "not the one given" "$(add w1 --fingerprint SHA256:x $allow_root 2>&1)"
equals "and nothing was registered or sent" 0 "$(registered w1)$(find "$home" -mindepth 1 | head -n 1)"

# --- everything in one command ---
out=$(add w1 --fingerprint "$SSHD_FINGERPRINT" $allow_root 2>&1)
matches "worker add registers the machine" "registered worker w1" "$out"
matches "it says what it copied" "were copied to ~/.local/lib/scaleout/$(plain "$version")/scaleout-worker" "$out"
matches "it ran a self-test package" "self-test +[0-9]+ ms" "$out"
matches "and says under which account packages run" "account +$(id -un)" "$out"
equals "the worker is disabled" 0 "$(value "CONVERT(int, IsEnabled) FROM scaleout.workers WHERE DisplayName = 'w1'")"
check "the copy is byte by byte ours" cmp "$SO_BUILD_DIR/scaleout-worker" "$lib/$version/scaleout-worker"
check "the runtime too" cmp "$SO_BUILD_DIR/scaleout-dtexec" "$lib/$version/scaleout-dtexec"
equals "nobody else may read or write there" "" "$(find "$lib" -perm /077)"
equals "the programs were on the disk before they had their name, then that" " scaleout-worker scaleout-dtexec,$version scaleout" \
	"$(sed 's|[^ ]*/||g' "$work/synced" | paste -sd,)"
equals "nothing half done is left" "" "$(find "$lib" -name '.new.*')"
out=$(add w2 --fingerprint "$SSHD_FINGERPRINT" $allow_root --enable --json 2>"$work/err")
matches "--json gives the worker's id and what was done" '"name": "w2".*"worker_agent_id": "[0-9A-F-]{36}".*"copied": false.*"enabled": true' \
	"$(printf '%s' "$out" | tr '\n' ' ')"
equals "nothing was copied a second time" "$version" "$(ls "$lib")"
matches "a name is taken only once" "already exists|27107|in use|exists" "$(add w2 --fingerprint "$SSHD_FINGERPRINT" $allow_root 2>&1)"

# --- what stands in the way is named ---
chmod 777 "$home/.local/lib"
rm -rf "$lib"
matches "a folder that everybody may write to is not used" "everybody may write" \
	"$(add w3 --fingerprint "$SSHD_FINGERPRINT" $allow_root 2>&1)"
chmod 755 "$home/.local/lib"
if [ "$(id -u)" = 0 ]; then
	matches "root is refused unless it is allowed" "refused to serve as root" \
		"$(add w3 --fingerprint "$SSHD_FINGERPRINT" 2>&1)"
fi
equals "what failed is not registered" 0 "$(registered w3)"

# --- a master runs a package on the copied program, across an upgrade ---
effects_project >"$work/deploy.log" 2>&1
so worker enable w1 >/dev/null
so master start
online() { [ "$(value 'COUNT(*) FROM scaleout.workers WHERE IsOnline = 1')" = 2 ]; }
rm -rf "$lib"
out=$(so worker upgrade --all 2>&1)
matches "upgrade installs what is missing" "worker w1 (upgraded to|already has)" "$out"
check "the workers come online" wait_for 20 online
# An older version: the same programs with other bytes behind them.
mkdir "$lib/0.0.1"
for program in scaleout-worker scaleout-dtexec; do
	cp "$SO_BUILD_DIR/$program" "$lib/0.0.1/"
	echo old >>"$lib/0.0.1/$program"
done
for name in w1 w2; do
	so sql -b -Q "DECLARE @id uniqueidentifier; SELECT @id = WorkerAgentId FROM scaleout.workers WHERE DisplayName = N'$name'
		EXEC scaleout.set_worker @id, N'ProgramPath', N'~/.local/lib/scaleout/0.0.1/scaleout-worker'" >/dev/null
done
agents_of() { ls -l /proc/[0-9]*/exe 2>/dev/null | grep -c -- "-> $lib/$1/"; }
old_agents() { [ "$(agents_of 0.0.1)" = 4 ] && online; } # each with its fork server
check "the old version serves" wait_for 20 old_agents
id=$(effects_run gate --worker w1)
check "an execution runs from the old version" wait_for 20 has_effect "$id-1 start"
out=$(so worker upgrade w1 2>&1)
matches "upgrade switches the worker" "worker w1 switched to ~/.local/lib/scaleout/$(plain "$version")/" "$out"
matches "the old version is kept while something runs from it" "0.0.1 is kept while [1-9]" "$out"
check "the old runtime is still there" test -x "$lib/0.0.1/scaleout-dtexec"
new_agent() { [ "$(agents_of "$version")" -ge 1 ] && online; }
check "the new version serves" wait_for 20 new_agent
equals "the execution still runs" 2 "$(status_of "$id")"
touch "$work/gate"
check "the execution ends well" wait_for 20 has_status "$id" 7
equals "it ran once" "$id-1 end,$id-1 start" "$(effects "^$id-")"
so worker upgrade w2 >"$work/upgrade.out" 2>&1
none_old() { [ "$(agents_of 0.0.1)" = 0 ]; }
check "nothing runs from the old version any more" wait_for 20 none_old
so worker upgrade --all >>"$work/upgrade.out" 2>&1
matches "then it is deleted" "0.0.1 was deleted" "$(cat "$work/upgrade.out")"
check "and has gone" test ! -e "$lib/0.0.1"
id=$(effects_run quick --worker w2)
check "the upgraded worker works" wait_for 20 has_status "$id" 7

# --- control groups: a systemd-run that notes what it was asked, then one that cannot ---
cat >"$work/systemd-run" <<SH
#!/bin/sh
echo "\$*" >>"$work/scopes"
while [ "\$1" != -- ]; do shift; done
shift
exec "\$@"
SH
chmod 755 "$work/systemd-run"
set_worker() { # NAME PROPERTY VALUE
	so sql -b -Q "DECLARE @id uniqueidentifier; SELECT @id = WorkerAgentId FROM scaleout.workers WHERE DisplayName = N'$1'
		EXEC scaleout.set_worker @id, N'$2', N'$3'" >/dev/null
}
agent_with() { pgrep -f "scaleout-worker serve.*$1" >/dev/null && online; }
set_worker w2 MemoryMaxMb 64
set_worker w2 CpuMaxPercent 50
set_worker w2 UseCgroup 1
check "the worker serves with control groups" wait_for 20 agent_with "--cgroup --memory-max 64 --cpu-max 50"
id=$(effects_run quick --worker w2)
check "an execution in a scope succeeds" wait_for 20 has_status "$id" 7
equals "it ran once, in the scope" "$id-1 end,$id-1 start" "$(effects "^$id-")"
matches "the scope is the task's own, with the limits" \
	"--scope --quiet --collect --unit=scaleout-[0-9a-f]{8}-$id-1 --property=MemoryMax=64M --property=CPUQuota=50% -- .*scaleout-dtexec --task" \
	"$(cat "$work/scopes")"
id=$(effects_run fail --worker w2)
check "a package that fails there is a failed one" wait_for 20 has_status "$id" 4
printf '#!/bin/sh\ncase "$*" in *probe*) exec true;; esac\necho "Failed to connect to bus: No medium found" >&2\nexit 1\n' >"$work/systemd-run"
id=$(effects_run quick --worker w2)
refused() { so messages "$id" 2>/dev/null | grep -q "control group" || grep -q "control group" "$work/c.db.log"; }
check "a scope that is refused later is told" wait_for 20 refused
equals "and nothing of the package ran" "" "$(effects "^$id-")"
so stop "$id" >/dev/null 2>&1
printf '#!/bin/sh\necho "Failed to connect to bus: No medium found" >&2\nexit 1\n' >"$work/systemd-run"
matches "worker check says why there can be no control group" "FAIL +control groups +.*No medium found" "$(so worker check w2 2>&1)"
set_worker w2 MemoryMaxMb 32
check "the worker is asked anew" wait_for 20 agent_with "--memory-max 32"
id=$(effects_run quick --worker w2)
check "without a control group tasks run all the same" wait_for 20 has_status "$id" 7

matches "worker add warns of limits that cannot be kept" \
	"warning: no control groups can be made there, so tasks will run without their limits: .*No medium found; .*groups has no memory controller" \
	"$(add w5 --fingerprint "$SSHD_FINGERPRINT" $allow_root --memory-max 32 2>&1)"
so worker remove w5 >/dev/null
# The kernel's own groups, where they may be made: the task is in one, and ends with it.
for groups in /sys/fs/cgroup /sys/fs/cgroup/unified none; do
	[ ! -w "$groups/cgroup.procs" ] || break
done
if [ "$groups" != none ]; then
	ln -s "$groups" "$work/groups"
	set_worker w2 MemoryMaxMb 0
	set_worker w2 CpuMaxPercent 0
	without_limits() { agent_with --cgroup && ! agent_with --memory-max; }
	check "the worker serves with groups of its own" wait_for 20 without_limits
	rm -f "$work/gate"
	id=$(effects_run stubborn --worker w2)
	check "a package that ignores TERM runs there" wait_for 20 has_effect "$id-1 start"
	group_of() {
		for pid in $(grep -lsz "^SCALEOUT_KEY=.*/$id-1\$" /proc/[0-9]*/environ | cut -d/ -f3); do
			sed -n 's/^0::.*\/\(scaleout-[^/]*\)$/\1/p' "/proc/$pid/cgroup" 2>/dev/null
		done | sort -u
	}
	group=$(group_of)
	matches "each of its processes is in the task's own group" "^scaleout-[0-9a-f]{8}-$id-1\$" "$group"
	so stop "$id" >/dev/null
	check "a stop ends it" wait_for 30 has_status "$id" 3
	group_gone() { ! find "$groups" -maxdepth 4 -name "$group" 2>/dev/null | grep -q .; }
	check "and its group has gone" wait_for 5 group_gone
	rm "$work/groups"
	rmdir "$groups/scaleout-worker" 2>/dev/null # where supervisors were
	# A scope whose kernel has ended a process for its memory, as far as a file that we wrote can say so.
	mkdir "$work/groups"
	cat >"$work/systemd-run" <<-SH
		#!/bin/sh
		while [ "\$1" != -- ]; do
			case \$1 in --unit=*) scope=\${1#--unit=}.scope ;; esac
			shift
		done
		shift
		mkdir "$groups/\$scope" "$work/groups/\$scope" && echo \$\$ >"$groups/\$scope/cgroup.procs" &&
			echo 'oom_kill 1' >"$work/groups/\$scope/memory.events"
		sleep 0.3 # a package that needs much memory takes a while
		exec "\$@"
	SH
	set_worker w2 MemoryMaxMb 64
	check "the worker serves with scopes" wait_for 20 agent_with "--memory-max 64"
	id=$(effects_run fail --worker w2)
	check "what lost a process to its memory limit has not just failed" wait_for 30 has_status "$id" 6
	matches "and the limit is named" "needed more memory than the 64 MiB" "$(so messages "$id")"
	wait_for 5 rmdir "$groups"/scaleout-*.scope
	rm -r "$work/groups"
	printf '#!/bin/sh\nexit 1\n' >"$work/systemd-run"
	set_worker w2 MemoryMaxMb 0
	check "the worker serves without them again" wait_for 20 without_limits
else
	skip "tasks in the kernel's control groups" "needs a cgroup2 that may be written to"
fi

# --- dumps come to the master and are listed ---
matches "without dumps that is said" "no dumps" "$(so dumps)"
id=$(effects_run fail --worker w2 --dump-on-errors)
check "a package that fails with a dump fails" wait_for 30 has_status "$id" 4
out=$(so dumps "$id")
matches "its dump is listed with the worker it came from" "execution $id, try 1, fail.dtsx, worker w2" "$out"
matches "and its files" "[0-9]+ +.*\.tmp" "$out"
matches "--json names the folder" "\"folder\": \"$work/c.db.dumps/$id-1\"" "$(so dumps --json)"
matches "a missing core is told as a warning, or there is one" "The dump has no core file|\.mdmp" "$(so messages "$id"; so dumps "$id")"
rm -r "$work/c.db.dumps/$id-1"
matches "a dump that was deleted is told" "not here" "$(so dumps "$id")"

# --- ssh_config, a jump host, known_hosts, and a key with a passphrase ---
port1=$SSHD_PORT key1=$SSHD_HOST_KEY identity=$SSHD_KEY first=$SSHD_PID
pids="$pids $first"
mkdir -p "$work/door"
cp "$work/sshd/user_key" "$work/sshd/user_key.pub" "$work/door"
sshd_skip=9
sshd_start "$work/door" || not_ok "the jump host is set up"
pids="$pids $SSHD_PID"
gate=$SSHD_PORT
printf '[127.0.0.1]:%s %s\n[127.0.0.1]:%s %s\n' "$port1" "$key1" "$gate" "$SSHD_HOST_KEY" >"$work/known"
ssh-keygen -q -H -f "$work/known" >/dev/null 2>&1
cat >"$work/config" <<CONFIG
Host inn*
  HostName 127.0.0.1
  Port $port1
  ProxyJump door
Host door
  HostName 127.0.0.1
  Port $gate
Host *
  User $(id -un)
  IdentityFile $identity
  UserKnownHostsFile $work/known
CONFIG
equals "the known hosts are hashed" 0 "$(grep -c 127 "$work/known")"
out=$(so worker add inner --ssh-config "$work/config" $allow_root --enable 2>&1 </dev/null)
matches "ssh_config and known_hosts are enough to add a worker" "registered worker inner" "$out"
matches "it says where the keys are known from" "is known from $work/known:2" "$out"
equals "the way is stored with the worker" "127.0.0.1 $port1 $(id -un)@127.0.0.1:$gate" \
	"$(so sql -h -1 -W -Q "SET NOCOUNT ON SELECT CONCAT(Host, ' ', Port, ' ', LEFT(JumpHosts, CHARINDEX(' ', JumpHosts) - 1)) FROM scaleout.workers WHERE DisplayName = 'inner'")"
inner_online() { [ "$(value "CONVERT(int, IsOnline) FROM scaleout.workers WHERE DisplayName = 'inner'")" = 1 ]; }
check "the master reaches it through the jump host" wait_for 20 inner_online
id=$(effects_run quick --worker inner)
check "and an execution runs there" wait_for 20 has_status "$id" 7
rm -f "$work/gate"
id=$(effects_run gate --worker inner)
check "an execution waits behind the jump host" wait_for 20 has_effect "$id-1 start"
for pid in $(sshd_sessions); do kill -9 "$pid" 2>/dev/null; done
touch "$work/gate"
check "it survives a cut at the jump host" wait_for 30 has_status "$id" 7
equals "and ran once" "$id-1 end,$id-1 start" "$(effects "^$id-")"
ssh-keygen -q -t ed25519 -N '' -f "$work/wrong"
printf '[127.0.0.1]:%s %s\n' "$gate" "$(cut -d' ' -f1,2 "$work/wrong.pub")" >"$work/known"
matches "another key in known_hosts is refused" "known:1 has another host key" \
	"$(so worker add inn2 --ssh-config "$work/config" $allow_root --accept-host-key 2>&1)"
# The passphrase is nowhere but in the process that was given it.
canary=$(printf '%s%s' canary "$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')")
cp "$identity" "$work/locked"
printf '%s' "$canary" >"$work/pattern"
ssh-keygen -q -p -P '' -N "$canary" -f "$work/locked" >/dev/null
add_locked() { so worker add w7 --host 127.0.0.1 --port "$port1" --user "$(id -un)" --identity "$work/locked" $allow_root --accept-host-key "$@"; }
matches "without its passphrase an encrypted key is named" "is encrypted" "$(add_locked 2>&1 </dev/null)"
out=$(add_locked --passphrase - <"$work/pattern" 2>&1)
matches "with it the worker is added" "registered worker w7" "$out"
matches "and the admin is told what the master needs" "can only use it from ssh-agent" "$out"
leaks() {
	find "$work" -type f ! -name pattern -exec grep -laF -f "$work/pattern" {} +
	for pid in $(pgrep -f "$work"); do
		{ cat "/proc/$pid/cmdline" "/proc/$pid/environ"; } 2>/dev/null | grep -qaF -f "$work/pattern" && echo "process $pid"
	done
}
equals "the passphrase is in no file, argument list or environment" "" "$(leaks)"
check "worker check takes it too" sh -c "'$SO_BUILD_DIR/scaleout' --catalog '$work/c.db' worker check w7 --passphrase '$work/pattern' | grep -q '^ok *our key is accepted'"
cp "$work/pattern" "$work/planted"
equals "the search finds what is there" "$work/planted" "$(leaks)"
SSHD_PID=$first
finish
