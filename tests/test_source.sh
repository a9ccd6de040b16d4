#!/bin/sh
# What a reader may rely on in every file: a licence line, no banned words, no
# forgotten marks, ASCII spelling that codespell accepts, clean man pages.
. "${SO_SOURCE_DIR:-$(dirname "$0")/..}/tests/lib.sh"
cd "$SO_SOURCE_DIR" || exit 1
missing=$(find src tests bench -name '*.[ch]' | while read -r f; do
	head -n 1 "$f" | grep -q 'SPDX-License-Identifier: MIT' || echo "$f"
done)
equals "every C file begins with its licence line" "" "$missing"
equals "no XXX and no TODO without an issue number" "" \
	"$(grep -RnE '\b(XXX|FIXME|TODO)\b' src tests bench scripts --include='*.[ch]' | grep -vE 'TODO\(#[0-9]+\)')"
equals "no shell is started from C" "" "$(grep -RnE '\b(system|popen) *\(' src --include='*.c')"
if command -v codespell >/dev/null 2>&1; then
	check "codespell finds nothing" codespell -q 3 --skip='*.ispac,*.dtsx,./tests/fuzz/*' \
		-L 'tha,ser,trys,fo,ba,te,ot,nd,inout,wit,datas,numer,sie,ans,mis,hist,unx,fpr,iif,claus,strat,som,ue,hel,lod,ect,fle' src man doc README ARCHITECTURE.md
else
	skip "codespell finds nothing" "codespell is not installed"
fi
for page in man/*.[1-8]; do
	[ -e "$page" ] || continue
	if command -v mandoc >/dev/null 2>&1; then
		check "$page is clean mdoc" mandoc -T lint -W warning "$page"
	else
		skip "$page is clean mdoc" "mandoc is not installed"
	fi
done
finish
