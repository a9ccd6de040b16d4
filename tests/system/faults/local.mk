# Faults of every kind, each with the same witness (doc/reliability.md). fault_proxy is the link that is cut.
FAULT_TESTS = \
	tests/system/faults/test_oracle.sh \
	tests/system/faults/test_kills.sh \
	tests/system/faults/test_random.sh \
	tests/system/faults/test_cuts.sh \
	tests/system/faults/test_links.sh \
	tests/system/faults/test_changes.sh \
	tests/system/faults/test_many.sh \
	tests/system/faults/test_clocks.sh \
	tests/system/faults/test_reboots.sh \
	tests/system/faults/test_disks.sh \
	tests/system/faults/test_stops.sh \
	tests/system/faults/test_masters.sh \
	tests/system/faults/test_workers.sh \
	tests/system/faults/test_streams.sh \
	tests/system/faults/test_liars.sh \
	tests/system/faults/test_secrets.sh \
	tests/system/faults/test_readonly.sh \
	tests/system/faults/test_spools.sh
check_PROGRAMS += fault_proxy
fault_proxy_SOURCES = tests/system/faults/proxy.c
# The agent with shared libraries, for faketime works by putting one before the others.
check_PROGRAMS += worker_shared
worker_shared_SOURCES = src/main_worker.c
worker_shared_LDADD = $(scaleout_worker_LDADD)
# Preloaded into the master: without our flags, for sanitizers have no place there.
check_DATA = fault_readonly.so
fault_readonly.so: tests/system/faults/readonly.c
	$(AM_V_GEN)$(CC) -O1 -Wall -fPIC -shared -o $@ $(srcdir)/tests/system/faults/readonly.c -ldl
CLEANFILES += fault_readonly.so
TESTS += $(FAULT_TESTS)
EXTRA_DIST += $(FAULT_TESTS) tests/system/faults/lib.sh tests/system/faults/project.sh \
	tests/system/faults/oracle.sh tests/system/faults/harm.sh tests/system/faults/peers.sh \
	tests/system/faults/readonly.c
# The power cut: the worker's programs with everything that they do to a spool noted down.
if HAVE_CHECK
comma = ,
POWER_WRAPS = open openat mkdir mkdirat mkfifoat mkostemp posix_fallocate ftruncate pwrite write rename renameat \
	rmdir unlink unlinkat fsync fdatasync syncfs
WRAP_POWER = $(AM_LDFLAGS) $(addprefix -Wl$(comma)--wrap=,$(POWER_WRAPS))
POWER_JOURNAL = tests/system/faults/journal.c tests/system/faults/journal.h
check_PROGRAMS += power_worker power_dtexec test_power
power_worker_SOURCES = src/main_worker.c tests/exec/fake_unpack.c tests/exec/fake_dtexec.c $(POWER_JOURNAL)
power_worker_LDFLAGS = $(WRAP_POWER)
power_worker_LDADD = $(WORKER_LIBS)
power_dtexec_SOURCES = tests/exec/fake_dtexec.c tests/exec/fake_dtexec_main.c $(POWER_JOURNAL)
power_dtexec_LDFLAGS = $(WRAP_POWER)
power_dtexec_LDADD = $(JANSSON_LIBS)
test_power_SOURCES = tests/system/faults/test_power.c tests/exec/client.c tests/exec/client.h
test_power_CPPFLAGS = $(TEST_CPPFLAGS)
test_power_LDADD = libexec_protocol.a $(TEST_LIBS) $(JANSSON_LIBS)
TESTS += test_power
endif
