/* SPDX-License-Identifier: MIT */
/* The sample projects as make packs them: they read without a warning, and manifest and packages agree. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "package/dtsx.h"
#include "package/project.h"
#include "tests/harness.h"

static const char *const samples[] = { "DailyReport", "Flaky", "LogCare", "project1" };

static void read_sample(const char *name, struct buf *ret_bytes, struct project **ret)
{
	char *path = xasprintf("%s/samples/%s.ispac", SO_BUILD_DIR, name);
	struct err err = { 0 };

	ck_assert_msg(file_read(path, 1 << 20, ret_bytes, &err) == 0, "%s: %s", path, err.detail);
	ck_assert_msg(project_read(ret_bytes->data, ret_bytes->len, NULL, ret, &err) == 0, "%s: %s", name,
	    err.primary);
	free(path);
}

START_TEST(every_sample_reads_without_a_warning)
{
	struct buf bytes = BUF_INIT;
	struct project *p = NULL;

	read_sample(samples[_i], &bytes, &p);
	ck_assert_str_eq(p->name, samples[_i]);
	ck_assert_msg(p->warning_count == 0, "%s", p->warnings[0]);
	ck_assert_uint_gt(p->package_count, 0);
	ck_assert_str_eq(p->protection_level, "DontSaveSensitive");
	for (size_t i = 0; i < p->param_count; i++) {
		ck_assert_ptr_nonnull(p->params[i].value);
		ck_assert(!p->params[i].required);
		ck_assert_str_ne(p->params[i].description, "");
	}
	project_free(p);
	buf_release(&bytes);
}
END_TEST

/* The manifest says "true", the package "-1". */
static const char *as_manifest(const struct dtsx_param *param)
{
	if (param->data_type == DTSX_VT_BOOL)
		return strcmp(param->value, "-1") == 0 ? "true" : "false";
	return param->value;
}

static const struct project_package *described(const struct project *p, const char *name)
{
	for (size_t i = 0; i < p->package_count; i++) {
		if (strcmp(p->packages[i].name, name) == 0)
			return &p->packages[i];
	}
	ck_abort_msg("the manifest does not name %s", name);
	return NULL;
}

static int compare_package(void *ctx, const char *name, const char *bytes, size_t size, struct err *err)
{
	struct dtsx *d = NULL;
	struct uuid id;

	if (!strstr(name, ".dtsx"))
		return 0;
	ck_assert_msg(dtsx_load(bytes, size, name, NULL, &d, err) == 0, "%s", err->primary);
	ck_assert_uint_eq(d->warning_count, 0);
	const struct project_package *m = described(ctx, name);
	ck_assert_int_eq(strncmp(d->package->name, name, strlen(name) - 5), 0);
	ck_assert(uuid_parse(d->package->id, strlen(d->package->id), &id));
	ck_assert_mem_eq(&id, &m->id, sizeof(id));
	ck_assert(uuid_parse(d->version_guid, strlen(d->version_guid), &id));
	ck_assert_mem_eq(&id, &m->version_guid, sizeof(id));
	ck_assert_int_eq(d->protection_level, m->protection_level);
	ck_assert_int_eq(d->version_build, m->version_build);
	ck_assert_uint_eq(d->param_count, m->param_count);
	for (size_t i = 0; i < d->param_count; i++) {
		ck_assert_str_eq(d->params[i].name, m->params[i].name);
		ck_assert_str_eq(dtsx_type_name(d->params[i].data_type), m->params[i].data_type);
		ck_assert_str_eq(as_manifest(&d->params[i]), m->params[i].value);
		ck_assert_int_eq(d->params[i].required, m->params[i].required);
		ck_assert_int_eq(d->params[i].sensitive, m->params[i].sensitive);
	}
	for (struct dtsx_executable *e = dtsx_walk(d, NULL); e; e = dtsx_walk(d, e)) {
		ck_assert_msg(e->kind != DTSX_UNKNOWN, "%s: %s", name, e->creation_name);
		ck_assert_ptr_eq(dtsx_find(d, e->ref_id), e);
		ck_assert_ptr_eq(dtsx_find(d, e->id), e);
		for (size_t i = 0; i < e->variable_count; i++)
			ck_assert_msg(e->variables[i].evaluate_as_expression == (*e->variables[i].expression != 0),
			    "%s: %s", name, e->variables[i].name);
	}
	dtsx_free(d);
	return 0;
}

START_TEST(manifest_and_packages_agree)
{
	struct buf bytes = BUF_INIT;
	struct project *p = NULL;
	struct err err;

	read_sample(samples[_i], &bytes, &p);
	ck_assert_int_eq(ispac_each(bytes.data, bytes.len, compare_package, p, &err), 0);
	project_free(p);
	buf_release(&bytes);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("samples");
	TCase *tc = tcase_create("samples");

	tcase_add_loop_test(tc, every_sample_reads_without_a_warning, 0, ARRAY_LEN(samples));
	tcase_add_loop_test(tc, manifest_and_packages_agree, 0, ARRAY_LEN(samples));
	suite_add_tcase(s, tc);
	return s;
}

TEST_MAIN(suite)
