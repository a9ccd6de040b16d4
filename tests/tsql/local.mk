if HAVE_CHECK
TSQL_TEST_LIBS = libtsql.a $(TEST_LIBS) $(SQLITE_LIBS) -lm
check_PROGRAMS += test_tsql_value test_tsql_split
TESTS += test_tsql_value test_tsql_split
test_tsql_split_SOURCES = tests/tsql/test_split.c
test_tsql_split_CPPFLAGS = $(TEST_CPPFLAGS)
test_tsql_split_LDADD = $(TSQL_TEST_LIBS)
test_tsql_value_SOURCES = tests/tsql/test_value.c
test_tsql_value_CPPFLAGS = $(TEST_CPPFLAGS)
test_tsql_value_LDADD = $(TSQL_TEST_LIBS)
endif
