#!/bin/sh
# The layer rule of ARCHITECTURE.md §3: which rooms a room may include. One
# line per room below; main_*.c may see everything. Also: outside libraries
# stay in the rooms that own them.
. "${SO_SOURCE_DIR:-$(dirname "$0")/..}/tests/lib.sh"
cd "$SO_SOURCE_DIR" || exit 1

# room: rooms it may include
rules='
base:
tsql: base
package: base
catalog: base tsql package
agent: base tsql catalog
exec: base catalog package
runtime: base package
tui: base tsql
cli: base tsql package
'
# header: the only rooms (or files) that may include it
owners='
libssh2: src/exec/transport_ssh src/exec/ssh_methods
cdk/: src/tui/ui_cdk src/tui/cdk_utf8_shim
curses: src/tui/
sqlite3.h: src/tsql/ src/catalog/
openssl/: src/tsql/functions_hash src/catalog/ src/exec/ src/package/protect
sha2.h: src/exec/worker/
expat.h: src/package/xml
minizip/: src/package/ispac
uv.h: src/exec/
histedit.h: src/cli/sql_prompt
'

printf '%s\n' "$rules" | while IFS=: read -r room allowed; do
	[ -n "$room" ] || continue
	bad=$(grep -RnoE '#include "(base|tsql|package|catalog|agent|exec|runtime|tui|cli)/[^"]*"' "src/$room" |
		grep -vE "\"($room$(for a in $allowed; do printf '|%s' "$a"; done))/")
	# The console and the command line see the language's client side only.
	case $room in
	tui | cli) bad="$bad$(grep -RnoE '#include "tsql/[^"]*"' "src/$room" | grep -vE '"tsql/(client|value|split)\.h"')" ;;
	exec) bad="$bad$(grep -RnE '#include "catalog/' src/exec/worker src/exec/transport* src/exec/protocol* 2>/dev/null)" ;;
	esac
	echo "$room|$bad"
done >"$work/rooms"
while IFS='|' read -r room bad; do
	equals "src/$room includes only the rooms it may use" "" "$bad"
done <"$work/rooms"

printf '%s\n' "$owners" | while IFS=: read -r header allowed; do
	[ -n "$header" ] || continue
	pattern=$(printf '%s' "$allowed" | sed 's/^ *//; s/ /|/g')
	echo "$header|$(grep -RnE "#include <[^>]*$header" src --include='*.[ch]' | grep -vE "^($pattern|src/main_)" | tr '\n' ' ')"
done >"$work/owners"
while IFS='|' read -r header bad; do
	equals "only its owner includes $header" "" "$bad"
done <"$work/owners"
finish
