/* SPDX-License-Identifier: MIT */
/*
 * Password protection: both schemes in both forms, made with the openssl
 * command; wrong passwords; and the two shared projects whose passwords their
 * authors published.
 */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "package/dtsx.h"
#include "package/project.h"
#include "package/protect.h"
#include "tests/harness.h"
#include "tests/package/protect_vectors.h"

static struct xml_doc *parse(const char *text)
{
	struct xml_doc *doc = NULL;

	ck_assert_int_eq(xml_parse(text, strlen(text), "t.xml", &doc, NULL), 0);
	return doc;
}

static void opens(const char *text)
{
	struct xml_doc *doc = parse(text);
	struct err err = { 0 };

	protect_use_libcrypto();
	ck_assert(protect_is_secret(doc->root));
	ck_assert_msg(protect_open(doc, PASSWORD, "t.xml", &err) == 0, "%s", err.primary);
	ck_assert(!protect_is_secret(doc->root));
	ck_assert_str_eq(xml_text(doc->root), "top secret");
	ck_assert_str_eq(xml_attr(doc->root, XML_NS_SSIS, "Name"), "Value");
	xml_free(doc);
}

START_TEST(values_of_both_ciphers_open)
{
	opens(VALUE_3DES);
	opens(VALUE_AES);
}
END_TEST

static void refuses(const char *text, const char *password, enum err_code code)
{
	struct xml_doc *doc = parse(text);
	struct err err = { 0 };

	ck_assert_int_eq(protect_open(doc, password, "t.xml", &err), -(int)code);
	ck_assert_int_eq(err.code, code);
	ck_assert_ptr_nonnull(strstr(err.primary, "t.xml"));
	xml_free(doc);
}

START_TEST(wrong_passwords_and_mangled_values_are_refused)
{
	protect_use_libcrypto();
	refuses(VALUE_3DES, "wrong", ERR_DENIED);
	refuses(VALUE_AES, "", ERR_DENIED);
	refuses(WHOLE_3DES, "S\xC3\xA9same", ERR_DENIED);
	refuses(ENCRYPTED(AES, "!", "AA==", "AA=="), PASSWORD, ERR_INVALID);
	refuses(ENCRYPTED(AES, "AA==", "AA==", ""), PASSWORD, ERR_INVALID);
	refuses(ENCRYPTED(AES, "AA==", "AAECAwQFBgcICQoLDA0ODw==", "AAECAwQFBgcICQoLDA0ODw=="), PASSWORD, ERR_INVALID);
	refuses(ENCRYPTED("rot13", "AA==", "AA==", "AA=="), PASSWORD, ERR_UNSUPPORTED);
	refuses("<EncryptedData xmlns='http://www.w3.org/2001/04/xmlenc#'/>", PASSWORD, ERR_INVALID);
}
END_TEST

START_TEST(without_the_ciphers_a_password_is_refused_and_none_is_fine)
{
	struct xml_doc *doc = parse(VALUE_AES);

	protect_set(NULL);
	ck_assert_int_eq(protect_open(doc, NULL, "t.xml", NULL), 0);
	ck_assert(protect_is_secret(doc->root));
	xml_free(doc);
	refuses(VALUE_AES, PASSWORD, ERR_UNSUPPORTED);
}
END_TEST

START_TEST(a_parameter_takes_the_place_of_its_property)
{
	static const char text[] = "<DTS:Executable xmlns:DTS='www.microsoft.com/SqlServer/Dts'><DTS:PackageParameters>"
				   "<DTS:PackageParameter DTS:ObjectName='P' DTS:DataType='8' DTS:Sensitive='True'>"
				   "<DTS:Property DTS:Name='ParameterValue'>" PARAM_AES "</DTS:Property></DTS:PackageParameter>"
				   "</DTS:PackageParameters></DTS:Executable>";
	struct dtsx *d = NULL;

	protect_use_libcrypto();
	ck_assert_int_eq(dtsx_load(text, strlen(text), "t.dtsx", PASSWORD, &d, NULL), 0);
	ck_assert_str_eq(d->params[0].value, "pw1");
	ck_assert(d->params[0].sensitive && !d->params[0].unreadable);
	dtsx_free(d);
	ck_assert_int_eq(dtsx_load(text, strlen(text), "t.dtsx", NULL, &d, NULL), 0);
	ck_assert(d->params[0].unreadable && !d->params[0].value);
	dtsx_free(d);
}
END_TEST

START_TEST(a_whole_package_opens)
{
	struct dtsx *d = NULL;

	protect_use_libcrypto();
	ck_assert_int_eq(dtsx_load(WHOLE_3DES, strlen(WHOLE_3DES), "t.dtsx", PASSWORD, &d, NULL), 0);
	ck_assert_str_eq(d->package->name, "Hidden");
	dtsx_free(d);
}
END_TEST

/* A shared file, or NULL when it is not there. */
static struct dtsx *load_shared(const char *relative, const char *password)
{
	const char *shared = test_shared_packages();
	char *path = shared ? path_join(shared, relative) : NULL;
	struct buf bytes = BUF_INIT;
	struct err err = { 0 };
	struct dtsx *d = NULL;

	if (path && file_exists(path)) {
		ck_assert_int_eq(file_read(path, 1 << 24, &bytes, NULL), 0);
		ck_assert_msg(dtsx_load(bytes.data, bytes.len, path_basename(path), password, &d, &err) == 0, "%s",
		    err.primary);
	}
	buf_release(&bytes);
	free(path);
	return d;
}

START_TEST(a_real_3des_package_opens)
{
	protect_use_libcrypto();
	struct dtsx *d = load_shared("ssis-build/example/SampleSSISProject/SampleSSISProject/Package 221.dtsx", "ssis123");

	if (!d)
		test_skip("the shared 3DES package is absent");
	ck_assert_uint_eq(d->warning_count, 0);
	for (size_t i = 0; i < d->param_count; i++)
		ck_assert_ptr_nonnull(d->params[i].value);
	for (size_t i = 0; i < d->connection_count; i++) {
		const struct xml_node *password = xml_child(d->connections[i].object_data, XML_NS_DTS, "Password");
		ck_assert(!d->connections[i].unreadable);
		ck_assert(!password || *xml_text(password));
	}
	dtsx_free(d);
}
END_TEST

START_TEST(a_real_aes_package_opens)
{
	protect_use_libcrypto();
	struct dtsx *d = load_shared("data-engineering-ssis-etl/src/SSIS/Package.dtsx", "password");

	if (!d)
		test_skip("the shared AES package is absent");
	ck_assert_str_eq(d->package->name, "Package");
	ck_assert_uint_gt(d->package->child_count, 0);
	dtsx_free(d);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("protect");
	TCase *tc = tcase_create("protect");

	tcase_add_test(tc, values_of_both_ciphers_open);
	tcase_add_test(tc, wrong_passwords_and_mangled_values_are_refused);
	tcase_add_test(tc, without_the_ciphers_a_password_is_refused_and_none_is_fine);
	tcase_add_test(tc, a_parameter_takes_the_place_of_its_property);
	tcase_add_test(tc, a_whole_package_opens);
	tcase_add_test(tc, a_real_3des_package_opens);
	tcase_add_test(tc, a_real_aes_package_opens);
	suite_add_tcase(s, tc);
	return s;
}

TEST_MAIN(suite)
