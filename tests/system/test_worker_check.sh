#!/bin/sh
# worker check: every test of the table is made to fail once, and names its remedy.
. "${SO_SOURCE_DIR:-$(dirname "$0")/../..}/tests/lib.sh"
. "$SO_SOURCE_DIR/tests/system/lib_sshd.sh"
unset SSH_AUTH_SOCK
if ! sshd_available; then
	skip "worker check" "sshd is not installed"
	finish
fi
at_end='sshd_stop; so master stop >/dev/null 2>&1'
so() { "$SO_BUILD_DIR/scaleout" --catalog "$work/c.db" "$@"; }
value() { so sql -h -1 -W -Q "SET NOCOUNT ON SELECT $1" | tr -d ' \r\n'; }
export XDG_STATE_HOME="$work/state"
home=$work/home
program=$SO_BUILD_DIR/scaleout-worker
mkdir -p "$home" "$work/odbc"
printf '[ODBC]\nTrace=No\n[Test Driver]\nDriver=/nowhere\n' >"$work/odbc/odbcinst.ini"
environment="SetEnv HOME=$home XDG_STATE_HOME=$home/state PATH=/usr/bin:/bin ODBCSYSINI=$work/odbc"
sshd_start "$work/sshd" "$environment" && so init --quiet || { not_ok "the sshd and the catalog are set up"; finish; }
so worker add w1 --host 127.0.0.1 --port "$SSHD_PORT" --user "$(id -un)" --identity "$SSHD_KEY" $allow_root \
	--fingerprint "$SSHD_FINGERPRINT" --program "$program" --enable >"$work/add" 2>&1 ||
	not_ok "the worker is added" "$(cat "$work/add")"
so master start
online() { [ "$(value 'COUNT(*) FROM scaleout.workers WHERE IsOnline = 1')" = 1 ]; }
check "the worker comes online" wait_for 20 online
port=$SSHD_PORT

set_worker() { # PROPERTY VALUE
	so sql -b -Q "DECLARE @id uniqueidentifier; SELECT @id = WorkerAgentId FROM scaleout.workers
		EXEC scaleout.set_worker @id, N'$1', N'$2'" >/dev/null
}
look() { # runs the check; its lines in $work/out
	so worker check w1 >"$work/out" 2>&1
	status=$?
}
# says MARK TEST [PATTERN-OF-TEXT-OR-REMEDY WHAT]: no test is without a text, and none that fails without a remedy.
says() {
	if [ "$1" = ok ]; then
		matches "$2: passes" "^ok +$2 +[^ ]" "$(cat "$work/out")"
	else
		matches "$4: $2 is marked, with the cause" "^$1 +$2 +[^ ]" "$(cat "$work/out")"
		matches "$4: with cause and remedy" "$3" "$(grep -A1 -E "^$1 +$2 " "$work/out")"
		matches "$4: $2 has a remedy" '^ {6}.*[^ ]' "$(grep -A1 -E "^$1 +$2 " "$work/out" | sed -n 2p)"
	fi
}

# --- all is well ---
look
equals "a good worker passes" 0 "$status"
for test in "Scale Out is on" "a master runs" "messages are kept" "the identity is usable" "the name resolves" "the port answers" \
	"it speaks SSH" "the host key is the accepted one" "our key is accepted" "commands are run" "the login shell is quiet" \
	"the home folder is usable" "the worker program is there" "the protocol is ours" "the spool is writable" \
	"the spool has room" "the clock is right" "the boot id is known" "the runtime works" "ODBC drivers" \
	"processes outlive a session" "control groups" "it is not blocked" "it takes work" "it is online"; do
	says ok "$test"
done
matches "ODBC drivers are named" "Test Driver" "$(grep 'ODBC drivers' "$work/out")"
so worker check --all --json >"$work/json" 2>/dev/null
equals "--json tells each test" "$(grep -cE '^(ok|WARN|FAIL|-) ' "$work/out")" "$(grep -c '"test":' "$work/json")"
matches "with its place in the product's list" '"covers": "HTTP 403 forbidden"' "$(cat "$work/json")"
# Every test has its row in the table of the documentation.
missing=
while IFS= read -r name; do
	grep -q "$name" "$SO_SOURCE_DIR/doc/troubleshooting.md" || missing="$missing$name; "
