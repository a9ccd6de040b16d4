#!/bin/sh
# Faults 4, 6 and 7 done to pdsh, clush and GNU parallel, for doc/reliability.md
# (scripts/reliability runs it; it guards nothing of ours). Five jobs of two
# seconds each write to the same kind of effects file.
: "${SO_SOURCE_DIR:=$(cd "$(dirname "$0")/../../.." && pwd)}"
. "$SO_SOURCE_DIR/tests/lib.sh"
. "$SO_SOURCE_DIR/tests/system/lib_sshd.sh"
unset SSH_AUTH_SOCK
at_end=sshd_stop
sshd_available && sshd_start "$work/sshd" || {
	skip "peers" "no sshd"
	finish
}
cat >"$work/job" <<SH
#!/bin/sh
echo "\$1 start" >>"$work/effects"
n=0
while [ \$n -lt 20 ]; do
	sleep 0.1
	echo working
	n=\$((n + 1))
done
echo "\$1 end" >>"$work/effects"
echo "RESULT \$1"
SH
chmod 700 "$work/job"
options="-p $SSHD_PORT -i $SSHD_KEY -o StrictHostKeyChecking=no -o UserKnownHostsFile=$work/known -o BatchMode=yes -o LogLevel=ERROR"
# An ssh that brings our options along, for tools that do not take all of them.
cat >"$work/ssh" <<SH
#!/bin/sh
exec /usr/bin/ssh $options "\$@"
SH
chmod 700 "$work/ssh"
hosts=127.0.0.1,127.0.0.2,127.0.0.3,127.0.0.4,127.0.0.5
sed -i 's/^ListenAddress.*/ListenAddress 0.0.0.0/' "$work/sshd/config"
kill "$SSHD_PID"
"$sshd_program" -f "$work/sshd/config" -E "$work/sshd/log"
new_pid() { [ -s "$work/sshd/pid" ] && [ "$(cat "$work/sshd/pid")" != "$SSHD_PID" ]; }
wait_for 10 new_pid
SSHD_PID=$(cat "$work/sshd/pid")

begin() { # TOOL
	: >"$work/effects"
	: >"$work/out"
	case $1 in
	pdsh) PDSH_SSH_ARGS="$options -2 -a -x -l%u %h" pdsh -R ssh -w "$hosts" "$work/job %h" ;;
	clush) clush -S -w "$hosts" -o "$options" "$work/job %h" ;;
	parallel) seq 5 | parallel --will-cite -j5 -S "5/$work/ssh 127.0.0.1" "$work/job" ;;
	parallel-retries) seq 5 | parallel --will-cite -j5 --retries 3 -S "5/$work/ssh 127.0.0.1" "$work/job" ;;
	esac >"$work/out" 2>"$work/err" &
	tool=$!
}
count() { grep -c "$1" "$2"; }
started() { [ "$(count 'start$' "$work/effects")" -ge 5 ]; }
silent() { # nothing was written for a while
	now=$(cat "$work/effects" | wc -l)
	[ "$now" != "$last_size" ] && last_size=$now && quiet=$(date +%s)
	[ $(($(date +%s) - quiet)) -ge 4 ]
}
report() { # FAULT TOOL
	last_size=-1
	quiet=$(date +%s)
	wait_for 40 silent
	starts=$(count 'start$' "$work/effects")
	ends=$(count 'end$' "$work/effects")
	results=$(count 'RESULT' "$work/out")
	echo "outcome peer|$1|$2|$starts|$ends|$results"
	[ -z "${SCALEOUT_OUTCOMES-}" ] || echo "peer|$1|$2|$starts|$ends|$results" >>"$SCALEOUT_OUTCOMES"
	ok
}
for name in pdsh clush parallel parallel-retries; do
	if ! command -v "${name%%-*}" >/dev/null; then
		skip "$name" "not installed"
		continue
	fi
	begin "$name"
	wait_for 20 started || { skip "$name" "its jobs did not start: $(tail -n 1 "$work/err")"; continue; }
	# 4: the tool and whatever it has started here.
	for pid in $(pgrep -P "$tool") "$tool"; do kill -9 "$pid" 2>/dev/null; done
	report "4: kill -9 of the tool" "$name"
	begin "$name"
	wait_for 20 started
	for pid in $(sshd_sessions); do kill -9 "$pid" 2>/dev/null; done
	report "6: kill -9 of the sshd sessions" "$name"
	kill "$tool" 2>/dev/null
	wait "$tool" 2>/dev/null
done
finish
