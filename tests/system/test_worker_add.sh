#!/bin/sh
# worker add and upgrade as an admin meets them: questions answered in a real
# terminal (tmux), machines that cannot run our programs, homes without room,
# and the way back to an older version. The account has a home of its own.
. "${SO_SOURCE_DIR:-$(dirname "$0")/../..}/tests/lib.sh"
. "$SO_SOURCE_DIR/tests/system/lib_sshd.sh"
. "$SO_SOURCE_DIR/tests/system/lib_effects.sh"
unset SSH_AUTH_SOCK TMUX
if ! sshd_available || ! command -v tmux >/dev/null || ! command -v zip >/dev/null; then
	skip "adding workers" "sshd, tmux or zip is not installed"
	finish
fi
XDG_STATE_HOME=$work/state
export XDG_STATE_HOME
home=$work/home
lib=$home/.local/lib/scaleout
version=$("$SO_BUILD_DIR/scaleout-worker" --version | cut -d' ' -f2)
: >"$effects_file"
terminal=0
mux() { tmux -f /dev/null -S "$work/tmux$terminal" "$@"; }
at_end='mux kill-server >/dev/null 2>&1; umount -l "$work/small" 2>/dev/null; effects_teardown'
mkdir -p "$home" "$work/fake" "$work/small"
sshd_start "$work/sshd" "SetEnv HOME=$home XDG_STATE_HOME=$home/state PATH=$work/fake:/usr/bin:/bin" && so init --quiet ||
	{ not_ok "the sshd and the catalog are set up"; finish; }
registered() { value "COUNT(*) FROM scaleout.workers WHERE DisplayName = '$1'"; }
plain() { printf '%s' "$1" | sed 's/[+.]/./g'; }

# --- questions in a terminal ---
# ask NAME ARGS...: runs "worker add NAME" in a new window; "ended N" is its last line.
ask() {
	name=$1
	shift
	cat >"$work/ask" <<SH
trap : INT
exec 2>&1
'$SO_BUILD_DIR/scaleout' --catalog '$work/c.db' worker add $name --host 127.0.0.1 --port $SSHD_PORT --user $(id -un) $allow_root $*
status=\$?
case \$(stty -a) in *' -echo '*) echo "the terminal is left without echo" ;; esac
echo "ended \$status"
read -r end
SH
	mux kill-server >/dev/null 2>&1
	terminal=$((terminal + 1)) # a server that is ending would take the new session with it
	mux new-session -d -s add -x 200 -y 40 "sh '$work/ask'"
}
screen() { mux capture-pane -p -t add; }
shows() { screen | grep -Eq -- "$1"; }
seen_times() { [ "$(screen | grep -cE -- "$1")" = "$2" ]; }
see() {
	if wait_for 20 shows "$2"; then
		ok
	else
		not_ok "$1" "expected on the screen: $2" "$(screen)"
	fi
}
type_line() {
	[ -z "$1" ] || mux send-keys -t add -l "$1"
	mux send-keys -t add Enter
}
# What is secret is not typed through an argument list of ours either.
type_file() { mux load-buffer "$1" && mux paste-buffer -t add && mux send-keys -t add Enter; }

ask a1 --identity "$SSHD_KEY"
see "the fingerprint is shown" "The host key of 127.0.0.1 port $SSHD_PORT is ssh-ed25519 $(plain "$SSHD_FINGERPRINT")"
see "and a question is asked" 'Is it the right machine\? \[yes/no\]'
type_line no
see "no ends it" 'ended 1'
matches "and says that nothing was accepted" 'the host key was not accepted' "$(screen)"
equals "nothing is registered then" 0 "$(registered a1)"
ask a1 --identity "$SSHD_KEY"
see "the question comes" 'right machine'
type_line "who knows what to say to a question of this kind"
see "what is neither is asked again" 'Please type yes or no:'
type_line ""
check "an empty line too" wait_for 10 seen_times 'Please type yes or no' 2
type_line "yes please"
see "the third wrong answer is a no" 'ended 1'
equals "and registers nothing" 0 "$(registered a1)"
ask a1 --identity "$SSHD_KEY"
see "the question comes" 'right machine'
mux send-keys -t add C-d
see "an end of input is a no" 'ended 1'
equals "nothing was sent to the machine" "" "$(find "$home" -mindepth 1 | head -n 1)"
ask a1 --identity "$SSHD_KEY"
see "the question comes" 'right machine'
type_line maybe
see "it is asked again" 'Please type yes or no:'
type_line yes
see "a yes adds the machine" 'ended 0'
matches "and says so" 'registered worker a1' "$(screen)"
equals "with the key that was shown" "$SSHD_HOST_KEY" \
	"$(so sql -h -1 -W -Q "SET NOCOUNT ON SELECT HostKeys FROM scaleout.workers WHERE DisplayName = 'a1'")"

