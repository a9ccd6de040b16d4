#!/bin/sh
# Fault tests 21, 22, 23, 24: an sshd with tight limits that changes its keys all
# the time, a login shell that chatters, long logs and packages that write much, while links and masters die.
: "${SO_SOURCE_DIR:=$(cd "$(dirname "$0")/../../.." && pwd)}"
. "$SO_SOURCE_DIR/tests/lib.sh"
. "$SO_SOURCE_DIR/tests/system/faults/lib.sh"
slow_allowed || {
	skip "$suite" "SCALEOUT_SKIP_SLOW is set"
	finish
}
rig_sshd_options="MaxSessions 1,MaxStartups 3:50:5,LoginGraceTime 5,RekeyLimit 1M"
rig_start 1 --ping 1 --watchdog 3

# 21: tight limits; and everything below runs under them, too.
for _ in 1 2 3 4 5 6; do run quick >/dev/null; done
outcome 21 "MaxSessions 1, MaxStartups 3:50:5, LoginGraceTime 5|$(counted)"
check_invariants "21: tight limits"

# How many messages a loop of N turns leaves: a straight line through two short ones.
lines_of() { value "COUNT(*) FROM catalog.event_messages WHERE operation_id = $1 AND message_source_type <> 20"; }
a=$(run talk --set '$Package::Turns=10')
b=$(run talk --set '$Package::Turns=20')
wait_for 30 all_ended
per_turn=$((($(lines_of "$b") - $(lines_of "$a")) / 10))
fixed=$(($(lines_of "$a") - 10 * per_turn))
matches "each turn leaves messages" '^[1-9]' "$per_turn"
check_invariants "short loops"

# 22, 23: long logs over a link that is cut and a master that is killed; sshd makes new keys after each MiB.
turns=$(if long; then echo 25000; else echo 2500; fi)
id=$(run talk --set "\$Package::Turns=$turns")
some_lines() { [ "$(lines_of "$id")" -ge "$1" ]; }
check "22: messages arrive" wait_for 60 some_lines 200
proxy 1 cut
check "22: more arrive after the cut" wait_for 60 some_lines 2000
kill_master
check "22: the master starts again" rig_master
check "22: the end arrives" wait_for 300 has_status "$id" 7
equals "22: every message is there" $((fixed + turns * per_turn)) "$(lines_of "$id")"
outcome 22 "$((fixed + turns * per_turn)) messages of one package, link cut and master killed meanwhile, RekeyLimit 1M|all of them, once, in order: $(counted)"
check_invariants "22: long log"
id=$(run big)
wait_for 30 has_status "$id" 7
id=$(run closer)
check "a package that closes its descriptors succeeds" wait_for 30 has_status "$id" 7
outcome 23 "8 MB of output; a package that closes its own descriptors|$(counted)"
wait_for 30 all_ended
first_id=$(($(last_id) + 1))
wait_for 10 nothing_left

# 24: a login shell that chatters.
cat >"$work/chatter" <<SH
#!/bin/sh
[ ! -e "$work/stdout" ] || echo "Welcome to this machine"
echo "last login: never" >&2
exec sh -c "\$SSH_ORIGINAL_COMMAND"
SH
chmod 700 "$work/chatter"
echo "ForceCommand $work/chatter" >>"$work/sshd1/config"
kill -HUP "$(listener 1)"
proxy 1 cut
id=$(run quick)
check "24: chatter on stderr does no harm" wait_for 30 has_status "$id" 7
: >"$work/stdout"
proxy 1 cut
id=$(run quick)
check "24: chatter on stdout is named as the cause" wait_for 30 sh -c "grep -q 'does not speak the worker protocol.*Welcome' '$catalog.log'"
equals "24: nothing was started through it" 5 "$(status_of "$id")"
rm "$work/stdout"
outcome 24 "login shell prints on stdout, then no longer|worker offline with the cause named; $(counted)"
check_invariants "24: chattering shell"
finish
