#!/bin/sh
# Fault test 12 in its other form: the catalog becomes read-only under the running
# master and writable again (as a network share does it; then a disk that really
# fails), and a master is started where nothing can be written.
: "${SO_SOURCE_DIR:=$(cd "$(dirname "$0")/../../.." && pwd)}"
. "$SO_SOURCE_DIR/tests/lib.sh"
. "$SO_SOURCE_DIR/tests/system/faults/lib.sh"
slow_allowed || {
	skip "$suite" "SCALEOUT_SKIP_SLOW is set"
	finish
}
mkdir "$work/share"
catalog=$work/share/c.db
shim=$SO_BUILD_DIR/fault_readonly.so
{ [ -e "$shim" ] && ! ldd "$SO_BUILD_DIR/scaleoutd" | grep -q libasan; } || shim=
rig_master() {
	# shellcheck disable=SC2086
	FAULT_READONLY_SWITCH=$work/readonly FAULT_READONLY_FOLDER=$work/share/ LD_PRELOAD=$shim \
		"$SO_BUILD_DIR/scaleoutd" --catalog "$catalog" $master_options </dev/null
}
# A disk of its own, for it must fail in the end.
disk=
if is_root && dd if=/dev/zero of="$work/disk.img" bs=1M count=32 2>/dev/null && mkfs.ext4 -q -F "$work/disk.img" &&
	mount -o loop,errors=remount-ro "$work/disk.img" "$work/share"; then
	disk=$(findmnt -no SOURCE "$work/share")
fi
# Also when the rig could not be built.
trap 'eval "$at_end"; at_end=:; [ -z "$disk" ] || umount -l "$work/share"; cleanup' EXIT
rig_start 1 --ping 1 --watchdog 3 --lease 4 --margin 1 --grace 1
status_says() { so status | grep -qi "$1"; }
# What runs, ends; what waits, waits; and nobody says that it is otherwise.
while_read_only() { # NAME
	open_gate
	check "$1: the packages run on" wait_for 20 has_effect "$last-1 end"
	check "$1: the cause is named by the status" wait_for 10 status_says "TROUBLE .*$2"
	equals "$1: what is not known to have ended is said to run" "2 2" "$(status_of "$first") $(status_of "$last")"
}

if [ -n "$shim" ]; then
	check "12: executions wait at the gate" at_gate 2 1
	leased=$(run gate --worker w1 --retry 1)
	check "12: one with a lease, too" wait_for 20 has_effect "$leased-1 start"
	check "12: and all are said to run" wait_for 10 has_status "$leased" 2
	: >"$work/readonly"
	waiting=$(run quick)
	check "12: the master notices" wait_for 10 status_says 'TROUBLE .*read-only'
	# Longer than the lease, its margin and the grace: the connection is kept, so it is not over.
	let_pass 6
	equals "12: the lease has not ended what runs" "$leased-1 start" "$(effects "^$leased-")"
	equals "12: nothing is started meanwhile" "5 " "$(status_of "$waiting") $(effects "^$waiting-")"
	while_read_only 12 'read-only'
	make_writable() {
		rm "$work/readonly"
		wait_for 5 has_status "$waiting" 7
	}
	within "12: it goes on as soon as it can" 5000 make_writable
	check "12: what had a lease ends" wait_for 10 has_status "$leased" 7
	equals "12: what had a lease ran once" 1 "$(tries_of "$leased")"
	outcome 12r "catalog read-only for longer than a lease, then writable again|cause in the status, nothing started, went on after $took ms; $(counted)"
	check_invariants "12: read-only for a while"
else
	skip "12: read-only for a while" "needs a build without sanitizers"
fi

# A master where nothing can be written says so, and at once.
so master stop >/dev/null 2>&1
if is_root && unshare --mount true 2>/dev/null; then
	start_read_only() {
		unshare --mount sh -c "mount --bind '$work/share' '$work/share' && mount -o remount,bind,ro '$work/share' &&
			'$SO_BUILD_DIR/scaleout' --catalog '$catalog' master start" >"$work/start.out" 2>&1
		[ $? = 1 ]
	}
	within "12: a master is not started on a read-only catalog, which is told at once" 3000 start_read_only
	matches "12: the cause is said" 'the master cannot start: .*(read-only|Read-only)' "$(cat "$work/start.out")"
	matches "12: and the remedy" 'hint: .*mounted' "$(cat "$work/start.out")"
fi
rig_master

# The disk fails: it stays read-only until it is mounted anew, which only an end of the master allows.
case $disk in /dev/loop[0-9]*) failing=/sys/fs/ext4/${disk#/dev/}/trigger_fs_error ;; *) failing= ;; esac
if [ ! -w "$failing" ]; then
	skip "12: a disk that fails under the master" "needs root, a loop device and ext4"
	finish
fi
check "12: the worker is online" wait_for 20 online
check "12: executions wait at the gate" at_gate 2 1
check "12: and are said to run" wait_for 10 has_status "$last" 2
echo 1 >"$failing"
while_read_only "12: a disk that fails" 'read-only'
check "12: the master lives" kill -0 "$(master_pid)"
so run '\SSISDB\Tests\Faults\quick.dtsx' >"$work/run.out" 2>&1
matches "12: who starts an execution is told" 'read-only' "$(cat "$work/run.out")"
pid=$(master_pid)
so master stop >"$work/stop.out" 2>&1
check "12: and can be stopped" wait_for 10 gone "$pid"
so master start >"$work/start.out" 2>&1
matches "12: another one cannot start, and says why" 'the master cannot start: .*(read-only|Read-only)' "$(cat "$work/start.out")"
umount "$work/share" || umount -l "$work/share"
fsck.ext4 -p "$work/disk.img" >"$work/fsck.out" 2>&1
check "12: the disk is back" mount -o loop "$work/disk.img" "$work/share"
check "12: the master starts" rig_master
outcome 12d "disk of the catalog fails and is read-only until it is mounted anew|cause in the status and to who starts a master, packages ran on; $(counted)"
check_invariants "12: a disk that fails"
finish
