#!/bin/sh
# The units under a real service manager: readiness, watchdog, reload, stop and restart with executions
# running, the sandbox as packages of the built-in worker feel it, and what the journal has.
. "${SO_SOURCE_DIR:?}/tests/lib.sh"
. "$SO_SOURCE_DIR/tests/vm/guest/lib.sh"
unit=scaleoutd.service
state=/var/lib/scaleout
catalog=$state/SSISDB.db
chmod 777 "$work"

# As the unit's own comment says.
useradd --system --home-dir $state --shell /usr/sbin/nologin scaleout
install -d -o scaleout -g scaleout -m 700 $state
check "the catalog is made as the unit says" runuser -u scaleout -- "$SO_BUILD_DIR/scaleout" --catalog $catalog init --quiet
install -o scaleout -m 600 /root/.ssh/id_ed25519 $state/id_ed25519
equals "systemd finds nothing wrong with the units" "" \
	"$(systemd-analyze verify "$SO_BUILD_DIR/../lib/systemd/system/$unit" 2>&1 | grep -v 'man:\|Command .man'; systemd-analyze --user verify "$SO_BUILD_DIR/../lib/systemd/user/$unit" 2>&1 | grep -v 'man:\|Command .man')"
mkdir -p /etc/systemd/system/$unit.d /etc/scaleout
printf '[Service]\nReadWritePaths=%s\nWatchdogSec=8\n' "$work" >/etc/systemd/system/$unit.d/test.conf
systemctl daemon-reload
exposure=$(systemd-analyze security $unit 2>/dev/null | sed -n 's/.*Overall exposure level[^:]*: *//p' | cut -d' ' -f1,2)

property() { systemctl show -P "$1" $unit; }
active() { [ "$(property ActiveState)" = active ]; }
check "systemctl start returns" timeout 60 systemctl start $unit
active || {
	journalctl -q -u $unit | tail -n 20
	finish
}
equals "when the master is ready" "active running" "$(property ActiveState) $(property SubState)"
check "it answers" so status
matches "its memory is its own, no more than a small one" '^[0-9]+$' "$(property MainPID)"
first_pid=$(property MainPID)
: >"$effects_file"
chmod 666 "$effects_file"
check "the project is deployed" faults_project
check "a worker over SSH" so worker add w1 --host 127.0.0.1 --user root --identity $state/id_ed25519 --allow-root \
	--fingerprint "$(ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub | cut -d' ' -f2)" --program "$SO_BUILD_DIR/scaleout-worker" --slots 8 --enable
workers=1
check "is reached by the service" wait_for 60 online
id=$(run quick --worker w1)
check "an execution on it succeeds" wait_for 60 has_status "$id" 7
id=$(run quick --server)
check "and one of the built-in worker, in the sandbox" wait_for 60 has_status "$id" 7
messages_of "$id" | awk '{ print $2, $3 }' >"$work/reference"
first_id=$((id + 1))

# --- what runs goes on while the master is stopped, restarted, or hangs ---
both_at_gate() {
	rm -f "$work/gate"
	there=$(run gate --worker w1)
	here=$(run gate --server)
	check "$1: one on the worker and one of the built-in worker run" wait_for 60 has_effect "$there-1 start"
	check "$1: both" wait_for 60 has_effect "$here-1 start"
}
both_end() {
	open_gate
	check "$1: the one on the worker succeeds" wait_for 90 has_status "$there" 7
	check "$1: and that of the built-in worker" wait_for 90 has_status "$here" 7
	for each in $there $here; do
		equals "$1: it ran once" "$each-1 end,$each-1 start" "$(effects "^$each-")"
	done
}
milliseconds() { echo $(($(date +%s%N) / 1000000)); }

both_at_gate stop
began=$(milliseconds)
check "stop: systemctl stop works" timeout 60 systemctl stop $unit
took=$(($(milliseconds) - began))
check "stop: within 5 s ($took ms)" test $took -lt 5000
equals "stop: as a success" "inactive success" "$(property ActiveState) $(property Result)"
equals "stop: the packages run on" 2 "$(grep -lsz "^SCALEOUT_KEY=.*/\($there\|$here\)-1\$" /proc/[0-9]*/environ | while read -r file; do grep -qs witness.sh "${file%environ}cmdline" && echo "$file"; done | wc -l)"
check "stop: and it starts again" timeout 60 systemctl start $unit
both_end stop
outcome v6 "systemctl stop with executions of both kinds of worker|$took ms; they ran on and were collected by the next master"

both_at_gate restart
began=$(milliseconds)
check "restart: systemctl restart works" timeout 60 systemctl restart $unit
outcome v7 "systemctl restart with the same|$(($(milliseconds) - began)) ms; the same"
check "restart: it is another master" test "$(property MainPID)" != "$first_pid"
both_end restart

both_at_gate watchdog
restarts=$(property NRestarts)
began=$(milliseconds)
systemctl kill -s STOP --kill-who=main $unit
renewed() { [ "$(property NRestarts)" -gt "$restarts" ] && active; }
check "watchdog: a master that stands still is replaced" wait_for 60 renewed
outcome v8 "SIGSTOP of the master (WatchdogSec=8)|replaced after $(($(milliseconds) - began)) ms; the same"
both_end watchdog

