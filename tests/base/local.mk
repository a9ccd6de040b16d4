if HAVE_CHECK
check_PROGRAMS += test_base
TESTS += test_base
test_base_SOURCES = tests/base/test_base.c
test_base_CPPFLAGS = $(TEST_CPPFLAGS)
test_base_LDADD = $(TEST_LIBS)
endif
