#!/bin/sh
# Fault tests 1, 2, 3: the link. Cut at many points in the byte stream (between
# START and its answer, in the middle of events and results, in the middle of
# a login), silent for a while, silent for good with a lease.
: "${SO_SOURCE_DIR:=$(cd "$(dirname "$0")/../../.." && pwd)}"
. "$SO_SOURCE_DIR/tests/lib.sh"
. "$SO_SOURCE_DIR/tests/system/faults/lib.sh"
slow_allowed || {
	skip "$suite" "SCALEOUT_SKIP_SLOW is set"
	finish
}
rig_start 2 --ping 1 --watchdog 3 --lease 3 --margin 1 --grace 1

# 3: bytes that go up after the worker is idle: START and what follows; down: STARTED, events, result.
points() {
	if long; then
		seq 1 49 2401
	else
		echo 1 40 700 1500 2100 2600 3200
	fi
}
runs=0
for way in up down; do
	for point in $(points); do
		wait_for 30 online || not_ok "3: the workers are online before the cut $way at $point"
		proxy 1 "after $way $point"
		run quick --worker w1 >/dev/null
		runs=$((runs + 1))
	done
done
wait_for 60 all_ended
made=$(cuts 1)
proxy 1 "after up -1"
proxy 1 "after down -1"
outcome 3 "link cut at $made points between START and the result|$(counted)"
check "3: at least half of the cuts took place ($made of $runs)" [ "$made" -ge $((runs / 2)) ]
check_invariants "3: cut at a byte"

# In the middle of a login: that says nothing about our key, so the next attempt is soon.
for point in 20 500 1200 1500 2000 2300 2600; do
	proxy 1 "first $point"
	before=$(cuts 1)
	proxy 1 cut
	cut_twice() { [ "$(cuts 1)" -ge $((before + 2)) ]; }
	wait_for 20 cut_twice
	proxy 1 "first 0"
	proxy 1 cut
	check "3: a login cut after $point bytes is tried again" wait_for 6 online
done
# What is thought to be a refusal is tried again after 15 s only.
equals "3: and never taken for a refusal of our key" "" "$(grep 'error=denied' "$catalog.log")"
check_invariants "3: cut in a login"

# 1: silence: nothing is lost on the TCP level, but nothing comes either. Then it goes on.
check "1: executions wait at the gate" at_gate 3 1
proxy 1 stall
check "1: the worker is missed" wait_for 20 online 1
open_gate
check "1: the packages run on" wait_for 20 has_effect "$last-1 end"
equals "1: the executions are still said to run" "2" "$(status_of "$first")"
proxy 1 go
outcome 1 "link silent until the watchdog, then restored|$(counted)"
check_invariants "1: silent link"

# 2: for good. Without a try left the execution is never run again; with one its lease ends it first.
check "2: an execution without retries runs" at_gate 1 1
alone=$first
again=$(run gate --retry 1 --worker w1 --worker w2)
check "2: one with a retry runs" wait_for 20 has_effect "$again-1 start"
place=$(value "machine_name FROM catalog.executions WHERE execution_id = $again")
victim=1
[ -n "$(find "$work"/spool-1/*/*/tasks -name "$again-1")" ] || victim=2
proxy $victim stall
check "2: the second try starts elsewhere" wait_for 40 has_effect "$again-2 start"
equals "2: the first one had been ended before" "" "$(find "$work/spool-$victim"/*/*/tasks/"$again-1" -maxdepth 0 ! -exec test -e '{}/result' ';' -print 2>/dev/null)"
open_gate
check "2: and it succeeds" wait_for 20 has_status "$again" 7
proxy $victim go
outcome 2 "link silent for good, lease of 3 s where a retry is left|$(counted); the first try had ended before the second began"
equals "2: what had no retry ran once" "$alone-1 end,$alone-1 start" "$(wait_for 20 has_status "$alone" 7; effects "^$alone-")"
check_invariants "2: link lost for good"
finish
