# tests/runtime
RUNTIME_TEST_LIBS = libruntime.a $(PACKAGE_LIBS) $(TEST_LIBS) -lm
RUNTIME_PLAY = tests/runtime/package_text.c tests/runtime/package_text.h
if HAVE_CHECK
check_PROGRAMS += test_expr test_containers test_tasks test_run test_children
TESTS += test_expr test_containers test_tasks test_run test_children
test_expr_SOURCES = tests/runtime/test_expr.c
test_expr_CPPFLAGS = $(TEST_CPPFLAGS)
test_expr_LDADD = $(RUNTIME_TEST_LIBS)
test_containers_SOURCES = tests/runtime/test_containers.c $(RUNTIME_PLAY)
test_containers_CPPFLAGS = $(TEST_CPPFLAGS)
test_containers_LDADD = $(RUNTIME_TEST_LIBS)
test_tasks_SOURCES = tests/runtime/test_tasks.c $(RUNTIME_PLAY)
test_tasks_CPPFLAGS = $(TEST_CPPFLAGS)
test_tasks_LDADD = $(RUNTIME_TEST_LIBS)
test_run_SOURCES = tests/runtime/test_run.c $(RUNTIME_PLAY)
test_run_CPPFLAGS = $(TEST_CPPFLAGS)
test_run_LDADD = $(RUNTIME_TEST_LIBS)
test_children_SOURCES = tests/runtime/test_children.c $(RUNTIME_PLAY)
test_children_CPPFLAGS = $(TEST_CPPFLAGS)
test_children_LDADD = $(RUNTIME_TEST_LIBS)
endif
TESTS += tests/runtime/test_dtexec.sh
EXTRA_DIST += tests/runtime/test_dtexec.sh tests/runtime/data
if FUZZ
noinst_PROGRAMS += fuzz_expr
fuzz_expr_SOURCES = tests/fuzz/fuzz_expr.c
fuzz_expr_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
fuzz_expr_LDADD = libruntime.a libbase.a -lm
endif
