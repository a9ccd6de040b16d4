if HAVE_CHECK
TSQL_TEST_LIBS = libtsql.a $(TEST_LIBS) $(SQLITE_LIBS) $(CRYPTO_LIBS) -lm
TSQL_SUITES = test_tsql_functions test_tsql_parser test_tsql_scripts test_tsql_select test_tsql_session test_tsql_split test_tsql_value
check_PROGRAMS += $(TSQL_SUITES)
TESTS += $(TSQL_SUITES)
test_tsql_functions_SOURCES = tests/tsql/test_functions.c tests/tsql/fake.c tests/tsql/fake.h
test_tsql_functions_CPPFLAGS = $(TEST_CPPFLAGS)
test_tsql_functions_LDADD = $(TSQL_TEST_LIBS)
test_tsql_parser_SOURCES = tests/tsql/test_parser.c
test_tsql_parser_CPPFLAGS = $(TEST_CPPFLAGS)
test_tsql_parser_LDADD = $(TSQL_TEST_LIBS)
test_tsql_scripts_SOURCES = tests/tsql/test_scripts.c tests/tsql/fake.c tests/tsql/fake.h
test_tsql_scripts_CPPFLAGS = $(TEST_CPPFLAGS)
test_tsql_scripts_LDADD = $(TSQL_TEST_LIBS)
test_tsql_select_SOURCES = tests/tsql/test_select.c tests/tsql/fake.c tests/tsql/fake.h
test_tsql_select_CPPFLAGS = $(TEST_CPPFLAGS)
test_tsql_select_LDADD = $(TSQL_TEST_LIBS)
test_tsql_session_SOURCES = tests/tsql/test_session.c tests/tsql/fake.c tests/tsql/fake.h
test_tsql_session_CPPFLAGS = $(TEST_CPPFLAGS)
test_tsql_session_LDADD = $(TSQL_TEST_LIBS)
test_tsql_split_SOURCES = tests/tsql/test_split.c
test_tsql_split_CPPFLAGS = $(TEST_CPPFLAGS)
test_tsql_split_LDADD = $(TSQL_TEST_LIBS)
test_tsql_value_SOURCES = tests/tsql/test_value.c
test_tsql_value_CPPFLAGS = $(TEST_CPPFLAGS)
test_tsql_value_LDADD = $(TSQL_TEST_LIBS)
endif
if FUZZ
noinst_PROGRAMS += fuzz_tsql
fuzz_tsql_SOURCES = tests/fuzz/fuzz_tsql.c tests/tsql/fake.c tests/tsql/fake.h
fuzz_tsql_CPPFLAGS = $(TEST_CPPFLAGS)
fuzz_tsql_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
fuzz_tsql_LDADD = libtsql.a libbase.a $(SQLITE_LIBS) $(CRYPTO_LIBS) -lm
endif
EXTRA_DIST += tests/fuzz/tsql.dict tests/fuzz/corpus/tsql tests/tsql/functions.txt tests/tsql/refused.txt tests/tsql/rules.txt tests/tsql/scripts
