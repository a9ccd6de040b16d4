#!/bin/sh
# A dump of a package that runs, by catalog.create_execution_dump: through the
# master, the built-in worker and the runtime, which goes on with its work.
. "${SO_SOURCE_DIR:-$(dirname "$0")/../..}/tests/lib.sh"
export HOME="$work/home" SCALEOUT_CATALOG="$work/c.db"
unset XDG_DATA_HOME XDG_STATE_HOME XDG_RUNTIME_DIR
mkdir -p "$HOME"
so() { "$SO_BUILD_DIR/scaleout" "$@"; }
at_end='so master stop >/dev/null 2>&1'
value() { so sql -h -1 -W -Q "SET NOCOUNT ON SELECT $1" | tr -d '\r\n'; }
dump() { # output in $work/out
	status=0
	so sql -b -Q "EXEC SSISDB.catalog.create_execution_dump @execution_id = $1" >"$work/out" 2>&1 || status=$?
	echo "$status"
}

cp -R "$SO_SOURCE_DIR/samples/Flaky" "$work/Flaky"
"$SO_SOURCE_DIR/samples/pack" "$work/Flaky" "$work/Flaky.ispac"
so init --quiet
check "the project deploys" so deploy "$work/Flaky.ispac" T
so run T/Flaky/Sleep.dtsx --server --set Seconds=600 >"$work/out" 2>&1
id=$(sed -n 's/^Execution ID: //p' "$work/out")
running() { [ "$(value "status FROM catalog.executions WHERE execution_id = $id")" = 2 ]; }
check "the package runs" wait_for 30 running

equals "a dump of it is made" 0 "$(dump "$id")"
matches "where it is, is told" "The dump is in $work/c.db.dumps/$id-1" "$(cat "$work/out")"
set -- "$work/c.db.dumps/$id-1"/*.tmp
equals "it is one text file" 1 $#
matches "which says why it was made" 'Message: The dump was asked for' "$(cat "$1")"
matches "and shows the task that runs" 'Sleep.*state running' "$(cat "$1")"
matches "only its owner may read it" '^-rw-------' "$(ls -l "$1")"
equals "the execution has the dump's id" 1 "$(value "COUNT(dump_id) FROM catalog.executions WHERE execution_id = $id")"
matches "and a message of it" 'A dump of the running package was written' "$(so messages "$id")"
equals "a second dump may follow" 0 "$(dump "$id")"
set -- "$work/c.db.dumps/$id-1"/*.tmp
equals "in a file of its own" 2 $#
equals "the package still runs" 2 "$(value "status FROM catalog.executions WHERE execution_id = $id")"
so stop "$id" --wait >/dev/null 2>&1
equals "it is stopped as ever" 3 "$(value "status FROM catalog.executions WHERE execution_id = $id")"
equals "of what has ended there is no dump" 1 "$(dump "$id")"
matches "it has finished, is the error" '27175' "$(cat "$work/out")"

so run T/Flaky/Sleep.dtsx --server --set Seconds=1 >"$work/out" 2>&1
id=$(sed -n 's/^Execution ID: //p' "$work/out")
check "the next one runs" wait_for 30 running
dump "$id" >/dev/null
ended() { [ "$(value "status FROM catalog.executions WHERE execution_id = $id")" = 7 ]; }
check "a dump does not change a package's result" wait_for 30 ended
finish