both_at_gate kill
restarts=$(property NRestarts)
systemctl kill -s KILL --kill-who=main $unit
check "kill: a master that was killed is started again" wait_for 60 renewed
both_end kill
equals "after all that, each try started and ended as its status says" "" "$(wrong_executions)"
equals "and every message is there once and in order" "" "$(wrong_messages)"
check "no process of a task is left" wait_for 30 no_process_left

# --- reload, and the journal ---
echo 'lease = 5m' >/etc/scaleout/scaleout.conf
check "systemctl reload works" timeout 60 systemctl reload $unit
journal() { journalctl -q -o json -u $unit "$@"; }
field() { # NAME FILTER...: values of a field, sorted
	name=$1
	shift
	journal "$@" | sed -n "s/.*\"$name\":\"\([^\"]*\)\".*/\1/p" | sort -u
}
has_setting() { [ "$(field SCALEOUT_SETTING SCALEOUT_SETTING=lease)" = lease ]; }
check "what it changed is in the journal" wait_for 20 has_setting
id=$(run fail --worker w1)
check "an execution fails" wait_for 60 has_status "$id" 4
logged() { journal SCALEOUT_EXECUTION_ID="$id" | grep -q .; }
check "that is in the journal" wait_for 20 logged
equals "with its try" 1 "$(field SCALEOUT_TRY SCALEOUT_EXECUTION_ID="$id")"
equals "its worker" w1 "$(field SCALEOUT_WORKER SCALEOUT_EXECUTION_ID="$id")"
matches "the worker's id" '^[0-9A-F-]{36}$' "$(field SCALEOUT_WORKER_ID SCALEOUT_EXECUTION_ID="$id")"
equals "the catalog" $catalog "$(field SCALEOUT_CATALOG SCALEOUT_EXECUTION_ID="$id")"
equals "and the unit" $unit "$(field _SYSTEMD_UNIT SCALEOUT_EXECUTION_ID="$id")"
so sql -b -Q "DECLARE @id uniqueidentifier; SELECT @id = WorkerAgentId FROM scaleout.workers
	EXEC scaleout.set_worker @id, N'Port', N'1'" >/dev/null
lost() { field SCALEOUT_ERROR SCALEOUT_WORKER=w1 | grep -q network; }
check "a worker that cannot be reached is in it with the kind of error" wait_for 60 lost
known=$(sed -n 's/^	\[FIELD_[A-Z_]*\] = { "\([a-z_]*\)".*/SCALEOUT_\1/p' "$SO_SOURCE_DIR/src/exec/master/log_fields.c" | tr 'a-z' 'A-Z' | sort)
seen=$(journal | grep -o '"SCALEOUT_[A-Z_]*"' | tr -d '"' | sort -u)
equals "no field is unknown to the table" "" "$(printf '%s\n' "$seen" | grep -vxF "$known")"
outcome v9 "journal|fields that were seen: $(echo $seen)"
outcome v5 "the system unit|ready when systemctl start returned; systemd-analyze security: $exposure"

# --- the sandbox ---
inside() { nsenter -t "$(property MainPID)" -m "$@"; }
equals "what is not its own is read-only to the service" "" "$(for folder in / /usr /etc /home; do inside findmnt -no OPTIONS -T $folder | grep -q '^ro' || echo $folder; done)"
equals "it has no capability" 0000000000000000 "$(sed -n 's/^CapEff:[^0-9a-f]*//p' "/proc/$(property MainPID)/status")"
equals "no new privileges" 1 "$(sed -n 's/^NoNewPrivs:[^0-9]*//p' "/proc/$(property MainPID)/status")"
equals "and a filter of system calls" 2 "$(sed -n 's/^Seccomp:[^0-9]*//p' "/proc/$(property MainPID)/status")"
equals "the kernel has denied it nothing" "" "$(journalctl -q -k | grep -i 'audit.*scaleout')"
check "it stops" timeout 60 systemctl stop $unit

# --- the user's unit ---
guest_user owner
loginctl enable-linger owner
owner_dir=/run/user/$(id -u owner)
as_owner() { runuser -u owner -- env XDG_RUNTIME_DIR="$owner_dir" HOME=/home/owner "$@"; }
user_ready() { as_owner systemctl --user is-system-running | grep -qE 'running|degraded'; }
check "user: the account's manager runs" wait_for 60 user_ready
as_owner "$SO_BUILD_DIR/scaleout" init --quiet
check "user: the unit starts" as_owner timeout 60 systemctl --user enable --now $unit
equals "user: and is ready" "active running" "$(as_owner systemctl --user show -P ActiveState $unit) $(as_owner systemctl --user show -P SubState $unit)"
chmod 755 "$work"/*.ispac
as_owner "$SO_BUILD_DIR/scaleout" deploy "$work/Faults.ispac" Tests >/dev/null
so() { as_owner "$SO_BUILD_DIR/scaleout" "$@"; }
rm -f "$work/gate"
: >"$effects_file"
id=$(run gate --server)
check "user: an execution runs" wait_for 60 has_effect "$id-1 start"
check "user: the unit is restarted" as_owner timeout 60 systemctl --user restart $unit
open_gate
check "user: the execution ends well" wait_for 60 has_status "$id" 7
equals "user: having run once" "$id-1 end,$id-1 start" "$(effects "^$id-")"
check "user: the unit is reloaded" as_owner timeout 60 systemctl --user reload $unit
check "user: and stops" as_owner timeout 60 systemctl --user stop $unit
finish
