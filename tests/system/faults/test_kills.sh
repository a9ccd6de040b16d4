#!/bin/sh
# Fault tests 4 to 8: kill -9 of the master, of sshd (sessions, then listener),
# of supervisors and of agents while executions run.
: "${SO_SOURCE_DIR:=$(cd "$(dirname "$0")/../../.." && pwd)}"
. "$SO_SOURCE_DIR/tests/lib.sh"
. "$SO_SOURCE_DIR/tests/system/faults/lib.sh"
rig_start 2

# 4: the master, in mid-run. Its successor takes over what runs.
check "4: executions wait at the gate" at_gate 3 1
kill_master
open_gate
check "4: the master starts again" rig_master
outcome 4 "kill -9 of the master in mid-run|$(counted)"
check_invariants "4: kill -9 of the master"
# Its descriptors are counted anew: another process.

# 6: sshd's sessions, then its listener; started again later.
check "6: executions wait at the gate" at_gate 3 1
for pid in $(sessions 1); do kill -9 "$pid" 2>/dev/null; done
open_gate
outcome 6a "kill -9 of the sshd session|$(counted)"
check_invariants "6: kill -9 of sshd's sessions"
check "6: executions wait at the gate" at_gate 3 1
left=$(sessions 1)
kill -9 "$(listener 1)"
for pid in $left; do kill -9 "$pid" 2>/dev/null; done
open_gate
check "6: the worker is missed" wait_for 30 online 1
"$sshd_program" -f "$work/sshd1/config" -E "$work/sshd1/log"
outcome 6b "kill -9 of the sshd listener and its sessions, started again|$(counted)"
check_invariants "6: kill -9 of sshd"

# 7: a supervisor. The try is lost at once and not run again; what it left is killed.
check "7: an execution waits at the gate" at_gate 1 1
victim=$first
kill -9 "$(supervisor_pids)"
check "7: the try is lost at once" wait_for 10 has_status "$victim" 6
open_gate
equals "7: and was not run again" "$victim-1 start" "$(effects "^$victim-")"
check "7: its package was ended" wait_for 5 no_process_left
outcome 7 "kill -9 of a supervisor|$(counted); status \"ended unexpectedly\" at once, package killed, not run again"
check_invariants "7: kill -9 of the supervisor"
# With a try left it runs again, as a new try.
rm -f "$work/gate"
victim=$(run gate --worker w1 --retry 1)
check "7: an execution with a retry runs" wait_for 30 has_effect "$victim-1 start"
kill -9 "$(supervisor_pids)"
check "7: its second try starts" wait_for 20 has_effect "$victim-2 start"
open_gate
outcome 7r "kill -9 of a supervisor, one retry allowed|$(counted)"
check_invariants "7: kill -9 of the supervisor with a retry"

# 8: the agents.
check "8: executions wait at the gate" at_gate 3 2
for pid in $(agent_pids); do kill -9 "$pid" 2>/dev/null; done
open_gate
outcome 8 "kill -9 of the worker agents|$(counted)"
check_invariants "8: kill -9 of the agents"
finish
