#!/bin/sh
# Fault test 15: many executions on many workers, then the same again while
# sessions of sshd, agents and supervisors are killed and links cut, one fault for
# every twenty executions. 200 on 10; with SCALEOUT_LONG 1000 on 50.
: "${SO_SOURCE_DIR:=$(cd "$(dirname "$0")/../../.." && pwd)}"
. "$SO_SOURCE_DIR/tests/lib.sh"
. "$SO_SOURCE_DIR/tests/system/faults/lib.sh"
. "$SO_SOURCE_DIR/tests/system/faults/harm.sh"
slow_allowed || {
	skip "$suite" "SCALEOUT_SKIP_SLOW is set"
	finish
}
if long; then many=1000 wanted=50; else many=200 wanted=10; fi

# Each worker has an address of its own; sixteen share an sshd, which can listen on no more.
# The first two are behind proxies.
harm_master=0
harm_proxies() { echo 2; }
group_of() { echo $((($1 - 1) / 16 * 16 + 1)); }
rig_single_sshd() {
	number=$1
	sshd_skip=$((number * 50 - 50))
	set --
	for n in $(seq $((number + 1)) $((number + 15))); do set -- "$@" "ListenAddress 127.0.0.$n"; done
	sshd_address=127.0.0.$number
	sshd_start "$work/sshd$number" "$@" && echo "$SSHD_PORT" >"$work/sshd$number/port"
}
rig_sshd() {
	[ "$1" != "$(group_of "$1")" ] || { rig_single_sshd "$1"; return; }
	ln -s "sshd$(group_of "$1")" "$work/sshd$1"
}
rig_link() { [ "$1" -gt 2 ] || rig_proxy "$1"; }
rig_host() { [ "$1" -gt 2 ] && echo "127.0.0.$1" || echo 127.0.0.1; }
rig_port() { [ "$1" -gt 2 ] && cat "$work/sshd$1/port" || cat "$work/proxy$1.port"; }
rig_slots=2 # so that it takes a while
rig_start $wanted --ping 1 --watchdog 5 --grace 1

ended() { count_results; }
ended_many() { [ "$(ended)" -ge "$1" ]; }
# What did not succeed, with what is said about it.
unwell() {
	rows "SELECT e.execution_id, e.status, e.executed_count, m.message FROM catalog.executions e LEFT JOIN catalog.event_messages m
		ON m.operation_id = e.execution_id AND m.message_type IN (110, 120, 130) WHERE e.execution_id >= $first_id AND e.status <> 7
		ORDER BY e.execution_id, m.event_message_id"
}
all_well() { equals "15: $1: all succeeded" "" "$(unwell)"; }

from=$(now_ms)
run_many quick $many 0
check "15: all end" wait_for 120 ended_many $many
took=$(($(now_ms) - from))
all_well "without faults"
equals "15: each started and ended once" "$many $many" "$(count_effects start) $(count_effects end)"
outcome 15 "$many executions on $wanted workers|$(counted), in $((took / 1000)).$((took % 1000 / 100)) s"
check_invariants "15: many" 10

total=0
for turn in $(seq 3); do
	seed "$turn"
	kills_before=$kills
	# Towards the end the last few may lose their supervisors again and again.
	run_many brief $many 50 & # they run while others are still being accepted
	harm_round $((many / 20)) $many $wanted
	wait $!
	check "15: all end under faults (seed $first_state)" wait_for 180 ended_many $many
	all_well "under faults (seed $first_state)"
	tries=$(value "SUM(executed_count) FROM catalog.executions WHERE execution_id >= $first_id")
	starts=$(count_effects start)
	check "15: only what lost its supervisor was tried again ($tries tries, $kills - $kills_before supervisors)" [ "$tries" -le $((many + kills - kills_before)) ]
	check "15: at most one start for each try ($starts starts)" [ "$starts" -le "$tries" ]
	check "15: each execution ended ($(count_effects end) ends)" [ "$(count_effects end)" -ge $many ]
	seen=$(counted)
	check_invariants "15: many under faults (seed $first_state)" 10
	total=$((total + many))
done
equals "15: faults of every kind have hit something" "" "$(harm_missing)"
outcome 15f "$harmed random faults that hit something on $wanted workers ($(harm_kinds)), retries allowed|$total executions, all succeeded; the last $seen"
finish
