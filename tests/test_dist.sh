#!/bin/sh
# The tarball holds every file of the repository: one that no local.mk names is
# found here and not by those who build from a release.
. "${SO_SOURCE_DIR:-$(dirname "$0")/..}/tests/lib.sh"
tracked() { git -C "$SO_SOURCE_DIR" -c safe.directory='*' ls-files 2>/dev/null; }
if [ -z "$(tracked)" ]; then
	skip "the tarball is whole" "this is no clone of the repository, or git is not installed"
	finish
fi
# What stands in the variables of make, by its path from the top; a folder stands for what is in it.
(unset MAKEFLAGS MFLAGS MAKELEVEL && make -s --no-print-directory -C "$SO_BUILD_DIR" list-dist) >"$work/packed"
check "the list of what is packed can be had" grep -qx 'src/main_scaleout.c' "$work/packed"
equals "every file is in the tarball" "" "$(tracked | awk '
	NR == FNR { packed[$0] = 1; next }
	/^\./ { next } # of the repository itself
	{
		for (path = $0; !(path in packed) && sub("/[^/]*$", "", path);)
			;
		if (!(path in packed))
			print
	}' "$work/packed" -)"
finish
