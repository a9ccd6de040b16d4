#!/bin/sh
# A worker's spool is lost or moved away while no master is there to see it
# (the worker was installed anew): what ran there is lost, is not started again
# unasked, and where a retry follows, not before it has ended for sure.
: "${SO_SOURCE_DIR:=$(cd "$(dirname "$0")/../../.." && pwd)}"
. "$SO_SOURCE_DIR/tests/lib.sh"
. "$SO_SOURCE_DIR/tests/system/faults/lib.sh"
slow_allowed || {
	skip "$suite" "SCALEOUT_SKIP_SLOW is set"
	finish
}
rig_start 2 --ping 1 --watchdog 3 --lease 2 --margin 1 --grace 1
agents_of() { pgrep -f "scaleout-worker serve --spool $work/spool-$1"; }
no_agent() { [ -z "$(agents_of "$1")" ]; }
runs() { # EXECUTION-TRY, in the spool that was there before
	grep -lszE "^SCALEOUT_KEY=($old_spool|$local_spool)/$1\$" /proc/[0-9]*/environ | grep -q .
}
has_ended() { ! runs "$1"; }

check "an execution without a retry runs" at_gate 1 1
alone=$first
again=$(run gate --worker w1 --worker w2 --retry 1)
check "one with a retry runs" wait_for 20 has_effect "$again-1 start"
n=1
[ -n "$(find "$work"/spool-1/*/*/tasks -name "$again-1")" ] || n=2
# One whose START went out and whose STARTED never came: the link is cut at the first byte of an answer.
for _ in 1 2 3 4 5; do
	proxy $n refuse
	proxy $n "after down 1"
	unknown=$(run gate --worker w$n)
	wait_for 2 has_effect "$unknown-1 start" && break
	# A PONG was cut and nothing was sent.
	proxy $n "after down -1"
	proxy $n accept
	wait_for 20 has_effect "$unknown-1 start"
	wait_for 20 online
done
old_spool=$(cat "$work"/spool-$n/*/*/id)
# And one on the built-in worker, whose spool is simply deleted.
built_in=$(run gate --server)
check "one on the built-in worker runs" wait_for 20 has_effect "$built_in-1 start"
local_spool=$(cat "$work"/state/scaleout/*/*/id)
equals "the catalog does not know that one has started" 5 "$(status_of "$unknown")"
kill_master
check "nobody looks after the spool" wait_for 20 no_agent $n
mv "$work/spool-$n" "$work/moved"
mkdir -m 700 "$work/spool-$n"
rm -rf "$work/state/scaleout"
proxy $n "after down -1"
proxy $n accept
check "the master starts again" rig_master
check "what was not known to have started is lost" wait_for 20 has_status "$unknown" 6
says "the reason is named" "the worker has lost its spool" "$(so messages "$unknown")"
check "so is what ran on the built-in worker" wait_for 20 has_status "$built_in" 6
check "what may be tried again is, later" wait_for 30 has_effect "$again-2 start"
check "the try before had ended" has_ended "$again-1"
equals "it was not sent there again" "$unknown-1 start" "$(effects "^$unknown-")"
equals "nor to the built-in worker" "$built_in-1 start" "$(effects "^$built_in-")"
# Those that nobody can end by their lease end when their folders are deleted.
check "what has no lease still runs" runs "$unknown-1"
rm -rf "$work/moved"
check "and ends when its folder is deleted" wait_for 12 has_ended "$unknown-1"
check "also on the built-in worker" wait_for 12 has_ended "$built_in-1"
[ $n = 2 ] || check "both of them" wait_for 12 has_ended "$alone-1"
[ $n = 1 ] || equals "what is on the other worker runs on" 2 "$(status_of "$alone")"
open_gate
check "the second try succeeds" wait_for 20 has_status "$again" 7
outcome b10 "spool replaced while the master is down, STARTED not yet known|\"ended unexpectedly\": the worker has lost its spool; the retry waited for the lease; $(counted)"
check_invariants "spool replaced while the master is down"
finish
