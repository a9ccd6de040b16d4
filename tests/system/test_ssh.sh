#!/bin/sh
# Two workers over real SSH: run, retry, stop; then kill -9 of the master, of the
# agents and of the sshd sessions in mid-run. The effects file is the witness:
# each try starts once and ends once, and no message is lost or doubled.
. "${SO_SOURCE_DIR:-$(dirname "$0")/../..}/tests/lib.sh"
. "$SO_SOURCE_DIR/tests/system/lib_sshd.sh"
. "$SO_SOURCE_DIR/tests/system/lib_effects.sh"
unset SSH_AUTH_SOCK
if ! sshd_available || ! command -v zip >/dev/null; then
	skip "dispatch over SSH" "sshd or zip is not installed"
	finish
fi
at_end=effects_teardown
if ! effects_setup >"$work/setup.log" 2>&1; then
	not_ok "the catalog, the sshd and the workers are set up" "$(tail -n 20 "$work/setup.log" "$work/c.db.log")"
	finish
fi

# --- run, retry, stop ---
a=$(effects_run quick --worker w1)
b=$(effects_run quick --worker w2)
check "an execution on each worker succeeds" wait_for 20 all_have_status "$a" "$b" 7
equals "each ran once" "$a-1 end,$a-1 start,$b-1 end,$b-1 start" "$(effects "^($a|$b)-")"
equals "each ran where it was sent" 2 \
	"$(value "COUNT(DISTINCT worker_agent_id) FROM catalog.executions WHERE execution_id IN ($a, $b)")"
messages=$(message_count "$a")
equals "the same package leaves the same number of messages" "$messages" "$(message_count "$b")"
matches "messages have arrived" '^[1-9][0-9]*$' "$messages"

r=$(effects_run fail --retry 2)
check "a failing execution fails after its tries" wait_for 20 has_status "$r" 4
equals "each try started once" "$r-1 start,$r-2 start,$r-3 start" "$(effects "^$r-")"
equals "the tries are counted" 3 "$(value "executed_count FROM catalog.executions WHERE execution_id = $r")"

s=$(effects_run gate --retry 3)
check "an execution is running" wait_for 20 has_effect "$s-1 start"
so stop "$s" >/dev/null
check "a stop ends it as canceled" wait_for 20 has_status "$s" 3
equals "a stopped execution is not retried and did not go on" "$s-1 start" "$(effects "^$s-")"

d=$(effects_run daemon)
check "a package that leaves a daemon behind succeeds" wait_for 20 has_status "$d" 7
check "the daemon has gone with it" sh -c "! kill -0 $(cat "$work/daemon") 2>/dev/null || grep -q '^State:.Z' /proc/$(cat "$work/daemon")/status"

l=$(effects_run quick --server)
check "Server mode runs on the built-in worker" wait_for 20 has_status "$l" 7
equals "and once" "$l-1 end,$l-1 start" "$(effects "^$l-")"

# --- faults in mid-run ---
# Four executions wait at the gate; the fault happens; then the gate opens.
begin_runs() {
	rm -f "$work/gate"
	first=$(effects_run gate --worker w1)
	effects_run gate --worker w1 >/dev/null
	effects_run gate --worker w2 >/dev/null
	last=$(effects_run gate --worker w2)
	for id in $(seq "$first" "$last"); do
		wait_for 20 has_effect "$id-1 start" || return 1
	done
}
all_ran_once() {
	check "$1: all end well" wait_for 30 all_have_status "$first" "$last" 7
	for id in $(seq "$first" "$last"); do
		equals "$1: execution $id started once and ended once" "$id-1 end,$id-1 start" "$(effects "^$id-")"
		equals "$1: execution $id has all its messages once" "$messages" "$(message_count "$id")"
	done
}

begin_runs || not_ok "executions wait at the gate" "$(tail -n 20 "$work/c.db.log")"
kill -9 "$(master_pid)"
touch "$work/gate"
so master start >/dev/null
all_ran_once "kill -9 of the master"

begin_runs || not_ok "executions wait at the gate" "$(tail -n 20 "$work/c.db.log")"
for pid in $(agent_pids); do kill -9 "$pid" 2>/dev/null; done
touch "$work/gate"
all_ran_once "kill -9 of the agents"

