#!/bin/sh
# The README's first command, without a terminal: scripts/quickstart --batch
# with programs that are built already, twice, with a HOME of its own.
. "${SO_SOURCE_DIR:-$(dirname "$0")/../..}/tests/lib.sh"
export HOME="$work/home" SCALEOUT_DEMO="$work/home/demo" SCALEOUT_BUILD="$SO_BUILD_DIR"
unset XDG_DATA_HOME XDG_STATE_HOME XDG_RUNTIME_DIR SCALEOUT_CATALOG
mkdir -p "$HOME"
quickstart() {
	timeout 240 "$SO_SOURCE_DIR/scripts/quickstart" "$@"
}
at_end='quickstart --stop >/dev/null 2>&1'

[ -x /usr/sbin/sshd ] || command -v sshd >/dev/null || {
	skip "quickstart --batch" "openssh-server is not installed"
	finish
}
for turn in first second; do
	if quickstart --batch >"$work/out" 2>"$work/err"; then
		ok
	else
		not_ok "quickstart --batch succeeds the $turn time" "exit status $?" "$(tail -n 40 "$work/err")" "$(cat "$work/out")"
	fi
	matches "the $turn time prints the executions" '^ *ID +Status ' "$(cat "$work/out")"
	equals "one was meant to fail and did, the $turn time" 1 "$(grep -c ' failed ' "$work/out")"
	matches "one succeeded at its second try, the $turn time" ' succeeded .* Flaky.dtsx .* 2 ' "$(cat "$work/out")"
done
equals "nothing is left running" "" "$(pgrep -f "$work/home/demo" || true)"
equals "the user's .ssh was not touched" "no" "$([ -e "$HOME/.ssh" ] && echo yes || echo no)"
finish
