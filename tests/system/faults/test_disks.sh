#!/bin/sh
# Fault test 11: the disk of a worker is full (a small tmpfs): when a task is
# published, while its package writes messages, when it ends, when its agent starts anew.
: "${SO_SOURCE_DIR:=$(cd "$(dirname "$0")/../../.." && pwd)}"
. "$SO_SOURCE_DIR/tests/lib.sh"
. "$SO_SOURCE_DIR/tests/system/faults/lib.sh"
slow_allowed || {
	skip "$suite" "SCALEOUT_SKIP_SLOW is set"
	finish
}
is_root || {
	skip "$suite" "needs root for a small file system"
	finish
}
small=$work/spool-1
mkdir "$small" && mount -t tmpfs -o size=3m,mode=700 tmpfs "$small" || {
	skip "$suite" "no tmpfs can be mounted"
	finish
}
leave() {
	rig_stop
	umount -l "$small"
}
rig_start 2 --ping 1 --watchdog 3 --grace 1
at_end=leave

fill() { # the last page, too
	dd if=/dev/zero of="$small/fill" bs=64k 2>/dev/null
	dd if=/dev/zero of="$small/fill2" bs=4k 2>/dev/null
	! dd if=/dev/zero of="$small/fill3" bs=1 count=1 2>/dev/null
}
make_room() { rm -f "$small"/fill*; }
said() { # EXECUTION WORDS
	value "COUNT(*) FROM catalog.event_messages WHERE operation_id = $1 AND message LIKE '%$2%'"
}

# At publish. Another agent first, for one that has run tasks keeps an emptied folder and needs no room.
# The catalog may call the dead ones online for a moment: what counts is that the master has greeted as many again.
greeted() { grep -c 'worker w[0-9]* is online' "$catalog.log"; }
before=$(greeted)
renewed() { [ "$(greeted)" -ge $((before + workers)) ] && online; }
for pid in $(agent_pids); do kill -9 "$pid"; done
check "11: the agents are there again" wait_for 30 renewed
check "11: the disk is full" fill
id=$(run quick --worker w1)
check "11: a task that finds no room is refused, in words" wait_for 20 sh -c "[ \"\$('$SO_BUILD_DIR/scaleout' --catalog '$catalog' messages $id | grep -c 'Worker w1 did not .*No space left on device')\" -ge 1 ]"
equals "11: nothing of it has run" "5 " "$(status_of "$id") $(effects "^$id-")"
first=$(run quick --worker w1 --worker w2)
check "11: the other worker takes what may run there" wait_for 20 has_status "$first" 7
make_room
check "11: with room again it runs where it was asked for" wait_for 40 has_status "$id" 7
outcome 11 "worker's disk full when a task is published|refused, with the cause in the messages; the other worker takes it; $(counted)"
check_invariants "11: no room to publish"

# While messages are written: by far more than the disk holds.
id=$(run talk --set '$Package::Turns=8000' --worker w1)
check "11: a package whose messages fill the disk runs to its end" wait_for 60 has_effect "$id-1 end"
check "11: and succeeds" wait_for 60 has_status "$id" 7
equals "11: the missing messages are spoken of" 1 "$(said "$id" 'not kept')"
kept=$(value "COUNT(*) FROM catalog.event_messages WHERE operation_id = $id")
check "11: what fitted is there ($kept messages)" [ "$kept" -gt 1000 ]
outcome 11l "worker's disk full while a package writes messages|it runs on; $kept messages kept, the report says that the rest is missing; $(counted)"
check_invariants "11: no room for messages"

# At the end: the result has its blocks already. What the package says last finds no place.
check "11: executions wait at the gate" at_gate 2 1
check "11: the disk is full" fill
open_gate
check "11: the results survive" wait_for 20 has_status "$last" 7
check "11: all of them" wait_for 20 all_ended
outcome 11r "worker's disk full when packages end|$(counted)"
# Their last messages may be missing, which is said: not what the oracle wants to see of the others.
for id in $(seq "$first" "$last"); do
	lines=$(messages_of "$first" | grep -c "^$id ")
	[ "$lines" = "$(wc -l <"$work/reference")" ] ||
		check "11: of $id, $lines messages are there, and the rest is spoken of" [ "$(said "$id" 'not kept')$(said "$id" 'could not be kept')" != 00 ]
done
equals "11: each ran once" "" "$(wrong_executions)"
first_id=$((last + 1))

# A new agent needs room for its fence: without it the worker is offline, and why is said. What runs, runs on.
make_room
check "11: an execution waits at the gate" at_gate 1 1
check "11: the disk is full" fill
for pid in $(agent_pids); do kill -9 "$pid"; done
names_cause() { rows "SELECT * FROM scaleout.workers" | grep '|w1|' | grep -q 'No space left on device'; }
check "11: a worker whose agent has no room is offline, with the cause" wait_for 20 names_cause
open_gate
check "11: its package runs on" wait_for 20 has_effect "$first-1 end"
make_room
check "11: and its result is told when there is room" wait_for 40 has_status "$first" 7
outcome 11a "worker's disk full when its agent starts anew|worker offline with the cause named until there is room; $(counted)"
equals "11: it ran once" "" "$(wrong_executions)"
wait_for 20 nothing_left
equals "11: no folder of a task is left" "" "$(tasks_left)"
check "11: no process of a task is left" wait_for 20 no_process_left
finish
