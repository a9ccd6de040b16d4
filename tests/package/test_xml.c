/* SPDX-License-Identifier: MIT */
/* The XML tree: names by namespace, the white-space rule, and refusal of what hostile documents try. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "package/xml.h"
#include "tests/harness.h"

static struct xml_doc *parse(const char *text)
{
	struct xml_doc *doc = NULL;
	struct err err = { 0 };

	ck_assert_msg(xml_parse(text, strlen(text), "t.xml", &doc, &err) == 0, "%s", err.primary);
	return doc;
}

static void refuse(const char *text, size_t len, const char *expected)
{
	struct xml_doc *doc = NULL;
	struct err err = { 0 };

	ck_assert_int_lt(xml_parse(text, len, "t.xml", &doc, &err), 0);
	ck_assert_ptr_null(doc);
	ck_assert_msg(strstr(err.primary, expected) && strstr(err.primary, "t.xml: "), "%s", err.primary);
}

START_TEST(names_match_by_namespace_whatever_the_prefix)
{
	struct xml_doc *doc = parse("<q:A xmlns:q='www.microsoft.com/SqlServer/Dts' q:n='1' n='2'><B/><q:B/><B/></q:A>");

	ck_assert(xml_is(doc->root, XML_NS_DTS, "A"));
	ck_assert_str_eq(xml_attr(doc->root, XML_NS_DTS, "n"), "1");
	ck_assert_str_eq(xml_attr(doc->root, "", "n"), "2");
	const struct xml_node *b = xml_child(doc->root, XML_NS_DTS, "B");
	ck_assert_ptr_eq(b, doc->root->first->next);
	ck_assert_ptr_null(xml_next(b, XML_NS_DTS, "B"));
	ck_assert_ptr_nonnull(xml_next(b, "", "B"));
	ck_assert_ptr_null(xml_child(NULL, NULL, "B"));
	xml_free(doc);
}
END_TEST

START_TEST(attributes_keep_line_ends_and_text_joins_around_children)
{
	struct xml_doc *doc = parse("\xEF\xBB\xBF<?xml version='1.0'?>\n<A v='x&#xA;y&#x9;z'>one<![CDATA[<&]]><B/>two</A>");

	ck_assert_str_eq(xml_attr(doc->root, NULL, "v"), "x\ny\tz");
	ck_assert_str_eq(doc->root->text, "one<&two");
	ck_assert_int_eq(doc->root->line, 2);
	xml_free(doc);
}
END_TEST

START_TEST(blank_text_is_empty_unless_preserved)
{
	struct xml_doc *doc = parse("<A><B>\r\n  </B><C xml:space='preserve'> \n</C><D> x </D></A>");
	const struct xml_node *a = doc->root;

	ck_assert_str_eq(xml_text(xml_child(a, NULL, "B")), "");
	ck_assert_str_eq(xml_text(xml_child(a, NULL, "C")), " \n");
	ck_assert_str_eq(xml_text(xml_child(a, NULL, "D")), " x ");
	ck_assert_str_eq(xml_text(NULL), "");
	xml_free(doc);
}
END_TEST

START_TEST(a_property_is_found_as_attribute_or_as_child)
{
	struct xml_doc *doc = parse("<D:E xmlns:D='www.microsoft.com/SqlServer/Dts' D:One='1'>"
				    "<D:Property D:Name='Two'>2</D:Property></D:E>");

	ck_assert_str_eq(xml_dts_prop(doc->root, "One"), "1");
	ck_assert_str_eq(xml_dts_prop(doc->root, "Two"), "2");
	ck_assert_ptr_null(xml_dts_prop(doc->root, "Three"));
	xml_free(doc);
}
END_TEST

START_TEST(what_is_written_parses_to_the_same)
{
	struct xml_doc *doc = parse("<a:A xmlns:a='u1' xmlns:b='u2' b:q='\"&lt;&#xA;' xml:space='preserve'>t&amp;"
				    "<b:B><C d='1'>&#xD;</C></b:B></a:A>");
	struct buf once = BUF_INIT, twice = BUF_INIT;

	xml_write(doc->root, &once);
	struct xml_doc *again = parse(once.data);
	xml_write(again->root, &twice);
	ck_assert_str_eq(once.data, twice.data);
	ck_assert_str_eq(xml_attr(again->root, "u2", "q"), "\"<\n");
	ck_assert_str_eq(again->root->text, "t&");
	ck_assert_str_eq(again->root->first->first->text, "\r");
	xml_free(doc);
	xml_free(again);
	buf_release(&once);
	buf_release(&twice);
}
END_TEST

START_TEST(document_types_and_entities_are_refused)
{
	static const char *const bad[] = {
		"<!DOCTYPE a [<!ENTITY b 'cc'><!ENTITY c '&b;&b;'>]><a>&c;</a>",
		"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
		"<!DOCTYPE a [<!ENTITY % p SYSTEM 'http://127.0.0.1/'> %p;]><a/>",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		refuse(bad[i], strlen(bad[i]), "document type declaration is not allowed");
	refuse("<a>&b;</a>", 10, "not well-formed");
}
END_TEST

START_TEST(elements_nested_too_deep_are_refused)
{
	struct buf text = BUF_INIT;

	for (int i = 0; i < 200; i++)
		buf_adds(&text, "<a>");
	for (int i = 0; i < 200; i++)
		buf_adds(&text, "</a>");
	xml_free(parse(text.data));
	buf_clear(&text);
	for (int i = 0; i < 100000; i++)
		buf_adds(&text, "<a>");
	refuse(text.data, text.len, "nested deeper than 200");
	buf_release(&text);
}
END_TEST

START_TEST(a_huge_attribute_is_refused)
{
	struct buf text = BUF_INIT;
	size_t size = ((size_t)64 << 20) + 1;

	buf_adds(&text, "<a b='");
	buf_reserve(&text, size);
	memset(text.data + text.len, 'x', size);
	text.len += size;
	buf_adds(&text, "'/>");
	refuse(text.data, text.len, "64 MiB");
	buf_release(&text);
}
END_TEST

START_TEST(every_cut_of_a_document_is_refused)
{
	const char *text = "<?xml version='1.0'?><a x='1'><b>text</b><c/></a>";

	for (size_t len = 0; len < strlen(text); len++)
		refuse(text, len, "not well-formed");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("xml");
	TCase *tc = tcase_create("xml");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, names_match_by_namespace_whatever_the_prefix);
	tcase_add_test(tc, attributes_keep_line_ends_and_text_joins_around_children);
	tcase_add_test(tc, blank_text_is_empty_unless_preserved);
	tcase_add_test(tc, a_property_is_found_as_attribute_or_as_child);
	tcase_add_test(tc, what_is_written_parses_to_the_same);
	tcase_add_test(tc, document_types_and_entities_are_refused);
	tcase_add_test(tc, elements_nested_too_deep_are_refused);
	tcase_add_test(tc, a_huge_attribute_is_refused);
	tcase_add_test(tc, every_cut_of_a_document_is_refused);
	suite_add_tcase(s, tc);
	return s;
}

TEST_MAIN(suite)
