#!/bin/sh
# Fault tests 1 and 2 with real links: workers in network namespaces behind veth
# pairs, the link taken down or its packets dropped in one direction or both.
: "${SO_SOURCE_DIR:=$(cd "$(dirname "$0")/../../.." && pwd)}"
. "$SO_SOURCE_DIR/tests/lib.sh"
. "$SO_SOURCE_DIR/tests/system/faults/lib.sh"
slow_allowed || {
	skip "$suite" "SCALEOUT_SKIP_SLOW is set"
	finish
}
net_enter
rig_start 2 --ping 1 --watchdog 2 --lease 3 --margin 1 --grace 1

# 1: cut, until the worker is missed and its packages have ended; then restored.
cut_and_mend() { # LETTER WHAT CUT-COMMAND MEND-COMMAND
	check "1: executions wait at the gate ($2)" at_gate 2 1
	$3
	check "1: the worker is missed ($2)" wait_for 20 online 1
	open_gate
	check "1: the packages run on ($2)" wait_for 20 has_effect "$last-1 end"
	equals "1: and are still said to run ($2)" 2 "$(status_of "$first")"
	$4
	outcome "1$1" "$2, then restored|$(counted)"
	check_invariants "1: $2"
}
cut_and_mend n "link down (veth)" "wire 1 down" "wire 1 up"
cut_and_mend o "packets dropped both ways (nft)" "drop 1 both" "drop 1 none"
cut_and_mend p "packets from the worker dropped (nft)" "drop 1 from" "drop 1 none"
cut_and_mend q "packets to the worker dropped (nft)" "drop 1 to" "drop 1 none"

# 2: for good. What has no try left is never run again; what has one is ended by its lease, then runs elsewhere.
check "2: an execution without retries runs" at_gate 1 1
alone=$first
again=$(run gate --retry 1 --worker w1 --worker w2)
check "2: one with a retry runs" wait_for 20 has_effect "$again-1 start"
victim=1
[ -n "$(find "$work"/spool-1/*/*/tasks -name "$again-1")" ] || victim=2
wire $victim down
check "2: the second try starts elsewhere" wait_for 40 has_effect "$again-2 start"
ended_there() { [ -e "$(echo "$work/spool-$victim"/*/*/tasks/"$again-1")/result" ]; }
check "2: the first one had been ended before" ended_there
open_gate
check "2: and it succeeds" wait_for 20 has_status "$again" 7
check "2: what has no retry runs on behind the dead link" wait_for 20 has_effect "$alone-1 end"
if [ $victim = 1 ]; then
	equals "2: and is not run again" "2 $alone-1 end,$alone-1 start" "$(status_of "$alone") $(effects "^$alone-")"
fi
wire $victim up
outcome 2n "link down (veth) for good, lease of 3 s where a retry is left|$(counted); the first try had ended before the second began"
check_invariants "2: link down for good"
finish
