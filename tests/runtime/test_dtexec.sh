#!/bin/sh
# SPDX-License-Identifier: MIT
# scaleout-dtexec as a program: options, exit codes, reports, projects, the worker's mode.
set -u
. "$SO_SOURCE_DIR/tests/lib.sh"
suite=test_dtexec
dtexec=$SO_BUILD_DIR/scaleout-dtexec
data=$SO_SOURCE_DIR/tests/runtime/data
export HOME="$work" TMPDIR="$work/tmp"
mkdir "$TMPDIR"

# code NAME EXPECTED ARGUMENT...: the exit code; output stays in $work/out
code() {
	name=$1 expected=$2
	shift 2
	"$dtexec" "$@" >"$work/out" 2>&1
	equals "$name" "$expected" $?
}
# says NAME TEXT: the last output holds it
says() {
	if grep -qF -- "$2" "$work/out"; then ok; else not_ok "$1" "expected: $2" "got: $(cat "$work/out")"; fi
}

code "no argument shows the usage" 6
says "the usage names the options" "/F[ile] file.dtsx"
code "/? shows the usage" 0 '/?'
says "the exit codes are in it" "4 package not found"
code "/Help explains one option" 0 /help reporting
says "it is that option" "/Rep[orting]"
code "a do-nothing package succeeds" 0 /File "$data/nothing.dtsx"
says "the result is said" "returned SUCCESS"
code "names of options may be short, in any case, with a dash" 0 -f "$data/nothing.dtsx" -REP n
code "a missing package is 4" 4 /F "$work/none.dtsx"
echo '<broken' >"$work/broken.dtsx"
code "a broken package is 5" 5 /F "$work/broken.dtsx"
code "an unknown option is 6" 6 /F "$data/nothing.dtsx" /Nonsense
says "it is named" '"/Nonsense"'
code "an option without its value is 6" 6 /F
code "two sources are 6" 6 /F "$data/nothing.dtsx" /Proj x.ispac
says "both are named" "exclude each other"
code "options of the catalog point to scaleout run" 6 /ISServer '\SSISDB\f\p\x.dtsx'
says "the remedy is there" "scaleout run"
code "an unknown level is 6" 6 /F "$data/nothing.dtsx" /Rep X
code "N stands alone" 6 /F "$data/nothing.dtsx" /Rep NE
code "a wrong number is 6" 6 /F "$data/nothing.dtsx" /MaxConcurrent 0

code "everything can be reported" 0 /F "$data/steps.dtsx" /Rep V
says "each event has its block" "OnPreExecute: "
says "and the source" "   Source: Echo"
code "events can be left out of the report" 0 /F "$data/steps.dtsx" /Rep "V;OnPreExecute"
if grep -q '^OnPreExecute' "$work/out"; then not_ok "the exception holds"; else ok; fi
code "the console log lists chosen events" 0 /F "$data/steps.dtsx" /Rep N /Cons 'NS;I;OnPostExecute'
says "names are there" "     Name: OnPostExecute"
if grep -q 'OnPreValidate' "$work/out"; then not_ok "others are not"; else ok; fi

code "/Set changes a property" 1 /F "$data/steps.dtsx" /Set '\Package\Group\Echo.Properties[Executable];false'
code "/Set with quotes and a semicolon in the value" 0 /F "$data/steps.dtsx" \
	/Set '"\Package.Variables[User::Out].Properties[Value]";"a;b"'
code "/Set on something that is not there fails" 1 /F "$data/steps.dtsx" /Set '\Package\None.Properties[Disable];True'
code "a command file is read where it stands" 0 /Com "$data/options.txt" /F "$data/steps.dtsx"
says "its options count" "OnPreValidate"
code "/VerifyBuild accepts the version" 0 /F "$data/nothing.dtsx" /VerifyB '1;0'
code "/VerifyBuild refuses another" 1 /F "$data/nothing.dtsx" /VerifyB 2
code "/VerifyPackageID refuses another" 1 /F "$data/nothing.dtsx" /VerifyP '{00000000-0000-0000-0000-0000000000FF}'
code "/VerifyVersionID accepts the right one" 0 /F "$data/nothing.dtsx" /VerifyV '{00000000-0000-0000-0000-0000000000A2}'

code "/Validate finds nothing missing" 0 /F "$data/steps.dtsx" /Va
code "/Validate lists what is missing" 1 /F "$data/missing.dtsx" /Va
says "a task" 'Execute SQL Task "Query"'
says "a component" 'component "Source" of class "Microsoft.OLEDBSource"'
says "an unknown type" '"Vendor.Unknown"'
says "a connection manager that is used" 'Connection manager "Warehouse": the type "OLEDB"'
says "an expression that cannot be read" 'cannot be parsed'
if grep -q 'Unused' "$work/out"; then not_ok "an unused connection manager is not missed"; else ok; fi
code "such a package does not run" 1 /F "$data/missing.dtsx"
says "the error names the task" 'Execute SQL Task "Query"'

