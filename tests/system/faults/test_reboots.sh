#!/bin/sh
# Fault tests 9 and 10: the machine of a worker is restarted under its tasks (a
# PID namespace that is killed and made again with another boot id and a clock
# that begins anew), and other processes hold the process ids of before.
: "${SO_SOURCE_DIR:=$(cd "$(dirname "$0")/../../.." && pwd)}"
. "$SO_SOURCE_DIR/tests/lib.sh"
. "$SO_SOURCE_DIR/tests/system/faults/lib.sh"
slow_allowed || {
	skip "$suite" "SCALEOUT_SKIP_SLOW is set"
	finish
}
if ! { is_root && unshare --pid --fork --kill-child --mount-proc --time --boottime=1 sh -c 'echo 100 >/proc/sys/kernel/ns_last_pid'; } 2>/dev/null; then
	skip "$suite" "needs root, and PID and time namespaces"
	finish
fi
rig_start 2 --ping 1 --watchdog 2 --lease 3 --margin 1 --grace 1

# What holds a process id: it notes every signal that it gets.
cat >"$work/decoy.sh" <<SH
for signal in HUP INT QUIT TERM USR1 USR2; do trap "echo \$\$ \$signal >>'$work/signalled'" \$signal; done
echo \$\$ >>"$work/decoys"
exec 9<>"$work/decoy.fifo"
while :; do read -r _ <&9; done
SH
mkfifo "$work/decoy.fifo"
: >"$work/signalled"
# The first process of the machine: boot id, then those that take given process ids, then sshd.
cat >"$work/machine.sh" <<SH
mount --bind "$work/boot_id" /proc/sys/kernel/random/boot_id
for pid in "\$@"; do
	echo \$((pid - 1)) >/proc/sys/kernel/ns_last_pid
	setsid sh "$work/decoy.sh" </dev/null >/dev/null 2>&1 &
done
exec "$sshd_program" -D -f "$work/sshd1/config" -o PidFile=none -E "$work/sshd1/log"
SH
machine=
first_process() { cat "/proc/$machine/task/$machine/children" 2>/dev/null | tr -d ' '; }
listening() { ssh-keyscan -T 2 -t ed25519 -p "$(cat "$work/sshd1/port")" 127.0.0.1 2>/dev/null | grep -q ed25519; }
boot() { # PID...: those that are taken
	cat /proc/sys/kernel/random/uuid >"$work/boot_id"
	up=$(cut -d. -f1 /proc/uptime)
	unshare --pid --fork --kill-child --mount-proc --time --boottime=$((${clock_at:-$up} - up)) sh "$work/machine.sh" "$@" &
	machine=$!
	wait_for 10 listening || return 1
	first_process >"$work/sshd1/pid"
}
power_off() {
	machine_first=$(first_process)
	kill -9 "$machine"
	wait_for 10 gone "$machine_first"
}
leave() {
	kill -9 "$machine" 2>/dev/null
	rm -f "$work/sshd1/pid"
	rig_stop
}
left=$(sessions 1)
kill -9 "$(listener 1)"
for pid in $left; do kill -9 "$pid" 2>/dev/null; done
check "the worker's machine is up" boot
at_end=leave
check "it has the worker" wait_for 30 online

# 9: no retry left: ended unexpectedly, and why. A retry left: once more, as a new try.
check "9: an execution waits at the gate" at_gate 1 1
alone=$first
again=$(run gate --worker w1 --retry 1)
check "9: one with a retry runs" wait_for 20 has_effect "$again-1 start"
power_off
clock_at=30
check "9: the machine starts anew" boot
check "9: what had no retry ended unexpectedly" wait_for 30 has_status "$alone" 6
says "9: the reason is named" "the worker machine was restarted" "$(so messages "$alone")"
check "9: what had one is tried again" wait_for 30 has_effect "$again-2 start"
open_gate
check "9: and succeeds" wait_for 20 has_status "$again" 7
equals "9: what had none did not run again" "$alone-1 start" "$(effects "^$alone-")"
outcome 9 "worker's machine restarted in mid-run, one of two with a retry|$(counted); \"ended unexpectedly\": the worker machine was restarted"
check_invariants "9: reboot"

# The clock of before is far ahead of the new one: a lease must not live on it.
rm -f "$work/gate"
leased=$(run gate --worker w1 --retry 1)
check "9: an execution with a lease runs" wait_for 20 has_effect "$leased-1 start"
proxy 1 stall
check "9: its lease ends it after the restart, too" wait_for 12 no_process_left
proxy 1 go
open_gate
outcome 9l "lease after a restart of the machine, its clock near 0|ended in time; $(counted)"
check_invariants "9: lease after a reboot"

# 10: the process ids of supervisor, runtime and package belong to others when the stop arrives.
inner_pid() { [ "$(cat "/proc/$1/comm" 2>/dev/null)" = sleep ] || awk '/^NSpid:/ { print $NF }' "/proc/$1/status" 2>/dev/null; }
check "10: an execution waits at the gate" at_gate 1 1
taken=$(for pid in $(supervisor_pids) $(cookies_left); do inner_pid "$pid"; done | sort -nu)
power_off
so stop "$first" >"$work/stop.out" 2>&1
check "10: its process ids are given to others" boot $taken
holders=$(echo "$taken" | wc -l)
all_there() { [ "$(sort -nu "$work/decoys")" = "$taken" ]; }
check "10: all of them ($(echo $taken))" wait_for 5 all_there
ended() { [ "$(status_of "$first")" = 3 ] || [ "$(status_of "$first")" = 6 ]; }
check "10: the stopped execution ends" wait_for 30 ended
# Another one that is stopped in the ordinary way, while they are there.
rm -f "$work/gate"
other=$(run gate --worker w1)
check "10: another one runs" wait_for 20 has_effect "$other-1 start"
so stop "$other" >/dev/null 2>&1
check "10: and is stopped" wait_for 20 has_status "$other" 3
equals "10: no foreign process got a signal" "" "$(cat "$work/signalled")"
equals "10: and none was killed" "$holders" "$(pgrep -fc "^sh $work/decoy.sh")"
outcome 10 "restart and $holders process ids used again before the stop arrives|status $(status_of "$first"), nothing foreign was signalled; $(counted)"
check_invariants "10: process ids used again"
finish
