#!/bin/sh
# Control groups, in a machine with systemd and every controller.
. "${SO_SOURCE_DIR:?is set by scripts/vm}/tests/lib.sh"
. "$SO_SOURCE_DIR/tests/vm/lib.sh"
vm_test test_cgroup
finish
