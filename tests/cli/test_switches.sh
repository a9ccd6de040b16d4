#!/bin/sh
# Every switch and every in-script command of sqlcmd (spec/agent.md §3), one row each: it works or it is refused with a reason.
. "${SO_SOURCE_DIR:-$(dirname "$0")/../..}/tests/lib.sh"
export HOME="$work" XDG_DATA_HOME="$work/data" XDG_STATE_HOME="$work/state" SCALEOUT_CATALOG="$work/c.db" LC_ALL=C.UTF-8
unset SQLCMDCOLWIDTH SQLCMDINI SQLCMDHEADERS SQLCMDDBNAME
check "a catalog is made" "$SO_BUILD_DIR/scaleout" init
cd "$work" || exit 1
echo "PRINT 'one'" >1.sql
echo "PRINT 'two'" >2.sql
echo "PRINT '\$(A)\$(B)'" >v.sql
printf "PRINT 'in'\nRUN\nPRINT 'run'\n" >run.sql

# row STATUS PATTERN ARGUMENTS: the exit status and what the two outputs, as one line of words, must hold.
# Blanks inside an argument are written as ~.
row() {
	expected=$1
	pattern=$2
	set -f
	# shellcheck disable=SC2086
	set -- $3
	set +f
	for argument; do
		shift
		set -- "$@" "$(printf '%s' "$argument" | tr '~' ' ')"
	done
	"$SO_BUILD_DIR/scaleout" sql "$@" >row.out 2>&1 </dev/null
	status=$?
	equals "exit status of $*" "$expected" "$status"
	matches "output of $*" "$pattern" "$(cat row.out)"
}

# The table: status, pattern, arguments. One line per switch, in the order of the specification.
rows=0
while IFS='	' read -r status pattern arguments; do
	rows=$((rows + 1))
	row "$status" "$pattern" "$arguments"
done <<'END_OF_ROWS'
0	^x$	-S . -Q PRINT~'x'
0	^x$	-Stcp:localhost,1433 -Q PRINT~'x'
0	^x$	-S (LOCAL) -Q PRINT~'x'
2	-S is refused: .*--catalog$	-S elsewhere -Q PRINT~'x'
2	-U is refused: logins are	-U sa -Q PRINT~'x'
2	-P is refused: logins are	-Psecret -Q PRINT~'x'
0	^x$	-E -Q PRINT~'x'
0	^master$	-d master -h-1 -W -Q SET~NOCOUNT~ON~SELECT~DB_NAME()
0	^two$	-i 1.sql,2.sql
2	exclude one another	-i 1.sql -Q x
1	none.sql': Invalid filename	-i 1.sql,none.sql
0	^$	-Q PRINT~'x' -o o.txt
0	^b$	-Q PRINT~'a';PRINT~'b'
0	^x$	-q PRINT~'x'
0	^1x y$	-v A=1 B=x~y -i v.sql
0	^[$].A.[$].B.$	-x -i v.sql
1	Level 11	-b -Q RAISERROR('e',11,1)
0	^i$	-b -Q RAISERROR('i',10,1)
16	Level 16	-V 16 -Q RAISERROR('e',16,1)
0	Level 14	-b -V 16 -Q RAISERROR('e',14,1)
0	^$	-m 17 -Q RAISERROR('e',16,1)
0	Msg 50000, Level 5	-m-1 -Q RAISERROR('i',5,1)
0	Level 16	-r -Q RAISERROR('e',16,1)
0	^p$	-r1 -Q PRINT~'p'
2	none of its values	-r2 -Q PRINT~'p'
0	^ +1 *$	-h -1 -Q SET~NOCOUNT~ON~SELECT~1
0	^1;2$	-s ; -h -1 -W -Q SET~NOCOUNT~ON~SELECT~1,2
2	--trim and --max-width exclude	-W -y 5
2	--trim and --fixed-width exclude	-W -Y 5
2	--width	-w 8
0	^ +1 $	-w 12 -h -1 -Q SET~NOCOUNT~ON~SELECT~1,2
0	^abc$	-y 3 -h -1 -Q SET~NOCOUNT~ON~SELECT~CAST('abcdef'~AS~varchar(max))
0	^ab$	-Y 2 -h -1 -Q SET~NOCOUNT~ON~SELECT~CAST('abcdef'~AS~char(6))
1	Timeout expired	-b -t 1 -Q WAITFOR~DELAY~'00:01'
0	^5$	-l 5 -Q PRINT~'$(SQLCMDLOGINTIMEOUT)'
0	^PRINT 'x'	-e -Q PRINT~'x'
0	^b$	-I -W -h -1 -Q SET~NOCOUNT~ON~SELECT~name~AS~"n"~FROM~(SELECT~'b'~AS~name)~x
0	^run$	-c RUN -i run.sql
0	^x$	-N -C -Q PRINT~'x'
0	^ws$	-H ws -Q PRINT~'$(SQLCMDWORKSTATION)'
0	^512$	-a 512 -Q PRINT~'$(SQLCMDPACKETSIZE)'
2	--packet-size	-a 511 -Q PRINT~'x'
0	^x$	-K ReadOnly -Q PRINT~'x'
2	-K takes ReadOnly	-K Write -Q PRINT~'x'
0	^x$	-M -Q PRINT~'x'
2	-A is refused: a catalog is a file	-A
2	-G is refused: logins	-G
2	-g is refused: sensitive	-g
0	^x$	-f 65001 -Q PRINT~'x'
0	^x$	-f i:65001,o:65001 -Q PRINT~'x'
2	-f is refused: files are UTF-8	-f 850 -Q PRINT~'x'
2	-f is refused: files are UTF-8	-f i:65001,o:437 -Q PRINT~'x'
0	^$	-u -o u.txt -Q PRINT~N'ä'
2	-R is refused	-R
2	-j is refused	-j
0	^a  b$	-k -h -1 -W -Q SET~NOCOUNT~ON~SELECT~'a'+CHAR(9)+CHAR(9)+'b'
0	^a b$	-k2 -h -1 -W -Q SET~NOCOUNT~ON~SELECT~'a'+CHAR(9)+CHAR(9)+'b'
0	^Clock Time \(ms\.\): total +[0-9]+  avg +[0-9.]+ \([0-9.]+ xacts per sec\.\)$	-p -Q PRINT~'x'
0	^4096:1:[0-9]+:[0-9.]+:[0-9.]+$	-p1 -Q PRINT~'x'
2	--statistics: '2' is none of its values	-p2 -Q PRINT~'x'
2	-L is refused	-Lc
0	Warning: '!!' is disabled by -X	-X -Q !!ls
1	Error: '!!' is disabled by -X1	-X1 -Q !!ls
2	-z is refused: logins	-z x
2	-Z is refused: logins	-Z x
0	^usage: scaleout sql	-?
END_OF_ROWS
check "the whole table was read" test "$rows" -ge 65

