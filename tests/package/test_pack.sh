#!/bin/sh
# samples/pack: part names, order, and refusal of what is no project.
. "${SO_SOURCE_DIR:-$(dirname "$0")/../..}/tests/lib.sh"
pack=$SO_SOURCE_DIR/samples/pack

mkdir "$work/p"
: >"$work/p/Load (1) é%.dtsx"
: >"$work/p/db.conmgr"
: >"$work/p/Project.params"
: >"$work/p/@Project.manifest"
: >"$work/p/notes.txt"
check "a folder is packed" "$pack" "$work/p" "$work/p.ispac"
if command -v unzip >/dev/null; then
	equals "names are percent-encoded, the parts in the designer's order" \
		'Load%20(1)%20%C3%A9%25.dtsx db.conmgr Project.params @Project.manifest [Content_Types].xml' \
		"$(unzip -Z1 "$work/p.ispac" | tr '\n' ' ' | sed 's/ $//')"
	equals "each kind of part has a content type" 4 \
		"$(unzip -p "$work/p.ispac" '\[Content_Types\].xml' | grep -o 'Extension=' | wc -l | tr -d ' ')"
else
	skip "names are percent-encoded" "unzip is missing"
fi
cp "$work/p.ispac" "$work/first"
check "packing again gives the same bytes" sh -c '"$1" "$2/p" "$2/p.ispac" && cmp "$2/p.ispac" "$2/first"' - "$pack" "$work"
rm "$work/p/Project.params"
equals "a folder without Project.params is refused" "pack: $work/p has no Project.params" \
	"$("$pack" "$work/p" "$work/q.ispac" 2>&1)"
check "nothing is left of a refused one" test ! -e "$work/q.ispac"
finish
