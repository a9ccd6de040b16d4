#!/bin/sh
# Executions through the whole stack without SSH: scaleout run --server, the
# master that it starts, the built-in local worker, the runtime.
. "${SO_SOURCE_DIR:-$(dirname "$0")/../..}/tests/lib.sh"
export HOME="$work/home" SCALEOUT_CATALOG="$work/c.db"
unset XDG_DATA_HOME XDG_STATE_HOME XDG_RUNTIME_DIR
mkdir -p "$HOME"
so() {
	"$SO_BUILD_DIR/scaleout" "$@"
}
at_end='so master stop >/dev/null 2>&1'
# run PACKAGE [OPTION...]: exit status, and the execution id into $work/id
run() {
	package=$1
	shift
	status=0
	so run "/SSISDB/T/Flaky/$package" --server "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
	sed -n 's/^Execution ID: //p' "$work/out" >"$work/id"
	echo "$status"
}
column() { # NAME ID
	so sql -h -1 -W -Q "SET NOCOUNT ON SELECT $1 FROM catalog.executions WHERE execution_id = $2"
}

# A copy of the sample whose do-nothing package results in Completion, whatever happens.
cp -R "$SO_SOURCE_DIR/samples/Flaky" "$work/Flaky"
chmod -R u+w "$work/Flaky"
sed 's/DTS:ExecutableType="Microsoft.Package"/& DTS:ForceExecutionResult="2"/' \
	"$SO_SOURCE_DIR/samples/Flaky/DoNothing.dtsx" >"$work/Flaky/DoNothing.dtsx"
"$SO_SOURCE_DIR/samples/pack" "$work/Flaky" "$work/Flaky.ispac"
so init --quiet
check "the project deploys" so deploy "$work/Flaky.ispac" T

equals "without a master, running starts one and succeeds" 0 "$(run Sleep.dtsx --set Seconds=0 --wait --timeout 60)"
id=$(cat "$work/id")
equals "its status is succeeded" 7 "$(column status "$id")"
equals "it ran once" 1 "$(column executed_count "$id")"
matches "the master says so" '^master +running' "$(so status)"
matches "its messages begin and end with the package" 'OnPreValidate +Sleep:.*OnPostExecute +Sleep:Finished' \
	"$(so messages "$id" | sed -n '1p;$p' | tr '\n' ' ')"
equals "every message is there once and in order" "" \
	"$(so sql -h -1 -W -Q "SET NOCOUNT ON SELECT message FROM (SELECT message, ROW_NUMBER() OVER (PARTITION BY message_source_name, event_name, execution_path, message_time, message ORDER BY event_message_id) AS n FROM catalog.event_messages WHERE operation_id = $id AND event_name = N'OnPostExecute') d WHERE n > 1")"

equals "the result Completion counts as done" 0 "$(run DoNothing.dtsx --wait --timeout 60)"
equals "its status is completed" 9 "$(column status "$(cat "$work/id")")"

equals "a failing package ends with 1" 1 "$(run Flaky.dtsx --wait --timeout 60 --set "\$Project::MarkerFolder=$work")"
equals "its status is failed" 4 "$(column status "$(cat "$work/id")")"
matches "its error is shown" 'Fail on purpose' "$(cat "$work/err")"
equals "outside Scale Out a retry count has no effect" 1 "$(run Flaky.dtsx --retry 2 --wait --timeout 60 --set "\$Project::MarkerFolder=$work")"
equals "so it ran once" 1 "$(column executed_count "$(cat "$work/id")")"

equals "an unknown parameter is refused" 1 "$(run Sleep.dtsx --set Nothing=1)"
matches "and named" "no parameter 'Nothing'" "$(cat "$work/err")"
equals "a value of the wrong type is refused" 1 "$(run Sleep.dtsx --set Seconds=soon)"
matches "with the parameter and its type" 'Seconds.*Int32' "$(cat "$work/err")"
equals "an unknown package is refused" 1 "$(run Nothing.dtsx)"

run Sleep.dtsx --set Seconds=300 >/dev/null
id=$(cat "$work/id")
running() { [ "$(column status "$id")" = 2 ]; }
check "a long one is running" wait_for 20 running
equals "stop --wait ends it" 0 "$(so stop "$id" --wait >/dev/null 2>&1; echo $?)"
equals "its status is canceled" 3 "$(column status "$id")"
equals "stopping it again is refused" 1 "$(so stop "$id" >/dev/null 2>"$work/err"; echo $?)"

# The command that waits is only a looker-on.
so run /SSISDB/T/Flaky/Sleep.dtsx --server --set Seconds=2 --wait >"$work/out" 2>&1 </dev/null &
pid=$!
wait_for 20 grep -q 'Execution ID' "$work/out"
id=$(sed -n 's/^Execution ID: //p' "$work/out")
kill -9 $pid
wait $pid 2>/dev/null
over() { [ "$(column status "$id")" = 7 ]; }
check "killing who waits does not disturb the execution" wait_for 30 over

matches "without a worker, run says what the execution waits for" 'No worker is enabled.*scaleout worker add' \
	"$(so run /SSISDB/T/Flaky/Sleep.dtsx 2>&1 >"$work/out" </dev/null)"
so stop "$(sed -n 's/^Execution ID: //p' "$work/out")" >/dev/null

check "the master stops when asked" so master stop
matches "status says that none runs" '^master +not running' "$(so status)"
finish
