#!/bin/sh
# Fault tests 13, 19, 20, 26, and what is done to workers while they work:
# disabled, removed, reinstalled, two of them on one machine.
: "${SO_SOURCE_DIR:=$(cd "$(dirname "$0")/../../.." && pwd)}"
. "$SO_SOURCE_DIR/tests/lib.sh"
. "$SO_SOURCE_DIR/tests/system/faults/lib.sh"
slow_allowed || {
	skip "$suite" "SCALEOUT_SKIP_SLOW is set"
	finish
}
rig_start 2 --ping 1 --watchdog 3 --grace 1

restart_sshd() {
	left=$(sessions 1)
	kill -9 "$(listener 1)"
	for pid in $left; do kill -9 "$pid" 2>/dev/null; done
	"$sshd_program" -f "$work/sshd1/config" -E "$work/sshd1/log"
}
state_of() { so worker list | awk -v n="$1" '$1 == n { print $2 }'; }
has_state() { [ "$(state_of "$1")" = "$2" ]; }

# 13: one machine stands still; the other one is as quick as ever.
for pid in $(sessions 1); do kill -STOP "$pid"; done
serve_other() {
	id=$(run quick --worker w2)
	wait_for 5 has_status "$id" 7
}
within "13: an execution on the other worker ends" 5000 serve_other
for pid in $(sessions 1); do kill -CONT "$pid"; done
outcome 13 "sshd of one worker stands still|the other one served an execution in $took ms"
check_invariants "13: sshd stopped"

# 26: the spool is deleted under a running task.
check "26: an execution waits at the gate" at_gate 1 1
rm -rf "$work"/spool-1/*
check "26: the try is lost" wait_for 30 has_status "$first" 6
equals "26: and not run again" "$first-1 start" "$(effects "^$first-")"
open_gate
wait_for 20 all_ended
outcome 26 "spool deleted under a running task|$(counted); status \"ended unexpectedly\", not run again"
check_invariants "26: spool deleted"
# A worker that was installed anew.
for pid in $(agent_pids); do kill "$pid"; done
rm -rf "$work"/spool-1/*
id=$(run quick --worker w1)
check "a worker that was reinstalled works" wait_for 30 has_status "$id" 7
check_invariants "worker reinstalled"

# Disabled with tasks: they go on, no new ones come.
check "executions wait at the gate" at_gate 2 1
so worker disable w1 >/dev/null
so run '\SSISDB\Tests\Faults\quick.dtsx' --worker w1 >"$work/refused.out" 2>&1
matches "it cannot be asked for by name" 'is disabled' "$(cat "$work/refused.out")"
elsewhere=$(run quick)
check "what may run anywhere runs elsewhere" wait_for 20 has_status "$elsewhere" 7
open_gate
check "what ran on a disabled worker ends well" wait_for 20 has_status "$last" 7
so worker enable w1 >/dev/null
outcome b1 "worker disabled while tasks run|$(counted); new ones go elsewhere"
check_invariants "worker disabled"

# Two workers on one machine.
for file in port count; do cp "$work/proxy1.$file" "$work/proxy3.$file"; done
cp -r "$work/sshd1" "$work/sshd3" && rm "$work/sshd3/pid"
rig_worker 3 >"$work/add.out" 2>&1
workers=3
check "a second worker on the same machine is online" wait_for 20 online
a=$(run quick --worker w1)
b=$(run quick --worker w3)
wait_for 20 all_ended
check "each of them takes its own" has_effect "$a-1 end"
check "and the other one, too" has_effect "$b-1 end"
# and removed with a task: refused, or the task is seen to its end.
master_fds=$((master_fds + 2))
check "an execution waits at the gate" at_gate 1 3
so worker remove w3 >"$work/remove.out" 2>&1
removed=$?
open_gate
wait_for 30 all_ended
outcome b2 "worker removed while a task runs|$(counted); removing $([ $removed = 0 ] && echo "took place" || echo "was refused")"
[ $removed != 0 ] || workers=2
check_invariants "worker removed"

# 20: our key is no longer accepted: no storm of attempts.
mv "$work/sshd1/authorized_keys" "$work/sshd1/keys"
: >"$work/sshd1/authorized_keys"
: >"$work/sshd1/log"
from=$(now_ms)
for pid in $(sessions 1); do kill -9 "$pid" 2>/dev/null; done
refused() { grep -ciE 'connection (closed|reset) by authenticating|failed publickey|disconnected from authenticating' "$work/sshd1/log"; }
some_refused() { [ "$(refused)" -ge 1 ]; }
check "20: the key is refused" wait_for 20 some_refused
id=$(run quick --worker w2)
check "20: the other workers go on" wait_for 10 has_status "$id" 7
let_pass 4
seen=$(refused)
took=$(($(now_ms) - from))
# The second one comes after 15 s at the earliest, and each that follows later still.
check "20: no storm of attempts ($seen in $took ms)" [ "$seen" -le $((2 + took / 15000)) ]
outcome 20 "key no longer accepted|$seen attempt(s) in the first seconds"
mv "$work/sshd1/keys" "$work/sshd1/authorized_keys"
so worker disable w1 >/dev/null
kill_master
rig_master
so worker enable w1 >/dev/null
check_invariants "20: key refused"

# 19: the host key changes.
check "19: an execution waits at the gate" at_gate 1 1
accepted=$(ssh-keygen -lf "$work/sshd1/host_key.pub" | cut -d' ' -f2)
rm "$work/sshd1/host_key" "$work/sshd1/host_key.pub"
ssh-keygen -q -t ed25519 -N '' -f "$work/sshd1/host_key"
shown=$(ssh-keygen -lf "$work/sshd1/host_key.pub" | cut -d' ' -f2)
: >"$work/sshd1/log"
restart_sshd
check "19: the worker is blocked" wait_for 30 has_state w1 blocked
open_gate
reason=$(rows "SELECT * FROM scaleout.workers" | grep -F w1)
says "19: the reason names the new key" "$shown" "$reason"
says "19: and the accepted one" "$accepted" "$reason"
equals "19: nothing that identifies us was sent" "" "$(grep -iE 'accepted|postponed|failed|invalid user|authenticating user' "$work/sshd1/log")"
equals "19: the execution is not run elsewhere" 2 "$(status_of "$first")"
so worker trust w1 --fingerprint "$shown" >"$work/trust.out" 2>&1 || not_ok "19: the new key is accepted" "$(cat "$work/trust.out")"
[ "$workers" = 2 ] || so worker trust w3 --fingerprint "$shown" >/dev/null 2>&1
outcome 19 "host key changes while a task runs|blocked before login, both fingerprints named; after approval: $(counted)"
check_invariants "19: host key changed"
finish
