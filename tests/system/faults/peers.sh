#!/bin/sh
# Faults 1, 4, 5, 6, 7, 11 and 15 done to pdsh, clush, GNU parallel and Ansible (async), for
# doc/reliability.md (scripts/reliability runs it; it guards nothing of ours). Five jobs
# of two seconds each write to the same kind of effects file.
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
echo \$PPID >>"$work/parents"
[ ! -e "$work/brief" ] || { sleep 0.3; echo "\$1 end" >>"$work/effects"; echo "RESULT \$1"; exit; }
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
mkfifo "$work/commands"
"$SO_BUILD_DIR/fault_proxy" "$work/proxy.port" "$work/commands" "$work/count" "$SSHD_PORT" &
proxy_pid=$!
wait_for 10 test -s "$work/count"
at_end='kill $proxy_pid; sshd_stop; [ ! -d "$work/small" ] || umount -l "$work/small"'
proxy_port=$(cat "$work/proxy.port")
# Through the proxy, which listens on one address: the others are names for it.
options="-p $proxy_port -i $SSHD_KEY -o StrictHostKeyChecking=no -o UserKnownHostsFile=$work/known -o BatchMode=yes -o LogLevel=ERROR"
# An ssh that brings our options along, for tools that do not take all of them.
cat >"$work/ssh" <<SH
#!/bin/sh
exec /usr/bin/ssh $options "\$@"
SH
chmod 700 "$work/ssh"
hosts=h1,h2,h3,h4,h5
options="$options -o HostName=127.0.0.1"
if [ "$(id -u)" = 0 ]; then mkdir "$work/small" && mount -t tmpfs -o size=64k,mode=700 tmpfs "$work/small" || rmdir "$work/small"; fi
[ -d "$work/small" ] && async_dir=$work/small || async_dir=$work/async
for n in 1 2 3 4 5; do
	echo "h$n ansible_host=127.0.0.1 ansible_port=$proxy_port ansible_user=$(id -un) ansible_ssh_private_key_file=$SSHD_KEY ansible_python_interpreter=/usr/bin/python3 ansible_async_dir=$async_dir"
done >"$work/inventory"
export ANSIBLE_SSH_COMMON_ARGS="-o StrictHostKeyChecking=no -o UserKnownHostsFile=$work/known -o ControlMaster=no -o ControlPath=none" ANSIBLE_LOCALHOST_WARNING=0
export PYTHONUNBUFFERED=1 # what was printed counts, even if the tool is killed
export ANSIBLE_REMOTE_TMP=$work/ansible ANSIBLE_LOCAL_TEMP=$work/ansible-local ANSIBLE_HOST_KEY_CHECKING=False ANSIBLE_FORKS=5

begin() { # TOOL
	: >"$work/effects"
	: >"$work/out"
	: >"$work/parents"
	case $1 in
	ansible) ansible all -i "$work/inventory" -B 60 -P 1 -m shell -a "$work/job {{ inventory_hostname }}" ;;
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
	[ $(($(date +%s) - quiet)) -ge 3 ]
}
tool_ended() { ! kill -0 "$tool" 2>/dev/null || grep -q '^State:.Z' "/proc/$tool/status"; }
report() { # FAULT TOOL
	last_size=-1
	quiet=$(date +%s)
	# Ansible looks for its results long after the jobs have ended.
	case $2 in
	ansible) wait_for 20 tool_ended ;;
	*) wait_for 30 silent ;;
	esac
	starts=$(count 'start$' "$work/effects")
	ends=$(count 'end$' "$work/effects")
	# Ansible prints each result twice, a job that ran twice has two: both are counted once. Clush does not tell a job its host.
	results=$(grep -o '[hj]*[0-9]*:* *RESULT [hj]*[0-9]*' "$work/out" | sort -u | wc -l)
	echo "outcome peer|$1|$2|$starts|$ends|$results"
	[ -z "${SCALEOUT_OUTCOMES-}" ] || echo "peer|$1|$2|$starts|$ends|$results" >>"$SCALEOUT_OUTCOMES"
	ok
}
end_tool() {
	for pid in $(pgrep -P "$tool") "$tool"; do kill -9 "$pid" 2>/dev/null; done
	wait "$tool" 2>/dev/null
}
# Jobs that outlived their tool must not write among those of the next fault.
end_jobs() { for pid in $(pgrep -f "^/bin/sh $work/job"); do kill -9 "$pid" 2>/dev/null; done; }
# What each fault does, once all five jobs have started.
silent_link() { echo stall >"$work/commands"; let_pass 5; echo go >"$work/commands"; }
kill_at_end() { wait_for 10 grep -q 'end$' "$work/effects"; end_tool; }
kill_sessions() { for pid in $(sshd_sessions); do kill -9 "$pid" 2>/dev/null; done; }
# Never the listener: where a tool starts its job without a process of its own in between, there is none to kill.
kill_parents() {
	sort -u "$work/parents" | while read -r pid; do
		case $(cat "/proc/$pid/comm" 2>/dev/null) in sshd* | '') ;; *) kill -9 "$pid" ;; esac
	done
}
fill_disk() { dd if=/dev/zero of="$work/small/fill" bs=1k 2>/dev/null; }
for name in pdsh clush parallel parallel-retries ansible; do
	if ! command -v "${name%%-*}" >/dev/null; then
		skip "$name" "not installed"
		continue
	fi
	while IFS='|' read -r fault harm; do
		# Where nothing of the tool's is on the worker, nothing of it can die there or find no room.
		[ "$harm" != fill_disk ] || { [ "$name" = ansible ] && [ -d "$work/small" ]; } || continue
		begin "$name"
		if ! wait_for 60 started; then
			skip "$name" "its jobs did not start: $(tail -n 1 "$work/err")"
			end_tool
			break
		fi
		$harm
		report "$fault" "$name"
		end_tool
		end_jobs
		rm -f "$work/small/fill"
	done <<LIST