# --- a passphrase that is typed ---
canary=$(printf '%s %s' canary "$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')")
printf '%s' "$canary" >"$work/pattern"
printf 'not the right one' >"$work/wrong"
cp "$SSHD_KEY" "$work/locked"
ssh-keygen -q -p -P '' -N "$canary" -f "$work/locked" >/dev/null
everywhere() {
	find "$work" -type f ! -name pattern -exec grep -laF -f "$work/pattern" {} +
	for pid in $(pgrep -f "$work"); do
		{ cat "/proc/$pid/cmdline" "/proc/$pid/environ"; } 2>/dev/null | grep -qaF -f "$work/pattern" && echo "process $pid"
	done
}
ask p1 --identity "$work/locked" --fingerprint "$SSHD_FINGERPRINT"
see "the passphrase is asked for" "Passphrase of $work/locked:"
type_file "$work/wrong"
see "a wrong one is told before the machine is spoken to" 'does not open it; please try again'
check "and asked for again" wait_for 10 seen_times 'Passphrase of' 2
type_file "$work/pattern"
see "the right one adds the worker" 'ended 0'
matches "it is registered" 'registered worker p1' "$(screen)"
equals "what was typed was not shown" "" "$(screen | grep -E 'canary|not the right')"
equals "the terminal echoes again" "" "$(screen | grep 'without echo')"
equals "the passphrase is in no file, argument list or environment" "" "$(everywhere)"
cp "$work/pattern" "$work/planted"
equals "the search finds what is there" "$work/planted" "$(everywhere)"
rm "$work/planted"
connections() { grep -c 'Connection from' "$work/sshd/log"; }
before=$(connections)
ask p2 --identity "$work/locked" --fingerprint "$SSHD_FINGERPRINT"
for try in 1 2 3; do
	check "try $try is asked for" wait_for 10 seen_times 'Passphrase of' $try
	type_file "$work/wrong"
done
see "three wrong ones end it" 'ended 1'
matches "and the file is named" "the passphrase does not open the identity file $work/locked" "$(screen)"
equals "nothing was registered, no login was tried" "0 $before" "$(registered p2) $(connections)"
ask p2 --identity "$work/locked" --fingerprint "$SSHD_FINGERPRINT"
see "the passphrase is asked for" 'Passphrase of'
mux send-keys -t add C-c
see "an interrupt while it is typed leaves the terminal with its echo" 'ended 130'
equals "it does" "" "$(screen | grep 'without echo')"
mux kill-server
matches "a wrong passphrase in a file is told at once" "does not open the identity file" \
	"$(so worker add p2 --host 127.0.0.1 --port "$SSHD_PORT" --identity "$work/locked" --passphrase "$work/wrong" --accept-host-key $allow_root 2>&1)"
if command -v ssh-agent >/dev/null; then
	eval "$(ssh-agent -a "$work/agent.sock")" >/dev/null
	pids="$pids $SSH_AGENT_PID"
	ssh-add -q "$SSHD_KEY" 2>/dev/null
	ask p3 --identity "$work/locked" --fingerprint "$SSHD_FINGERPRINT"
	see "what ssh-agent holds is not asked for" 'ended 0'
	equals "no passphrase was wanted" "" "$(screen | grep Passphrase)"
	ssh-add -q -D 2>/dev/null
	ask p4 --identity "$work/locked" --fingerprint "$SSHD_FINGERPRINT"
	see "what the agent does not hold is" 'Passphrase of'
	mux kill-server
	unset SSH_AUTH_SOCK SSH_AGENT_PID
else
	skip "keys of ssh-agent" "ssh-agent is not installed"
fi

# --- machines that cannot run our programs ---
rm -rf "$lib"
add() { so worker add "$@" --host 127.0.0.1 --port "$SSHD_PORT" --user "$(id -un)" --identity "$SSHD_KEY" --fingerprint "$SSHD_FINGERPRINT" $allow_root; }
# fake PROGRAM TEXT-OF-SCRIPT: what the login shell finds first on its path.
fake() {
	printf '#!/bin/sh\n%s\n' "$2" >"$work/fake/$1"
	chmod 755 "$work/fake/$1"
}
# refuses NAME PATTERN: worker add fails so, registers nothing and leaves nothing there.
refuses() {
	out=$(add bad 2>&1) && not_ok "$1: worker add fails" "$out"
	matches "$1 is refused" "$2" "$out"
	equals "$1: nothing is registered or left" "0" "$(registered bad)$(find "$lib" -mindepth 1 2>/dev/null | head -n 3)"
	rm -f "$work/fake/"*
}
fake uname 'case $1 in -m) echo aarch64 ;; *) exec /usr/bin/uname "$@" ;; esac'
refuses "another architecture" "another architecture: there aarch64, here $(uname -m)"
matches "the remedy is the package for it" 'install the package scaleout-worker made for that system' "$out"
fake uname 'case $1 in -s) echo FreeBSD ;; *) exec /usr/bin/uname "$@" ;; esac'
refuses "another system" "another system: there FreeBSD, here Linux"
fake getconf 'echo glibc 2.17'
refuses "too old a C library" "C library is too old: there glibc 2.17, here glibc 2.[0-9]+ or newer"
fake getconf 'exit 1'
fake ldd 'echo "musl libc (x86_64)" >&2; exit 1'
refuses "another C library" "has another C library: there musl libc"
fake sha256sum 'exec false'
refuses "a copy that arrives broken" "what arrived is not what was sent"
# The same programs, asking for a library that nobody has.
mkdir "$work/other"
for program in scaleout scaleout-worker scaleout-dtexec; do
	LC_ALL=C sed 's/libjansson\.so\.4/libjansson.so.9/g' "$SO_BUILD_DIR/$program" >"$work/other/$program"
	chmod 755 "$work/other/$program"
