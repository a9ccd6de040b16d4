# Tests of src/exec. fake_dtexec stands in for the runtime.
if HAVE_CHECK
check_PROGRAMS += fake_dtexec test_exec_protocol
fake_dtexec_SOURCES = tests/exec/fake_dtexec.c tests/exec/fake_dtexec_main.c
fake_dtexec_LDADD = $(JANSSON_LIBS)
TESTS += test_exec_protocol
test_exec_protocol_SOURCES = tests/exec/test_protocol.c
test_exec_protocol_CPPFLAGS = $(TEST_CPPFLAGS)
test_exec_protocol_LDADD = libexec_protocol.a $(TEST_LIBS) $(JANSSON_LIBS)
check_PROGRAMS += fake_worker test_exec_worker
fake_worker_SOURCES = src/main_worker.c tests/exec/fake_unpack.c tests/exec/fake_dtexec.c
fake_worker_LDADD = $(WORKER_LIBS)
TESTS += test_exec_worker
test_exec_worker_SOURCES = tests/exec/test_worker.c tests/exec/client.c tests/exec/client.h
test_exec_worker_CPPFLAGS = $(TEST_CPPFLAGS)
test_exec_worker_LDADD = libexec_protocol.a $(TEST_LIBS) $(JANSSON_LIBS)
check_PROGRAMS += test_exec_unpack
TESTS += test_exec_unpack
test_exec_unpack_SOURCES = tests/exec/test_unpack.c tests/exec/client.c tests/exec/client.h
test_exec_unpack_CPPFLAGS = $(TEST_CPPFLAGS)
test_exec_unpack_LDADD = libexec_protocol.a $(TEST_LIBS) $(MD_LIBS) $(JANSSON_LIBS)
check_PROGRAMS += test_exec_daemon
TESTS += test_exec_daemon
test_exec_daemon_SOURCES = tests/exec/test_daemon.c
test_exec_daemon_CPPFLAGS = $(TEST_CPPFLAGS)
test_exec_daemon_LDADD = $(TEST_LIBS)
check_PROGRAMS += test_exec_settings
TESTS += test_exec_settings
test_exec_settings_SOURCES = tests/exec/test_settings.c
test_exec_settings_CPPFLAGS = $(TEST_CPPFLAGS)
test_exec_settings_LDADD = libexec_transport.a $(TEST_LIBS)
check_PROGRAMS += test_exec_scheduler test_exec_scheduler_load test_exec_master
TESTS += test_exec_scheduler test_exec_scheduler_load test_exec_master
test_exec_scheduler_load_SOURCES = tests/exec/test_scheduler_load.c
test_exec_scheduler_load_CPPFLAGS = $(TEST_CPPFLAGS)
test_exec_scheduler_load_LDADD = libexec_master.a $(TEST_LIBS)
test_exec_scheduler_SOURCES = tests/exec/test_scheduler.c
test_exec_scheduler_CPPFLAGS = $(TEST_CPPFLAGS)
test_exec_scheduler_LDADD = libexec_master.a $(TEST_LIBS)
test_exec_master_SOURCES = tests/exec/test_master.c tests/exec/client.c tests/exec/client.h \
	tests/exec/fake_queue.c tests/exec/fake_queue.h
test_exec_master_CPPFLAGS = $(TEST_CPPFLAGS)
test_exec_master_LDADD = libexec_master.a $(TRANSPORT_LIBS) $(TEST_LIBS)
check_PROGRAMS += transport_tool test_exec_ssh_text test_exec_cgroup
TESTS += test_exec_cgroup
test_exec_cgroup_SOURCES = tests/exec/test_cgroup.c
test_exec_cgroup_CPPFLAGS = $(TEST_CPPFLAGS)
test_exec_cgroup_LDADD = libexec_worker.a libexec_protocol.a $(TEST_LIBS) $(MD_LIBS) $(JANSSON_LIBS)
TESTS += test_exec_ssh_text
test_exec_ssh_text_SOURCES = tests/exec/test_ssh_text.c
test_exec_ssh_text_CPPFLAGS = $(TEST_CPPFLAGS)
test_exec_ssh_text_LDADD = $(TRANSPORT_LIBS) $(TEST_LIBS)
transport_tool_SOURCES = tests/exec/transport_tool.c
transport_tool_LDADD = $(TRANSPORT_LIBS)
dist_check_SCRIPTS += tests/exec/test_transport_ssh.sh
TESTS += tests/exec/test_transport_ssh.sh
endif
EXTRA_DIST += tests/system/lib_sshd.sh
if FUZZ
noinst_PROGRAMS += fuzz_protocol
fuzz_protocol_SOURCES = tests/fuzz/fuzz_protocol.c
fuzz_protocol_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
fuzz_protocol_LDADD = libexec_protocol.a libbase.a $(JANSSON_LIBS)
endif
