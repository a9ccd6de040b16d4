#!/bin/sh
# scaleout sql with sqlcmd's switches and commands, against a real catalog.
. "${SO_SOURCE_DIR:-$(dirname "$0")/../..}/tests/lib.sh"
export HOME="$work" XDG_DATA_HOME="$work/data" XDG_STATE_HOME="$work/state" SCALEOUT_CATALOG="$work/c.db"
unset SQLCMDCOLWIDTH SQLCMDINI SQLCMDHEADERS
sql() {
	"$SO_BUILD_DIR/scaleout" sql "$@"
}
# status_of ARGUMENTS...: exit status; output in $work/out and $work/err.
status_of() {
	sql "$@" >"$work/out" 2>"$work/err" </dev/null
	echo $?
}
check "a catalog is made" "$SO_BUILD_DIR/scaleout" init

# Printing.
blank=' '
equals "columns are as wide as their types, numbers to the right" \
	"n           f                        t     b${blank}${blank}
----------- ------------------------ ----- ---
          1                      1.5 ab      1

(1 rows affected)" "$(sql -Q "SELECT 1 AS n, CAST(1.5 AS float) AS f, CAST('ab' AS varchar(5)) AS t, CAST(1 AS bit) AS b")"
equals "NULL is a word, on the side of its type" "       NULL NULL " \
	"$(sql -h -1 -Q "SET NOCOUNT ON SELECT CAST(NULL AS int), CAST(NULL AS varchar(5))")"
equals "decimals have no zero before the point" "0.5|.50|-.2500" \
	"$(sql -h-1 -W -s '|' -Q "SET NOCOUNT ON SELECT CAST(0.5 AS float), CAST(0.5 AS decimal(4,2)), CAST(-0.25 AS money)")"
equals "dates and times have their fractions" "2026-01-02|2026-01-02 03:04:05.120|2026-01-02 03:04:05.1200000" \
	"$(sql -h-1 -W -s '|' -Q "SET NOCOUNT ON SELECT CAST('2026-01-02' AS date), CAST('2026-01-02 03:04:05.12' AS datetime), CAST('2026-01-02 03:04:05.12' AS datetime2)")"
equals "-s and -W make plain columns" "a,b
-,-
1,x

(1 rows affected)" "$(sql -s , -W -Q "SELECT 1 AS a, 'x ' AS b")"
equals "-w breaks between columns" "          1 |          2" "$(sql -h-1 -w 12 -Q "SET NOCOUNT ON SELECT 1, 2" | paste -sd'|')"
equals "-y cuts the large types" "abc" "$(sql -h-1 -y 3 -Q "SET NOCOUNT ON SELECT CAST('abcdef' AS nvarchar(max))")"
equals "-y 0 shows them whole and without headings" 400 \
	"$(sql -y 0 -Q "SET NOCOUNT ON SELECT CAST(REPLICATE(N'x', 400) AS nvarchar(max))" | tr -d '\n' | wc -c | tr -d ' ')"
equals "-Y cuts the fixed ones" "ab" "$(sql -h-1 -Y 2 -Q "SET NOCOUNT ON SELECT CAST('abcdef' AS varchar(10))")"
equals "-h repeats the headings" 3 "$(sql -h 2 -Q "SELECT column_id AS heading FROM sys.columns WHERE object_id = 1006" | grep -c heading)"
equals "-k replaces control characters" "a  b" "$(sql -h-1 -W -k -Q "SET NOCOUNT ON SELECT N'a' + CHAR(9) + CHAR(10) + N'b'")"
equals "-k2 makes one blank of several" "a b" "$(sql -h-1 -W -k2 -Q "SET NOCOUNT ON SELECT N'a' + CHAR(9) + CHAR(10) + N'b'")"
equals "a blank line parts results without counts" "1||2" "$(sql -h-1 -W -Q "SET NOCOUNT ON SELECT 1 SELECT 2" | paste -sd'|')"
equals "-e shows the batch first" "PRINT 'x'|x" "$(sql -e -Q "PRINT 'x'" | paste -sd'|')"