begin_runs || not_ok "executions wait at the gate" "$(tail -n 20 "$work/c.db.log")"
for pid in $(sshd_sessions); do kill -9 "$pid" 2>/dev/null; done
touch "$work/gate"
all_ran_once "kill -9 of the sshd sessions"

# --- a stop while everything is out of reach ---
rm -f "$work/gate"
s=$(effects_run stubborn --worker w1)
check "a stubborn execution is running" wait_for 20 has_effect "$s-1 start"
for pid in $(sshd_sessions); do kill -9 "$pid" 2>/dev/null; done
so stop "$s" >/dev/null
check "a stop given while the connection is lost is carried out" wait_for 30 has_status "$s" 3
equals "a TERM-ignoring package is gone" "" "$(cookies_left)"

# --- random kills while short executions flow ---
seed=${SO_SEED:-$(date +%s)}
echo "random kills: seed $seed (SO_SEED=$seed repeats it)"
first=$(effects_run quick)
last=$first
kills=0
random=$seed
for round in 1 2 3 4 5 6 7 8; do
	for _ in 1 2 3; do last=$(effects_run quick); done
	random=$(((random * 1103515245 + 12345) % 2147483648))
	case $((random / 65536 % 3)) in
	0) victims=$(master_pid) ;;
	1) victims=$(agent_pids) ;;
	2) victims=$(sshd_sessions) ;;
	esac
	for pid in $victims; do kill -9 "$pid" 2>/dev/null && kills=$((kills + 1)); done
	so master start >/dev/null 2>&1
done
check "$kills random kills: all executions end well" wait_for 60 all_have_status "$first" "$last" 7
starts=$(effects '^[0-9]+-[0-9]+ start$' | tr ',' '\n' | sort | uniq -d)
ends=$(effects '^[0-9]+-[0-9]+ end$' | tr ',' '\n' | sort | uniq -d)
equals "no try started twice" "" "$starts"
equals "no try ended twice" "" "$ends"
equals "every execution ended" $((last - first + 1)) \
	"$(awk -F'[- ]' -v a="$first" -v b="$last" '$1 >= a && $1 <= b && $3 == "end"' "$effects_file" | wc -l)"
equals "each has all its messages once" $((messages * (last - first + 1))) \
	"$(value "COUNT(*) FROM catalog.event_messages WHERE operation_id BETWEEN $first AND $last")"
check "nothing is left in the spools" wait_for 20 nothing_left
equals "no process of a task is left" "" "$(cookies_left)"
# --- the machine's host key changes while an execution runs ---
rm -f "$work/gate"
id=$(effects_run gate --worker w1)
check "an execution is running when the key changes" wait_for 20 has_effect "$id-1 start"
old_fingerprint=$SSHD_FINGERPRINT
sshd_stop
rm "$work/sshd/host_key" "$work/sshd/host_key.pub"
sshd_start "$work/sshd" || not_ok "the sshd starts again with another key"
blocked() { [ "$(value "COUNT(*) FROM scaleout.workers WHERE IsBlocked = 1")" = 2 ]; }
check "workers with a changed host key are blocked" wait_for 30 blocked
reason=$(so sql -h -1 -W -Q "SET NOCOUNT ON SELECT BlockReason FROM scaleout.workers" | tr '+' '.')
matches "the reason names the new fingerprint" "$(printf %s "$SSHD_FINGERPRINT" | tr + .)" "$reason"
matches "and the accepted one" "$(printf %s "$old_fingerprint" | tr + .)" "$reason"
touch "$work/gate"
for name in w1 w2; do so worker trust $name --fingerprint "$SSHD_FINGERPRINT" >/dev/null; done
check "when the new key is trusted, the execution's end is collected" wait_for 30 has_status "$id" 7
equals "it ran once" "$id-1 end,$id-1 start" "$(effects "^$id-")"

equals "nothing was reported by a sanitizer" "" "$(grep -E 'Sanitizer|runtime error' "$work/c.db.log")"
pid=$(master_pid)
check "the master ends when told to" so master stop
check "and has gone" wait_for 5 sh -c "! kill -0 $pid 2>/dev/null || grep -q '^State:.Z' /proc/$pid/status"
finish
