#!/bin/sh
# Scripts of the kinds people bring along (tests/system/scripts), each on a catalog of its own where two packages have run.
# With REGENERATE=1 the outputs are written instead of compared.
. "${SO_SOURCE_DIR:-$(dirname "$0")/../..}/tests/lib.sh"
export HOME="$work/home" LC_ALL=C.UTF-8
unset XDG_DATA_HOME XDG_STATE_HOME XDG_RUNTIME_DIR SQLCMDINI SQLCMDDBNAME
mkdir -p "$HOME" "$work/base"
scripts=$SO_SOURCE_DIR/tests/system/scripts
so() {
	"$SO_BUILD_DIR/scaleout" "$@"
}
at_end='so master stop >/dev/null 2>&1'

export SCALEOUT_CATALOG="$work/base/c.db"
so init --quiet
for project in project1 project1 Flaky; do
	"$SO_SOURCE_DIR/samples/pack" "$SO_SOURCE_DIR/samples/$project" "$work/$project.ispac"
	so deploy "$work/$project.ispac" T >/dev/null
done
check "a package succeeds" so run '\SSISDB\T\project1\package1.dtsx' --server --wait --timeout 60
so run '\SSISDB\T\project1\package2.dtsx' --server --wait --timeout 60 --set Fail=true >/dev/null 2>&1
equals "and one fails" 1 $?
so master stop >/dev/null

for script in "$scripts"/*.sql; do
	name=$(basename "$script" .sql)
	mkdir "$work/$name"
	cp "$work/base/c.db" "$work/base/c.db.key" "$work/$name/"
	export SCALEOUT_CATALOG="$work/$name/c.db"
	so sql -W -s '|' -v Ispac="$work/project1.ispac" -i "$script" >"$work/$name/out" 2>&1 </dev/null
	echo "exit status $?" >>"$work/$name/out"
	sed -i "s/, Server $(uname -n), /, Server HOST, /" "$work/$name/out"
	so master stop >/dev/null 2>&1
	if [ -n "${REGENERATE-}" ]; then
		cp "$work/$name/out" "$scripts/$name.out"
	elif diff -u "$scripts/$name.out" "$work/$name/out" >"$work/diff" 2>&1; then
		ok
	else
		not_ok "the script $name gives what it gave" "$(cat "$work/diff")"
	fi
done
finish