equals "-u -o wrote UTF-16 with its mark" "ff fe e4 00 0a 00" "$(od -An -tx1 u.txt | xargs)"
equals "the environment names the database" master \
	"$(SQLCMDDBNAME=master "$SO_BUILD_DIR/scaleout" sql -h-1 -W -Q "SET NOCOUNT ON SELECT DB_NAME()")"
equals "but -d wins" SSISDB \
	"$(SQLCMDDBNAME=master "$SO_BUILD_DIR/scaleout" sql -d SSISDB -h-1 -W -Q "SET NOCOUNT ON SELECT DB_NAME()")"
equals "the environment sets the headings" 1 \
	"$(SQLCMDHEADERS=-1 "$SO_BUILD_DIR/scaleout" sql -W -Q "SET NOCOUNT ON SELECT 1" | wc -l | tr -d ' ')"

# Commands: status, pattern, lines with | for line ends.
rows=0
while IFS='	' read -r status pattern lines; do
	rows=$((rows + 1))
	printf '%s\n' "$lines" | tr '|' '\n' >c.sql
	"$SO_BUILD_DIR/scaleout" sql -b -W -h-1 -i c.sql >row.out 2>&1 </dev/null
	got=$?
	equals "exit status of $lines" "$status" "$got"
	matches "output of $lines" "$pattern" "$(tr '\n' '/' <row.out)"
done <<'END_OF_ROWS'
0	^x/x/$	PRINT 'x'|GO 2
0	^y/$	PRINT 'x'|RESET|PRINT 'y'
0	^y/$	PRINT 'x'|:reset|PRINT 'y'
1	ED needs a terminal	ED
1	no shell is started	!!ls
1	no shell is started	:!!ls
0	^x/$	PRINT 'x'|GO|QUIT|PRINT 'y'
0	^$	:exit
7	^x/7/$	PRINT 'x'|GO|EXIT(SET NOCOUNT ON SELECT 7 WHERE 1 = 0 UNION ALL SELECT 7)|PRINT 'y'
0	^one/$	:r 1.sql
0	^v w/$	:setvar name "v w"|PRINT '$(NAME)'
0	SQLCMDDBNAME = "SSISDB"/	:listvar
0	^PRINT 'x'/x/$	PRINT 'x'|:list
1	Invalid object	:error e.txt|:error stderr|SELECT * FROM nowhere
0	^b/$	:out f.txt|PRINT 'a'|GO|:out stdout|PRINT 'b'
0	^x/$	:perftrace p.txt|PRINT 'x'
0	^x/0/$	DECLARE @t int|GO|BEGIN TRAN|PRINT 'x'|GO|:connect .|PRINT @@TRANCOUNT
1	':connect elsewhere' is not supported	:connect elsewhere -l 3
1	takes no -U and -P	:connect . -U sa
0	^x/$	:on error ignore|PRINT 'x'
1	Level 16	:on error exit|RAISERROR('e', 16, 1)|GO|PRINT 'y'
1	':serverlist' is not supported	:serverlist
0	^$	:xml off
1	there is no FOR XML	:xml on
0	:setvar NAME	:help
1	Unknown command ':nothing'	:nothing
81	Msg 50001	BEGIN TRY THROW 50001, 'e', 127 END TRY BEGIN CATCH THROW END CATCH
END_OF_ROWS
check "the whole table of commands was read" test "$rows" -ge 27
finish
