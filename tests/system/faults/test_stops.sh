#!/bin/sh
# Fault tests 16 and 17: a stop at every stage, a second stop, a stop out of reach,
# and packages that do not want to end.
: "${SO_SOURCE_DIR:=$(cd "$(dirname "$0")/../../.." && pwd)}"
. "$SO_SOURCE_DIR/tests/lib.sh"
. "$SO_SOURCE_DIR/tests/system/faults/lib.sh"
slow_allowed || {
	skip "$suite" "SCALEOUT_SKIP_SLOW is set"
	finish
}
rig_start 1 --grace 1 --ping 1 --watchdog 3
stop() { so stop "$1" >"$work/stop.out" 2>&1; }

# 16: as early as we can, and then a little later each time: before the claim, before the start, after it.
for turn in 1 2 3 4 5 6 7 8; do
	id=$(run gate)
	case $turn in
	[1-4]) : ;;
	5 | 6) wait_for 10 test -d "$(echo "$work"/spool-1/*/*/tasks)/$id-1" ;;
	7) wait_for 10 has_effect "$id-1 start" ;;
	8) wait_for 10 has_status "$id" 2 ;;
	esac
	stop "$id"
	check "16: a stop at stage $turn is carried out" wait_for 20 has_status "$id" 3
	seen=$(effects "^$id-")
	check "16: nothing of it runs when it is said to be canceled (stage $turn)" wait_for 1 no_process_left
	equals "16: and nothing starts afterwards (stage $turn)" "$seen" "$(effects "^$id-")"
done
outcome 16 "stop at eight stages between accepted and running|$(counted)"
check_invariants "16: stop during start"

# Twice, and during a retry.
id=$(run stubborn --retry 3)
wait_for 20 has_effect "$id-1 start"
stop "$id"
stop "$id"
check "a second stop changes nothing" wait_for 20 has_status "$id" 3
equals "a stopped execution is not tried again" 1 "$(tries_of "$id")"
id=$(run fail --retry 1000)
check "an execution is in a retry" wait_for 20 has_effect "$id-3 start"
stop "$id"
check "a stop ends the retries" wait_for 20 all_ended
tries=$(tries_of "$id")
check_invariants "stops twice and in retries"
equals "no try follows the stop" "$tries" "$(tries_of "$id")"

# 17: ignores TERM, and so do the two daemons that it has left in sessions of their own.
id=$(run fork)
check "17: the daemons are there" wait_for 20 test -s "$work/daemons"
from=$(date +%s)
stop "$id"
check "17: it is canceled" wait_for 20 has_status "$id" 3
outcome 17 "stop of a job that ignores TERM and double-forks|canceled and gone in $(($(date +%s) - from)) s (grace 1 s)"
check_invariants "17: TERM-ignoring daemons"

# Out of reach.
id=$(run stubborn)
wait_for 20 has_effect "$id-1 start"
proxy 1 stall
stop "$id"
check "the stop waits while the worker is out of reach" wait_for 20 has_status "$id" 8
check "the worker is missed" wait_for 20 online 0
equals "it is not said to be canceled while it may run" 8 "$(status_of "$id")"
proxy 1 go
check "and is carried out when it is back" wait_for 30 has_status "$id" 3
outcome 16r "stop while the worker is out of reach|stopping until the worker is back, then canceled"
check_invariants "stop out of reach"
finish
