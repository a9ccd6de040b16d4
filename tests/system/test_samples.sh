#!/bin/sh
# The sample packages do what samples/README says, run unattended by scaleout-dtexec.
. "${SO_SOURCE_DIR:-$(dirname "$0")/../..}/tests/lib.sh"
HOME=$work/home
export HOME
mkdir "$HOME"
made=$HOME/scaleout-samples

# run PROJECT PACKAGE [OPTION...]: prints dtexec's exit status.
run() {
	project=$1
	package=$2
	shift 2
	timeout 30 "$SO_BUILD_DIR/scaleout-dtexec" /Project "$SO_BUILD_DIR/samples/$project.ispac" \
		/Package "$package.dtsx" /Reporting EW "$@" >"$work/out" 2>&1
	echo $?
}
count() { # FOLDER NAME: files of that name
	find "$1" -type f -name "$2" 2>/dev/null | wc -l | tr -d ' '
}

equals "package1 says its greeting" 0 "$(run project1 package1)"
equals "package2 succeeds" 0 "$(run project1 package2)"
equals "package2 fails when told to" 1 "$(run project1 package2 /Par '$Package::Fail(Boolean);True')"
equals "DoNothing succeeds" 0 "$(run Flaky DoNothing)"
equals "Sleep sleeps as long as told" 0 "$(run Flaky Sleep /Par '$Package::Seconds(Int32);0')"

equals "Flaky fails at the first try" 1 "$(run Flaky Flaky)"
equals "and leaves a marker" 1 "$(count "$made/flaky" '*.tried')"
equals "Flaky succeeds at the second try" 0 "$(run Flaky Flaky)"
equals "and takes the marker away" 0 "$(count "$made/flaky" '*.tried')"

equals "DailyReport succeeds" 0 "$(run DailyReport Report /Par '$Package::WarnDiskPercent(Int32);0')"
equals "and leaves a dated report" 1 "$(count "$made/reports" '*-20??-??-??.txt')"
check "the latest one is the same" sh -c 'cmp "$1"/*-latest.txt "$1"/*-20??-??-??.txt' - "$made/reports"
check "the report names the kernel" grep -q "$(uname -r)" "$made/reports/"*-latest.txt
check "nothing but dtexec's own lines is printed" sh -c '! grep -q Kernel: "$1"' - "$work/out"
equals "it does not warn at 0" 0 "$(count "$made/reports" warnings.txt)"

equals "LogCare makes and archives a demo log" 0 "$(run LogCare LogCare)"
equals "which is compressed under a dated name" 1 "$(count "$made/logs/archive" 'demo.log.*T*.gz')"
mkdir "$work/own logs"
echo one >"$work/own logs/a b.log"
echo two >"$work/own logs/keep.txt"
equals "LogCare takes a folder with blanks" 0 "$(run LogCare LogCare /Par "\$Project::LogFolder;$work/own logs")"
equals "and archives its logs" 1 "$(count "$work/own logs/archive" 'a b.log.*.gz')"
check "and nothing else" test -f "$work/own logs/keep.txt"
equals "LogCare fails when the folder cannot be made" 1 "$(run LogCare LogCare /Par "\$Project::LogFolder;$work/own logs/keep.txt/x")"
finish
