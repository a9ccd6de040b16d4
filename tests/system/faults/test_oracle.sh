#!/bin/sh
# The oracle of the fault tests itself: it is content with what is right, and
# each thing that it looks at can make it fail.
: "${SO_SOURCE_DIR:=$(cd "$(dirname "$0")/../../.." && pwd)}"
. "$SO_SOURCE_DIR/tests/lib.sh"
. "$SO_SOURCE_DIR/tests/system/faults/lib.sh"
rig_start 1 --ping 1 --watchdog 3
patience=1
start=$first_id
a=$(run quick)
b=$(run quick)
c=$(run fail)
wait_for 30 all_ended
check_invariants "what is right"
cp "$effects_file" "$work/effects.right"

# sees NAME PATTERN: the oracle, asked again about the same executions, fails and says something like that.
sees() {
	first_id=$start
	(
		failed=0
		slack=1 # it is wrong, and stays so
		check_invariants again 2 >"$work/verdict" 2>&1
		[ "$failed" -gt 0 ]
	) || not_ok "the oracle sees $1" "it was content"
	matches "the oracle names $1" "$2" "$(cat "$work/verdict")"
}
# The effects file.
doctored() { # NAME PATTERN: standard input is what the file holds
	cat >"$effects_file"
	sees "$1" "$2"
	cp "$work/effects.right" "$effects_file"
}
{ cat "$work/effects.right"; echo "$a-1 start"; } | doctored "a second start of one try" "$a-1 start: 2 times"
{ cat "$work/effects.right"; echo "$a-1 end"; } | doctored "a second end of one try" "$a-1 end: 2 times"
{ cat "$work/effects.right"; echo "$a-2 start"; } | doctored "a start without a try" "execution $a started 2 times in 1 tries"
grep -v "^$b-1 end" "$work/effects.right" | doctored "a success that has not ended" "execution $b is said to have succeeded, but did not end"
grep -v "^$b-1 start" "$work/effects.right" | doctored "an end without a start" "execution $b ended without a start"

# The catalog: a status that is wrong, a message doubled, lost, exchanged, before its time.
rows_right() { so sql -h -1 -W -s '|' -Q "SET NOCOUNT ON $1"; }
with_status() { # NAME PATTERN EXECUTION STATUS
	doctor="\$1 == $3 { \$2 = $4 } { print }"
	rows() { rows_right "$1" | awk -F'|' -v OFS='|' "$doctor"; }
	sees "$1" "$2"
	rows() { rows_right "$1"; }
}
with_status "a failure that has ended well" "execution $b is said to have failed, but ended" "$b" 4
with_status "a success of what failed" "execution $c is said to have succeeded, but did not end" "$c" 7
rm -f "$work/gate"
late=$(run gate)
sees "an execution that does not end" "every execution ends"
open_gate
wait_for 30 has_status "$late" 7
wait_for 10 nothing_left
cp "$effects_file" "$work/effects.right"
right_messages=$(messages_of "$a" | grep "^[$a$b] ")
altered() { # NAME PATTERN SCRIPT-OF-AWK
	script=$3
	messages_of() { printf '%s\n' "$right_messages" | awk "$script"; }
	sees "$1" "$2"
}
altered "a message that is doubled" "message [0-9]+ of execution $a is|execution $a has" "{ print } NR == 3"
altered "a message that is lost" "message [0-9]+ of execution $a is|execution $a has" "NR != 3"
altered "the last message lost" "execution $b has [0-9]+ messages and not" "{ line[NR] = \$0 } END { for (i = 1; i < NR; i++) print line[i] }"
altered "messages exchanged" "message [0-9]+ of execution $a is" "NR == 2 { kept = \$0; next } { print } NR == 3 { print kept }"
messages_of() { printf '%s\n' "$right_messages"; }
rows() { case $1 in *message_time*) echo 1 ;; *) rows_right "$1" ;; esac; }
sees "a message before its time" "messages stand before earlier ones"
rows() { rows_right "$1"; }
messages_of() { printf '%s\n' "$right_messages" "$(rows_of_late)"; }
rows_of_late() { sed "s/^/$late /" "$work/reference"; }

# What is left behind.
here=$(echo "$work"/spool-1/*/*/tasks)
mkdir "$here/99999-1"
sees "a folder of a task" "no folder of a task is left"
rmdir "$here/99999-1"
mkfifo "$work/hold"
exec 9<>"$work/hold"
SCALEOUT_KEY=$(cat "${here%/tasks}/id")/99999-1 sh -c 'read -r _ <&9' &
left=$!
sees "a process of a task" "no process of a task is left"
kill "$left"
cp "$(command -v cat)" "$work/scaleout-task"
"$work/scaleout-task" <&9 8<"$here" &
left=$!
sees "a supervisor" "no process of a task is left"
kill "$left"
exec 9>&-
master_fds=$(($(fds "$(master_pid)") - 1))
sees "a descriptor of the master" "the master has leaked no descriptor"
master_fds=$((master_fds + 1))
proxy 1 refuse
proxy 1 cut
sees "a worker that does not come back" "the workers are online"
proxy 1 accept
patience=20
first_id=$start
check_invariants "what is right again"
finish
