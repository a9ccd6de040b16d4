# tests/tui: the console on made-up data (fake_catalog.c), so nothing of the catalog is linked.
EXTRA_DIST += tests/tui/golden/two-packages.sql tests/tui/golden/values.sql tests/tui/golden/server.sql
if HAVE_CHECK
check_PROGRAMS += test_tui
TESTS += test_tui
test_tui_SOURCES = tests/tui/test_tui.c
test_tui_CPPFLAGS = $(TEST_CPPFLAGS)
test_tui_LDFLAGS = $(AM_LDFLAGS) $(TUI_WRAP)
test_tui_LDADD = libharness.a $(TUI_LINK) libtsql.a libbase.a $(SQLITE_LIBS) $(CHECK_LIBS) -lm
endif
