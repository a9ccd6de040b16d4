# An sshd of our own for tests and benchmarks: unprivileged, on a free loopback
# port, with its own ed25519 host key and a key pair to log in with, all in one
# folder. Never ~/.ssh, never the system's sshd.
#
#   . "$SO_SOURCE_DIR/tests/system/lib_sshd.sh"
#   sshd_available || skip ...
#   sshd_start DIR [CONFIG-LINE...]   sets SSHD_PORT, SSHD_KEY (private key file),
#                                     SSHD_HOST_KEY ("type base64"), SSHD_FINGERPRINT, SSHD_PID
#   sshd_sessions                     process ids of its present connections
#   sshd_stop                         ends it and its connections
# To run a second one, copy the variables away first. sshd_address (127.0.0.1 if
# not set) is where it listens, sshd_inside a command that runs it somewhere else
# (a network namespace).

sshd_program=$(command -v sshd || echo /usr/sbin/sshd)

sshd_available() {
	[ -x "$sshd_program" ] && command -v ssh-keygen >/dev/null
}

# The config is written anew for every port that is tried.
sshd_config() {
	cat <<CONFIG
Port $1
ListenAddress ${sshd_address:-127.0.0.1}
HostKey $sshd_dir/host_key
AuthorizedKeysFile $sshd_dir/authorized_keys
PidFile $sshd_dir/pid
AllowUsers $(id -un)
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
PrintMotd no
CONFIG
	shift
	for line in "$@"; do
		echo "$line"
	done
	echo "MaxStartups 200" # unless said otherwise above: the first line counts
}

sshd_answers() {
	[ -s "$sshd_dir/pid" ] && kill -0 "$(cat "$sshd_dir/pid")" 2>/dev/null &&
		ssh-keyscan -T 2 -t ed25519 -p "$1" "${sshd_address:-127.0.0.1}" 2>/dev/null | grep -q ed25519
}

sshd_start() {
	sshd_dir=$1
	shift
	mkdir -p "$sshd_dir"
	chmod 700 "$sshd_dir"
	[ -e "$sshd_dir/host_key" ] || ssh-keygen -q -t ed25519 -N '' -C test-host -f "$sshd_dir/host_key"
	[ -e "$sshd_dir/user_key" ] || ssh-keygen -q -t ed25519 -N '' -C test-user -f "$sshd_dir/user_key"
	cp "$sshd_dir/user_key.pub" "$sshd_dir/authorized_keys"
	# Run by root, sshd insists on its empty folder for privilege separation.
	[ "$(id -u)" != 0 ] || mkdir -p /run/sshd
	# To run several, set sshd_skip so that each looks for its port somewhere else at once.
	sshd_tries=${sshd_skip:-0}
	sshd_last=$((sshd_tries + 50))
	while [ "$sshd_tries" -lt $sshd_last ]; do
		sshd_tries=$((sshd_tries + 1))
		SSHD_PORT=$((20000 + ($$ * 31 + sshd_tries * 977) % 40000))
		sshd_config "$SSHD_PORT" "$@" >"$sshd_dir/config"
		rm -f "$sshd_dir/pid"
		# shellcheck disable=SC2086
		${sshd_inside-} "$sshd_program" -f "$sshd_dir/config" -E "$sshd_dir/log" 2>>"$sshd_dir/log" || continue
		sshd_wait=0
		while [ $sshd_wait -lt 100 ]; do
			if sshd_answers "$SSHD_PORT"; then
				SSHD_PID=$(cat "$sshd_dir/pid")
				SSHD_KEY=$sshd_dir/user_key
				SSHD_HOST_KEY=$(cut -d' ' -f1,2 "$sshd_dir/host_key.pub")
				SSHD_FINGERPRINT=$(ssh-keygen -lf "$sshd_dir/host_key.pub" | cut -d' ' -f2)
				return 0
			fi
			# It forks before it listens: gone without answering means that the port was taken.
			[ ! -s "$sshd_dir/pid" ] || kill -0 "$(cat "$sshd_dir/pid")" 2>/dev/null || break
			sshd_wait=$((sshd_wait + 1))
			sleep 0.05
		done
		# One that runs and never answers is not left behind.
		[ ! -s "$sshd_dir/pid" ] || kill "$(cat "$sshd_dir/pid")" 2>/dev/null
	done
	echo "sshd does not start:" >&2
	tail -n 5 "$sshd_dir/log" >&2
	return 1
}

# Each connection has a child of the listener (run by root: with a child of its own for the user).
sshd_sessions() {
	for sshd_child in $(cat "/proc/$SSHD_PID/task/$SSHD_PID/children" 2>/dev/null); do
		echo "$sshd_child"
		cat "/proc/$sshd_child/task/$sshd_child/children" 2>/dev/null | tr ' ' '\n' | while read -r sshd_pid; do
			case $(cat "/proc/$sshd_pid/comm" 2>/dev/null) in
			sshd*) echo "$sshd_pid" ;;
			esac
		done
	done
}

sshd_stop() {
	[ -n "${SSHD_PID:-}" ] || return 0
	sshd_left=$(sshd_sessions)
	kill "$SSHD_PID" 2>/dev/null
	for sshd_pid in $sshd_left; do
		kill "$sshd_pid" 2>/dev/null
	done
	SSHD_PID=
	return 0
}