if [ -f "$SO_BUILD_DIR/samples/project1.ispac" ]; then
	code "a package of a project runs" 0 /Project "$SO_BUILD_DIR/samples/project1.ispac" /Package package1.dtsx \
		/Par '$Project::Greeting;Ahoy' /Par 'Who;"you all"'
	code "a typed parameter arrives" 1 /Project "$SO_BUILD_DIR/samples/project1.ispac" /Package package2.dtsx \
		/Par 'Fail(Boolean);True'
	code "a value that does not fit its type fails" 1 /Project "$SO_BUILD_DIR/samples/project1.ispac" \
		/Package package2.dtsx /Par 'Fail(Boolean);maybe'
	says "and is named" 'parameter "Fail" is not valid'
	code "a package that is not in the project is 4" 4 /Project "$SO_BUILD_DIR/samples/project1.ispac" /Package none.dtsx
	code "/Project needs /Package" 6 /Project "$SO_BUILD_DIR/samples/project1.ispac"
else
	skip "projects" "samples are not built"
fi
code "a broken project is 5" 5 /Project "$work/broken.dtsx" /Package x.dtsx
equals "nothing is left in the temporary folder" "" "$(ls "$TMPDIR")"

# The worker's mode: the specification on 3, events to 4.
mkdir "$work/project"
cp "$data/steps.dtsx" "$data/nothing.dtsx" "$work/project"
spec() {
	printf '{"v":1,"execution_id":5,"attempt":1,"package":"%s","logging_level":1,"values":[],"overrides":[]}' "$1" >"$work/spec"
}
task() {
	: >"$work/events"
	"$dtexec" --task --project-dir "$work/project" --dump-dir "$work" 3<"$work/spec" 4>>"$work/events" 2>"$work/out"
}
spec steps.dtsx
task
equals "a task succeeds" 0 $?
equals "its events are numbered from 1 without gaps" "" "$(sed 's/^{"s":\([0-9]*\),.*/\1/' "$work/events" |
	awk '$1 != NR { print "line " NR " has " $1 }')"
equals "the last event is the end of the package" 1 "$(tail -1 "$work/events" | grep -c '"k":"t"')"
spec none.dtsx
task
equals "a missing package is 4" 4 $?
equals "and is in the log" 1 "$(grep -c '"en":"OnError"' "$work/events")"
echo 'no json' >"$work/spec"
task
equals "a specification that is no JSON is 6" 6 $?
says "and says so" "not JSON"

# Dumps: the state as text always, a core where it may be, and no secret in either.
cp "$data/secret.dtsx" "$work/project"
mkdir "$work/dumps"
secret=$(printf 'S3C%s' 'RET-of-the-day')
printf '{"v":1,"execution_id":9,"attempt":2,"package":"secret.dtsx","logging_level":3,"dump_on_error":true,"overrides":[],' >"$work/spec"
printf '"values":[{"object_type":30,"name":"Key","data_type":"String","value":"%s","sensitive":true,"value_set":true},' "$secret" >>"$work/spec"
printf '{"object_type":30,"name":"CM.db.Password","data_type":"String","value":"%s","sensitive":true,"value_set":true}]}' "$secret" >>"$work/spec"
: >"$work/events"
(
	ulimit -c unlimited 2>/dev/null
	"$dtexec" --task --project-dir "$work/project" --dump-dir "$work/dumps" 3<"$work/spec" 4>>"$work/events" 2>"$work/out"
)
equals "a failing task with a dump still fails with 1" 1 $?
equals "one text dump is there" 1 "$(find "$work/dumps" -name 'secret.dtsx-9-2-*.tmp' | wc -l)"
equals "only for its owner" 600 "$(stat -c %a "$work/dumps"/*.tmp)"
if [ -n "$(find "$work/dumps" -name '*.mdmp')" ]; then ok; else skip "a core" "$(grep -o 'The dump has no core[^"]*' "$work/events")"; fi
equals "no file holds the secret" "" "$(grep -rlaF "$secret" "$work/dumps" "$work/events" "$work/out")"

# SIGTERM while a process runs.
cp "$data/wait.dtsx" "$work/project"
spec wait.dtsx
: >"$work/events"
mkfifo "$work/ready"
WAIT_FIFO="$work/ready" "$dtexec" --task --project-dir "$work/project" 3<"$work/spec" 4>>"$work/events" 2>"$work/out" &
pid=$!
pids="$pids $pid"
read -r sleeper <"$work/ready"
kill -TERM "$pid"
wait "$pid"
equals "SIGTERM cancels with 3" 3 $?
if kill -0 "$sleeper" 2>/dev/null; then not_ok "the process was ended"; else ok; fi
equals "the cancel is in the log" 1 "$(grep -c '"en":"OnQueryCancel"' "$work/events")"
finish
