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

#define PASSWORD "s\xC3\xA9same"
#define SSIS_NS "xmlns:SSIS='www.microsoft.com/SqlServer/SSIS'"
#define AES "http://www.w3.org/2001/04/xmlenc#aes256-cbc"
#define TRIPLE_DES "http://www.w3.org/2001/04/xmlenc#tripledes-cbc"

#define VALUE_3DES \
	"<SSIS:Property " SSIS_NS " SSIS:Name='Value' SSIS:Sensitive='1' SSIS:Salt='c2FsdHNhbA==' SSIS:IV='AAECAwQFBgc='>" \
	"yVugemOBYd9tHn/7UHaESKrEloZZ8SZ4ajhCSFoxh1lF+gW/jiNIgRN/HArEYeH+oUPQs54TAY7R1ladg4pmSDB53YE7E0q+6bdMKTGnTcKA" \
	"ORNrwwr7QUm4uuF/acoSsD1A2P8AOlfkXeqb+Hy056RiFwc6BvU9IHNINNyHTSM=</SSIS:Property>"
#define VALUE_AES \
	"<SSIS:Property " SSIS_NS " SSIS:Name='Value' SSIS:Sensitive='1' SSIS:Salt='c2FsdHNhbHQ=' SSIS:IV='AAECAwQFBgcICQoLDA0ODw=='" \
	" SSIS:Algorithm='" AES "'>qZ+RdO/RYDNs8y/IpWMYhhrhE7lP20VEUw6DFlPFuDNW8ZgyXiDVMMM3NTm4n/G75XMP2LSEe6PwwrSqpjh1" \
	"rM6HTlt9NDO9+N5+AEfxStSlXrdsw4Zdqdty1kW9gmx28VPMY8xxXYYNaGMDYSXHjIagAO+HOK3EL7EBYP1RcrU=</SSIS:Property>"
#define ENCRYPTED(algorithm, salt, iv, data) \
	"<EncryptedData Type='http://www.w3.org/2001/04/xmlenc#Element' Salt='" salt "' IV='" iv "' xmlns='http://www.w3.org/2001/04/xmlenc#'>" \
	"<EncryptionMethod Algorithm='" algorithm "'/><CipherData><CipherValue>" data "</CipherValue></CipherData></EncryptedData>"
#define PARAM_AES \
	ENCRYPTED(AES, "c2FsdHNhbHQ=", "AAECAwQFBgcICQoLDA0ODw==", \
	    "AAECAwQFBgcICQoLDA0OD4rVit7EYMDQ4qHHm4IsXvhVGZwdl6Lu2NBZSvGt+bXSeDetHvH+P8HdTMGNnAYl09FrS4gDQu3N08SDbes/b0ci" \
	    "d/SpI/49Q4r4iGuXRl2EuO/CGQogstJVV0v4dJJjjJS9etm6/DLO6OEBGzq1/4vvqWfZwfojdkZUKVnpfxZ/TBPfadv3xDKVga8RWyMk3Q==")
#define WHOLE_3DES \
	ENCRYPTED(TRIPLE_DES, "c2FsdHNhbA==", "AAECAwQFBgc=", \
	    "AAECAwQFBgfEjpX9YSoPQRvifGrjN5vDY1aDEoDgg8AjKmuXScwnqotQ4FkL5tvN6zkOO9wuUeNyLHM7de8B+nPW8vRZeiudhfUXNAPZT+6t9KK" \
	    "ndKVbG4eustkvhfQ49jV746fScrEm8a9zxOKDVQ==")

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