done <<LIST
$(sed -n 's/.*"test": "\([^"]*\)".*/\1/p' "$work/json")
LIST
equals "doc/troubleshooting.md names every test" "" "$missing"

# --- here ---
so sql -b -Q "EXEC catalog.configure_catalog N'SERVER_LOGGING_LEVEL', N'0'" >/dev/null
look
says WARN "messages are kept" "SERVER_LOGGING_LEVEL" "no logging"
equals "a warning is no failure" 0 "$status"
so sql -b -Q "EXEC catalog.configure_catalog N'SERVER_LOGGING_LEVEL', N'1'" >/dev/null
so sql -b -Q "EXEC catalog.configure_catalog N'IS_SCALEOUT_ENABLED', N'False'" >/dev/null
look
says FAIL "Scale Out is on" "enable_scaleout" "a catalog whose Scale Out is off"
so sql -b -Q "EXEC catalog.enable_scaleout" >/dev/null
cp "$SSHD_KEY" "$work/open"
chmod 644 "$work/open"
set_worker IdentityFile "$work/open"
look
says FAIL "the identity is usable" "chmod 600" "an identity that others may read"
equals "a failure is exit status 1" 1 "$status"
ssh-keygen -q -t ed25519 -N '' -f "$work/stranger"
set_worker IdentityFile "$work/stranger"
look
says FAIL "our key is accepted" "authorized_keys" "a key that is not accepted"
matches "what comes after it is skipped" "^- +the protocol is ours +not reached" "$(cat "$work/out")"
ssh-keygen -q -t ed25519 -N 'canary-passphrase' -f "$work/locked"
set_worker IdentityFile "$work/locked"
look </dev/null
says WARN "the identity is usable" "ssh-add" "an encrypted identity"
set_worker IdentityFile "$SSHD_KEY"

# --- the way ---
set_worker Host no-such-host.invalid
look
says FAIL "the name resolves" "correct the name" "a name that does not resolve"
set_worker Host 127.0.0.1
set_worker Port 1
look
says FAIL "the port answers" "sshd running" "a port that does not answer"
# Something that answers, and is no SSH server.
if command -v python3 >/dev/null; then
	python3 -c 'import socket, sys
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(9)
open(sys.argv[1], "w").write(str(s.getsockname()[1]))
while True:
    c = s.accept()[0]; c.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"); c.close()' "$work/web" &
	web=$!
	check "a web server listens" wait_for 10 test -s "$work/web"
	set_worker Port "$(cat "$work/web")"
	look
	says FAIL "it speaks SSH" "is it sshd that answers" "a port where no SSH server is"
	kill "$web"
fi
set_worker Port "$port"
ssh-keygen -q -t ed25519 -N '' -f "$work/otherhost"
set_worker HostKeys "$(cut -d' ' -f1,2 "$work/otherhost.pub")"
look
says FAIL "the host key is the accepted one" "scaleout worker trust w1 --fingerprint" "a changed host key"
blocked() { [ "$(value 'COUNT(*) FROM scaleout.workers WHERE IsBlocked = 1')" = 1 ]; }
check "the master blocks it" wait_for 20 blocked
look
says FAIL "it is not blocked" "scaleout worker trust w1" "a blocked worker"
so worker trust w1 --fingerprint "$SSHD_FINGERPRINT" >/dev/null 2>&1

