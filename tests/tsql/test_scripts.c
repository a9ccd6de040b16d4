/* SPDX-License-Identifier: MIT */
/*
 * Runs tests/tsql/scripts/NAME.sql batch by batch on a fresh fake catalog and compares what
 * comes back with NAME.out. On a difference the new output is left beside the
 * program as NAME.new, to be looked at or taken over.
 */
#include <dirent.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "tests/harness.h"
#include "tests/tsql/fake.h"
#include "tsql/split.h"

static void run_script(const char *name, struct buf *out)
{
	char *path = xasprintf("tests/tsql/scripts/%s.sql", name), *source = test_source_path(path);
	struct tsql_client *client = fake_open();
	struct tsql_batches batches = { 0 };
	struct buf text = BUF_INIT;
	struct err err;

	ck_assert_msg(file_read(source, 1 << 20, &text, &err) == 0, "%s", err.primary);
	tsql_split_batches(text.data, text.len, &batches);
	for (size_t i = 0; i < batches.len; i++) {
		char *batch = xstrndup(batches.items[i].text, batches.items[i].len);
		for (int n = 0; n < batches.items[i].count; n++)
			fake_run(client, batch, out);
		free(batch);
	}
	tsql_batches_release(&batches);
	tsql_client_close(client);
	buf_release(&text);
	free(source);
	free(path);
}

static void check_script(const char *name)
{
	char *relative = xasprintf("tests/tsql/scripts/%s.out", name), *path = test_source_path(relative);
	struct buf got = BUF_INIT, want = BUF_INIT;
	struct err err;

	run_script(name, &got);
	file_read(path, 1 << 20, &want, &err);
	if (strcmp(got.data, want.data) != 0) {
		char *fresh = xasprintf("%s.new", name);
		file_write_atomic(fresh, got.data, got.len, 0644, false, &err);
		ck_abort_msg("%s: expected\n%s\ngot (kept in %s)\n%s", relative, want.data, fresh, got.data);
	}
	buf_release(&got);
	buf_release(&want);
	free(relative);
	free(path);
}

START_TEST(every_script_gives_its_expected_output)
{
	char *folder = test_source_path("tests/tsql/scripts");
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int n = 0;

	ck_assert(dir != NULL);
	while ((entry = readdir(dir)) != NULL) {
		size_t len = strlen(entry->d_name);
		if (len > 4 && strcmp(entry->d_name + len - 4, ".sql") == 0) {
			entry->d_name[len - 4] = '\0';
			check_script(entry->d_name);
			n++;
		}
	}
	closedir(dir);
	free(folder);
	ck_assert_int_ge(n, 2);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("tsql_scripts");
	TCase *t = tcase_create("scripts");

	tcase_add_test(t, every_script_gives_its_expected_output);
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(suite)
