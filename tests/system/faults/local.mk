# Faults of every kind, each with the same witness (doc/reliability.md). fault_proxy is the link that is cut.
FAULT_TESTS = \
	tests/system/faults/test_kills.sh \
	tests/system/faults/test_random.sh \
	tests/system/faults/test_cuts.sh \
	tests/system/faults/test_links.sh \
	tests/system/faults/test_many.sh \
	tests/system/faults/test_clocks.sh \
	tests/system/faults/test_reboots.sh \
	tests/system/faults/test_disks.sh \
	tests/system/faults/test_stops.sh \
	tests/system/faults/test_masters.sh \
	tests/system/faults/test_workers.sh \
	tests/system/faults/test_streams.sh \
	tests/system/faults/test_liars.sh \
	tests/system/faults/test_secrets.sh
check_PROGRAMS += fault_proxy
fault_proxy_SOURCES = tests/system/faults/proxy.c
TESTS += $(FAULT_TESTS)
EXTRA_DIST += $(FAULT_TESTS) tests/system/faults/lib.sh tests/system/faults/project.sh \
	tests/system/faults/oracle.sh tests/system/faults/peers.sh
