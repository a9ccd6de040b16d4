# Inside a machine of tests/vm: the rig of the fault tests with workers over the machine's own
# sshd and systemd. Needs tests/lib.sh; everything lies in $work. Ours, and nobody else's: what
# a test changes goes with the machine.
#
#   guest_user NAME         an account that the machine's root can log in to
#   guest_worker NAME USER [OPTION...]   a worker over SSH, enabled, with its spool in USER's home
#   guest_setup             catalog, project, master
#   outcome NUMBER TEXT     a line of the table in doc/reliability.md
#
# Packages: quick, gate, brief, daemon, fail as in the fault tests; eat (memory, until it gets no
# more); burn (a processor, for two seconds of its time); parent (one that eats, and goes on after its death).
. "$SO_SOURCE_DIR/tests/system/faults/lib.sh"
faults_packages='quick gate brief daemon fail eat burn parent'
patience=60
chmod 755 "$work"

faults_witness() {
	touch "$effects_file"
	chmod 666 "$effects_file"
	cat <<SH
key=\${SCALEOUT_KEY##*/}
tell() { echo "\$key \$1" >>"$effects_file"; }
tell start
case \$1 in
gate) while [ ! -e "$work/gate" ]; do sleep 0.1; done ;;
brief) sleep 0.3 ;;
fail) exit 1 ;;
eat) exec tail /dev/zero ;;
parent) tail /dev/zero; tell survived; sleep 60; exit 1 ;;
burn) n=0; while [ \$n -lt 300000 ]; do n=\$((n + 1)); done ;;
daemon)
	mkdir -p /tmp/daemons && chmod 777 /tmp/daemons
	for n in 1 2; do
		setsid sh -c 'trap "" TERM HUP; echo \$\$ >/tmp/daemons/'"\$key.\$n"'; while :; do sleep 0.2; done' </dev/null >/dev/null 2>&1 &
	done
	while [ ! -s "/tmp/daemons/\$key.1" ] || [ ! -s "/tmp/daemons/\$key.2" ]; do sleep 0.1; done ;;
esac
tell end
SH
}

guest_user() {
	useradd --create-home --shell /bin/sh "$1" && install -d -o "$1" -m 700 "/home/$1/.ssh" &&
		install -o "$1" -m 600 /root/.ssh/authorized_keys "/home/$1/.ssh/authorized_keys"
}
guest_worker() {
	name=$1 user=$2
	shift 2
	so worker add "$name" --host 127.0.0.1 --user "$user" --identity /root/.ssh/id_ed25519 --allow-root \
		--fingerprint "$(ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub | cut -d' ' -f2)" \
		--program "$SO_BUILD_DIR/scaleout-worker" --slots 8 --enable "$@"
}
guest_setup() {
	: >"$effects_file"
	so init --quiet && rig_master && faults_project && at_end=rig_stop
}
said() { so messages "$1"; }
