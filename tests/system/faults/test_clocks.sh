#!/bin/sh
# Fault test 14: workers whose clocks are a day ahead and a day behind, and
# jump while packages run (faketime around agent, supervisors and packages).
: "${SO_SOURCE_DIR:=$(cd "$(dirname "$0")/../../.." && pwd)}"
. "$SO_SOURCE_DIR/tests/lib.sh"
. "$SO_SOURCE_DIR/tests/system/faults/lib.sh"
slow_allowed || {
	skip "$suite" "SCALEOUT_SKIP_SLOW is set"
	finish
}
faketime=$(echo /usr/lib/*/faketime/libfaketime.so.1)
[ -e "$faketime" ] && [ -z "${SCALEOUT_SANITIZED-}" ] || {
	skip "$suite" "needs faketime, and a build without sanitizers"
	finish
}
# The workers' programs: everything they start sees the clock of the file $work/clockN, which may change at any time.
mkdir "$work/skewed"
cat >"$work/skewed/scaleout-dtexec" <<SH
#!/bin/sh
. "$work/skew"
exec "$SO_BUILD_DIR/scaleout-dtexec" "\$@"
SH
cat >"$work/skewed/scaleout-worker" <<SH
#!/bin/sh
. "$work/skew"
exec "$SO_BUILD_DIR/worker_shared" "\$@" --runtime "$work/skewed/scaleout-dtexec"
SH
cat >"$work/skew" <<SH
case "\$*\$PWD" in
*spool-1*) FAKETIME_TIMESTAMP_FILE=$work/clock1 ;;
*) FAKETIME_TIMESTAMP_FILE=$work/clock2 ;;
esac
export FAKETIME_TIMESTAMP_FILE LD_PRELOAD=$faketime FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME_NO_CACHE=1 NO_FAKE_STAT=1
SH
chmod 700 "$work"/skewed/*
set_clock() { printf '%s' "$2" >"$work/clock$1.new" && mv "$work/clock$1.new" "$work/clock$1"; }
set_clock 1 +1d
set_clock 2 -1d
rig_program=$work/skewed/scaleout-worker
rig_start 2 --ping 1 --watchdog 3 --lease 4 --margin 1 --grace 1
day_of() { FAKETIME_TIMESTAMP_FILE=$work/clock$1 LD_PRELOAD=$faketime date +%s; }
check "14: the one clock is ahead" [ $(($(day_of 1) - $(date +%s))) -gt 80000 ]
check "14: the other one is behind" [ $(($(date +%s) - $(day_of 2))) -gt 80000 ]

# What the catalog says of the executions looked at: nothing before its cause, nothing longer than this test.
wrong_times() {
	rows "SELECT execution_id, created_time, start_time, end_time FROM catalog.executions WHERE execution_id >= $first_id AND
		(start_time < created_time OR end_time < start_time OR DATEDIFF(second, created_time, end_time) > 120 OR end_time IS NULL)"
	rows "SELECT execution_id, start_time, end_time, execution_duration FROM catalog.executable_statistics WHERE execution_id >= $first_id AND
		(end_time < start_time OR execution_duration > 120000 OR ABS(DATEDIFF(millisecond, start_time, end_time) - execution_duration) > 50)"
	rows "SELECT a.operation_id, a.event_message_id, a.message_time, b.message_time FROM catalog.event_messages a
		JOIN catalog.event_messages b ON b.operation_id = a.operation_id AND b.event_message_id = a.event_message_id + 1
		WHERE a.operation_id >= $first_id AND b.message_time < a.message_time AND a.message_source_type <> 20 AND b.message_source_type <> 20"
	rows "SELECT m.operation_id, m.message_time, e.created_time, e.end_time FROM catalog.event_messages m JOIN catalog.executions e
		ON e.execution_id = m.operation_id WHERE m.operation_id >= $first_id AND m.message_source_type <> 20 AND (m.message_time < e.created_time OR m.message_time > e.end_time)"
}
verdict() {
	equals "$1: times and durations are right" "" "$(wrong_times)"
	check_invariants "$1"
}

for n in 1 2; do run quick --worker w$n >/dev/null; done
outcome 14 "clocks a day ahead and a day behind|durations right; $(counted)"
verdict "14: skewed"

# Steps of two days while packages run that have a lease: nobody is thought dead.
rm -f "$work/gate"
first=$(run gate --worker w1 --retry 1)
last=$(run gate --worker w2 --retry 1)
check "14: executions wait at the gate" wait_for 30 has_effect "$last-1 start"
check "14: on both" wait_for 30 has_effect "$first-1 start"
for step in "-1d +1d" "+1d -1d"; do
	set_clock 1 "${step% *}"
	set_clock 2 "${step#* }"
	# Longer than the watchdog.
	let_pass 4
done
equals "14: both workers are online" 2 "$(value 'COUNT(*) FROM scaleout.workers WHERE IsOnline = 1')"
set_clock 1 -1d
set_clock 2 +1d
open_gate
outcome 14s "clocks that jump by two days while packages with a lease run|no false death, durations right; $(counted)"
verdict "14: steps"

# What ends without a supervisor to say when: the master's clock tells.
set_clock 1 +1d
check "14: an execution waits at the gate" at_gate 1 1
kill -9 "$(supervisor_pids)"
check "14: its try is lost" wait_for 10 has_status "$first" 6
open_gate
verdict "14: lost under a wrong clock"
finish