# Messages.
equals "-r sends errors to the standard error" 0 "$(status_of -r -Q "PRINT 'p' RAISERROR('e', 16, 1)")"
equals "and leaves PRINT" p "$(cat "$work/out")"
matches "the error is there" '^e$' "$(cat "$work/err")"
equals "-r1 sends PRINT too" 0 "$(status_of -r1 -Q "PRINT 'p'")"
equals "so nothing is left" "" "$(cat "$work/out")"
equals "-m hides what is less severe" "" "$(sql -m 17 -Q "RAISERROR('e', 16, 1)")"
matches "-m-1 shows numbers of information" '^Msg 50000, Level 5, State 1' "$(sql -m-1 -Q "RAISERROR('i', 5, 1)")"

# Exit statuses.
equals "-b ends with 1" 1 "$(status_of -b -Q "RAISERROR('e', 11, 1)")"
equals "-b lets information pass" 0 "$(status_of -b -Q "RAISERROR('i', 10, 1)")"
equals "-V gives the severity" 14 "$(status_of -V 14 -Q "RAISERROR('e', 14, 1)")"
equals "-V lets less pass" 0 "$(status_of -b -V 15 -Q "RAISERROR('e', 14, 1)")"
equals "EXIT gives the value of its query" 42 "$(status_of -Q "EXIT(SELECT 1 UNION ALL SELECT 42)")"
equals "-101 without a row" 155 "$(status_of -Q "EXIT(SELECT name FROM catalog.folders)")"
equals "-102 when it is no number" 154 "$(status_of -Q "EXIT(SELECT 'x')")"
equals "-100 after an error" 156 "$(status_of -Q "EXIT(SELECT * FROM nowhere)")"
equals "state 127 gives the number's low byte" "$((50001 % 256))" \
	"$(status_of -Q "BEGIN TRY THROW 50001, 'x', 127 END TRY BEGIN CATCH THROW END CATCH
GO
PRINT 'not reached'")"
equals "and ends the script" 0 "$(grep -c reached "$work/out")"

# Input.
printf 'PRINT N'\''one'\''\nGO\n' >"$work/1.sql"
printf '\357\273\277PRINT N'\''t\303\274'\''' >"$work/2.sql"
printf '\377\376P\0R\0I\0N\0T\0 \0N\0'\''\0\344\0'\''\0' >"$work/3.sql"
equals "-i takes several files and encodings" "one|tü|ä" "$(sql -i "$work/1.sql,$work/2.sql" -i "$work/3.sql" | paste -sd'|')"
equals "a missing file stops before any runs" 1 "$(status_of -i "$work/1.sql,$work/none.sql")"
equals "nothing was printed" "" "$(cat "$work/out")"
matches "it is named" "none.sql': Invalid filename" "$(cat "$work/err")"
equals "-q goes on with standard input" "q|more" "$(printf "PRINT 'more'\n" | sql -q "PRINT 'q'" | paste -sd'|')"
equals "-o writes a file" "one" "$(sql -o "$work/o" -i "$work/1.sql" && cat "$work/o")"
equals "a start-up script runs first" "one|x" "$(SQLCMDINI="$work/1.sql" sql -Q "PRINT 'x'" | paste -sd'|')"
equals "-X leaves it out" "x" "$(SQLCMDINI="$work/1.sql" sql -X -Q "PRINT 'x'")"
equals "-c ends batches with another word" "a|b" "$(printf "PRINT 'a'\nRUN\nPRINT 'b'\n" | sql -c RUN | paste -sd'|')"
equals "-t stops a batch that takes too long" 1 "$(status_of -b -t 1 -Q "WAITFOR DELAY '00:01:00'")"
matches "and says so" 'Timeout expired' "$(cat "$work/err")"
equals "-d names the database" 1 "$(status_of -d nowhere -Q "PRINT 'x'")"

