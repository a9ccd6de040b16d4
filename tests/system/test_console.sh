#!/bin/sh
# The console as its user meets it: the real program in a real terminal (tmux,
# 80x24), a real catalog, master and workers over SSH; from the tree through the
# whole Execute in Scale Out dialog to the report, its overview and messages.
# Screens are compared with tests/system/screens/*.txt (times, ids and host
# masked); SCALEOUT_BLESS=1 rewrites those.
. "${SO_SOURCE_DIR:-$(dirname "$0")/../..}/tests/lib.sh"
. "$SO_SOURCE_DIR/tests/system/lib_sshd.sh"
export HOME="$work/home" SCALEOUT_CATALOG="$work/c.db"
unset XDG_DATA_HOME XDG_STATE_HOME XDG_RUNTIME_DIR XDG_CONFIG_HOME NO_COLOR SSH_AUTH_SOCK TMUX
mkdir -p "$HOME"
so() {
	"$SO_BUILD_DIR/scaleout" "$@"
}
mux() {
	tmux -f /dev/null -S "$work/tmux" "$@"
}
at_end='mux kill-server >/dev/null 2>&1; so master stop >/dev/null 2>&1; sshd_stop >/dev/null 2>&1'
for need in tmux awk; do
	command -v "$need" >/dev/null 2>&1 || {
		skip "the console in a terminal" "$need is not installed"
		finish
	}
done
sshd_available || {
	skip "the console in a terminal" "openssh-server is not installed"
	finish
}

sshd_start "$work/sshd"
so init --quiet
so deploy "$SO_BUILD_DIR/samples/project1.ispac" Samples >/dev/null
so deploy "$SO_BUILD_DIR/samples/Flaky.ispac" Samples >/dev/null
for name in w1 w2; do
	so worker add $name --host 127.0.0.1 --port "$SSHD_PORT" --user "$(id -un)" --identity "$SSHD_KEY" \
		--fingerprint "$SSHD_FINGERPRINT" $allow_root --program "$SO_BUILD_DIR/scaleout-worker" \
		--spool "$work/spool-$name" --slots 4 --enable >/dev/null
done
so master start >/dev/null
online() { [ "$(so sql -h -1 -W -Q 'SET NOCOUNT ON SELECT COUNT(*) FROM scaleout.workers WHERE IsOnline = 1')" = 2 ]; }
check "both workers come online" wait_for 30 online

screen() {
	mux capture-pane -p -t console
}
# keys KEY...: press them one after the other.
keys() {
	for key in "$@"; do
		mux send-keys -t console "$key"
	done
}
shows() {
	screen | grep -Eq -- "$1"
}
lost=0
# see NAME PATTERN: wait until the screen matches.
see() {
	if wait_for 20 shows "$2"; then
		ok
	else
		not_ok "$1" "expected on the screen: $2" "$(screen)"
		[ $((lost += 1)) -lt 3 ] || finish # the rest would only wait
	fi
}
# What differs from run to run becomes the same: dates, times, durations, GUIDs, ids, account and host names keep their width.
mask() {
	host=$(uname -n)
	user=$(id -un)
	sed -E -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}/YYYY-MM-DD/g; s/[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}/MM-DD hh:mm:ss/g' \
		-e 's/[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{3})?/hh:mm:ss/g; s/ +[0-9.]+m?s$/ DURATION/; s/[0-9]+:[0-9]{2}:[0-9]{2} [AP]M/h:mm:ss/g' \
		-e 's/[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}/GUID/g; s/[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F-]*…/GUID…/g' \
		-e "s/$user@$host/USER@HOST/; s/\\b$host\\b/HOST/g; s/\\b$user\\b/USER/g" \
		-e 's/Process +[0-9]+/Process N/; s/ +(USER@HOST)$/ \1/; s/ +$//; s/(HOST|USER) +/\1 /g'
}
as_expected() {
	screen | mask >"$work/screen"
	diff -u "$expected" "$work/screen" >"$work/diff"
}
# same NAME FILE: the screen becomes what is expected.
same() {
	expected=$SO_SOURCE_DIR/tests/system/screens/$2.txt
	[ -z "${SCALEOUT_BLESS-}" ] || screen | mask >"$expected"
	if wait_for 20 as_expected; then
		ok
	else
		not_ok "$1" "$(cat "$work/diff")"
	fi
}

