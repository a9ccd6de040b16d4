# system tests
SYSTEM_TESTS = tests/system/test_samples.sh tests/system/test_run.sh tests/system/test_validate.sh tests/system/test_dump.sh tests/system/test_protected.sh tests/system/test_scripts.sh tests/system/test_console.sh tests/system/test_quickstart.sh tests/system/test_ssh.sh tests/system/test_queue.sh tests/system/test_service.sh tests/system/test_master.sh tests/system/test_status.sh
SYSTEM_TESTS += tests/system/test_worker.sh tests/system/test_worker_add.sh tests/system/test_worker_check.sh
TESTS += $(SYSTEM_TESTS)
EXTRA_DIST += $(SYSTEM_TESTS) tests/system/lib_effects.sh $(srcdir)/tests/system/scripts/*.sql $(srcdir)/tests/system/scripts/*.out
include tests/system/faults/local.mk
EXTRA_DIST += $(srcdir)/tests/system/screens/*.txt
