/* SPDX-License-Identifier: MIT */
/*
 * What every check suite shares: one main, one summary line, and a rerun hint
 * for each failure. A test file defines its cases and calls TEST_MAIN(suite).
 *
 * Output: nothing but failures, then "NAME: N passed, N failed, N skipped".
 * scripts/check adds these lines up. Exit status 0, 1, or 77 (all skipped).
 */
#ifndef SO_TESTS_HARNESS_H
#define SO_TESTS_HARNESS_H

#include <check.h>

/* Run a suite; argv[0] names the program in rerun hints. Returns the exit status. */
int test_run(Suite *suite, const char *program);

/* Count the running case as skipped and say why; the case must return right after. */
#define test_skip(...) \
	do { \
		test_note_skip(__VA_ARGS__); \
		return; \
	} while (0)
void test_note_skip(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A fresh empty folder for this case, removed when the process ends; caller frees the string. */
char *test_tmpdir(void);

/* The folder with the shared packages ("../shared/packages" beside the source tree, or $SCALEOUT_SHARED/packages), or NULL when absent. Borrowed. */
const char *test_shared_packages(void);

/* Path of a file in the source tree ("tests/..."); caller frees. */
char *test_source_path(const char *relative);

/* Before any suite is made: how long a case may hang. */
void test_prepare(void);

#define TEST_MAIN(make_suite) \
	int main(int argc, char **argv) \
	{ \
		(void)argc; \
		test_prepare(); \
		return test_run(make_suite(), argv[0]); \
	}

#endif
