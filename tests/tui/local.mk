# tests/tui: the console on made-up data (fake_catalog.c), so nothing of the catalog is linked.
TUI_TEST_LINK = $(TUI_LINK) libtsql.a libbase.a $(SQLITE_LIBS) $(CRYPTO_LIBS) -lm
EXTRA_DIST += tests/tui/golden/two-packages.sql tests/tui/golden/values.sql tests/tui/golden/server.sql \
	$(srcdir)/tests/screens/*
# The console on the fake catalog as a program.
check_PROGRAMS += console_fake
console_fake_SOURCES = tests/tui/console_fake.c tests/tui/fake_catalog.c tests/tui/fake_catalog.h
console_fake_CPPFLAGS = $(TEST_CPPFLAGS)
console_fake_LDFLAGS = $(AM_LDFLAGS) $(TUI_WRAP)
console_fake_LDADD = $(TUI_TEST_LINK)
if HAVE_CHECK
check_PROGRAMS += test_tui test_jobs test_screens
TESTS += test_tui test_jobs test_screens
test_tui_SOURCES = tests/tui/test_tui.c
test_tui_CPPFLAGS = $(TEST_CPPFLAGS)
test_tui_LDFLAGS = $(AM_LDFLAGS) $(TUI_WRAP)
test_tui_LDADD = libharness.a $(TUI_TEST_LINK) $(CHECK_LIBS)
test_jobs_SOURCES = tests/tui/test_jobs.c
test_jobs_CPPFLAGS = $(TEST_CPPFLAGS)
test_jobs_LDFLAGS = $(AM_LDFLAGS) $(TUI_WRAP)
test_jobs_LDADD = libharness.a $(TUI_TEST_LINK) $(CHECK_LIBS)
test_screens_SOURCES = tests/tui/test_screens.c tests/tui/fake_catalog.c tests/tui/fake_catalog.h
test_screens_CPPFLAGS = $(TEST_CPPFLAGS)
test_screens_LDFLAGS = $(AM_LDFLAGS) $(TUI_WRAP)
test_screens_LDADD = libharness.a $(TUI_TEST_LINK) $(CHECK_LIBS)
if HAVE_VTERM
check_PROGRAMS += test_pty
TESTS += test_pty
test_pty_SOURCES = tests/tui/test_pty.c tests/tui/pty.c tests/tui/pty.h
test_pty_CPPFLAGS = $(TEST_CPPFLAGS)
test_pty_CFLAGS = $(AM_CFLAGS) $(VTERM_CFLAGS)
test_pty_LDADD = $(TEST_LIBS) $(VTERM_LIBS) -lutil
endif
endif
