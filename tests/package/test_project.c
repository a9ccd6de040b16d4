/* SPDX-License-Identifier: MIT */
/* Projects: what the manifest says comes out, hostile archives do not get in, real ones read. */
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "package/project.h"
#include "tests/harness.h"
#include "tests/package/zipper.h"

#define NS "xmlns:SSIS='www.microsoft.com/SqlServer/SSIS'"
#define PROP(name, value) "<SSIS:Property SSIS:Name='" name "'>" value "</SSIS:Property>"
#define PARAM(name, sensitive, type, value) \
	"<SSIS:Parameter SSIS:Name='" name "'><SSIS:Properties>" PROP("Description", "\n   ") PROP("Required", "0") \
	    PROP("Sensitive", sensitive) value PROP("DataType", type) "</SSIS:Properties></SSIS:Parameter>"
#define METADATA(name, params) \
	"<SSIS:PackageMetaData SSIS:Name='" name "'><SSIS:Properties>" PROP("ID", "{11111111-2222-3333-4444-555555555555}") \
	    PROP("VersionGUID", "{66666666-2222-3333-4444-555555555555}") PROP("VersionMajor", "1") PROP("VersionMinor", "2") \
		PROP("VersionBuild", "3") PROP("PackageFormatVersion", "8") PROP("ProtectionLevel", "1") \
		    "</SSIS:Properties><SSIS:Parameters>" params "</SSIS:Parameters></SSIS:PackageMetaData>"
#define MANIFEST(packages, managers, cm_params, metadata) \
	"<SSIS:Project SSIS:ProtectionLevel='DontSaveSensitive' " NS "><SSIS:Properties>" \
	PROP("ID", "{405169a5-1b8d-43e8-824a-511023416c91}") PROP("Name", "ETL") PROP("VersionMajor", "1") \
	    PROP("Description", "\r\n    ") PROP("TargetServerVersion", "150") PROP("FormatVersion", "1") \
	"</SSIS:Properties><SSIS:Packages>" packages "</SSIS:Packages><SSIS:ConnectionManagers>" managers \
	"</SSIS:ConnectionManagers><SSIS:DeploymentInfo><SSIS:ProjectConnectionParameters>" cm_params \
	"</SSIS:ProjectConnectionParameters><SSIS:PackageInfo>" metadata "</SSIS:PackageInfo></SSIS:DeploymentInfo></SSIS:Project>"
#define LISTED(name) "<SSIS:Package SSIS:Name='" name "' SSIS:EntryPoint='1' />"
#define PARAMS(list) "<SSIS:Parameters " NS ">" list "</SSIS:Parameters>"
#define DTSX "<DTS:Executable xmlns:DTS='www.microsoft.com/SqlServer/Dts'/>"
#define CONMGR "<DTS:ConnectionManager xmlns:DTS='www.microsoft.com/SqlServer/Dts'/>"

static int read_zip(struct zipper *z, struct project **ret, struct err *err)
{
	struct buf archive = BUF_INIT;

	zipper_finish(z, &archive);
	int r = project_read(archive.data, archive.len, NULL, ret, err);
	buf_release(&archive);
	return r;
}

static void refuse_zip(struct zipper *z, enum err_code code, const char *expected)
{
	struct project *project = NULL;
	struct err err = { 0 };

	ck_assert_int_eq(read_zip(z, &project, &err), -(int)code);
	ck_assert_ptr_null(project);
	ck_assert_msg(strstr(err.primary, expected), "wanted \"%s\", got \"%s\"", expected, err.primary);
}

START_TEST(a_project_comes_out_as_its_manifest_says)
{
	struct zipper z = ZIPPER_INIT;
	struct project *p = NULL;
	struct err err = { 0 };

	zipper_adds(&z, "Load%20%281%29.dtsx", DTSX);
	zipper_adds(&z, "db.conmgr", CONMGR);
	zipper_adds(&z, "Project.params", PARAMS(PARAM("Threshold", "0", "9", PROP("Value", "42"))));
	zipper_adds(&z, "@Project.manifest",
	    MANIFEST(LISTED("Load (1).dtsx"), "<SSIS:ConnectionManager SSIS:Name='db.conmgr'/>",
		PARAM("CM.db.ServerName", "0", "18", PROP("Value", "host")),
		METADATA("Load (1).dtsx", PARAM("When", "0", "16", PROP("Value", "\n  ")) PARAM("None", "1", "18", ""))));
	ck_assert_msg(read_zip(&z, &p, &err) == 0, "%s", err.primary);
	ck_assert_str_eq(p->name, "ETL");
	ck_assert_str_eq(p->description, "");
	ck_assert_int_eq(p->target_server_version, 150);
	ck_assert_str_eq(p->protection_level, "DontSaveSensitive");
	ck_assert_uint_eq(p->param_count, 2);
	ck_assert_str_eq(p->params[0].name, "Threshold");
	ck_assert_str_eq(p->params[0].data_type, "Int32");
	ck_assert_str_eq(p->params[0].value, "42");
	ck_assert_str_eq(p->params[1].name, "CM.db.ServerName");
	ck_assert_uint_eq(p->package_count, 1);
	ck_assert_str_eq(p->packages[0].name, "Load (1).dtsx");
	ck_assert_int_eq(p->packages[0].version_build, 3);
	ck_assert_int_eq(p->packages[0].id.bytes[0], 0x11);
	ck_assert_uint_eq(p->packages[0].param_count, 2);
	ck_assert_str_eq(p->packages[0].params[0].value, "");
	ck_assert_ptr_null(p->packages[0].params[1].value);
	ck_assert(p->packages[0].params[1].sensitive);
	ck_assert_uint_eq(p->connection_count, 1);
	ck_assert_uint_eq(p->warning_count, 0);
	project_free(p);
}
END_TEST