mux new-session -d -s console -x 80 -y 24 "LANG=C.UTF-8 LC_ALL=C.UTF-8 exec '$SO_BUILD_DIR/scaleout' console"
see "the tree opens" 'w2'
mux send-keys -t console Down Down Right Down Right Down Down # at once: each is meant for what the one before reads
see "the folder opens" 'Projects'
see "projects are listed" 'project1'
same "the tree looks as expected" tree
keys x
see "the dialog opens with the project's packages" 'package2\.dtsx'
see "the parameters of the package are there" "Project: Greeting"
same "Package Selection looks as expected" package-selection
keys ']'
see "the workers are listed" 'w2 +Online'
same "Machine Selection looks as expected" machine-selection
keys Space Down Down Space
see "any computer is off and w2 is ticked" '\[x\] w2'
keys s
see "the script is shown" 'add_execution_worker'
same "the script is the documented one" script
keys Escape
see "the dialog is back" 'Select a page'
keys o
see "the executions are started" 'Executions? [0-9]+, [0-9]+ started'
keys Enter
see "All Executions opens and both succeed" 'Succeeded 2'
same "All Executions looks as expected" all-executions
keys Enter
see "the overview opens" 'Execution Information'
see "with the worker that was ticked" 'w2'
keys v
see "the messages are listed" 'Validation has started'
keys Escape Escape
so run '\SSISDB\Samples\Flaky\Flaky.dtsx' --set "\$Project::MarkerFolder=$work" --wait >/dev/null 2>&1
see "a new execution appears by itself" 'Failed 1'
keys g e
see "one key leads from the failed row to its error" 'Fail on purpose:Error'
keys Escape

# The queue is paused: nothing starts, every screen says so, and the waiting one says why.
keys P
see "pausing is asked first" 'Pause the queue of this catalog'
keys Left Enter
see "and why" 'Paused because'
keys n a s 1 Enter
see "a paused queue is on the screen" 'QUEUE PAUSED just now by .*: nas1'
so run '\SSISDB\Samples\Flaky\Sleep.dtsx' --set Seconds=0 >/dev/null
keys 5
see "the queue shows what waits, and for what" 'Sleep\.dtsx +the queue is paused'
mux send-keys -t console i Enter # at once
see "Enter typed ahead is for the list of what it may wish for: the priority is asked for" 'Priority of execution [0-9]+ \(Sleep\.dtsx\) .*: 0'
keys C-u 7 Enter
see "and changed" '^> +[0-9]+ +7 Sleep'
keys u
see "undo asks" 'Undo: Priority of execution'
keys Left Enter
see "and puts the old one back" '^> +[0-9]+ +0 Sleep'
mux send-keys -t console 4 D # at once
see "D typed ahead is for the list of workers: a drain names the first" 'Drain worker w1'
keys Left Enter
see "w1 is drained" 'w1 +. Disabled Online'
keys u
see "undo asks for that too" 'Undo: enable worker w1'
keys Left Enter
see "w1 is enabled again" 'w1 +. Enabled Online'
# A master that is gone is said everywhere, and started by one key.
so master stop >/dev/null
see "a master that does not run is on the screen" 'NO MASTER RUNS: nothing is started .1 waiting'
keys C-g
gone() { ! shows "$1"; }
check "one key starts it" wait_for 20 gone 'NO MASTER RUNS'
keys P
see "resuming names who paused it" 'It was paused by .*: nas1'
keys Left Enter
check "and nothing is said any more" wait_for 20 gone 'QUEUE PAUSED'
keys 2
see "what waited has run" 'Succeeded 3'

# Properties of what the tree shows, read from the real catalog and changed in it.
so sql -Q "EXEC catalog.create_environment N'Samples', N'Prod'; DECLARE @v sql_variant = N's3cret'
EXEC catalog.create_environment_variable N'Samples', N'Prod', N'Password', N'String', 1, @v, N''
DECLARE @d sql_variant = N'db1'; EXEC catalog.create_environment_variable N'Samples', N'Prod', N'Server', N'String', 0, @d, N''" >/dev/null
setting() { [ "$(so sql -h -1 -W -Q "SET NOCOUNT ON SELECT property_value FROM catalog.catalog_properties WHERE property_name = N'RETENTION_WINDOW'")" = "$1" ]; }
keys 1 g Down p
see "the catalog's properties are there" 'Retention Period \(days\) +365'
keys g Down Down Down Enter C-u 3 0 Enter
see "a change says from what to what" 'from 365 to 30'
keys Left Enter
check "and is made" wait_for 20 setting 30
keys u
see "it can be undone" 'Undo: Retention Period'
keys Left Enter
check "and is" wait_for 20 setting 365
keys q g j j j j j p
see "a project has versions" '\* [0-9]+ .* by '
see "and parameters" 'package2\.dtsx: Fail'
keys q Right
see "the project opens" 'Packages'
keys j Right
see "its packages are listed" 'package2\.dtsx'
keys j j p
see "a package has parameters" 'Fail +0'
keys q j Right
see "environments are listed" 'Prod'
keys j p
see "a sensitive variable shows stars" 'Password \(String\) +\*+$'
see "another its value" 'Server \(String\) +db1'
keys G Enter C-u d b 2 Enter
see "a variable is changed" 'Server \(String\) +db2'
keys q 2

so run '\SSISDB\Samples\Flaky\Sleep.dtsx' --set Seconds=8 >"$work/out"
id=$(sed -n 's/^Execution ID: //p' "$work/out")
see "a running execution is shown" 'Running 1'
kill -9 "$(mux list-panes -t console -F '#{pane_pid}')"
over() { [ "$(so sql -h -1 -W -Q "SET NOCOUNT ON SELECT status FROM catalog.executions WHERE execution_id = $id")" = 7 ]; }
check "killing the console does not disturb it" wait_for 30 over
finish
