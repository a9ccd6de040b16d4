#!/bin/sh
# A worker that lies: garbage, a frame of 1 GB, another protocol version, tasks
# nobody asked for, sequence numbers that go back. The master stays well and so do the others.
: "${SO_SOURCE_DIR:=$(cd "$(dirname "$0")/../../.." && pwd)}"
. "$SO_SOURCE_DIR/tests/lib.sh"
. "$SO_SOURCE_DIR/tests/system/faults/lib.sh"
slow_allowed || {
	skip "$suite" "SCALEOUT_SKIP_SLOW is set"
	finish
}
truth=$SO_BUILD_DIR/scaleout-worker
# The program of both workers is what a file says; the second one's says the truth always.
rig_program=$work/program
cat >"$rig_program" <<SH
#!/bin/sh
case "\$*" in
*spool-1*) exec "\$(cat "$work/which")" "\$@" ;;
*) exec "$truth" "\$@" ;;
esac
SH
chmod 700 "$rig_program"
echo "$truth" >"$work/which"
# What a sanitizer keeps of freed memory would be taken for the master's own.
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=4:thread_local_quarantine_size_kb=64
export ASAN_OPTIONS
rig_start 2 --ping 1 --watchdog 3

# frame JSON [BLOB]: one frame of doc/protocol.md.
cat >"$work/frames" <<'SH'
frame() {
	size=$(printf '%s' "$1" | wc -c)
	[ $# = 1 ] || size=$((size + 1 + $(printf '%s' "$2" | wc -c)))
	printf "$(printf '\\%03o\\%03o\\%03o\\%03o' $((size / 16777216)) $((size / 65536 % 256)) $((size / 256 % 256)) $((size % 256)))"
	printf '%s' "$1"
	[ $# = 1 ] || { printf '\000'; printf '%s' "$2"; }
}
# Wait for a request, for half a minute: nobody else would end us.
await() {
	turns=0
	until grep -aqE "$1" "${0%/*}/heard"; do
		turns=$((turns + 1))
		[ $turns -lt 1500 ] || exit 1
		sleep 0.02
	done
}
hello='{"t":"hello","v":1,"version":"9","machine":"liar","user":"nobody","uid":1,"os":"none","cpus":1,"memory_kb":1,"boot":"b","spool":"s","runtime":"/bin/true","projects":[],"stamp":1}'
SH
lie() { # NAME: standard input is what the program does after cat has begun to keep what it hears
	mkdir -p "$work/liar"
	{
		echo '#!/bin/sh'
		cat "$work/frames"
		echo "exec 3<&0; cat <&3 >\"$work/liar/heard\" & cat_pid=\$!"
		cat
		echo 'wait $cat_pid'
	} >"$work/liar/$1"
	chmod 700 "$work/liar/$1"
}
lie garbage <<'SH'
head -c 100000 /dev/urandom
SH
lie huge <<'SH'
printf '\100\000\000\000{"t":"hello"'
SH
lie version <<'SH'
frame '{"t":"hello","v":99,"version":"9"}'
SH
lie deep <<'SH'
frame "{\"t\":\"hello\",\"v\":1,\"x\":$(printf '%2000s' '' | tr ' ' '[')$(printf '%2000s' '' | tr ' ' ']')}"
SH
lie strangers <<'SH'
frame "$hello"
frame '{"t":"tasks","tasks":[{"key":"999999-1","state":"running"},{"key":"999998-1","state":"ended"},{"key":"../../x","state":"ended"},7,null],"more":false,"stamp":-5}'
frame '{"t":"started","key":"999999-1","time":1,"pid":1}'
frame '{"t":"events","key":"999999-1","from":1,"to":1}' '{"s":1,"e":"x"}
'
frame '{"t":"result","key":"999998-1","outcome":"exited","exit":0,"events":5,"time":-1}'
frame '{"t":"have","project":"../../etc/passwd"}'
frame '{"t":"file","key":"999999-1","name":"../../../x","offset":-1,"size":99999999999}' 'x'
frame '{"t":"pong","stamp":9223372036854775807,"running":-1}'
frame '{"t":"no such message"}'
frame '{"t":"need","key":"999999-1","project":"x"}'
frame '{"t":"gone","key":5}'
SH
lie backwards <<'SH'
frame "$hello"
frame '{"t":"tasks","tasks":[],"more":false,"stamp":1}'
await '"(put|start)"'
hash=$(grep -aoE '"project": ?"[0-9a-f]{64}"' "${0%/*}/heard" | head -n 1 | grep -oE '[0-9a-f]{64}')
frame "{\"t\":\"have\",\"project\":\"$hash\"}"
await '"start"'
key=$(grep -aoE '"key": ?"[0-9]+-[0-9]+"' "${0%/*}/heard" | head -n 1 | grep -oE '[0-9]+-[0-9]+')
frame "{\"t\":\"started\",\"key\":\"$key\",\"time\":638000000000000000,\"pid\":1}"
for from in 7 3 9 -1 0 9223372036854775807; do
	frame "{\"t\":\"events\",\"key\":\"$key\",\"from\":$from,\"to\":$from}" "{\"s\":$from}
"
done
frame "{\"t\":\"events\",\"key\":\"$key\",\"from\":1,\"to\":1}" 'this is no record
'
frame "{\"t\":\"result\",\"key\":\"$key\",\"outcome\":\"exited\",\"exit\":0,\"events\":3,\"time\":638000000000000000}"
SH

use_program() { # PROGRAM, for worker 1; the connection is made anew
	echo "$1" >"$work/which"
	proxy 1 cut
}
for lie in garbage huge version deep strangers; do
	use_program "$truth"
	kill_master
	rig_master
	wait_for 20 online
	: >"$work/liar/heard"
	use_program "$work/liar/$lie"
	check "the lie \"$lie\" is told" wait_for 20 test -s "$work/liar/heard"
	before_memory=$(awk '/^VmRSS/ { print $2 }' "/proc/$(master_pid)/status")
	id=$(run quick --worker w2)
	check "the other worker goes on under \"$lie\"" wait_for 10 has_status "$id" 7
	after_memory=$(awk '/^VmRSS/ { print $2 }' "/proc/$(master_pid)/status")
	check "the master has not made room for \"$lie\" ($before_memory to $after_memory KB)" [ "$after_memory" -lt $((before_memory + 20000)) ]
	[ "$lie" = strangers ] || check "who tells \"$lie\" is not online" wait_for 10 online 1
done
: >"$work/liar/heard"
use_program "$work/liar/backwards"
wait_for 20 online
id=$(run gate --worker w1)
check "an execution whose messages do not follow each other ends" wait_for 30 has_status "$id" 6
use_program "$truth"
# It was away for long, so it is asked rarely: another master asks at once.
kill_master
rig_master
check "the worker is believed when it tells the truth" wait_for 30 online
again=$(run quick --worker w1)
check "and works" wait_for 30 has_status "$again" 7
outcome b3 "a worker that lies (garbage, 1 GB frame, wrong version, deep nesting, unknown keys, numbers that go back)|refused, the master and the other worker unharmed; its execution \"ended unexpectedly\""
check_invariants "liars"
finish
