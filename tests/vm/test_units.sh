#!/bin/sh
# The units, in a machine with systemd.
. "${SO_SOURCE_DIR:?is set by scripts/vm}/tests/lib.sh"
. "$SO_SOURCE_DIR/tests/vm/lib.sh"
vm_test test_units
finish
