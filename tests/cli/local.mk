TESTS += tests/cli/test_cli.sh tests/cli/test_backup.sh tests/cli/test_sql.sh tests/cli/test_switches.sh
EXTRA_DIST += tests/cli/test_cli.sh tests/cli/test_backup.sh tests/cli/test_sql.sh tests/cli/test_switches.sh

if HAVE_CHECK
check_PROGRAMS += test_sqlcmd
TESTS += test_sqlcmd
test_sqlcmd_SOURCES = tests/cli/test_sqlcmd.c
test_sqlcmd_CPPFLAGS = $(TEST_CPPFLAGS)
test_sqlcmd_LDADD = libcli.a libtsql.a $(TEST_LIBS) $(SQLITE_LIBS) $(CRYPTO_LIBS) $(JANSSON_LIBS) $(EDIT_LIBS) -lm
if HAVE_VTERM
check_PROGRAMS += test_sql_prompt
TESTS += test_sql_prompt
test_sql_prompt_SOURCES = tests/cli/test_sql_prompt.c tests/tui/pty.c tests/tui/pty.h
test_sql_prompt_CPPFLAGS = $(TEST_CPPFLAGS)
test_sql_prompt_CFLAGS = $(AM_CFLAGS) $(VTERM_CFLAGS)
test_sql_prompt_LDADD = $(TEST_LIBS) $(VTERM_LIBS) -lutil
endif
endif
EXTRA_DIST += tests/fuzz/sqlcmd.dict
if FUZZ
noinst_PROGRAMS += fuzz_sqlcmd
fuzz_sqlcmd_SOURCES = tests/fuzz/fuzz_sqlcmd.c
fuzz_sqlcmd_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
fuzz_sqlcmd_LDADD = libcli.a libtsql.a libbase.a $(SQLITE_LIBS) $(CRYPTO_LIBS) $(JANSSON_LIBS) $(EDIT_LIBS) -lm
endif
