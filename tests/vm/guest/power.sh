#!/bin/sh
# The steps of the power cut tests that are done inside the machine; what lasts lies in /data, and the
# witness's lines go to the host, which has appended a line to its file when it answers.
#
#   power.sh setup                 catalog, project, two workers over the machine's own sshd
#   power.sh worker                only what a worker needs: the witness
#   power.sh load N [OPTION...]    a master with these options, and N executions
#   power.sh settle [OPTION...]    a master, until all have ended
#   power.sh oracle                over all since setup; needs the host's lines in /data/rig/witnessed
suite=power
. "${SO_SOURCE_DIR:?}/tests/lib.sh"
rm -rf "$work"
trap - EXIT
work=/data/rig
mkdir -p "$work"
. "$SO_SOURCE_DIR/tests/vm/guest/lib.sh"
faults_packages='quick brief'
witness() {
	cat >"$work/witness.bash" <<-SH
		key=\${SCALEOUT_KEY##*/}
		tell() {
			exec 3<>/dev/tcp/10.0.2.100/7 && echo "\$key \$1" >&3 && read -r answer <&3 && [ "\$answer" = ok ] || exit 1
			exec 3>&-
		}
		tell start
		[ \$1 != brief ] || sleep 0.3
		tell end
	SH
}
faults_witness() { echo "exec /bin/bash $work/witness.bash \"\$1\""; }
master_options=
case $1 in
setup | worker)
	witness
	faults_witness >"$work/witness.sh"
	[ "$1" = setup ] || { sync; exit 0; }
	: >"$effects_file"
	set -e
	so init --quiet
	rig_master
	faults_project
	for name in w1 w2; do
		guest_worker $name root --spool "$work/spool-$name"
	done
	workers=2
	wait_for 120 online
	id=$(run quick)
	wait_for 120 has_status "$id" 7
	messages_of "$id" | awk '{ print $2, $3 }' >"$work/reference"
	so master stop
	sync
	;;
load)
	many=$2
	shift 2
	master_options=$*
	rig_master
	run_many brief $((many / 2)) 0
	run_many brief $((many - many / 2)) 2
	echo "all are asked for"
	;;
settle)
	shift
	master_options=$*
	rig_master || cat "$catalog.log"
	workers=2 first_id=2
	wait_for 120 online || not_ok "the workers come back"
	wait_for 300 all_ended || not_ok "every execution ends" "$(rows "SELECT execution_id, status, executed_count FROM catalog.executions WHERE status IN (2, 5, 8)" | head -5)"
	[ "$failed" = 0 ] || tail -n 20 "$catalog.log"
	;;
oracle)
	cp "$work/witnessed" "$effects_file"
	workers=2 first_id=2
	wrong_executions
	wrong_messages
	wait_for 30 nothing_left || { echo "left:"; tasks_left; }
	wait_for 30 no_process_left || echo "processes are left: $(cookies_left)"
	rows "SELECT status, COUNT(*) FROM catalog.executions GROUP BY status ORDER BY status" >"$work/statuses"
	so master stop >/dev/null 2>&1
	;;
esac