START_TEST(encrypted_values_are_left_out_with_a_warning)
{
	struct zipper z = ZIPPER_INIT;
	struct project *p = NULL;

	zipper_adds(&z, "@Project.manifest", MANIFEST("", "", "", ""));
	zipper_adds(&z, "Project.params",
	    PARAMS(PARAM("Dpapi", "1", "18", "<SSIS:Property SSIS:Name='Value' SSIS:Sensitive='1'>AQAAANCMnd8BFdERjHoAwE/Cl+sBAAAA</SSIS:Property>")
		    PARAM("Salted", "1", "18", "<SSIS:Property SSIS:Name='Value' SSIS:Sensitive='1' SSIS:Salt='eA==' SSIS:IV='eA=='>eA==</SSIS:Property>")
			PARAM("CM.x.SshPassword", "0", "18", PROP("Value", "hunter2"))
			    PARAM("PasswordLength", "0", "9", PROP("Value", "8"))));
	ck_assert_int_eq(read_zip(&z, &p, NULL), 0);
	ck_assert_uint_eq(p->param_count, 4);
	ck_assert(p->params[0].unreadable && !p->params[0].value && p->params[0].sensitive);
	ck_assert(p->params[1].unreadable && !p->params[1].value);
	ck_assert(p->params[2].sensitive && !p->params[2].unreadable);
	ck_assert(!p->params[3].sensitive);
	ck_assert_uint_eq(p->warning_count, 3);
	project_free(p);
}
END_TEST

START_TEST(a_whole_encrypted_package_is_described_by_the_manifest)
{
	struct zipper z = ZIPPER_INIT;
	struct project *p = NULL;

	zipper_adds(&z, "Project.params", PARAMS(""));
	zipper_adds(&z, "A.dtsx", "<EncryptedData xmlns='http://www.w3.org/2001/04/xmlenc#'/>");
	zipper_adds(&z, "@Project.manifest", MANIFEST(LISTED("A.dtsx"), "", "", METADATA("A.dtsx", "")));
	ck_assert_int_eq(read_zip(&z, &p, NULL), 0);
	ck_assert(p->packages[0].encrypted);
	ck_assert_int_eq(p->packages[0].version_minor, 2);
	project_free(p);
}
END_TEST

START_TEST(parts_and_manifest_must_agree)
{
	struct zipper z = ZIPPER_INIT;
	struct project *p = NULL;

	zipper_adds(&z, "@Project.manifest", MANIFEST(LISTED("A.dtsx"), "", "", ""));
	refuse_zip(&z, ERR_INVALID, "the manifest names A.dtsx, but the archive does not hold it");
	zipper_adds(&z, "Project.params", PARAMS(""));
	zipper_adds(&z, "B.dtsx", DTSX);
	zipper_adds(&z, "@Project.manifest", MANIFEST("", "", "", ""));
	ck_assert_int_eq(read_zip(&z, &p, NULL), 0);
	ck_assert_uint_eq(p->package_count, 0);
	ck_assert_uint_eq(p->warning_count, 1);
	project_free(p);
}
END_TEST

START_TEST(damaged_documents_are_named)
{
	struct zipper z = ZIPPER_INIT;

	zipper_adds(&z, "A.dtsx", "<a>");
	refuse_zip(&z, ERR_INVALID, "A.dtsx: line 1: not well-formed");
	zipper_adds(&z, "A.dtsx", "<a/>");
	refuse_zip(&z, ERR_INVALID, "A.dtsx: the top element is a instead of DTS:Executable");
	zipper_adds(&z, "@Project.manifest", "<a/>");
	refuse_zip(&z, ERR_INVALID, "@Project.manifest: the top element is a");
	zipper_adds(&z, "x.conmgr", CONMGR);
	refuse_zip(&z, ERR_INVALID, "no @Project.manifest");
	zipper_adds(&z, "@Project.manifest", MANIFEST("", "", PARAM("x", "0", "1", ""), ""));
	refuse_zip(&z, ERR_INVALID, "parameter x has the unknown data type 1");
}
END_TEST

