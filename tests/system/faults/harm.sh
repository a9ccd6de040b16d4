# Random harm for test_many.sh and scripts/soak. Needs lib.sh and its random numbers.
#
#   harm_round FAULTS EXECUTIONS WORKERS   so many faults, spread over the ends of so many executions: one of each kind, then any
#   harmed                                 how many in all hit something
#   kills                                  how many of them a supervisor
#   harm_kinds                             prints how many of each kind
#   harm_missing                           prints the kinds that never hit anything
harmed=0 kills=0
harm_sessions=0 harm_agents=0 harm_links=0 harm_masters=0
harm_master=1   # the master, too
harm_patience=2 # seconds to look for a living victim

harm_kinds() { echo "$harm_sessions sessions, $harm_agents agents, $kills supervisors, $harm_links links$([ $harm_master = 0 ] || echo ", $harm_masters masters")"; }
harm_missing() {
	for kind in "$harm_sessions session" "$harm_agents agent" "$kills supervisor" "$harm_links link"; do
		[ "${kind%% *}" != 0 ] || echo "${kind#* }"
	done
}
# The worker whose sshd serves worker N, and how many proxies there are: test_many.sh says otherwise.
group_of() { echo "$1"; }
harm_proxies() { echo "$workers"; }

# Kill one of the arguments by random; false when there is none, or it has just ended by itself.
kill_one() {
	[ $# -gt 0 ] || return 1
	shift $((random % $#))
	kill -9 "$1" 2>/dev/null
}
# Supervisors live shortly: not all of them are looked at before one is killed.
kill_supervisor() {
	for pid in $(pgrep -x scaleout-task | awk -v from="$random" '{ line[NR - 1] = $0 } END { for (i = 0; i < NR; i++) print line[(from + i) % NR] }'); do
		case $(readlink "/proc/$pid"/fd/* 2>/dev/null) in
		*"$work/spool-"*) kill -9 "$pid" 2>/dev/null && return ;;
		esac
	done
	return 1
}
cut_link() {
	victim=$((random % $(harm_proxies) + 1))
	before=$(cuts $victim)
	proxy $victim cut
	[ "$(cuts $victim)" -gt "$before" ]
}
harm_session() { kill_one $(sessions "$(group_of $((random % $harm_workers + 1)))") && harm_sessions=$((harm_sessions + 1)); }
harm_agent() { kill_one $(agent_pids) && harm_agents=$((harm_agents + 1)); }
harm_supervisor() { kill_supervisor && kills=$((kills + 1)); }
harm_link() { cut_link && harm_links=$((harm_links + 1)); }
harm_the_master() { kill_master && rig_master && harm_masters=$((harm_masters + 1)); }

# One fault of a kind; looks for a while for something that it can hit.
harm() { # KIND
	harm_until=$(($(date +%s) + harm_patience))
	next_random 10000
	until "harm_$1"; do
		[ "$(date +%s)" -lt $harm_until ] || return 0
		next_random 10000
	done
	harmed=$((harmed + 1))
}
any_kind() {
	next_random $((4 + harm_master))
	case $random in
	0) kind=session ;;
	1) kind=agent ;;
	2) kind=supervisor ;;
	3) kind=link ;;
	4)
		# A master is let live for a while, so that it could grow.
		next_random 8
		[ $random = 0 ] && kind=the_master || kind=link
		;;
	esac
}
seen_end() { [ "$(count_effects end)" -ge "$1" ]; }
harm_round() {
	harm_workers=$3
	set -- "$1" "$2" session agent supervisor link
	harm_faults=$1 harm_executions=$2
	shift 2
	for n in $(seq "$harm_faults"); do
		wait_for 60 seen_end $(((n - 1) * harm_executions / harm_faults))
		any_kind
		if [ $# -gt 0 ]; then
			kind=$1
			shift
		fi
		harm "$kind"
	done
}
