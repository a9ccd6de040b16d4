#!/bin/sh
# A control group per task with the kernel's own controllers and a real systemd: by the system's
# manager (root), a user's manager (an account that lingers), and a delegated group; memory.max,
# cpu.max, pids, the scope's name, and that nothing outlives its task.
. "${SO_SOURCE_DIR:?}/tests/lib.sh"
. "$SO_SOURCE_DIR/tests/vm/guest/lib.sh"

check "accounts are made" guest_user lingers
check "and another" guest_user visitor
check "one lingers" loginctl enable-linger lingers
check "the rig is set up" guest_setup
check "a worker of root" guest_worker root root --memory-max 64 --cpu-max 30
check "a worker of an account that lingers" guest_worker lingers lingers --memory-max 64 --cpu-max 30
check "one without limits" guest_worker free root --cgroup
check "one without groups" guest_worker plain root
check "and one of an account that does not linger" guest_worker visitor visitor --memory-max 64
workers=5
check "all are online" wait_for 60 online

# --- the scope, its limits, its name ---
# The task's group as the kernel has it; the witness tells its own.
group_of() { # EXECUTION
	for pid in $(grep -lsz "^SCALEOUT_KEY=.*/$1-1\$" /proc/[0-9]*/environ | cut -d/ -f3); do
		sed -n 's/^0:://p' "/proc/$pid/cgroup" 2>/dev/null
	done | sort -u
}
group_gone() { [ ! -d "/sys/fs/cgroup$1" ]; }
in_group() { sort -u "/sys/fs/cgroup$1/cgroup.procs" 2>/dev/null | wc -l; }
stat_of() { sed -n "s/^$2 //p" "/sys/fs/cgroup$1/cpu.stat" 2>/dev/null; }

for worker in root lingers free; do
	rm -f "$work/gate"
	id=$(run gate --worker $worker)
	check "$worker: a task starts" wait_for 60 has_effect "$id-1 start"
	group=$(group_of "$id")
	matches "$worker: it is alone in a scope of its name" "^/[^ ]*/scaleout-[0-9a-f]{8}-$id-1\.scope\$" "$group"
	memory=67108864 cpu='30000 100000'
	[ $worker != free ] || memory=max cpu='max 100000'
	equals "$worker: memory.max is as the worker says" "$memory" "$(cat "/sys/fs/cgroup$group/memory.max")"
	equals "$worker: and cpu.max" "$cpu" "$(cat "/sys/fs/cgroup$group/cpu.max" 2>/dev/null || echo 'max 100000')"
	open_gate
	check "$worker: it succeeds" wait_for 60 has_status "$id" 7
	check "$worker: the scope is gone" wait_for 20 group_gone "$group"
	places="${places:+$places; }$worker: ${group%/*}"
done
outcome v1 "each task in a systemd scope with memory.max and cpu.max of its worker|made, named and gone with the task; $places"
rm -f "$work/gate"
id=$(run gate --worker plain)
check "without groups a task starts" wait_for 60 has_effect "$id-1 start"
equals "in no group of its own" "" "$(group_of "$id" | grep "$id-1")"
open_gate
check "and succeeds" wait_for 60 has_status "$id" 7

# --- memory ---
for worker in root lingers; do
	for package in eat parent; do
		id=$(run $package --worker $worker)
		check "$worker: what eats more memory than it may ends ($package)" wait_for 90 has_status "$id" 6
		says "$worker: the limit is named ($package)" "more memory than the 64 MiB" "$(said "$id")"
		equals "$worker: it is not a guess ($package)" "" "$(said "$id" | grep 'most likely')"
		equals "$worker: all of it ended ($package)" "$id-1 start" "$(effects "^$id-")"
		check "$worker: its scope is gone ($package)" wait_for 20 no_process_left
	done
done
outcome v2 "a task that needs more than memory.max (64 MiB), itself or a child of its package|killed as a whole, \"ended unexpectedly\" with the limit named, by a scope of root and one of an account"
id=$(run eat --worker plain)
status_of "$id" >/dev/null
so stop "$id" >/dev/null 2>&1
check "without a limit nobody else's is named" wait_for 60 all_ended
equals "(it was stopped, or the machine had no more)" "" "$(said "$id" | grep MiB)"

# --- processor ---
throttled() {
	now=$(stat_of "$1" nr_throttled)
	[ -z "$now" ] || most=$now
	[ "${most:-0}" -gt 0 ]
}
for worker in root lingers free; do
	id=$(run burn --worker $worker)
	check "$worker: what burns a processor starts" wait_for 60 has_effect "$id-1 start"
	group=$(group_of "$id")
	most=0
	if [ $worker = free ]; then
		throttled "$group"
		equals "free: without a limit nothing is throttled" 0 "$most"
	else
		check "$worker: it is throttled" wait_for 20 throttled "$group"
	fi
	check "$worker: and ends well" wait_for 180 has_status "$id" 7
	[ $worker = free ] || times="${times:+$times and }$most"
done
outcome v3 "a task that burns a processor with cpu.max at 30 %|throttled in $times periods, as the kernel counts; 0 without a limit"

# --- what outlives its task ---
for worker in root lingers plain; do
	id=$(run daemon --worker $worker)
	check "$worker: a package that leaves daemons ends" wait_for 60 has_status "$id" 7
	check "$worker: and they with it" wait_for 30 no_process_left
done
for worker in root lingers; do
	rm -f "$work/gate"
	id=$(run gate --worker $worker)
	check "$worker: a task runs" wait_for 60 has_effect "$id-1 start"
	group=$(group_of "$id")
	so stop "$id" >/dev/null 2>&1
	check "$worker: stopped" wait_for 60 has_status "$id" 3
	check "$worker: its scope is gone then" wait_for 20 group_gone "$group"
done
# --- the link drops, and with it the sessions; the service manager looks at its tree again ---
rm -f "$work/gate"
: >"$work/survivors"
for worker in root lingers visitor plain; do
	id=$(run gate --worker $worker)
	echo "$id $worker" >>"$work/survivors"
	check "$worker: a task runs when the link drops" wait_for 60 has_effect "$id-1 start"
	[ $worker != root ] || root_group=$(group_of "$id")
done
kill_master
closing() { [ "$(loginctl show-user -P State "$1")" = closing ]; }
check "the sessions have gone" wait_for 30 closing visitor
check "root's, too" systemctl stop user@0.service
systemctl daemon-reload
sleep 12 # logind would end an account's manager ten seconds after its last session; that it does not cannot be waited for
equals "the limits of root's task have not" "67108864 30000 100000" "$(cat "/sys/fs/cgroup$root_group/memory.max" "/sys/fs/cgroup$root_group/cpu.max" | tr '\n' ' ' | sed 's/ $//')"
rig_master
open_gate
while read -r id worker; do
	check "$worker: the task outlives the session" wait_for 90 has_status "$id" 7
	equals "$worker: having run once" "$id-1 end,$id-1 start" "$(effects "^$id-")"
done <"$work/survivors"

outcome v4 "link drops, sessions end, root's user manager is stopped, systemd reloads|the tasks run on, with their limits"
equals "no scope is left, nor one that failed" "" "$(systemctl list-units --all --no-legend 'scaleout-*.scope'; runuser -u lingers -- env XDG_RUNTIME_DIR="/run/user/$(id -u lingers)" systemctl --user list-units --all --no-legend 'scaleout-*.scope')"
finish