# Variables and commands.
equals "-v sets several, and :setvar wins" "1 x y z" \
	"$(printf ':setvar C z\nPRINT '\''$(A) $(b) $(C)'\''\n' | sql -v A=1 B="x y" -v C=c)"
equals "the environment comes last" "outer" "$(WORD=outer sql -Q "PRINT '\$(Word)'")"
equals "-x leaves references alone" '$(A)' "$(sql -x -v A=1 -Q "PRINT '\$(A)'")"
equals "an unknown variable with -b is an error" 1 "$(status_of -b -Q "PRINT '\$(nothing)'")"
equals "as sqlcmd says it" "'nothing' scripting variable not defined." "$(cat "$work/err")"
cat >"$work/all.sql" <<'END'
:setvar dir here
:out $(dir).txt
PRINT 'to the file'
:r sub.sql
GO 2
:out stdout
:error errors.txt
SELECT * FROM nowhere
GO
:on error exit
PRINT 'last'
GO
RAISERROR('end', 16, 1)
GO
PRINT 'not reached'
END
echo "PRINT 'from sub'" >"$work/sub.sql"
equals "a script with every kind of command ends with 1" 1 "$(cd "$work" && status_of -i all.sql)"
equals "what went to the file" "to the file|from sub|to the file|from sub" "$(paste -sd'|' "$work/here.txt")"
matches "what went to the errors" "Invalid object name 'nowhere'" "$(cat "$work/errors.txt")"
equals "what went to the output" "last" "$(cat "$work/out")"
matches ":listvar shows settings" '^SQLCMDCOLWIDTH = "80"$' "$(printf ':listvar\n' | sql)"
matches ":help lists the commands" '^:setvar NAME' "$(printf ':help\n' | sql)"
equals ":setvar changes a setting" "ab" \
	"$(printf ':setvar SQLCMDMAXFIXEDTYPEWIDTH 2\n:setvar SQLCMDHEADERS -1\nSET NOCOUNT ON SELECT CAST('\''abc'\'' AS char(3))\n' | sql)"

# The dictionary, which completion reads.
equals "sys.objects has views and procedures" "create_folder P |folders V " "$(sql -h-1 -s ' ' -Q "SET NOCOUNT ON SELECT CAST(o.name AS varchar(13)), o.type FROM sys.objects AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id WHERE s.name = 'catalog' AND o.name IN ('folders', 'create_folder') ORDER BY o.name" | tr -s ' ' | paste -sd'|')"
equals "sys.columns has a view's columns in order" "folder_id bigint|name nvarchar(128)" "$(sql -h-1 -W -Q "SET NOCOUNT ON SELECT TOP 2 c.name, c.type_name FROM sys.columns AS c JOIN sys.views AS v ON v.object_id = c.object_id WHERE v.name = 'folders' ORDER BY c.column_id" | paste -sd'|')"
equals "sys.parameters has a procedure's parameters" "@folder_name 0|@folder_id 1" "$(sql -h-1 -W -Q "SET NOCOUNT ON SELECT p.name, p.is_output FROM sys.parameters AS p JOIN sys.procedures AS o ON o.object_id = p.object_id WHERE o.name = 'create_folder' ORDER BY p.parameter_id" | paste -sd'|')"

# What is refused.
for switch in -S -U -P -G -A -R -j; do
	equals "$switch is refused" 2 "$(status_of $switch secret -Q "PRINT 1")"
	matches "with a reason" "^scaleout sql: $switch is refused: .+" "$(cat "$work/err")"
	equals "and without its value" 0 "$(grep -c secret "$work/err")"
done
for pair in "-i x -Q y" "-W -y 3" "-h -2" "-w 8" "-k3" "-v x" "-v 1=2" "-V 30"; do
	# shellcheck disable=SC2086
	equals "$pair is wrong usage" 2 "$(status_of $pair)"
done
matches "!! is refused" "no shell is started" "$(printf '!!ls\n' | sql 2>&1)"
equals "and is an error with -b" 1 "$(status_of -b -Q '!!ls')"
equals "-? shows the help" 0 "$(status_of '-?')"
finish