1: link silent for 5 s|silent_link
4: kill -9 of the tool|end_tool
5: kill -9 of the tool when the first job ends|kill_at_end
6: kill -9 of the sshd sessions|kill_sessions
7: kill -9 of what started the job on the worker|kill_parents
11: worker's disk full before the result|fill_disk
LIST
done
# 15: as test_many.sh does it to us: 200 jobs of 0.3 s on ten hosts, two at once on each, a fault for every twenty. A
# host is a name that leads through a link of its own; the tools of one command per host get two hundred names.
: >"$work/brief"
hosts=10 jobs=200 faults=10
many_stop() { for n in $(seq $hosts); do kill "$(cat "$work/link$n.pid")"; done 2>/dev/null; }
at_end="many_stop; $at_end"
for n in $(seq $hosts); do
	mkfifo "$work/link$n"
	"$SO_BUILD_DIR/fault_proxy" "$work/link$n.port" "$work/link$n" "$work/link$n.count" "$SSHD_PORT" &
	echo $! >"$work/link$n.pid"
	wait_for 10 test -s "$work/link$n.count"
done
: >"$work/many.inventory"
for n in $(seq $jobs); do
	port=$(cat "$work/link$(((n - 1) % hosts + 1)).port")
	printf 'Host j%s%s\n  HostName 127.0.0.1\n  Port %s\n' "$n" "$([ "$n" -gt $hosts ] || echo " h$n")" "$port"
	echo "j$n ansible_host=127.0.0.1 ansible_port=$port ansible_user=$(id -un) ansible_ssh_private_key_file=$SSHD_KEY ansible_python_interpreter=/usr/bin/python3" >>"$work/many.inventory"
done >"$work/many.config"
cat >>"$work/many.config" <<CONFIG
Host *
  User $(id -un)
  IdentityFile $SSHD_KEY
  StrictHostKeyChecking no
  UserKnownHostsFile $work/known
  BatchMode yes
  LogLevel ERROR
CONFIG
printf '#!/bin/sh\nexec /usr/bin/ssh -F %s "$@"\n' "$work/many.config" >"$work/many.ssh"
chmod 700 "$work/many.ssh"
logins=$(for n in $(seq $hosts); do printf '2/%s h%s,' "$work/many.ssh" "$n"; done)
begin_many() { # TOOL
	: >"$work/effects"
	: >"$work/out"
	: >"$work/parents"
	case $1 in
	ansible) ANSIBLE_PIPELINING=1 timeout 180 ansible all -f 20 -i "$work/many.inventory" -m shell -a "$work/job {{ inventory_hostname }}" ;;
	pdsh) PDSH_SSH_ARGS="-F $work/many.config -2 -a -x %h" pdsh -R ssh -f 20 -w "j[1-$jobs]" "$work/job %h" ;;
	clush) clush -S -f 20 -w "j[1-$jobs]" -o "-F $work/many.config" "$work/job %h" ;;
	parallel) seq $jobs | parallel --will-cite -S "${logins%,}" "$work/job" ;;
	parallel-retries) seq $jobs | parallel --will-cite --retries 6 -S "${logins%,}" "$work/job" ;;
	esac >"$work/out" 2>"$work/err" &
	tool=$!
}
far_enough() { tool_ended || [ "$(count 'end$' "$work/effects")" -ge "$1" ]; }
kill_session() {
	for pid in $(sshd_sessions | shuf); do kill -9 "$pid" 2>/dev/null && return; done
	return 1
}
cut_link() { echo cut >"$work/link$(shuf -i 1-$hosts -n 1)"; }
# What started a job that runs, if that is not sshd itself.
kill_parent() {
	for pid in $(tail -n 20 "$work/parents" | sort -u | shuf); do
		case $(cat "/proc/$pid/comm" 2>/dev/null) in sshd* | '') ;; *) kill -9 "$pid" 2>/dev/null && return ;; esac
	done
	return 1
}
for name in pdsh clush parallel parallel-retries ansible; do
	command -v "${name%%-*}" >/dev/null || continue
	killed=0 cut=0 orphaned=0
	begin_many "$name"
	for turn in $(seq $faults); do
		wait_for 30 far_enough $(((turn - 1) * jobs / faults + 5))
		tool_ended && break
		case $((turn % 3)) in
		1) kill_session && killed=$((killed + 1)) ;;
		2) cut_link && cut=$((cut + 1)) ;;
		0) kill_parent && orphaned=$((orphaned + 1)) ;;
		esac
	done
	wait_for 60 tool_ended && state= || state="; not ended a minute later"
	report "15: $jobs jobs on $hosts hosts; $killed sessions killed, $cut links cut, $orphaned jobs lost what started them$state" "$name"
	end_tool
	end_jobs
done
finish
