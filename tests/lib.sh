# Helpers for shell suites. Source it, call ok/not_ok/skip per case, then finish.
#
#   . "$SO_SOURCE_DIR/tests/lib.sh"
#   suite=test_x
#   check "name as a sentence" command args...     # passes when the command does
#   equals "name" "$expected" "$actual"
#   skip "name" "why"
#   finish
: "${SO_SOURCE_DIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${SO_BUILD_DIR:=$PWD}"
suite=$(basename "$0" .sh)
passed=0
failed=0
skipped=0
# Workers of tests that root runs serve as root; nobody's own ssh_config is read.
allow_root=
[ "$(id -u)" != 0 ] || allow_root=--allow-root
SCALEOUT_SSH_CONFIG=none
export SCALEOUT_SSH_CONFIG
work=$(mktemp -d "${TMPDIR:-/tmp}/scaleout-$suite.XXXXXX")
pids=
at_end=:

cleanup() {
	eval "$at_end"
	for pid in $pids; do
		kill "$pid" 2>/dev/null || true
	done
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

ok() {
	passed=$((passed + 1))
}

not_ok() {
	failed=$((failed + 1))
	echo "FAILED: $1"
	shift
	[ $# -eq 0 ] || printf '  %s\n' "$@"
	echo "  run alone: SO_SOURCE_DIR='$SO_SOURCE_DIR' SO_BUILD_DIR='$SO_BUILD_DIR' sh $0"
}

skip() {
	skipped=$((skipped + 1))
	echo "skipped: $1: $2"
}

check() {
	name=$1
	shift
	if "$@" >"$work/check.out" 2>&1; then
		ok
	else
		not_ok "$name" "command: $*" "exit status: $?" "$(tail -n 20 "$work/check.out")"
	fi
}

equals() {
	if [ "$2" = "$3" ]; then
		ok
	else
		not_ok "$1" "expected: $2" "actual:   $3"
	fi
}

# matches NAME PATTERN TEXT: extended regular expression found in the text.
matches() {
	if printf '%s\n' "$3" | grep -Eq -- "$2"; then
		ok
	else
		not_ok "$1" "expected to match: $2" "actual: $3"
	fi
}

# wait_for SECONDS COMMAND...: until it succeeds; fails after the deadline. SECONDS is what a quiet machine may
# take; a loaded one is given more (slack times that), which costs nothing as long as all is well.
slack=4
wait_for() {
	limit=$(($(date +%s) + slack * $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$(date +%s)" -lt "$limit" ] || return 1
		sleep 0.05
	done
}

# let_pass SECONDS: time in which something must not happen.
let_pass() {
	sleep "$1"
}

now_ms() { echo $(($(date +%s%N) / 1000000)); }

# How slow programs are here and now: a percentage, 100 for a quiet machine and a build without sanitizers.
slowness() {
	slow_from=$(now_ms)
	for _ in 1 2 3 4 5 6 7 8 9 10; do "$SO_BUILD_DIR/scaleout" --version >/dev/null; done
	slow=$(($(now_ms) - slow_from))
	[ $slow -gt 100 ] && echo $slow || echo 100
}

# within NAME MS COMMAND...: passes when the command does, and in time: MS is for a quiet machine, a slow one is given
# in proportion. For what is promised to users as a time; says how long it took (in $took).
within() {
	name=$1
	slow_before=$(slowness)
	shift
	within_ms=$1
	shift
	within_from=$(now_ms)
	"$@" >"$work/check.out" 2>&1
	within_status=$?
	took=$(($(now_ms) - within_from))
	slow_after=$(slowness)
	[ "$slow_before" -gt "$slow_after" ] || slow_before=$slow_after
	within_ms=$((within_ms * slow_before / 100))
	echo "$name: $took ms (at most $within_ms)"
	if [ $within_status = 0 ] && [ $took -le $within_ms ]; then
		ok
	else
		not_ok "$name" "command: $*" "exit status: $within_status" "took: $took ms of $within_ms" "$(tail -n 20 "$work/check.out")"
	fi
}

finish() {
	echo "$suite: $passed passed, $failed failed, $skipped skipped"
	[ "$failed" -eq 0 ] || exit 1
	[ "$passed" -gt 0 ] || [ "$skipped" -eq 0 ] || exit 77
	exit 0
}