START_TEST(a_parameter_declared_twice_counts_once)
{
	struct zipper z = ZIPPER_INIT;
	struct project *p = NULL;

	zipper_adds(&z, "@Project.manifest", MANIFEST("", "", "", ""));
	zipper_adds(&z, "Project.params",
	    PARAMS(PARAM("a", "0", "9", PROP("Value", "1")) PARAM("b", "0", "9", PROP("Value", "2"))
		    PARAM("A", "0", "9", PROP("Value", "3")) PARAM("a", "0", "9", PROP("Value", "4"))));
	ck_assert_int_eq(read_zip(&z, &p, NULL), 0);
	ck_assert_uint_eq(p->param_count, 2);
	ck_assert_str_eq(p->params[0].value, "1");
	ck_assert_str_eq(p->params[1].value, "2");
	ck_assert_uint_eq(p->warning_count, 2);
	project_free(p);
}
END_TEST

START_TEST(part_names_that_leave_the_folder_are_refused)
{
	static const char *const bad[] = { "../x.dtsx", "a/b.dtsx", "/etc/passwd", "a\\b", "..", ".", "%2e%2e",
		"%2e%2e%2fx", "a%00.dtsx", "a\nb", "", "\xFF.dtsx", "C:\\x" };

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct zipper z = ZIPPER_INIT;
		zipper_adds(&z, bad[i], DTSX);
		refuse_zip(&z, ERR_INVALID, "archive part name");
	}
}
END_TEST

START_TEST(the_same_name_twice_is_refused)
{
	struct zipper z = ZIPPER_INIT;

	zipper_adds(&z, "A.dtsx", DTSX);
	zipper_adds(&z, "B.dtsx", DTSX);
	zipper_adds(&z, "%41.dtsx", DTSX);
	refuse_zip(&z, ERR_INVALID, "A.dtsx: the archive holds this part twice");
}
END_TEST

START_TEST(archives_that_lie_are_refused)
{
	struct zipper z = ZIPPER_INIT;

	zipper_add(&z, "A.dtsx", DTSX, strlen(DTSX), &(struct zip_lie){ .crc = 1 });
	refuse_zip(&z, ERR_INVALID, "A.dtsx: the checksum");
	zipper_add(&z, "A.dtsx", DTSX, strlen(DTSX), &(struct zip_lie){ .flags = 1 });
	refuse_zip(&z, ERR_UNSUPPORTED, "A.dtsx: the archive part is encrypted");
	zipper_add(&z, "A.dtsx", DTSX, strlen(DTSX), &(struct zip_lie){ .method = 12 });
	refuse_zip(&z, ERR_UNSUPPORTED, "A.dtsx: packed with method 12");
	zipper_add(&z, "A.dtsx", DTSX, strlen(DTSX), &(struct zip_lie){ .size = 5000 });
	refuse_zip(&z, ERR_INVALID, "A.dtsx: the archive is damaged");
	zipper_add(&z, "A.dtsx", DTSX, strlen(DTSX), &(struct zip_lie){ .packed_size = 100000 });
	refuse_zip(&z, ERR_INVALID, "A.dtsx: the archive is damaged");
	zipper_add(&z, "A.dtsx", DTSX, strlen(DTSX), &(struct zip_lie){ .zip64_size = UINT64_C(1) << 62 });
	refuse_zip(&z, ERR_LIMIT, "A.dtsx: larger than 128 MiB");
	zipper_add(&z, "A.dtsx", DTSX, strlen(DTSX), &(struct zip_lie){ .size = 100 << 20 });
	refuse_zip(&z, ERR_LIMIT, "A.dtsx: unpacks to more than 1000 times");
}
END_TEST

START_TEST(a_bomb_is_refused_before_it_unpacks)
{
	struct zipper z = ZIPPER_INIT;
	size_t len = (size_t)127 << 20;
	char *zeros = xcalloc(1, len);

	zipper_add(&z, "A.dtsx", zeros, len, NULL);
	refuse_zip(&z, ERR_LIMIT, "A.dtsx: unpacks to more than 1000 times");
	for (int i = 0; i < 70; i++) {
		char name[16];
		snprintf(name, sizeof(name), "%d.dtsx", i);
		zipper_add(&z, name, DTSX, strlen(DTSX), &(struct zip_lie){ .size = 15 << 20 });
	}
	refuse_zip(&z, ERR_LIMIT, "more than 1 GiB");
	free(zeros);
}
END_TEST

