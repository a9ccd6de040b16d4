# Random harm for test_many.sh and scripts/soak. Needs lib.sh and its random numbers.
#
#   harm_round FAULTS EXECUTIONS WORKERS   so many faults, spread over the ends of so many executions
#   harmed, kills                          how many in all, and how many of them killed a supervisor
harmed=0 kills=0
harm_sessions=0 harm_agents=0 harm_links=0 harm_masters=0
harm_master=1 # the master, too

one_of() { # prints one of the arguments by random
	[ $# -gt 0 ] || return
	shift $((random % $#))
	echo "$1"
}
harm_kinds() { echo "$harm_sessions sessions, $harm_agents agents, $kills supervisors, $harm_links links, $harm_masters masters killed"; }
# The worker whose sshd serves worker N, and how many proxies there are: test_many.sh says otherwise.
group_of() { echo "$1"; }
harm_proxies() { echo "$workers"; }
harm() { # WORKERS
	next_random $((4 + harm_master))
	kind=$random
	next_random 10000
	# A master is let live for a while, so that it could grow.
	[ $kind != 4 ] || [ $((random % 8)) = 0 ] || kind=3
	victim=
	case $kind in
	0) victim=$(one_of $(sessions "$(group_of $((random % $1 + 1)))")) harm_sessions=$((harm_sessions + 1)) ;;
	1) victim=$(one_of $(agent_pids)) harm_agents=$((harm_agents + 1)) ;;
	2) victim=$(one_of $(supervisor_pids)) ;;
	3) proxy $((random % $(harm_proxies) + 1)) cut; harm_links=$((harm_links + 1)) ;;
	4) kill_master && rig_master; harm_masters=$((harm_masters + 1)) ;;
	esac
	# Where there was nobody to kill, nothing was done.
	[ -n "$victim" ] || [ $kind -ge 3 ] || return 0
	harmed=$((harmed + 1))
	[ -n "$victim" ] || return 0
	kill -9 "$victim" 2>/dev/null
	[ $kind != 2 ] || kills=$((kills + 1))
}
seen_end() { [ "$(count_effects end)" -ge "$1" ]; }
harm_round() {
	for n in $(seq "$1"); do
		wait_for 60 seen_end $(((n - 1) * $2 / $1))
		harm "$3"
	done
}
