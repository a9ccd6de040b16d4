#!/bin/sh
# What people do while packages run: deploy the project anew, rename its folder,
# run the clean-up; a worker of two catalogs; packages that leave daemons, and that
# write a great many messages; tasks on a worker that no catalog knows.
: "${SO_SOURCE_DIR:=$(cd "$(dirname "$0")/../../.." && pwd)}"
. "$SO_SOURCE_DIR/tests/lib.sh"
. "$SO_SOURCE_DIR/tests/system/faults/lib.sh"
slow_allowed || {
	skip "$suite" "SCALEOUT_SKIP_SLOW is set"
	finish
}
# What a sanitizer keeps of freed memory would be taken for the master's own.
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=4:thread_local_quarantine_size_kb=64
export ASAN_OPTIONS
rig_start 1 --ping 1 --watchdog 3 --grace 1

# Deployed anew, renamed and cleaned up while it runs.
check "an execution waits at the gate" at_gate 2 1
check "the project is deployed anew" so deploy "$work/Faults.ispac" Tests
check "its folder is renamed" so sql -b -Q "EXEC catalog.rename_folder @old_name = N'Tests', @new_name = N'Others'"
check "the clean-up runs" so sql -b -Q "EXEC internal.cleanup_server_retention_window"
check "old versions of projects are removed" so sql -b -Q "EXEC internal.cleanup_server_project_version"
open_gate
outcome b5 "project deployed anew, its folder renamed, clean-up run while packages run|$(counted)"
check_invariants "changed while it runs"
check "its folder has its name again" so sql -b -Q "EXEC catalog.rename_folder @old_name = N'Others', @new_name = N'Tests'"
id=$(run quick)
check "the new version runs" wait_for 20 has_status "$id" 7
check_invariants "deployed anew"

# The same worker, account and spool folder in a second catalog, with a master of its own.
other() { "$SO_BUILD_DIR/scaleout" --catalog "$work/other.db" "$@"; }
other_says() { [ "$(other sql -h -1 -W -Q "SET NOCOUNT ON SELECT $1" | tr -d ' \r\n')" = "$2" ]; }
other init --quiet >"$work/other.out" 2>&1
"$SO_BUILD_DIR/scaleoutd" --catalog "$work/other.db" $master_options </dev/null >>"$work/other.out" 2>&1
other deploy "$work/Faults.ispac" Tests >>"$work/other.out" 2>&1
other worker add w1 --host 127.0.0.1 --port "$(rig_port 1)" --user "$(id -un)" --identity "$work/sshd1/user_key" \
	--program "$rig_program" --spool "$work/spool-1" --slots 8 --enable $allow_root \
	--fingerprint "$(ssh-keygen -lf "$work/sshd1/host_key.pub" | cut -d' ' -f2)" >>"$work/other.out" 2>&1
wait_for 20 other_says "COUNT(*) FROM scaleout.workers WHERE IsOnline = 1" 1 || not_ok "the worker is online in both catalogs" "$(cat "$work/other.out")"
mine=$(run brief --worker w1)
theirs=$(other run '\SSISDB\Tests\Faults\quick.dtsx' --worker w1 | sed -n 's/^Execution ID: //p')
check "an execution of the one ends" wait_for 20 has_status "$mine" 7
check "and one of the other, though their numbers are alike" wait_for 20 other_says "status FROM catalog.executions WHERE execution_id = $theirs" 7
other master stop >/dev/null 2>&1
# The other catalog's executions are none of what the oracle looks at.
grep -v "^$theirs-1 " "$effects_file" >"$work/effects.mine"
[ "$theirs" = "$mine" ] || cp "$work/effects.mine" "$effects_file"
outcome b6 "one worker, account and spool folder in two catalogs with a master each|both ran theirs, apart: $(counted)"
check_invariants "one worker in two catalogs"

# Daemons that outlive their package are ended with it.
id=$(run daemon)
check "a package that leaves daemons succeeds" wait_for 30 has_status "$id" 7
check "its daemons are gone" wait_for 5 no_process_left
outcome b7 "package that leaves daemons in sessions of their own|ended with it; $(counted)"
check_invariants "daemons"

# Very many messages.
a=$(run talk --set '$Package::Turns=10')
b=$(run talk --set '$Package::Turns=20')
wait_for 30 all_ended
lines_of() { value "COUNT(*) FROM catalog.event_messages WHERE operation_id = $1 AND message_source_type <> 20"; }
per_turn=$((($(lines_of "$b") - $(lines_of "$a")) / 10))
fixed=$(($(lines_of "$a") - 10 * per_turn))
wanted=$(if long; then echo 1000000; else echo 50000; fi)
turns=$((wanted / per_turn))
peak() { awk '/^VmHWM/ { print $2 }' "/proc/$1/status"; } # KB
from=$(now_ms)
id=$(run talk --set "\$Package::Turns=$turns")
check "a package of $wanted messages ends" wait_for 500 has_status "$id" 7
took=$(($(now_ms) - from))
count=$((fixed + turns * per_turn))
equals "each of them is there" $count "$(lines_of "$id")"
of_master=$(peak "$(master_pid)")
of_agent=$(for pid in $(agent_pids); do peak "$pid"; done | sort -n | tail -n 1)
check "the master needs no memory for them ($of_master KB)" [ "$of_master" -lt 150000 ]
check "nor does the agent ($of_agent KB)" [ "$of_agent" -lt 60000 ]
outcome b8 "a package that writes $count messages|all there, $((count * 1000 / took)) a second; at most $((of_master / 1024)) MB in the master, $((of_agent / 1024)) MB in the agent; $(counted)"
check_invariants "very many messages"

# A task that the catalog does not know: left alone, and shown.
uuid=$(value "LOWER(CAST(WorkerAgentId AS nvarchar(36))) FROM catalog.worker_agents")
for tasks in "$work"/spool-1/*/"$uuid"/tasks; do stray=$tasks; done
mkdir -m 700 "$stray/987654-1"
: >"$stray/987654-1/started"
proxy 1 cut
shown() { so status | grep -q '^orphans  *1 '; }
check "a task that no catalog knows is shown" wait_for 20 shown
check "and left alone" test -d "$stray/987654-1"
rmdir "$stray/987654-1" 2>/dev/null || rm -r "$stray/987654-1"
outcome b9 "a task on a worker that the catalog does not know|left alone, shown by scaleout status"
check_invariants "an orphan"
finish