# --- the account and its programs ---
set_worker ProgramPath /nowhere/scaleout-worker
look
says FAIL "the worker program is there" "scaleout worker upgrade" "a missing program"
says FAIL "the protocol is ours" "found" "a missing program"
offline() { ! online; }
check "the worker goes offline" wait_for 20 offline
look
says FAIL "it is online" "tests above" "an offline worker"
# An agent that says another version and stands in for what cannot be had here.
cat >"$work/strange" <<'SH'
#!/bin/sh
[ "$1" = check ] || exit 0
cat <<JSON
{"v":1,"version":"9.9.9","os":"","boot":"","time":0638000000000000000,"machine":"x","user":"me","uid":1,"privileges":"sudo",
"refuses_root":true,"dump_hindrance":"a test","systemd":true,"linger":false,"kills_at_logout":true,
"spool":{"path":"/s","ok":true,"network":true,"free_kb":10},"runtime":{"path":"/r","ok":false,"error":"it broke"},
"odbc":[],"cgroup":{"wanted":true,"how":"","why":"no manager"}}
JSON
SH
sed -i 's/"time":0638/"time":638/' "$work/strange"
chmod 700 "$work/strange"
set_worker ProgramPath "$work/strange"
look
says WARN "the worker program is there" "scaleout worker upgrade w1" "another version"
says FAIL "the account may serve" "AllowRoot" "root that is not allowed"
says FAIL "the spool is writable" "network file system" "a spool on a network file system"
says FAIL "the spool has room" "make room" "a full spool"
says FAIL "the clock is right" "chrony" "a wrong clock"
says FAIL "the boot id is known" "/proc" "no boot id"
says FAIL "the runtime works" "scaleout-dtexec" "a runtime that does not work"
says WARN "ODBC drivers" "odbcinst" "no ODBC driver"
says FAIL "processes outlive a session" "enable-linger me" "processes killed at logout"
says FAIL "control groups" "no manager" "no control groups"
says WARN "dumps" "a test" "no cores"
set_worker ProgramPath "$program"
if [ "$(id -u)" = 0 ]; then
	set_worker SpoolPath /proc/nowhere
	look
	says FAIL "the spool is writable" "SpoolPath" "a spool that cannot be written"
	set_worker SpoolPath ''
	set_worker AllowRoot 0
	look
	says FAIL "the account may serve" "AllowRoot" "a root account"
	set_worker AllowRoot 1
fi
so worker disable w1 >/dev/null
look
says WARN "it takes work" "scaleout worker enable w1" "a disabled worker"
so master stop
look
says FAIL "a master runs" "scaleout master start" "no master"

# --- noisy shells, homes that run nothing, servers that speak no SSH: each its own sshd ---
restart() { # CONFIG...
	sshd_stop
	rm -f "$work/sshd/config"
	sshd_start "$work/sshd" "$@" || not_ok "the sshd starts again"
	set_worker Port "$SSHD_PORT"
}
printf '#!/bin/sh\necho "Welcome to this machine"\nexec /bin/sh -c "$SSH_ORIGINAL_COMMAND"\n' >"$work/noisy"
chmod 755 "$work/noisy"
restart "$environment" "ForceCommand $work/noisy"
look
says FAIL "the login shell is quiet" "Welcome to this machine.*" "a noisy login shell"
matches "a noisy login shell: the remedy" "bashrc" "$(grep -A1 'login shell is quiet' "$work/out")"
restart "$environment" "ForceCommand /bin/false"
look
says FAIL "commands are run" "ForceCommand" "a shell that runs nothing"
restart "SetEnv HOME=/proc/nowhere PATH=/usr/bin:/bin"
look
matches "a home that cannot be written to is told" "^(FAIL|WARN) +the home folder is usable +the account cannot write" "$(cat "$work/out")"
# ssh-keyscan, by which sshd_start sees that it answers, agrees on no weak cipher either.
sshd_answers() { [ -s "$sshd_dir/pid" ] && "$SO_BUILD_DIR/transport_tool" key 127.0.0.1 "$1" | grep -Eq "ssh-ed25519|weak"; }
restart "$environment" "Ciphers aes128-cbc"
look
says FAIL "it speaks SSH" "only weak or unknown algorithms" "weak algorithms"
# A home mounted noexec needs a mount namespace.
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
	printf '#!/bin/sh\nmkdir -p %s\nexec unshare -m sh -c '\''mount -t tmpfs -o noexec,size=8m none %s && exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"'\''\n' \
		"$work/sealed" "$work/sealed" >"$work/noexec"
	chmod 755 "$work/noexec"
	restart "SetEnv HOME=$work/sealed PATH=/usr/bin:/bin" "ForceCommand $work/noexec"
	look
	matches "a home where nothing may be run is told" "^WARN +the home folder is usable +.*noexec" "$(cat "$work/out")"
	matches "and worker add refuses to copy there" "noexec.*|Nothing may be run" \
		"$(so worker add w9 --host 127.0.0.1 --port "$SSHD_PORT" --identity "$SSHD_KEY" $allow_root --fingerprint "$SSHD_FINGERPRINT" 2>&1)"
else
	skip "a home where nothing may be run" "needs root and mount namespaces"
fi
finish