done
cp "$SO_BUILD_DIR/scaleout" "$work/other/scaleout"
out=$("$work/other/scaleout" --catalog "$work/c.db" worker add bad --host 127.0.0.1 --port "$SSHD_PORT" --identity "$SSHD_KEY" \
	--fingerprint "$SSHD_FINGERPRINT" $allow_root 2>&1)
matches "a missing library is named" 'what was copied does not run there' "$out"
matches "with Debian's package" 'install the package libjansson4 there \(apt-get install libjansson4\)' "$out"
equals "nothing half copied is left" "0" "$(registered bad)$(find "$lib" -mindepth 1 2>/dev/null | head -n 3)"

# --- no room ---
effects_project >"$work/deploy.log" 2>&1
# Room for five times what is copied: an installed version, and three times another.
room=$(($(cat "$SO_BUILD_DIR/scaleout-worker" "$SO_BUILD_DIR/scaleout-dtexec" | wc -c) * 5))
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=$room,mode=700 tmpfs "$work/small" 2>/dev/null; then
	sshd_stop
	sshd_start "$work/sshd" "SetEnv HOME=$work/small XDG_STATE_HOME=$home/state PATH=$work/fake:/usr/bin:/bin" || not_ok "the sshd starts again"
	matches "a worker is added where there is room" 'registered worker s1' "$(add s1 --enable 2>&1)"
	so master start
	online() { [ "$(value "CONVERT(int, IsOnline) FROM scaleout.workers WHERE DisplayName = 's1'")" = 1 ]; }
	check "it comes online" wait_for 20 online
	small=$work/small/.local/lib/scaleout
	# Other bytes of the same version have to go beside it.
	for program in scaleout scaleout-worker scaleout-dtexec; do
		cp "$SO_BUILD_DIR/$program" "$work/other/$program"
		[ $program = scaleout ] || echo changed >>"$work/other/$program"
	done
	upgrade() { "$work/other/scaleout" --catalog "$work/c.db" worker upgrade s1 2>&1; }
	head -c "$room" /dev/zero >"$work/small/fill" 2>/dev/null
	matches "no room is told before anything is sent" 'there is no room in .*small: [0-9]+ KiB free, [0-9]+ KiB needed' "$(upgrade)"
	fake df 'echo head; echo tmpfs 99999999 1 99999999 1% /'
	matches "a disk that fills up meanwhile too" 'cannot write to .*small|not everything arrived|No space' "$(upgrade)"
	rm "$work/fake/df"
	equals "nothing half copied is left on the full disk" "$version" "$(ls -A "$small")"
	check "the version before is as it was" cmp "$SO_BUILD_DIR/scaleout-worker" "$small/$version/scaleout-worker"
	id=$(effects_run quick --worker s1)
	check "and still works" wait_for 20 has_status "$id" 7
	rm "$work/small/fill"

	# --- back to an older version, under a running execution ---
	mkdir "$small/99.0.0"
	for program in scaleout-worker scaleout-dtexec; do
		cp "$work/other/$program" "$small/99.0.0/"
	done
	so sql -b -Q "DECLARE @id uniqueidentifier; SELECT @id = WorkerAgentId FROM scaleout.workers WHERE DisplayName = N's1'
		EXEC scaleout.set_worker @id, N'ProgramPath', N'~/.local/lib/scaleout/99.0.0/scaleout-worker'" >/dev/null
	agents_of() { ls -l /proc/[0-9]*/exe 2>/dev/null | grep -c -- "-> $small/$1/"; }
	serves() { [ "$(agents_of "$1")" -ge 1 ] && online; }
	check "a newer version serves" wait_for 20 serves 99.0.0
	id=$(effects_run gate --worker s1)
	check "an execution runs from it" wait_for 20 has_effect "$id-1 start"
	out=$(so worker upgrade --all 2>&1)
	matches "an older scaleout takes no worker back" "worker s1: it has version 99.0.0, which is newer than this one, $(plain "$version")" "$out"
	matches "and says how it would" '--downgrade' "$out"
	check "the newer version serves on" serves 99.0.0
	out=$(so worker upgrade s1 --downgrade 2>&1)
	matches "with --downgrade it does" "worker s1 switched to ~/.local/lib/scaleout/$(plain "$version")/" "$out"
	check "the older version serves" wait_for 20 serves "$version"
	equals "the execution still runs" 2 "$(status_of "$id")"
	touch "$work/gate"
	check "and ends well" wait_for 20 has_status "$id" 7
	equals "it ran once" "$id-1 end,$id-1 start" "$(effects "^$id-")"
else
	skip "a full disk, and the way back" "needs root and a tmpfs"
fi
finish
