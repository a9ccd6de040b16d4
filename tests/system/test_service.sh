#!/bin/sh
# The systemd units are ones that systemd takes, and confine the service.
. "${SO_SOURCE_DIR:-$(dirname "$0")/../..}/tests/lib.sh"
if ! command -v systemd-analyze >/dev/null 2>&1; then
	skip "the systemd units" "systemd-analyze is not installed"
	finish
fi
mkdir -p "$work/system"
unit=$work/system/scaleoutd.service
sed "s|^ExecStart=[^ ]*|ExecStart=$SO_BUILD_DIR/scaleoutd|; /^Documentation=/d" "$SO_BUILD_DIR/units/system/scaleoutd.service" >"$unit"
equals "the unit of the system is right" "" "$(systemd-analyze verify "$unit" 2>&1 | grep scaleoutd)"
# 0 is the safest, 10 no confinement at all.
if exposure=$(systemd-analyze security --offline=true "$unit" 2>/dev/null | sed -n 's/.*exposure level for scaleoutd.service: \([0-9.]*\).*/\1/p') && [ -n "$exposure" ]; then
	check "it confines the service (exposure $exposure)" test "${exposure%.*}" -lt 3
else
	skip "how well it confines" "this systemd-analyze cannot tell offline"
fi
for each in system user; do
	file=$SO_BUILD_DIR/units/$each/scaleoutd.service
	matches "the $each unit starts the installed master" '^ExecStart=/.*/scaleoutd --foreground' "$(cat "$file")"
	matches "the $each unit leaves what runs alone" '^KillMode=process$' "$(cat "$file")"
done
finish
