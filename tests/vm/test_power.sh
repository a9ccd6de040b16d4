#!/bin/sh
# The power of a machine with master, catalog and two workers is cut at random moments, and it starts
# again: what the guest had not flushed to its disk is gone. The witness is on the host. In the default
# form each try starts at most once, whatever the moment; with --fast it is told how often it did not.
. "${SO_SOURCE_DIR:?is set by scripts/vm}/tests/lib.sh"
. "$SO_SOURCE_DIR/tests/vm/lib.sh"
. "$SO_SOURCE_DIR/tests/system/faults/lib.sh"
at_end=vm_stop

power() { vm "SO_SOURCE_DIR=/root/source SO_BUILD_DIR=$vm_bin sh /root/source/tests/vm/guest/power.sh $*"; }
vm_witness "$effects_file"
# One of each form begins with an empty disk; cuts follow one another on it.
for form in durable fast; do
	option=
	[ $form = durable ] || option=--fast
	: >"$effects_file"
	vm_disk "$work/disk"
	check "$form: the machine starts" vm_start "$work/disk"
	check "$form: catalog and workers are set up" power setup
	cuts=0
	for turn in $(seq "$VM_SEEDS"); do
		seed "$turn"
		next_random 60
		lines=$(($(wc -l <"$effects_file") + random))
		next_random 400
		power load 40 $option >"$work/load.log" 2>&1 &
		load=$!
		check "$form, seed $first_state: executions run" wait_for 120 witnessed "$lines"
		pause "$random"
		vm_cut
		wait "$load"
		echo "power cut ($form) at line $(wc -l <"$effects_file"), $random ms after line $lines"
		check "$form, seed $first_state: the machine starts anew" vm_start "$work/disk"
		found=$(
			power settle $option 2>&1
			vm_send "$effects_file" /data/rig/witnessed
			power oracle 2>&1
		)
		cuts=$((cuts + 1))
		[ $form = durable ] || found=$(printf '%s\n' "$found" | vm_but_twice)
		equals "$form, seed $first_state: the oracle finds nothing wrong" "" "$found"
	done
	vm_counted "$(vm 'cat /data/rig/statuses')"
	vm_stop
	[ $form = fast ] || equals "durable: no try started twice" 0 "$doubled"
	[ $form = durable ] && number=28 || number=28f
	outcome $number "power cut of a machine with master, catalog and two workers, $cuts times ($form)|$counted"
done
finish
