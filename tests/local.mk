# Tests mirror src/. Each room's local.mk lists its suites; a suite links only
# the rooms that its room may use.
if HAVE_CHECK
check_LIBRARIES += libharness.a
libharness_a_SOURCES = tests/harness.c tests/harness.h
libharness_a_CPPFLAGS = $(TEST_CPPFLAGS)
endif
TEST_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir) -DSO_SOURCE_DIR='"$(abs_top_srcdir)"' \
	-DSO_BUILD_DIR='"$(abs_top_builddir)"' $(CHECK_CFLAGS)
TEST_LIBS = libharness.a libbase.a $(CHECK_LIBS)
# What shell tests need to find sources and programs.
AM_TESTS_ENVIRONMENT = SO_SOURCE_DIR='$(abs_top_srcdir)'; SO_BUILD_DIR='$(abs_top_builddir)'; \
	export SO_SOURCE_DIR SO_BUILD_DIR;

include tests/base/local.mk
include tests/tsql/local.mk
include tests/package/local.mk
include tests/catalog/local.mk
include tests/exec/local.mk
include tests/runtime/local.mk
include tests/tui/local.mk
include tests/cli/local.mk
include tests/system/local.mk

# Run by scripts/vm, in machines of their own.
EXTRA_DIST += tests/vm/lib.sh tests/vm/test_cgroup.sh tests/vm/test_units.sh tests/vm/test_power.sh tests/vm/test_power_worker.sh \
	tests/vm/guest/lib.sh tests/vm/guest/power.sh tests/vm/guest/test_cgroup.sh tests/vm/guest/test_units.sh

# Checks of the tree itself.
TREE_TESTS = tests/test_layers.sh tests/test_symbols.sh tests/test_headers.sh tests/test_source.sh \
	tests/test_dist.sh
TESTS += $(TREE_TESTS)
EXTRA_DIST += $(TREE_TESTS) tests/lib.sh tests/harness.h
# What the tarball holds, for tests/test_dist.sh.
list-dist:
	@printf '%s\n' $(DISTFILES) | sed 's|^$(srcdir)/||'
.PHONY: list-dist
