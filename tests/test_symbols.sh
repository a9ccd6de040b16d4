#!/bin/sh
# Rooms are static libraries: two functions of one name in two rooms clash only
# in the program that links both, and then silently or not. Every name that is
# not static is unique in the whole tree.
. "${SO_SOURCE_DIR:-$(dirname "$0")/..}/tests/lib.sh"
cd "$SO_BUILD_DIR" || exit 1
if ! command -v nm >/dev/null 2>&1; then
	skip "names are unique" "nm is not installed"
	finish
fi
found=0
for library in lib*.a; do
	[ "$library" != libharness.a ] || continue
	found=$((found + 1))
	nm -g --defined-only "$library" 2>/dev/null | awk -v lib="$library" 'NF == 3 && $2 ~ /[TDBRC]/ { print $3, lib }'
done | sort -u >"$work/names"
equals "there are libraries to look at" yes "$([ -s "$work/names" ] && echo yes)"
equals "no two rooms define the same name" "" \
	"$(awk '{ seen[$1] = seen[$1] " " $2; count[$1]++ } END { for (n in count) if (count[n] > 1) print n ":" seen[n] }' "$work/names")"
finish
