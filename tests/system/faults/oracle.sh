# The one oracle of the fault tests (doc/reliability.md says what it holds true), and
# what it looks at: messages, processes, folders, descriptors. Read by lib.sh.

# "EXECUTION TYPE SOURCE" of the messages in the order of their numbers; our own notes (source type 20) left out.
messages_of() {
	rows "SELECT operation_id, message_type, message_source_name, package_name FROM catalog.event_messages
		WHERE operation_id >= $1 AND message_source_type <> 20 ORDER BY operation_id, event_message_id" |
		awk -F'|' '{ name = $4; sub(/\.dtsx$/, "", name); print $1, $2, $3 == name ? "(package)" : $3 }'
}
rig_reference() {
	reference=$(run quick)
	if wait_for 30 has_status "$reference" 7; then
		messages_of "$reference" | awk -v id="$reference" '$1 == id { print $2, $3 }' >"$work/reference"
		master_fds=$(fds "$(master_pid)")
		agent_count=$(agent_pids | wc -l)
	else
		not_ok "an execution without a fault succeeds" "$(so messages "$reference")" "$(tail -n 20 "$catalog.log")"
		finish
	fi
	wait_for 10 nothing_left
	first_id=$((reference + 1))
}

agent_pids() {
	for pid in $(pgrep -f "scaleout-worker serve --spool $work/spool-"); do
		[ "$(cat "/proc/$pid/comm" 2>/dev/null)" != scaleout-worker ] || echo "$pid"
	done
}
# Supervisors of our tasks hold descriptors in one of our spools.
supervisor_pids() {
	for pid in $(pgrep -x scaleout-task); do
		case $(readlink "/proc/$pid"/fd/* 2>/dev/null) in
		*"$work/spool-"*) echo "$pid" ;;
		esac
	done
}
# Emptied folders that wait for the next claim (staging/free.*) belong there.
tasks_left() {
	find "$work"/spool-*/*/*/tasks "$work"/spool-*/*/*/trash "$work"/spool-*/*/*/staging "$work"/state/scaleout/*/*/tasks \
		-mindepth 1 -maxdepth 1 ! -name 'free.*' 2>/dev/null
}
nothing_left() {
	tasks_left
	[ -z "$(tasks_left)" ]
}
cookies_left() {
	for id in "$work"/spool-*/*/*/id "$work"/state/scaleout/*/*/id; do
		[ ! -s "$id" ] || grep -lsz "^SCALEOUT_KEY=$(cat "$id")/" /proc/[0-9]*/environ | cut -d/ -f3
	done
}
no_process_left() { [ -z "$(cookies_left)$(supervisor_pids)" ]; }
fds() { ls "/proc/$1/fd" 2>/dev/null | wc -l; }
fds_at_most() { [ "$(fds "$(master_pid)")" -le "$1" ]; }

# Lines that say what is wrong with the executions from first_id on.
wrong_executions() {
	rows "SELECT execution_id, status, executed_count, package_name FROM catalog.executions WHERE execution_id >= $first_id
		ORDER BY execution_id" >"$work/executions"
	awk -F'[|]' -v effects="$effects_file" '
		BEGIN {
			while ((getline line <effects) > 0) {
				split(line, part, /[- ]/)
				n = ++seen[part[1], part[2], part[3]]
				if (n > 1)
					print line ": " n " times"
				starts[part[1]] += part[3] == "start"
			}
		}
		{
			id = $1; status = $2; tries = $3; package = $4
			if (status == 1 && !starts[id]) # created, never asked to start
				next
			if (status != 3 && status != 4 && status != 6 && status != 7 && status != 9)
				print "execution " id " has status " status
			if (status == 7 && !((id, tries, "end") in seen))
				print "execution " id " is said to have succeeded, but did not end"
			if (status == 4 && (id, tries, "end") in seen && package != "fail.dtsx")
				print "execution " id " is said to have failed, but ended"
			if (starts[id] > tries)
				print "execution " id " started " starts[id] " times in " tries " tries"
			for (t = 1; t <= tries; t++)
				if ((id, t, "end") in seen && !((id, t, "start") in seen))
					print "execution " id " ended without a start"
		}' "$work/executions"
}
# Executions of one try that succeeded have exactly the reference's messages, in its order.
wrong_messages() {
	messages_of "$first_id" >"$work/messages"
	awk -v executions="$work/executions" -v reference="$work/reference" '
		BEGIN {
			while ((getline line <reference) > 0)
				expected[++count] = line
			while ((getline line <executions) > 0) {
				split(line, part, "|")
				if (part[2] == 7 && part[3] == 1 && part[4] != "talk.dtsx")
					look[part[1]] = 1
			}
		}
		$1 in look {
			n = ++number[$1]
			if (expected[n] != $2 " " $3 && !told[$1]++)
				print "message " n " of execution " $1 " is \"" $2 " " $3 "\" and not \"" expected[n] "\""
		}
		END {
			for (id in look)
				if (number[id] != count && !told[id])
					print "execution " id " has " number[id] + 0 " messages and not " count
		}' "$work/messages"
	rows "SELECT COUNT(*) FROM catalog.event_messages a JOIN catalog.event_messages b ON b.operation_id = a.operation_id
		AND b.event_message_id = a.event_message_id + 1 WHERE a.operation_id >= $first_id AND a.message_source_type <> 20
		AND b.message_source_type <> 20 AND b.message_time < a.message_time" | tr -d ' ' |
		sed -n '/^0$/!s/.*/& messages stand before earlier ones/p'
}

patience=20 # seconds for things to settle
# Every execution has a true final status, one start and one result per try, each
# message once and in order; no process, no spool folder, no descriptor is left.
check_invariants() {
	check "$1: every execution ends" wait_for "${2:-$((3 * patience))}" all_ended
	equals "$1: each try started and ended as its status says" "" "$(wrong_executions)"
	equals "$1: every message is there once and in order" "" "$(wrong_messages)"
	wait_for $patience nothing_left
	equals "$1: no folder of a task is left" "" "$(tasks_left)"
	check "$1: no process of a task is left" wait_for $patience no_process_left
	if [ "$workers" -gt 0 ]; then
		check "$1: the workers are online" wait_for $((3 * patience)) online
		check "$1: the master has leaked no descriptor ($master_fds before)" wait_for $((patience / 2)) fds_at_most "$master_fds"
	fi
	first_id=$(($(last_id) + 1))
}

# What was seen, before check_invariants: "N runs: N starts, N ends, N results".
counted() {
	wait_for 60 all_ended
	echo "$(value "COUNT(*) FROM catalog.executions WHERE execution_id >= $first_id AND status <> 1") runs: $(count_effects start) starts, $(count_effects end) ends, $(count_results) results"
}
outcome() {
	number=$1
	shift
	echo "outcome $number|$*"
	[ -z "${SCALEOUT_OUTCOMES-}" ] || echo "$number|$*" >>"$SCALEOUT_OUTCOMES"
}
