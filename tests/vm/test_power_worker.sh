#!/bin/sh
# The power of a worker's machine is cut at random moments while the master, on another machine (the
# host), goes on: the worker comes back with what its disk has kept, and the master settles with it.
. "${SO_SOURCE_DIR:?is set by scripts/vm}/tests/lib.sh"
. "$SO_SOURCE_DIR/tests/vm/lib.sh"
. "$SO_SOURCE_DIR/tests/system/faults/lib.sh"
faults_packages='quick brief'
patience=60

# The project is made here, what its packages run is in the machine.
faults_script=/data/rig/witness.sh
stop_all() {
	so master stop >/dev/null 2>&1
	vm_stop
}
at_end=stop_all
in_guest() { vm "SO_SOURCE_DIR=/root/source SO_BUILD_DIR=$vm_bin sh /root/source/tests/vm/guest/power.sh $*"; }

vm_witness "$effects_file"

# --- right after "worker add" has copied the programs: they lie in /data, by a mount ---
lasting_home() { vm 'mkdir -p /data/local /root/.local && mount --bind /data/local /root/.local'; }
sums() { vm 'cd /root/.local/lib/scaleout/*/ && sha256sum scaleout-worker scaleout-dtexec' | cut -d' ' -f1; }
catalog=$work/install.db
vm_disk "$work/disk"
check "install: the machine starts" vm_start "$work/disk"
check "install: its programs will be where its disk is" lasting_home
# The kernel writes what nobody syncs when it is half a minute old; here, where all takes long, not at all.
check "install: it writes late" vm 'echo 60000 >/proc/sys/vm/dirty_expire_centisecs'
check "install: it has none yet" vm "rm $vm_bin/scaleout-worker"
so init --quiet
so worker add w1 --host 127.0.0.1 --port "$vm_port" --user root --identity "$VM_WORK/key" --allow-root \
	--fingerprint "$(ssh-keygen -lf "$VM_WORK/known_hosts" | cut -d' ' -f2)" >"$work/add.log" 2>&1
# What another program syncs takes the names along, and not what is in the files.
check "install: another program syncs a file" vm 'dd if=/dev/zero of=/data/other bs=1 count=1 conv=fsync'
vm_cut
check "install: the machine starts anew" vm_start "$work/disk"
check "install: with its disk" lasting_home
equals "install: the programs are whole" "$(sha256sum "$SO_BUILD_DIR/scaleout-worker" "$SO_BUILD_DIR/scaleout-dtexec" | cut -d' ' -f1)" "$(sums)"
outcome 30 "power cut right after worker add has copied its programs, another program having synced|they are whole"
so master stop >/dev/null 2>&1
vm_stop

for form in durable fast; do
	catalog=$work/$form.db
	master_options="--ping 1 --watchdog 4"
	[ $form = durable ] || master_options="$master_options --fast"
	: >"$effects_file"
	vm_disk "$work/disk"
	check "$form: the machine starts" vm_start "$work/disk"
	check "$form: it has the witness" in_guest worker
	so init --quiet
	rig_master
	check "$form: the project is deployed" faults_project
	so worker add w1 --host 127.0.0.1 --port "$vm_port" --user root --identity "$VM_WORK/key" --allow-root --slots 8 \
		--fingerprint "$(ssh-keygen -lf "$VM_WORK/known_hosts" | cut -d' ' -f2)" --program "$vm_bin/scaleout-worker" --spool /data/spool --enable >"$work/add.log" 2>&1
	workers=1
	check "$form: the worker is online" wait_for 60 online
	reference=$(run quick --worker w1)
	check "$form: an execution without a cut succeeds" wait_for 60 has_status "$reference" 7
	messages_of "$reference" | awk '{ print $2, $3 }' >"$work/reference"
	first_id=$((reference + 1))
	for turn in $(seq "$VM_SEEDS"); do
		seed "$turn"
		next_random 60
		lines=$(($(wc -l <"$effects_file") + random))
		next_random 400
		run_many brief 20 0 >"$work/load.log" 2>&1
		run_many brief 20 2 >>"$work/load.log" 2>&1
		check "$form, seed $first_state: executions run" wait_for 120 witnessed "$lines"
		pause "$random"
		vm_cut
		echo "power cut ($form) $random ms after line $lines"
		check "$form, seed $first_state: the machine starts anew" vm_start "$work/disk"
		check "$form, seed $first_state: every execution ends" wait_for 300 all_ended
		found=$(
			wrong_executions
			wrong_messages
		)
		[ $form = durable ] || found=$(printf '%s\n' "$found" | vm_but_twice)
		equals "$form, seed $first_state: the oracle finds nothing wrong" "" "$found"
		check "$form, seed $first_state: no task is left in the spool" wait_for 30 vm '[ -z "$(ls /data/spool/*/*/tasks)" ]'
	done
	[ $form = durable ] && number=29 || number=29f
	vm_counted "$(rows "SELECT status, COUNT(*) FROM catalog.executions WHERE execution_id >= $reference GROUP BY status ORDER BY status")"
	outcome $number "power cut of a worker's machine, $VM_SEEDS times ($form)|$counted"
	[ $form = fast ] || equals "durable: no try started twice" 0 "$doubled"
	so master stop >/dev/null 2>&1
	vm_stop
done
finish
