#!/bin/sh
# Validations through the whole stack: scaleout validate, the master, the built-in
# worker, the runtime; and a runtime that never ends against VALIDATION_TIMEOUT.
. "${SO_SOURCE_DIR:-$(dirname "$0")/../..}/tests/lib.sh"
export HOME="$work/home" SCALEOUT_CATALOG="$work/c.db"
unset XDG_DATA_HOME XDG_STATE_HOME XDG_RUNTIME_DIR
mkdir -p "$HOME" "$work/bin"
programs=$SO_BUILD_DIR
so() { "$programs/scaleout" "$@"; }
at_end='so master stop >/dev/null 2>&1'
value() { so sql -h -1 -W -Q "SET NOCOUNT ON SELECT $1" | tr -d '\r\n'; }
validate() { # exit status; output in $work/out and $work/err
	status=0
	so validate "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
	echo "$status"
}

cp -R "$SO_SOURCE_DIR/samples/Flaky" "$work/Flaky"
chmod -R u+w "$work/Flaky"
"$SO_SOURCE_DIR/samples/pack" "$work/Flaky" "$work/Flaky.ispac"
so init --quiet
check "the project deploys" so deploy "$work/Flaky.ispac" T
equals "all packages of a good project pass" 0 "$(validate '\SSISDB\T\Flaky')"
matches "its id is told" '^Validation ID: [0-9]+' "$(cat "$work/out")"
for package in DoNothing Flaky Sleep; do
	matches "the messages tell that $package has passed" "$package:.*passed validation" "$(cat "$work/out")"
done
equals "nothing was executed" 0 "$(value 'COUNT(*) FROM catalog.executions')"
equals "project and packages are marked" "S S S S" \
	"$(value "CONCAT(MIN(p.validation_status), ' ', STRING_AGG(k.validation_status, ' ')) FROM catalog.projects p JOIN catalog.packages k ON k.project_id = p.project_id")"
equals "one validation has one row" "300 7" "$(value "CONCAT(operation_type, ' ', status) FROM catalog.validations")"
equals "a package passes alone" 0 "$(validate T/Flaky/Sleep.dtsx)"
equals "its row says so" "301 Sleep.dtsx" "$(value "CONCAT(operation_type, ' ', object_name) FROM catalog.validations WHERE operation_type = 301")"
equals "a package that is not there is refused" 1 "$(validate T/Flaky/Nothing.dtsx)"
equals "what is no path is a usage error" 2 "$(validate Flaky)"
equals "what is run must be a package" 2 "$(status=0; so run '\SSISDB\T\Flaky' >/dev/null 2>&1 || status=$?; echo $status)"

# A task that does not exist: that package fails, the others do not.
sed 's/Microsoft.ExecuteProcess/Some.UnknownTask/g' "$SO_SOURCE_DIR/samples/Flaky/Sleep.dtsx" >"$work/Flaky/Sleep.dtsx"
"$SO_SOURCE_DIR/samples/pack" "$work/Flaky" "$work/Flaky.ispac"
check "the broken project deploys" so deploy "$work/Flaky.ispac" T
equals "it does not pass" 1 "$(validate --json T/Flaky)"
equals "the rows are one JSON object" "failed 1" "$(sqlite3 :memory: "SELECT json_extract(o, '\$.status') || ' ' || EXISTS (
	SELECT 1 FROM json_each(o, '\$.messages') WHERE json_extract(value, '\$.Message') LIKE '%UnknownTask%')
	FROM (SELECT CAST(readfile('$work/out') AS TEXT) AS o)" 2>&1)"
equals "only the broken package is marked" "S S F" \
	"$(value "CONCAT(MIN(CASE name WHEN N'DoNothing.dtsx' THEN validation_status END), ' ', MIN(CASE name WHEN N'Flaky.dtsx' THEN validation_status END), ' ', MIN(CASE name WHEN N'Sleep.dtsx' THEN validation_status END)) FROM catalog.packages")"
check "the master stops" so master stop

# The same programs with a runtime that never ends.
cp "$SO_BUILD_DIR/scaleout" "$SO_BUILD_DIR/scaleoutd" "$work/bin/"
printf '#!/bin/sh\nexec sleep 600\n' >"$work/bin/endless"
printf '#!/bin/sh\nexec "%s/scaleout-worker" "$@" --runtime "%s/bin/endless"\n' "$SO_BUILD_DIR" "$work" >"$work/bin/scaleout-worker"
chmod +x "$work/bin/endless" "$work/bin/scaleout-worker"
programs=$work/bin
so sql -Q "EXEC catalog.configure_catalog N'VALIDATION_TIMEOUT', N'1'" >/dev/null
for path in T/Flaky T/Flaky/DoNothing.dtsx; do
	equals "a validation of $path that does not end is ended" 1 "$(validate "$path" --timeout 60)"
	matches "and says why" 'longer than the 1 seconds.*VALIDATION_TIMEOUT' "$(cat "$work/out")"
	equals "its status is canceled" 3 "$(value 'TOP 1 status FROM catalog.validations ORDER BY validation_id DESC')"
done
finish
