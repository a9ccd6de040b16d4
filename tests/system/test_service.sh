#!/bin/sh
# The service: units that systemd takes and that confine it, their command lines as
# systemd would run them, and what the journal gets.
. "${SO_SOURCE_DIR:-$(dirname "$0")/../..}/tests/lib.sh"
. "$SO_SOURCE_DIR/tests/system/lib_sshd.sh"
. "$SO_SOURCE_DIR/tests/system/lib_effects.sh"
unset SSH_AUTH_SOCK NOTIFY_SOCKET WATCHDOG_USEC WATCHDOG_PID JOURNAL_STREAM XDG_RUNTIME_DIR
at_end='[ -z "$daemon" ] || kill "$daemon" 2>/dev/null; so master stop >/dev/null 2>&1; sshd_stop'
daemon=

# --- the units ---
for each in system user; do
	file=$SO_BUILD_DIR/units/$each/scaleoutd.service
	matches "the $each unit starts the installed master" '^ExecStart=/.*/scaleoutd --foreground' "$(cat "$file")"
	matches "the $each unit leaves what runs alone" '^KillMode=process$' "$(cat "$file")"
	mkdir -p "$work/$each"
	sed "s|^ExecStart=[^ ]*|ExecStart=$SO_BUILD_DIR/scaleoutd|; /^Documentation=/d" "$file" >"$work/$each/scaleoutd.service"
	if ! command -v systemd-analyze >/dev/null 2>&1; then
		skip "the $each unit as systemd sees it" "systemd-analyze is not installed"
		continue
	fi
	manager=
	[ $each = system ] || manager=--user
	equals "the $each unit is right" "" "$(XDG_RUNTIME_DIR=$work systemd-analyze $manager verify "$work/$each/scaleoutd.service" 2>&1 | grep scaleoutd)"
done
# 0 is the safest, 10 no confinement at all.
if exposure=$(systemd-analyze security --offline=true "$work/system/scaleoutd.service" 2>/dev/null | sed -n 's/.*exposure level for scaleoutd.service: \([0-9.]*\).*/\1/p') && [ -n "$exposure" ]; then
	check "the system's confines the service (exposure $exposure)" test "${exposure%.*}" -lt 3
else
	skip "how well it confines" "there is no systemd-analyze that can tell offline"
fi
# Keys, ssh_config, packages and data are in the user's home, and packages may write there.
equals "the user's hides nothing of the home" "" \
	"$(grep -E '^(ProtectHome|ProtectSystem|PrivateTmp|PrivateUsers|PrivateMounts|DynamicUser|TemporaryFileSystem|RootDirectory|ReadOnlyPaths|InaccessiblePaths)=' "$work/user/scaleoutd.service")"
equals "what it restricts needs no privileges" "" "$(grep -E '^(User|Group|CapabilityBoundingSet|ProtectKernel[A-Za-z]*|PrivateDevices|StateDirectory)=' "$work/user/scaleoutd.service")"

# --- their command lines, with a service manager and a journal that we play ---
if ! sshd_available || ! command -v python3 >/dev/null || ! command -v zip >/dev/null; then
	skip "the service as it runs" "sshd, python3 or zip is not installed"
	finish
fi
cat >"$work/listen.py" <<'PY'
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
with open(sys.argv[2], "ab", 0) as out:
    while True:
        out.write(s.recv(65536) + b"\n\n")
PY
for name in notify journal; do
	python3 "$work/listen.py" "$work/$name" "$work/$name.heard" &
	pids="$pids $!"
	wait_for 10 test -S "$work/$name" || not_ok "somebody listens for the $name"
done
export HOME="$work/home" XDG_STATE_HOME="$work/home/.local/state" XDG_DATA_HOME="$work/home/.local/share"
mkdir -p "$HOME/.ssh" "$work/config"
chmod 700 "$HOME/.ssh"
: >"$effects_file"
sshd_start "$work/sshd" "SetEnv HOME=$HOME XDG_STATE_HOME=$work/there" || not_ok "the sshd starts"
cp "$SSHD_KEY" "$HOME/.ssh/id_ed25519"
printf 'ping = 1s\n' >"$work/config/scaleout.conf"

# started UNIT: runs its ExecStart as a service manager would, the catalog of the system unit elsewhere.
started() {
	line=$(sed -n 's/^ExecStart=//p' "$work/$1/scaleoutd.service" | sed "s|/var/lib/scaleout|$work/lib|")
	: >"$work/stderr"
	(
		umask 077
		# shellcheck disable=SC2086
		exec env NOTIFY_SOCKET="$work/notify" WATCHDOG_USEC=2000000 SCALEOUT_CONF="$work/config/scaleout.conf" SCALEOUT_JOURNAL="$work/journal" \
			JOURNAL_STREAM="$(stat -c %d:%i "$work/stderr")" $line 2>>"$work/stderr"
	) &
	daemon=$!
	wait_for 5 notified READY=1 || { cat "$work/stderr" >&2; return 1; }
}
notified() { grep -q "^$1" "$work/notify.heard"; }
notified_times() { [ "$(grep -c "^$1" "$work/notify.heard")" -ge "$2" ]; }
ended() { ! kill -0 "$daemon" 2>/dev/null; }

