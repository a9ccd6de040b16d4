/* SPDX-License-Identifier: MIT */
/* The shared main of the check suites; skips are counted across check's forked cases through a file. */
#include "tests/harness.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"

static char scratch[64];
static int skip_fd = -1;

static const char *source_dir(void)
{
	const char *dir = getenv("srcdir");

	return dir ? dir : SO_SOURCE_DIR;
}

void test_note_skip(const char *fmt, ...)
{
	va_list args;

	fputs("skipped: ", stdout);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	if (skip_fd >= 0)
		fd_write_full(skip_fd, "s", 1);
}

char *test_tmpdir(void)
{
	char *path = xasprintf("%s/t.XXXXXX", scratch);

	ck_assert_ptr_nonnull(mkdtemp(path));
	return path;
}

const char *test_shared_packages(void)
{
	static char *found;
	const char *given = getenv("SCALEOUT_SHARED");

	if (!found)
		found = given ? path_join(given, "packages")
			      : xasprintf("%s/../shared/packages", source_dir());
	return file_exists(found) ? found : NULL;
}

char *test_source_path(const char *relative)
{
	return path_join(source_dir(), relative);
}

static void print_failures(SRunner *runner, const char *program)
{
	int count = srunner_ntests_failed(runner);
	TestResult **failures = srunner_failures(runner);

	for (int i = 0; i < count; i++) {
		printf("FAILED %s:%d: %s\n  run alone: CK_RUN_CASE='%s' %s\n", tr_lfile(failures[i]),
		    tr_lno(failures[i]), tr_msg(failures[i]), tr_tcname(failures[i]), program);
	}
	free(failures);
}

/* Only what hangs is to be ended, never what is slow: check itself would give a case four seconds. */
void test_prepare(void)
{
	setenv("CK_DEFAULT_TIMEOUT", "30", 0);
	setenv("CK_TIMEOUT_MULTIPLIER", "4", 0);
}

int test_run(Suite *suite, const char *program)
{
	SRunner *runner = srunner_create(suite);
	struct buf skips = BUF_INIT;
	pid_t owner = getpid();

	snprintf(scratch, sizeof(scratch), "/tmp/scaleout-test.XXXXXX");
	if (!mkdtemp(scratch))
		return 99;
	char *skip_path = path_join(scratch, "skips");
	skip_fd = open(skip_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	srunner_run_all(runner, CK_SILENT);
	if (getpid() != owner)
		_exit(99);
	print_failures(runner, program);
	file_read(skip_path, 1 << 20, &skips, NULL);
	int ran = srunner_ntests_run(runner);
	int failed = srunner_ntests_failed(runner);
	int skipped = (int)skips.len;
	printf("%s: %d passed, %d failed, %d skipped\n", path_basename(program), ran - failed - skipped,
	    failed, skipped);
	srunner_free(runner);
	dir_remove(scratch, NULL);
	free(skip_path);
	buf_release(&skips);
	if (failed)
		return 1;
	return ran == skipped && ran ? 77 : 0;
}
