#!/bin/sh
# A sensitive parameter's value is in no file, argument list, environment or log
# while its package runs and after it, nor in the bytes of the catalog.
: "${SO_SOURCE_DIR:=$(cd "$(dirname "$0")/../../.." && pwd)}"
. "$SO_SOURCE_DIR/tests/lib.sh"
. "$SO_SOURCE_DIR/tests/system/faults/lib.sh"
rig_start 1
canary=$(printf '%s%s' canary "$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')")
printf '%s' "$canary" >"$work/value"
id=$(run secret --set-file "\$Package::Key=$work/value" --worker w1)
rm "$work/value"
check "the package waits at the gate" wait_for 30 has_effect "$id-1 start"
printf '%s' "$canary" >"$work/pattern" # what is searched for comes from a file: grep itself must not show it
everywhere() {
	find "$work" -type f ! -name pattern -print | while read -r file; do
		grep -qaF -f "$work/pattern" "$file" 2>/dev/null && echo "$file"
		tr -d '\000' <"$file" | grep -qaF -f "$work/pattern" && echo "$file"
	done
	for pid in $(pgrep -f "$work") $(cookies_left); do
		for part in cmdline environ; do
			{ tr '\000' '\n' <"/proc/$pid/$part"; } 2>/dev/null | grep -qaF -f "$work/pattern" && echo "/proc/$pid/$part ($(cat "/proc/$pid/comm"))"
		done
	done
}
equals "while it runs, nothing shows the secret" "" "$(everywhere)"
kill_master
rig_master
wait_for 30 online
equals "after a kill of the master, nothing shows the secret" "" "$(everywhere)"
open_gate
check "the package ends" wait_for 30 has_status "$id" 7
equals "afterwards, nothing shows the secret" "" "$(everywhere)"
cp "$work/pattern" "$work/planted"
equals "the search finds what is there" "$work/planted" "$(everywhere | sort -u)"
rm "$work/planted"
outcome b4 "a sensitive parameter's value searched for in spool, catalog, logs, argv and environ|not found while the package ran, after a kill of the master, nor afterwards"
check_invariants "secrets"
finish
