#!/bin/sh
# master start and stop, given twice, at once, and while a master is being
# started by somebody else: one master per catalog, and what is said is so.
. "${SO_SOURCE_DIR:-$(dirname "$0")/../..}/tests/lib.sh"
export HOME="$work/home" SCALEOUT_CATALOG="$work/c.db"
unset XDG_DATA_HOME XDG_STATE_HOME XDG_RUNTIME_DIR
mkdir -p "$HOME"
so() { "$SO_BUILD_DIR/scaleout" "$@"; }
at_end='so master stop >/dev/null 2>&1'
value() { so sql -h -1 -W -Q "SET NOCOUNT ON SELECT $1" | tr -d '\r\n'; }
masters() { pgrep -f "scaleoutd --catalog $work/c.db" | wc -l; }
# Its own pid is in the sentence.
pid_in() { sed -n 's/.*(process \([0-9]*\)).*/\1/p' "$1"; }
so init --quiet
so deploy "$SO_BUILD_DIR/samples/project1.ispac" S >/dev/null
so master stop >/dev/null

out=$(so master stop)
equals "that no master runs is no error" 0 $?
equals "and is said" "no master runs for this catalog" "$out"
so master start >"$work/one"
matches "start says what it did" '^the master \(process [0-9]+\) has been started$' "$(cat "$work/one")"
so master start >"$work/two"
matches "a second one, that it runs" '^the master \(process [0-9]+\) runs already$' "$(cat "$work/two")"
equals "it is the same" "$(pid_in "$work/one")" "$(pid_in "$work/two")"
equals "which holds the lock" "$(cat "$work/c.db.lock")" "$(pid_in "$work/one")"
matches "--json says the same" '^\{"pid": [0-9]+, "started": false\}$' "$(so master start --json)"
out=$(so master stop)
equals "stop says what it ended" "the master (process $(pid_in "$work/one")) has ended" "$out"
equals "and it has" 0 "$(masters)"
matches "--json says that there was none" '^\{"pid": 0, "ended": false\}$' "$(so master stop --json)"

so master start >/dev/null
for n in 1 2 3; do
	(so master stop >"$work/stop.$n" 2>&1; echo $? >"$work/status.$n") &
	eval "pid$n=$!"
done
wait "$pid1" "$pid2" "$pid3"
equals "three stops at once all end well" "000" "$(cat "$work"/status.[123] | tr -d '\n')"
matches "at least one says that it ended it" 'has ended' "$(cat "$work"/stop.[123])"
equals "and it has" 0 "$(masters)"

# Starting an execution starts a master without waiting for it.
script="DECLARE @id bigint EXEC SSISDB.catalog.create_execution @folder_name = N'S', @project_name = N'project1',
	@package_name = N'package1.dtsx', @execution_id = @id OUTPUT EXEC SSISDB.catalog.start_execution @id"
for turn in 1 2 3 4 5 6 7 8; do
	so sql -b -Q "$script" >/dev/null
	so master stop >"$work/out" 2>&1 || not_ok "turn $turn: a stop right after a start ends well" "$(cat "$work/out")"
	matches "turn $turn: it waits for the master that is coming" 'has ended' "$(cat "$work/out")"
	equals "turn $turn: none is left" 0 "$(masters)"
done
# --- many at once ---
for turn in 1 2 3; do
	for n in 1 2 3 4; do
		(so master start >"$work/start.$n" 2>&1; echo $? >"$work/status.$n") &
		eval "pid$n=$!"
	done
	wait "$pid1" "$pid2" "$pid3" "$pid4"
	equals "turn $turn: four starts at once all end well" "0000" "$(cat "$work"/status.[1234] | tr -d '\n')"
	equals "turn $turn: and name one master" 1 "$(cat "$work"/start.[1234] | sed 's/.*(process \([0-9]*\)).*/\1/' | sort -u | wc -l)"
	single() { [ "$(masters)" = 1 ]; }
	check "turn $turn: of which there is one" wait_for 10 single
	so master stop >/dev/null
done
before=$(value "COUNT(*) FROM catalog.executions")
shells=
for n in 0 1 2 3 4 5 6 7 8 9; do
	(so run S/project1/package1.dtsx --server --wait >"$work/run.$n" 2>&1; echo $? >"$work/ran.$n") &
	shells="$shells $!"
done
# shellcheck disable=SC2086
wait $shells
equals "ten shells that run something at once all succeed" "0000000000" "$(cat "$work"/ran.? | tr -d '\n')"
equals "ten executions ran" $((before + 10)) "$(value "COUNT(*) FROM catalog.executions")"
equals "each once" 10 "$(value "COUNT(*) FROM scaleout.execution_tries WHERE execution_id IN (SELECT TOP 10 execution_id FROM catalog.executions ORDER BY execution_id DESC)")"
check "by one master" wait_for 10 single

# One session nudges over one connection, and makes another when a master has taken the first with it. Only nudges
# are heard: the catalog is not looked at for a minute.
so master stop >/dev/null
export SCALEOUT_POLL=60s
so master start >/dev/null
executions() { # COUNT: T-SQL that starts one after the other has ended, and says how each did
	cat <<SQL
DECLARE @n int = $1, @until datetime2, @id bigint
WHILE @n > 0
BEGIN
	EXEC SSISDB.catalog.create_execution @folder_name = N'S', @project_name = N'project1', @package_name = N'package1.dtsx', @execution_id = @id OUTPUT
	EXEC SSISDB.catalog.start_execution @id
	SET @until = DATEADD(second, 40, SYSDATETIME())
	WHILE NOT EXISTS (SELECT 1 FROM SSISDB.catalog.executions WHERE execution_id = @id AND status = 7) AND SYSDATETIME() < @until
		WAITFOR DELAY '00:00:00.010'
	SELECT status FROM SSISDB.catalog.executions WHERE execution_id = @id
	SET @n = @n - 1
END
GO
SQL
}
mkfifo "$work/session"
before=$(value "COUNT(*) FROM catalog.executions WHERE status = 7")
so sql -b -h -1 -W <"$work/session" >"$work/nudged" 2>&1 &
session=$!
exec 9>"$work/session"
{ echo "SET NOCOUNT ON"; executions 3; } >&9
ended() { [ "$(value "COUNT(*) FROM catalog.executions WHERE status = 7")" = $((before + $1)) ]; }
check "each execution of a session starts at its nudge" wait_for 30 ended 3
kill -9 "$(cat "$work/c.db.lock")"
executions 2 >&9
exec 9>&-
wait "$session"
equals "also after the master was killed" "7 7 7 7 7" "$(xargs <"$work/nudged")"
check "by another one" single

# A master that dies with a nudge it has not read: stopped, it reads none.
die_unread() { # COUNT: once so many executions wait
	waiting() { [ "$(value "COUNT(*) FROM catalog.executions WHERE status = 5")" = "$1" ]; }
	check "the execution waits for a master that does not read" wait_for 10 waiting "$1"
	kill -9 "$(cat "$work/c.db.lock")"
}
kill -STOP "$(cat "$work/c.db.lock")"
executions 1 | so sql -b -h -1 -W >"$work/unread" 2>&1 &
session=$!
die_unread 1
wait "$session"
equals "a session that waits sees that nobody heard" 7 "$(grep -v rows "$work/unread" | xargs)"
before=$(value "COUNT(*) FROM catalog.executions WHERE status = 7")
kill -STOP "$(cat "$work/c.db.lock")"
so sql -b -Q "$script" >"$work/unread" 2>&1 &
session=$!
die_unread 1
wait "$session"
check "and so does one that ends" wait_for 30 ended 1
check "by a new one" single
finish
