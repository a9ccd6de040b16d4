TESTS += tests/cli/test_cli.sh
EXTRA_DIST += tests/cli/test_cli.sh

if HAVE_CHECK
check_PROGRAMS += test_sqlcmd
TESTS += test_sqlcmd
test_sqlcmd_SOURCES = tests/cli/test_sqlcmd.c
test_sqlcmd_CPPFLAGS = $(TEST_CPPFLAGS)
test_sqlcmd_LDADD = libcli.a libtsql.a $(TEST_LIBS) $(SQLITE_LIBS) $(JANSSON_LIBS) $(EDIT_LIBS) -lm
endif
