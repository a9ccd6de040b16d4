#!/bin/sh
# Fault tests 18 and 12: two masters on one catalog, a master that stood still
# while another took over, a catalog whose disk is full.
: "${SO_SOURCE_DIR:=$(cd "$(dirname "$0")/../../.." && pwd)}"
. "$SO_SOURCE_DIR/tests/lib.sh"
. "$SO_SOURCE_DIR/tests/system/faults/lib.sh"
slow_allowed || {
	skip "$suite" "SCALEOUT_SKIP_SLOW is set"
	finish
}
if is_root; then
	mkdir "$work/small"
	mount -t tmpfs -o size=12m,mode=700 tmpfs "$work/small" && catalog=$work/small/c.db
fi
rig_stop_and_unmount() {
	rig_stop
	[ "$catalog" = "$work/c.db" ] || umount -l "$work/small"
}
rig_start 1 --ping 1 --watchdog 3
at_end=rig_stop_and_unmount

# 18: a second one is refused.
"$SO_BUILD_DIR/scaleoutd" --catalog "$catalog" >"$work/second" 2>&1
equals "18: a second master is refused" 1 $?
matches "18: and told why" 'a master runs for this catalog already' "$(cat "$work/second")"

# 18: the first one stands still, its lock is lost (another machine, a restored disk): the second one's epoch is higher.
check "18: executions wait at the gate" at_gate 3 1
old=$(master_pid)
kill -STOP "$old"
rm "$catalog.lock"
check "18: another master takes over" rig_master
check "18: it has the worker" wait_for 30 online
open_gate
kill -CONT "$old"
check "18: the old one notices and ends" wait_for 30 gone "$old"
matches "18: saying why" 'the master ends: .*' "$(grep "\[$old\]" "$catalog.log" | tail -n 3)"
id=$(run quick)
check "18: the new one goes on" wait_for 30 has_status "$id" 7
check "18: its control socket is left alone" test -S "$catalog.sock"
matches "18: it answers" "\"pid\": *$(master_pid)" "$(so status --json)"
outcome 18 "stalled master wakes after another took over|$(counted); the old one is refused by catalog and workers and ends"
check_invariants "18: two masters"

# 12: no room left for the catalog.
if [ "$catalog" = "$work/c.db" ]; then
	skip "12: a full disk under the catalog" "needs root for a small file system"
	finish
fi
check "12: executions wait at the gate" at_gate 3 1
dd if=/dev/zero of="$work/small/fill" bs=64k 2>/dev/null
dd if=/dev/zero of="$work/small/fill2" bs=1k 2>/dev/null
open_gate
check "12: the packages run on" wait_for 20 has_effect "$last-1 end"
check "12: the master says what is wrong" wait_for 20 sh -c "grep -qi 'catalog: .*full\|catalog: .*disk' '$catalog.log' || tail -n 3 '$catalog.log' | grep -qi full"
check "12: it lives" kill -0 "$(master_pid)"
rm "$work/small/fill" "$work/small/fill2"
check "12: it goes on as soon as there is room" wait_for 6 has_status "$last" 7
outcome 12 "disk of the catalog full while packages end|$(counted)"
check_invariants "12: full disk under the catalog"
finish
