#!/bin/sh
# Running the queue: pause, priorities, drain, time limits, and a master that is
# replaced while the queue runs. Packages leave witnesses (lib_effects.sh).
. "${SO_SOURCE_DIR:-$(dirname "$0")/../..}/tests/lib.sh"
. "$SO_SOURCE_DIR/tests/system/lib_sshd.sh"
. "$SO_SOURCE_DIR/tests/system/lib_effects.sh"
unset SSH_AUTH_SOCK SCALEOUT_CATALOG
if ! sshd_available || ! command -v zip >/dev/null; then
	skip "the queue in operation" "sshd or zip is not installed"
	finish
fi
at_end=effects_teardown
export SCALEOUT_CONF="$work/scaleout.conf"
echo 'ping = 1s' >"$SCALEOUT_CONF"
if ! effects_setup >"$work/setup.log" 2>&1; then
	not_ok "the catalog, the sshd and the workers are set up" "$(tail -n 20 "$work/setup.log" "$work/c.db.log")"
	finish
fi
all_over() { [ "$(value "COUNT(*) FROM catalog.executions WHERE status IN (1, 2, 5, 8)")" = 0 ]; }

# --- pause, priority, resume ---
check "the queue is paused" so queue pause --reason 'new disks'
first=$(effects_run quick)
second=$(effects_run quick --tags nowhere)
third=$(effects_run quick)
matches "status says that it is paused, by whom and why" 'PAUSED +by .*: new disks' "$(so status)"
matches "the list says what each waits for" 'the queue is paused' "$(so queue list)"
equals "nothing has started" "" "$(effects start)"
check "a priority is raised while it waits" so queue set "$third" --priority 50
equals "and seen" 50 "$(value "priority FROM scaleout.queue WHERE execution_id = $third")"
check "it is resumed" so queue resume
ended() { has_status "$1" 7; }
check "the first runs" wait_for 30 ended "$first"
check "the third runs" wait_for 30 ended "$third"
equals "what needs a tag that nobody has waits" 5 "$(status_of "$second")"
so sql -Q "DECLARE @w uniqueidentifier = (SELECT WorkerAgentId FROM catalog.worker_agents WHERE DisplayName = N'w2'); EXEC catalog.set_worker_agent_property @w, N'Tags', N'nowhere else'" >/dev/null
check "until a worker gets the tag" wait_for 30 ended "$second"
equals "and it ran there" w2 "$(value "worker_name FROM scaleout.execution_tries WHERE execution_id = $second")"

# --- a limit that no worker satisfies ---
reload() {
	printf '%s\n' "$@" >"$SCALEOUT_CONF"
	kill -HUP "$(so status --json | sed -n 's/.*"pid": *\([0-9]*\).*/\1/p' | head -n 1)"
}
reload 'ping = 1s' 'min_memory_mb = 1000000000'
held_back() { [ "$(value "COUNT(*) FROM scaleout.workers WHERE HeldBackBy = N'memory'")" = "$1" ]; }
check "workers with less memory than the limit are held back" wait_for 20 held_back 2
thrifty=$(effects_run quick)
equals "what waits for them says so" "aworkerwithCPUandmemorytospare" "$(value "waits_for FROM scaleout.queue WHERE execution_id = $thrifty" | tr -d ' ')"
reload 'ping = 1s'
check "without the limit it runs" wait_for 30 ended "$thrifty"
check "and nobody is held back" wait_for 20 held_back 0

# --- a time limit ---
limited=$(effects_run stubborn --time-limit 1)
check "a package that ignores TERM is ended by its limit" wait_for 40 has_status "$limited" 4
matches "and the message says so" 'time limit of 1 seconds' "$(so messages "$limited")"

# --- a drain ---
rm -f "$work/gate"
held=$(effects_run gate --worker w1)
started() { has_effect "$1-1 start"; }
check "one runs on w1" wait_for 30 started "$held"
equals "a drain that is not waited for says what is left" "worker w1 gets nothing new; 1 executions run on" "$(so worker drain w1)"
equals "the worker is draining" draining "$(value "State FROM scaleout.workers WHERE DisplayName = N'w1'")"
equals "a drain whose time is over fails" 1 "$(so worker drain w1 --timeout 1 >/dev/null 2>&1; echo $?)"
: >"$work/gate"
equals "a drain is waited for" "worker w1 is drained: nothing is left there" "$(so worker drain w1 --wait)"
check "the execution ended well" ended "$held"
so worker enable w1 >/dev/null

# --- a master that is replaced while the queue runs ---
rm -f "$work/gate"
gated=$(effects_run gate --worker w1)
check "one runs while the master is replaced" wait_for 30 started "$gated"
so sql -Q "DECLARE @id bigint; EXEC catalog.create_execution N'Tests', N'Effects', N'gate.dtsx', @runinscaleout = 1, @execution_id = @id OUT;
EXEC catalog.set_execution_parameter_value @id, 50, N'SYNCHRONIZED', 1; EXEC catalog.start_execution @id; SELECT status FROM catalog.executions WHERE execution_id = @id" -h -1 -W >"$work/synchronized" 2>&1 </dev/null &
waiter=$!
for n in 1 2 3 4 5 6 7 8 9 10 11 12; do effects_run quick >/dev/null; done
within "the master hands over within five seconds" 5000 so master stop
for n in 1 2 3 4; do effects_run quick >/dev/null; done
check "a new master takes over" so master start
so master stop >/dev/null
check "and another one" so master start
check "the synchronized start still waits" kill -0 "$waiter"
: >"$work/gate"
check "everything ends" wait_for 60 all_over
wait "$waiter"
matches "the synchronized start returned with the end" '^7' "$(tail -n 3 "$work/synchronized" | tr -d ' ')"
lines() { grep "$1\$" "$effects_file" | sed "s/ $1//" | sort; }
equals "each try started once" "" "$(lines start | uniq -d)"
equals "each try ended once" "" "$(lines end | uniq -d)"
lines start >"$work/starts"
lines end >"$work/ends"
equals "what started has ended, but for the limited one" "$limited-1" "$(comm -23 "$work/starts" "$work/ends")"
equals "every execution succeeded but that one" 1 "$(value "COUNT(*) FROM catalog.executions WHERE status <> 7")"
check "nothing is left on the workers" wait_for 20 nothing_left
finish
