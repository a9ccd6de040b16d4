#!/bin/sh
# What an admin sees at 2 a.m.: status, worker list and worker check in a terminal
# of 80 columns, in a pipe and as JSON, with a paused queue and broken workers.
. "${SO_SOURCE_DIR:-$(dirname "$0")/../..}/tests/lib.sh"
export HOME="$work/home" SCALEOUT_CATALOG="$work/c.db"
unset XDG_DATA_HOME XDG_STATE_HOME XDG_RUNTIME_DIR NO_COLOR SSH_AUTH_SOCK TMUX
mkdir -p "$HOME"
so() { "$SO_BUILD_DIR/scaleout" "$@"; }
terminal=0
mux() { tmux -f /dev/null -S "$work/tmux$terminal" "$@"; }
at_end='mux kill-server >/dev/null 2>&1; so master stop >/dev/null 2>&1'
so init --quiet
so deploy "$SO_BUILD_DIR/samples/project1.ispac" S >/dev/null
key="ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIC1YPHtwkoG+RSBXagOHQdvAGmH5JIs0FpyzBLnCpNrn"
long=a-worker-with-a-name-longer-than-most
so sql -b -Q "DECLARE @i uniqueidentifier
	EXEC scaleout.add_worker N'$long', N'no-such-host-in-a-far-datacenter.invalid', 22, N'ssis', N'', N'$key', @slots = 3, @worker_agent_id = @i OUTPUT
	EXEC catalog.enable_worker_agent @i
	EXEC catalog.set_worker_agent_property @i, N'Tags', N'big night'
	EXEC scaleout.add_worker N'w2', N'127.0.0.1', 1, N'ssis', N'', N'$key', @worker_agent_id = @i OUTPUT
	EXEC catalog.enable_worker_agent @i
	EXEC scaleout.add_worker N'off', N'127.0.0.1', 1, N'ssis', N'', N'$key', @worker_agent_id = @i OUTPUT" >/dev/null
so queue pause --reason "the warehouse is being moved" >/dev/null
so master start >/dev/null
so run S/project1/package1.dtsx >/dev/null
so run S/project1/package1.dtsx --priority 9 >/dev/null
failing() { so status --json | grep -q 'cannot be resolved' && so status --json | grep -q 'cannot connect'; }
check "the workers have been tried" wait_for 20 failing

# --- for scripts ---
so status --json >"$work/status.json"
so worker list --json >"$work/list.json"
# has FILE PYTHON-EXPRESSION-OF-d
has() { check "$1" python3 -c "import json,sys; d=json.load(open(sys.argv[1])); w={x.get('Worker',x.get('Name')):x for x in (d['workers'] if isinstance(d,dict) else d)}; sys.exit(not ($3))" "$work/$2"; }
if command -v python3 >/dev/null; then
	has "status --json tells that the queue is paused, why, and since when" status.json \
		"d['queue_state'][0]['is_paused'] and d['queue_state'][0]['reason'] == 'the warehouse is being moved' and d['queue_state'][0]['changed_time']"
	has "what waits, and at which priorities" status.json "d['queue'][0]['Executions'] == 2 and [p['Priority'] for p in d['queue_priorities']] == [9, 0]"
	has "the gates of the master" status.json "d['master']['max_cpu_percent'] == 100 and d['master']['min_memory_mb'] == 100"
	has "workers with state, tags and last error" status.json \
		"w['$long']['State'] == 'offline' and w['$long']['Tags'] == 'big night' and 'cannot be resolved' in w['$long']['Last Error'] and w['off']['State'] == 'disabled' and not w['off']['Enabled']"
	has "and their version and last contact" status.json "'Version' in w['w2'] and 'Last Online' in w['w2']"
	has "worker list --json has every property" list.json \
		"w['$long']['Host'].endswith('.invalid') and w['$long']['Slots'] == 3 and w['w2']['Port'] == 1 and 'Control Groups' in w['w2'] and 'Block Reason' in w['w2'] and w['w2']['Fingerprints'].startswith('SHA256:')"
else
	skip "the JSON" "python3 is not installed"
fi

# --- in a pipe: in full, and without colours ---
so status >"$work/out"
matches "status tells the pause" '^PAUSED   by .*: the warehouse is being moved' "$(cat "$work/out")"
matches "and why a worker is not there, in full" "^$long: the name no-such-host-in-a-far-datacenter.invalid cannot be resolved" "$(cat "$work/out")"
matches "and what to do" 'scaleout worker check NAME' "$(cat "$work/out")"
so worker list >>"$work/out"
so worker check w2 >>"$work/out"
equals "nothing in a pipe has colours" "" "$(LC_ALL=C grep "$(printf '\033')" "$work/out")"
matches "names are whole there" "^$long +offline" "$(cat "$work/out")"

# --- in a terminal ---
if ! command -v tmux >/dev/null; then
	skip "the terminal" "tmux is not installed"
	finish
fi
# show COMMAND...: its output in a terminal of 80 columns, in $work/screen, with colours in $work/colors
show() {
	terminal=$((terminal + 1))
	mux new-session -d -s show -x 80 -y 120 "LANG=C.UTF-8 LC_ALL=C.UTF-8 $*; echo 'over now'; read -r end"
	over() { mux capture-pane -p -t show | grep -q 'over now'; }
	wait_for 20 over || not_ok "$1 ends"
	mux capture-pane -p -t show >"$work/screen"
	mux capture-pane -p -e -t show >"$work/colors"
	# A line that was pushed onto the next one is told by -J, which joins them.
	mux capture-pane -p -J -t show | sed 's/ *$//' >"$work/joined"
	mux kill-server
}
fits() { equals "$1 fits into 80 columns" "" "$(awk 'length($0) > 80' "$work/joined" | grep -v "$work")"; }
show "'$SO_BUILD_DIR/scaleout'" status
fits status
matches "a long name is cut" '^a-worker-with-a-name-lo… +offline' "$(cat "$work/screen")"
matches "but its error is whole" 'no-such-host-in-a-far-datacenter.invalid' "$(cat "$work/screen")"
matches "the pause is coloured" "$(printf '\033')\[33mPAUSED" "$(cat "$work/colors")"
show "'$SO_BUILD_DIR/scaleout'" worker list
fits "worker list"
matches "what had no room is named" '^\(no room for: .*Id\)' "$(cat "$work/screen")"
show "'$SO_BUILD_DIR/scaleout'" worker check w2
fits "worker check"
matches "a failed test is red" "$(printf '\033')\[1m$(printf '\033')\[31mFAIL" "$(cat "$work/colors")"
matches "its remedy has room" '^      is sshd running there' "$(cat "$work/screen")"
show NO_COLOR=1 "'$SO_BUILD_DIR/scaleout'" worker check w2
equals "NO_COLOR is heeded" "" "$(LC_ALL=C grep "$(printf '\033')" "$work/colors")"
finish