START_TEST(too_many_parts_are_refused)
{
	struct zipper z = ZIPPER_INIT;

	for (int i = 0; i <= 10000; i++) {
		char name[16];
		snprintf(name, sizeof(name), "%d.dtsx", i);
		zipper_adds(&z, name, "");
	}
	refuse_zip(&z, ERR_LIMIT, "more than 10000 parts");
}
END_TEST

START_TEST(every_cut_of_an_archive_is_refused)
{
	struct zipper z = ZIPPER_INIT;
	struct buf archive = BUF_INIT;
	struct project *p = NULL;

	for (int i = 0; i < 20; i++) {
		char name[32];
		snprintf(name, sizeof(name), "A%d.dtsx", i);
		zipper_adds(&z, name, DTSX);
	}
	zipper_adds(&z, "@Project.manifest", MANIFEST("", "", "", ""));
	zipper_finish(&z, &archive);
	ck_assert_int_eq(project_read(archive.data, archive.len, NULL, &p, NULL), 0);
	project_free(p);
	for (size_t len = 0; len < archive.len; len += len + 64 < archive.len ? 64 : 1) {
		struct err err = { 0 };
		char *cut = xmemdup(archive.data, len + 1);
		ck_assert_msg(project_read(cut, len, NULL, &p, &err) < 0, "cut at %zu of %zu reads", len, archive.len);
		ck_assert_int_ne(err.primary[0], 0);
		free(cut);
	}
	buf_release(&archive);
}
END_TEST

START_TEST(an_archive_unpacks_into_a_folder)
{
	struct zipper z = ZIPPER_INIT;
	struct buf archive = BUF_INIT, got = BUF_INIT;
	char *folder = test_tmpdir(), *path = path_join(folder, "My Package.dtsx");

	zipper_adds(&z, "My%20Package.dtsx", DTSX);
	zipper_finish(&z, &archive);
	ck_assert_int_eq(ispac_unpack(archive.data, archive.len, folder, NULL), 0);
	ck_assert_int_eq(file_read(path, 1 << 20, &got, NULL), 0);
	ck_assert_str_eq(got.data, DTSX);
	buf_release(&got);
	buf_release(&archive);
	free(path);
	free(folder);
}
END_TEST

static int projects_read, packages_read;

static int read_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	size_t len = strlen(path);
	struct buf bytes = BUF_INIT;
	struct project *p = NULL;
	struct err err = { 0 };

	(void)st, (void)ftw;
	if (type != FTW_F || len < 6 || strcmp(path + len - 6, ".ispac") != 0)
		return 0;
	ck_assert_int_eq(file_read(path, (size_t)256 << 20, &bytes, NULL), 0);
	ck_assert_msg(project_read(bytes.data, bytes.len, NULL, &p, &err) == 0, "%s: %s", path, err.primary);
	projects_read++;
	packages_read += (int)p->package_count;
	project_free(p);
	buf_release(&bytes);
	return 0;
}

START_TEST(every_shared_project_reads)
{
	const char *shared = test_shared_packages();

	if (!shared)
		test_skip("no shared packages beside the source tree");
	ck_assert_int_eq(nftw(shared, read_one, 16, FTW_PHYS), 0);
	printf("read %d projects with %d packages\n", projects_read, packages_read);
	ck_assert_int_gt(projects_read, 0);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("project");
	TCase *tc = tcase_create("project");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, a_project_comes_out_as_its_manifest_says);
	tcase_add_test(tc, encrypted_values_are_left_out_with_a_warning);
	tcase_add_test(tc, a_whole_encrypted_package_is_described_by_the_manifest);
	tcase_add_test(tc, parts_and_manifest_must_agree);
	tcase_add_test(tc, damaged_documents_are_named);
	tcase_add_test(tc, a_parameter_declared_twice_counts_once);
	tcase_add_test(tc, part_names_that_leave_the_folder_are_refused);
	tcase_add_test(tc, the_same_name_twice_is_refused);
	tcase_add_test(tc, archives_that_lie_are_refused);
	tcase_add_test(tc, a_bomb_is_refused_before_it_unpacks);
	tcase_add_test(tc, too_many_parts_are_refused);
	tcase_add_test(tc, every_cut_of_an_archive_is_refused);
	tcase_add_test(tc, an_archive_unpacks_into_a_folder);
	tcase_add_test(tc, every_shared_project_reads);
	suite_add_tcase(s, tc);
	return s;
}

TEST_MAIN(suite)
