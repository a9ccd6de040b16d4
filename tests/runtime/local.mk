# tests/runtime
RUNTIME_TEST_LIBS = libruntime.a $(PACKAGE_LIBS) $(TEST_LIBS) -lm
if HAVE_CHECK
check_PROGRAMS += test_expr
TESTS += test_expr
test_expr_SOURCES = tests/runtime/test_expr.c
test_expr_CPPFLAGS = $(TEST_CPPFLAGS)
test_expr_LDADD = $(RUNTIME_TEST_LIBS)
endif
