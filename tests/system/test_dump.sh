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

# A copy of the sample whose sleeping package wakes when the test says so.
cp -R "$SO_SOURCE_DIR/samples/Flaky" "$work/Flaky"
chmod -R u+w "$work/Flaky"
sed "s|>\"sleep \" + [^<]*<|>\"sh $work/until\"<|" "$SO_SOURCE_DIR/samples/Flaky/Sleep.dtsx" >"$work/Flaky/Sleep.dtsx"
echo "until [ -e '$work/awake' ]; do sleep 0.05; done" >"$work/until"
"$SO_SOURCE_DIR/samples/pack" "$work/Flaky" "$work/Flaky.ispac"
so init --quiet
check "the project deploys" so deploy "$work/Flaky.ispac" T
so run T/Flaky/Sleep.dtsx --server >"$work/out" 2>&1
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

so run T/Flaky/Sleep.dtsx --server >"$work/out" 2>&1
id=$(sed -n 's/^Execution ID: //p' "$work/out")
check "the next one runs" wait_for 30 running
equals "a dump of it is made, too" 0 "$(dump "$id")"
: >"$work/awake"
ended() { [ "$(value "status FROM catalog.executions WHERE execution_id = $id")" = 7 ]; }
check "a dump does not change a package's result" wait_for 30 ended

# --- what cannot be written or stored: a warning, and the result as it would be ---
failing() { # OPTIONS...: runs the failing package; its id in $id, its messages in $work/messages
	so run T/Flaky/Flaky.dtsx --server --set "\$Project::MarkerFolder=$work" --dump-on-errors --wait "$@" >"$work/out" 2>&1
	id=$(sed -n 's/^Execution ID: //p' "$work/out")
	so messages "$id" >"$work/messages"
}
failing
equals "a failing package with a dump fails" 4 "$(value "status FROM catalog.executions WHERE execution_id = $id")"
check "its dump is in the catalog's folder" test -d "$work/c.db.dumps/$id-1"
plain=$(grep -vc 'dump' "$work/messages")
mv "$work/c.db.dumps" "$work/elsewhere"
: >"$work/c.db.dumps"
failing
equals "where the master cannot store it, it fails all the same" 4 "$(value "status FROM catalog.executions WHERE execution_id = $id")"
matches "with a warning that names folder and cause" "The dump Flaky.dtsx-$id-1-.* in $work/c.db.dumps/$id-1 on the master: it could not be stored: (File exists|Not a directory)" \
	"$(cat "$work/messages")"
equals "once" 1 "$(grep -c 'could not be stored' "$work/messages")"
equals "and all its other messages" "$plain" "$(grep -vc 'dump' "$work/messages")"
equals "it has no dump's id then" 0 "$(value "COUNT(dump_id) FROM catalog.executions WHERE execution_id = $id")"
rm "$work/c.db.dumps"
if [ "$(id -u)" = 0 ] && mkdir "$work/c.db.dumps" && mount -t tmpfs -o size=8k,mode=700 tmpfs "$work/c.db.dumps" 2>/dev/null; then
	at_end='umount -l "$work/c.db.dumps"; so master stop >/dev/null 2>&1'
	head -c 4096 /dev/zero >"$work/c.db.dumps/fill"
	failing
	equals "a full disk at the master is survived, too" 4 "$(value "status FROM catalog.executions WHERE execution_id = $id")"
	matches "and told" 'could not be stored: No space left on device' "$(cat "$work/messages")"
	equals "no half of a dump is kept" "" "$(find "$work/c.db.dumps" -name '*.mdmp')"
	umount -l "$work/c.db.dumps"
	at_end='so master stop >/dev/null 2>&1'
else
	skip "a full disk at the master" "needs root and a tmpfs"
fi

# --- the runtime alone: what the kernel and the account allow ---
mkdir "$work/project" "$work/d"
cp "$work/Flaky/Flaky.dtsx" "$work/project/x.dtsx"
printf '{"v":1,"execution_id":9,"attempt":1,"package":"x.dtsx","logging_level":1,"dump_on_error":true,"values":[],"overrides":[]}' >"$work/spec"
# task [COMMAND...]: its exit status in $code, warnings in $work/events
task() {
	rm -rf "$work/d"/* "$work/events"
	: >"$work/events"
	code=0
	"$@" "$SO_BUILD_DIR/scaleout-dtexec" --task --project-dir "$work/project" --dump-dir "$folder" 3<"$work/spec" 4>>"$work/events" 2>"$work/err" || code=$?
}
folder=$work/d
warnings() { grep -o 'The dump has no core[^"]*\|No dump could[^"]*' "$work/events"; }
task sh -c 'ulimit -c unlimited 2>/dev/null; exec "$@"' sh
expected=$code
if [ -z "$(warnings)" ]; then
	equals "core and text are there, under one name" 1 "$(find "$work/d" -name '*.mdmp' -size +0 | wc -l)"
	equals "and no core under the kernel's name" "" "$(find "$work/d" -name 'core*')"
	if [ "$(id -u)" = 0 ] && mkdir "$work/small" && mount -t tmpfs -o size=64k,mode=700 tmpfs "$work/small" 2>/dev/null; then
		folder=$work/small
		task sh -c 'ulimit -c unlimited 2>/dev/null; exec "$@"' sh
		equals "without room for the core the result is the same" "$expected" $code
		matches "and that is told" 'no core file: (it was cut off \(the disk is full|the kernel wrote none)' "$(warnings)"
		equals "nothing of the core is left" "" "$(find "$work/small" ! -name '*.tmp' -type f)"
		head -c 100000 /dev/zero >"$work/small/fill" 2>/dev/null
		task sh -c 'ulimit -c unlimited 2>/dev/null; exec "$@"' sh
		matches "not even room for the text is told as well" 'No dump could be written' "$(warnings)"
		equals "and harms nothing" "$expected" $code
		umount -l "$work/small"
	else
		skip "a full disk for dumps" "needs root and a tmpfs"
	fi
else
	skip "cores" "$(warnings)"
fi
folder=$work/d
task sh -c 'ulimit -Hc 0 && exec "$@"' sh
matches "an account that may write no cores is warned" 'may not write core files \(ulimit -Hc\)' "$(warnings)"
equals "and its package ends as ever" "$expected" $code
equals "the text is there" 1 "$(find "$work/d" -name '*.tmp' | wc -l)"
folder=/proc/nowhere
task env
matches "a folder that cannot be written to is told" 'No dump could be written' "$(warnings)"
equals "and the result is the same" "$expected" $code
folder=$work/d
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
	for pattern in '|/usr/lib/systemd/systemd-coredump %P' /var/crash/core.%p; do
		printf '%s\n' "$pattern" >"$work/pattern"
		task unshare -m sh -c 'mount --bind "$0" /proc/sys/kernel/core_pattern && exec "$@"' "$work/pattern"
		matches "a core_pattern of $pattern is told" "core_pattern sends cores elsewhere" "$(warnings)"
		equals "no copy is made for it" "" "$(find "$work/d" -type f ! -name '*.tmp')"
		equals "and the result is the same" "$expected" $code
	done
else
	skip "other core patterns" "needs root and mount namespaces"
fi
# Yama (kernel.yama.ptrace_scope) forbids looking into other processes; a package makes its dump itself.
for program in scaleout-worker scaleout-dtexec; do
	equals "$program needs no right to trace" "" "$(nm -D "$SO_BUILD_DIR/$program" | grep -E 'U (ptrace|process_vm_)')"
done
finish