mkdir -p "$work/lib" "$XDG_DATA_HOME/scaleout"
for unit in system user; do
	case $unit in
	system) catalog=$work/lib/SSISDB.db ;;
	user) catalog=$XDG_DATA_HOME/scaleout/SSISDB.db ;;
	esac
	so() { "$SO_BUILD_DIR/scaleout" --catalog "$catalog" "$@"; }
	so init --quiet
	effects_project >"$work/deploy.log" 2>&1
	rm -rf "$work/project" "$work/gate"
	: >"$work/notify.heard"
	so worker add w1 --host 127.0.0.1 --port "$SSHD_PORT" --user "$(id -un)" --identity "$HOME/.ssh/id_ed25519" $allow_root \
		--fingerprint "$SSHD_FINGERPRINT" --program "$SO_BUILD_DIR/scaleout-worker" --spool "$work/spool-$unit" --enable >/dev/null 2>&1
	so master stop >/dev/null 2>&1 # an administrator's command may have started one
	check "the $unit unit's command line becomes ready" started $unit
	check "it says that it is alive ($unit)" wait_for 10 notified_times WATCHDOG=1 2
	kill -HUP "$daemon"
	check "it says that it reloads ($unit)" wait_for 10 notified RELOADING=1
	check "and when it has ($unit)" wait_for 10 notified_times READY=1 2
	matches "with the time that notify-reload wants ($unit)" '^MONOTONIC_USEC=[0-9]+$' "$(cat "$work/notify.heard")"
	online() { [ "$(value 'COUNT(*) FROM scaleout.workers WHERE IsOnline = 1')" = 1 ]; }
	check "it reaches a worker with a key of the home ($unit)" wait_for 20 online
	id=$(effects_run gate --worker w1)
	check "an execution runs ($unit)" wait_for 20 has_effect "$id-1 start"
	end_daemon() {
		kill -TERM "$daemon"
		wait_for 10 ended
	}
	within "it ends within five seconds when it is told to ($unit)" 5000 end_daemon
	wait "$daemon"
	equals "as a success ($unit)" 0 $?
	check "having said so ($unit)" notified STOPPING=1
	: >"$work/notify.heard"
	check "the next one becomes ready ($unit)" started $unit
	touch "$work/gate"
	check "and collects what ran on ($unit)" wait_for 20 has_status "$id" 7
	equals "it ran once ($unit)" "$id-1 end,$id-1 start" "$(effects "^$id-")"
	: >"$effects_file"
	[ $unit = user ] || {
		kill -TERM "$daemon"
		wait_for 10 ended
	}
done

# --- the journal ---
entries() { # PATTERN: those of the entries that match, each as one line
	awk -v RS= -v pattern="$1" '$0 ~ pattern { gsub(/\n/, " | "); print }' "$work/journal.heard"
}
id=$(effects_run fail --worker w1)
check "an execution fails" wait_for 20 has_status "$id" 4
logged() { entries "MESSAGE=execution $id,.* failed" | grep -q .; }
check "that is in the journal" wait_for 10 logged
matches "with the execution, its try, the worker and its id" \
	"SCALEOUT_EXECUTION_ID=$id \| SCALEOUT_TRY=1 \| SCALEOUT_WORKER=w1 \| SCALEOUT_WORKER_ID=[0-9A-F-]{36} \| SCALEOUT_CATALOG=$catalog" \
	"$(entries "MESSAGE=execution $id,")"
server=$(effects_run fail --server)
check "one of the built-in worker fails" wait_for 20 has_status "$server" 4
so sql -b -Q "DECLARE @id uniqueidentifier; SELECT @id = WorkerAgentId FROM scaleout.workers
	EXEC scaleout.set_worker @id, N'Port', N'1'" >/dev/null
lost() { entries 'MESSAGE=worker w1: .*' | grep -q 'SCALEOUT_ERROR='; }
check "a worker that cannot be reached is in it with the kind of error" wait_for 20 lost
echo 'lease = 5m' >"$work/config/scaleout.conf"
kill -HUP "$daemon"
changed() { entries 'SCALEOUT_SETTING=lease' | grep -q 'lease is now 5m'; }
check "a changed setting is in it" wait_for 10 changed
equals "every entry about a worker has the worker" "" "$(entries 'MESSAGE=[^\n]*worker w1' | grep -v 'SCALEOUT_WORKER=w1')"
equals "every entry about an execution has the execution" "" "$(entries 'MESSAGE=[^\n]*execution [0-9]' | grep -v 'SCALEOUT_EXECUTION_ID=')"
equals "every entry has the catalog" "" "$(entries 'MESSAGE=' | grep -v "SCALEOUT_CATALOG=")"
for name in $(grep -o '^SCALEOUT_[A-Z_]*' "$work/journal.heard" | sort -u | sed 's/^SCALEOUT_//' | tr 'A-Z' 'a-z') \
	$(sed -n 's/^	\[FIELD_[A-Z_]*\] = { "\([a-z_]*\)".*/\1/p' "$SO_SOURCE_DIR/src/exec/master/log_fields.c"); do
	grep -q "^\.It Li $name\$" "$SO_SOURCE_DIR/man/scaleoutd.8" || not_ok "scaleoutd(8) has the field $name"
done
equals "the table of fields was read" 8 "$(grep -c '^	\[FIELD_[A-Z_]*\] = {' "$SO_SOURCE_DIR/src/exec/master/log_fields.c")"
equals "nothing goes to standard error beside it" "" "$(cat "$work/stderr")"
kill -TERM "$daemon"
check "the last one ends" wait_for 10 ended
daemon=
so master start
id=$(effects_run fail --server)
check "an execution fails under a master without a journal" wait_for 20 has_status "$id" 4
matches "its log file has the same fields" "execution $id, try 1 on worker .* failed.* \[execution_id=$id try=1 worker=" "$(cat "$catalog.log")"
finish
