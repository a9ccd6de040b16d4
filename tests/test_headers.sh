#!/bin/sh
# Every header compiles alone, so that it can be read alone.
. "${SO_SOURCE_DIR:-$(dirname "$0")/..}/tests/lib.sh"
cd "$SO_SOURCE_DIR" || exit 1
for header in $(find src -name '*.h' | sort); do
	printf '#include "%s"\n' "${header#src/}" >"$work/one.c"
	check "$header compiles alone" ${CC:-cc} -std=gnu11 -fsyntax-only -I"$SO_BUILD_DIR" -Isrc \
		-include config.h "$work/one.c"
done
finish
