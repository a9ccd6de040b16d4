# Virtual machines for the tests of tests/vm, which run on the host. scripts/vm has made the
# image and the disk with the programs. Needs tests/lib.sh.
#
#   vm_start [DISK]        boot a machine (with that file as the disk of /data); returns when one can log in
#   vm COMMAND...          run a command of shell in it, as root; at most vm_patience seconds
#   vm_cut                 cut its power: qemu is killed. What the guest has not flushed is gone
#   vm_stop                the same for a machine that has done its work
#   vm_disk FILE           make an empty disk for /data
#   vm_test NAME           run tests/vm/guest/NAME.sh in a machine; what it counts is counted
#   vm_send FROM TO        a file into it
#   vm_witness FILE        before vm_start: lines that the guest sends to 10.0.2.100 port 7 are appended to it and answered
: "${VM_IMAGE:?is set by scripts/vm, which runs this}"
vm_pid= vm_port= vm_guests= vm_boots=0
vm_patience=300
at_end=vm_stop

vm_options() {
	cat <<-OPTIONS
		-o UserKnownHostsFile=$VM_WORK/known_hosts -o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes
		-o HostKeyAlias=vm -o IdentitiesOnly=yes -o ConnectTimeout=20 -o ServerAliveInterval=10 -o LogLevel=ERROR
		-o ControlMaster=auto -o ControlPath=$work/ssh.%p -o ControlPersist=60
	OPTIONS
}
vm() {
	# shellcheck disable=SC2046
	timeout -k 5 "$vm_patience" ssh -F none -i "$VM_WORK/key" $(vm_options) -p "$vm_port" root@127.0.0.1 "$@" </dev/null
}
vm_send() {
	# shellcheck disable=SC2046
	timeout 60 ssh -F none -i "$VM_WORK/key" $(vm_options) -p "$vm_port" root@127.0.0.1 "cat >$2" <"$1"
}
vm_runs() { kill -0 "$vm_pid" 2>/dev/null; }
vm_answers() { vm_patience=25 vm true; }
vm_entered() {
	vm_entered_end=$(($(date +%s) + 240))
	until vm_answers 2>/dev/null; do
		vm_runs && [ "$(date +%s)" -lt $vm_entered_end ] || return 1
		sleep 0.5
	done
}

vm_witness() {
	cat >"$work/witness-host.sh" <<-SH
		read -r line && printf '%s\n' "\$line" >>"$1" && echo ok
	SH
	: >"$1"
	vm_guests=",guestfwd=tcp:10.0.2.100:7-cmd:/bin/sh $work/witness-host.sh"
}
vm_disk() {
	rm -f "$1"
	mke2fs -q -t ext4 "$1" 1G
}
vm_start() {
	vm_boots=$((vm_boots + 1))
	disk=
	[ -z "${1-}" ] || disk="-drive file=$1,if=none,id=data,format=raw,cache=writeback -device nvme-ns,drive=data,nsid=3"
	for vm_try in 0 1 2 3 4 5; do
		# It keeps its port when it starts anew.
		[ $vm_boots -gt 1 ] || vm_port=$((10000 + ($$ * 31 + vm_try * 1979) % 10000)) # those of the test's sshd lie above
		# shellcheck disable=SC2086
		qemu-system-x86_64 -accel "$VM_ACCEL" -m 1024 -smp 2 -nodefaults -display none -monitor none -no-reboot \
			-serial "file:$work/console.$vm_boots" -kernel "$VM_IMAGE/kernel" \
			-append "root=/dev/nvme0n1 rw console=ttyS0 quiet panic=-1 net.ifnames=0" \
			-device nvme,serial=vm -drive "file=$VM_IMAGE/root,if=none,id=root,format=raw,snapshot=on" -device nvme-ns,drive=root,nsid=1 \
			-drive "file=$VM_WORK/seed,if=none,id=seed,format=raw,readonly=on" -device nvme-ns,drive=seed,nsid=2 $disk \
			-netdev "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:$vm_port-:22$vm_guests" -device virtio-net-pci,netdev=net \
			</dev/null >"$work/qemu.log" 2>&1 &
		vm_pid=$!
		vm_entered && return 0
		grep -q 'host forwarding rule' "$work/qemu.log" || break # a port that is taken
	done
	tail -n 5 "$work/qemu.log" "$work/console.$vm_boots"
	return 1
}
vm_cut() {
	[ -n "$vm_pid" ] || return 0
	kill -9 "$vm_pid" 2>/dev/null
	wait "$vm_pid" 2>/dev/null
	vm_pid=
	for vm_socket in "$work"/ssh.*; do # the connections that were shared
		[ ! -S "$vm_socket" ] || ssh -F none -o ControlPath="$vm_socket" -O exit vm 2>/dev/null
	done
	rm -f "$work"/ssh.*
}
vm_stop() { vm_cut; }

# Where make install has put the programs.
vm_bin=$(sed -n 's|^ExecStart=\(.*\)/scaleoutd .*|\1|p' "$SO_BUILD_DIR/units/system/scaleoutd.service")

vm_test() {
	vm_start || {
		not_ok "the machine starts" "$(tail -n 20 "$work/qemu.log" "$work"/console.*)"
		finish
	}
	vm_patience=1200
	vm "TMPDIR=/srv SO_SOURCE_DIR=/root/source SO_BUILD_DIR=$vm_bin sh /root/source/tests/vm/guest/$1.sh" >"$work/guest.log" 2>&1
	vm_status=$?
	vm_patience=300
	grep -v "^$1: [0-9]* passed" "$work/guest.log"
	grep '^outcome ' "$work/guest.log" | sed 's/^outcome //' >>"$SCALEOUT_OUTCOMES"
	line=$(grep -E "^$1: [0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$" "$work/guest.log" | tail -n 1)
	if [ -n "$line" ]; then
		# shellcheck disable=SC2046
		set -- $(echo "${line#*:}" | tr -dc '0-9 ')
		passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
	else
		not_ok "the test ends in its machine" "exit status $vm_status" "$(tail -n 5 "$work"/console.*)"
	fi
}

# --- power cuts ---

witnessed() { [ "$(wc -l <"$effects_file")" -ge "$1" ]; }
# A random moment, in milliseconds.
pause() { sleep "$(printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)))"; }
# The oracle's findings without those that --fast admits of: a try that ran twice.
vm_but_twice() { grep -vE '^[0-9]+-[0-9]+ (start|end): [0-9]+ times$|^execution [0-9]+ started [0-9]+ times in'; }
# What the witness has seen, and how often each status ("STATUS|COUNT" lines); sets doubled.
vm_counted() {
	vm_starts=$(grep -c start "$effects_file")
	vm_tries=$(grep start "$effects_file" | sort -u | wc -l)
	doubled=$((vm_starts - vm_tries))
	counted="$vm_starts starts of $vm_tries tries; $(printf '%s\n' "$1" | tr -d ' \r' |
		sed 's/^7|\(.*\)/\1 succeeded/; s/^6|\(.*\)/\1 ended unexpectedly/; s/^\([0-9]*\)|\(.*\)/\2 with status \1/' | paste -sd, | sed 's/,/, /g')"
}
