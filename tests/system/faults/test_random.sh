#!/bin/sh
# Fault tests 5 and 4: the master is killed with -9 at random instants while
# executions are accepted, run and finish: nothing is run twice, nothing lost.
# SO_SEED repeats a run; 3 seeds, 50 with SCALEOUT_LONG set.
: "${SO_SOURCE_DIR:=$(cd "$(dirname "$0")/../../.." && pwd)}"
. "$SO_SOURCE_DIR/tests/lib.sh"
. "$SO_SOURCE_DIR/tests/system/faults/lib.sh"
slow_allowed || {
	skip "$suite" "SCALEOUT_SKIP_SLOW is set"
	finish
}
rig_start 2

has_begun() { [ "$(status_of "$1")" != 5 ]; }
# Wait until the catalog or the effects file shows a random point in the life of execution $1, or a random moment.
random_instant() {
	next_random 5
	case $random in
	0) : ;;                                       # just accepted
	1) wait_for 10 has_begun "$1" ;;              # said to run
	2) wait_for 10 has_effect "$1-1 start" ;;     # runs
	3) wait_for 10 has_effect "$1-1 end" ;;       # has ended, perhaps not known yet
	4) wait_for 10 has_status "$1" 7 ;;           # just committed
	esac
}
kills=0
for turn in $(seq "$(seeds)"); do
	seed "$turn"
	for _ in 1 2 3; do
		id=$(run quick)
		run quick >/dev/null
		random_instant "$id"
		kill_master
		kills=$((kills + 1))
		rig_master || not_ok "5: the master starts again (seed $first_state)"
	done
done
outcome 5 "kill -9 of the master at random instants ($kills kills)|$(counted)"
check_invariants "5: random kills of the master"
finish
