#!/bin/sh
# The command line against a real catalog, without a master or workers: usage,
# help, exit statuses, T-SQL printing, rows as text and as JSON.
. "${SO_SOURCE_DIR:-$(dirname "$0")/../..}/tests/lib.sh"
export HOME="$work" XDG_DATA_HOME="$work/data" XDG_STATE_HOME="$work/state" SCALEOUT_CATALOG="$work/c.db"
so() {
	"$SO_BUILD_DIR/scaleout" "$@"
}
status_of() {
	"$@" >"$work/out" 2>"$work/err" </dev/null
	echo $?
}

equals "--version says the version" "0" "$(status_of so --version)"
matches "--help lists the commands" '^  worker add ' "$(so --help)"
equals "an unknown command is wrong usage" 2 "$(status_of so frobnicate)"
matches "and is named" "no command 'frobnicate'" "$(cat "$work/err")"
equals "an unknown option is wrong usage" 2 "$(status_of so executions --bogus)"
equals "a command group alone is wrong usage" 2 "$(status_of so worker)"
equals "a number out of range is wrong usage" 2 "$(status_of so executions --limit 0)"

# Every command: --help works, names each of its options, and has a page that says the same.
so --help | sed -n 's/^  \([a-z]*\( [a-z]*\)\{0,1\}\)   *[^ ].*/\1/p' | sort -u >"$work/commands"
while read -r command; do
	# shellcheck disable=SC2086
	equals "$command --help succeeds" 0 "$(status_of so $command --help)"
	page=$(so --mdoc "$(echo "$command" | tr ' ' -)")
	missing=
	for option in $(grep -oE '^ +(-., )?--[a-z-]+' "$work/out" | grep -oE '[-][-][a-z-]+'); do
		printf '%s\n' "$page" | tr -d '\\' | grep -q "Fl $option\|Fl -${option#--}" || missing="$missing $option"
	done
	equals "the manual page of $command names every option of --help" "" "$missing"
	if command -v mandoc >/dev/null 2>&1; then
		printf '%s\n' "$page" >"$work/page.1"
		equals "the manual page of $command is clean mdoc" "" "$(mandoc -T lint -W warning "$work/page.1" 2>&1)"
	fi
	grep -q "Ic .*$command" "$SO_SOURCE_DIR/man/scaleout.1" && ok || not_ok "scaleout(1) lists $command"
done <"$work/commands"

# scaleout.conf: the manual page tells every setting with its default and what a change needs, in the table's order.
so conf /dev/null --print | awk '/^# Default: /{ sub(/^# Default: /, ""); d = $0; sub(/\. Now from.*/, "", d); if (d == "empty") d = ""; star = /restart/ ? "*" : "" }
	/^[a-z_]+ =/{ print $1 " " d star }' >"$work/settings"
sed -n '/^\.It Em name Ta/,/^\.El/p' "$SO_SOURCE_DIR/man/scaleout.conf.5" | sed -n 's/^\.It Li \([a-z_]*\) Ta \([^ ]*\) Ta.*/\1 \2/p' >"$work/page"
equals "scaleout.conf(5) lists the settings of the program" "$(cat "$work/settings")" "$(cat "$work/page")"
printf 'lease = 1h\n' >"$work/x.conf"
equals "a right file is right" "$work/x.conf is right" "$(so conf "$work/x.conf" --check)"
matches "its values are printed with their source" 'Now from: this file, line 1.*' "$(so conf "$work/x.conf" | grep -B1 '^lease = 1h')"
printf '\npatiense = 1h\n' >"$work/x.conf"
equals "a wrong file fails" 1 "$(status_of so conf "$work/x.conf" --check)"
matches "with its line" "x.conf line 2: there is no setting 'patiense'" "$(cat "$work/err")"
matches "and the nearest name" 'did you mean patience' "$(cat "$work/err")"
equals "an environment variable is checked too" 1 "$(SCALEOUT_LEASE=soon status_of so conf /dev/null)"

equals "a missing catalog fails" 1 "$(status_of so executions)"
matches "and the remedy is said" 'scaleout init' "$(cat "$work/err")"
equals "init makes a catalog" 0 "$(status_of so init)"
equals "the key is for its owner only" 600 "$(stat -c %a "$work/c.db.key")"
equals "init refuses to make it twice" 1 "$(status_of so init)"
equals "unless told that this is fine" 0 "$(status_of so init --if-missing)"

equals "sql prints as sqlcmd prints" "           
-----------
          1

(1 rows affected)" "$(so sql -Q 'SELECT 1')"
equals "PRINT prints" "hello" "$(so sql -Q "PRINT 'hello'")"
equals "an error ends -b with 1" 1 "$(status_of so sql -b -Q 'SELECT * FROM catalog.nothing')"
matches "and is printed with number, level and line" '^Msg 208, Level 16, State 1, Server .*, Line 1' "$(cat "$work/out")"
equals "without -b it is 0, as with sqlcmd" 0 "$(status_of so sql -Q 'SELECT * FROM catalog.nothing')"
printf 'DECLARE @a int = 2\nSELECT @a AS a\nGO\nPRINT @a\nGO\n' >"$work/two.sql"
matches "variables die at GO" 'Must declare the scalar variable "@a"' "$(so sql -h -1 -i "$work/two.sql")"
matches "GO n repeats" '^x.x.x.$' "$(printf "PRINT 'x'\nGO 3\n" >"$work/n.sql" && so sql -i "$work/n.sql" | tr '\n' .)"
equals "a missing input file fails" 1 "$(status_of so sql -i "$work/none.sql")"
equals "rows as JSON" '{"a":1,"b":null,"c":"x"}' "$(so sql --json -Q "SELECT 1 AS a, NULL AS b, N'x' AS c")"

equals "an execution that is not there fails" 1 "$(status_of so messages 99)"
equals "stopping it fails" 1 "$(status_of so stop 99)"
equals "a package path needs its parts" 2 "$(status_of so run package.dtsx)"
equals "no executions is an empty JSON array" "[]" "$(so executions --json)"
equals "a file that is no project is refused" 1 "$(status_of so deploy "$work/two.sql" F)"
matches "and named" 'two\.sql' "$(cat "$work/err")"
equals "the catalog has no folder from it" 0 "$(so sql -h -1 -W -Q 'SET NOCOUNT ON SELECT COUNT(*) FROM catalog.folders' | tr -d ' \n')"
equals "a worker that is not there fails" 1 "$(status_of so worker enable nobody)"
finish
