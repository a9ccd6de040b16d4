/* SPDX-License-Identifier: MIT */
/*
 * Finding encrypted elements and putting the plain ones in their place. What
 * a plain text must be is known (the whole element that was encrypted), so a
 * wrong password shows as a text that does not parse.
 */
#include "package/protect.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define AES_URI "http://www.w3.org/2001/04/xmlenc#aes256-cbc"
#define TRIPLE_DES_URI "http://www.w3.org/2001/04/xmlenc#tripledes-cbc"
/* Base64 of the first bytes of every DPAPI blob. */
#define DPAPI_START "AQAAANCMnd8BFdERjHoAwE/Cl+s"
#define SECRETS_MAX 100000

/* Set once at start by a program that links libpackage_protect.a. */
static protect_fn *decrypt_fn;

void protect_set(protect_fn *decrypt)
{
	decrypt_fn = decrypt;
}

static bool is_xmlenc(const struct xml_node *node)
{
	return xml_is(node, XML_NS_XMLENC, "EncryptedData");
}

/* Encrypted by password, in either form. */
static bool has_password_form(const struct xml_node *node)
{
	return is_xmlenc(node) || xml_attr(node, XML_NS_SSIS, "Salt");
}

bool protect_is_secret(const struct xml_node *node)
{
	if (!node)
		return false;
	if (has_password_form(node) || is_xmlenc(node->first))
		return true;
	const char *encrypted = xml_attr(node, NULL, "Encrypted");
	const char *sensitive = xml_attr(node, NULL, "Sensitive");
	if (encrypted && strcmp(encrypted, "1") == 0)
		return true;
	return sensitive && strncmp(node->text, DPAPI_START, strlen(DPAPI_START)) == 0;
}

static int base64_digit(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *found = c ? strchr(digits, c) : NULL;

	return found ? (int)(found - digits) : -1;
}

/* Blanks and line ends are skipped, "=" ends; false at anything else. */
static bool base64_decode(const char *text, struct buf *out)
{
	uint32_t bits = 0;
	int have = 0;

	for (; text && *text && *text != '='; text++) {
		int digit = base64_digit(*text);
		if (digit < 0 && strchr(" \t\r\n", *text))
			continue;
		if (digit < 0)
			return false;
		bits = bits << 6 | (uint32_t)digit;
		have += 6;
		if (have >= 8) {
			have -= 8;
			buf_addc(out, (char)(bits >> have & 0xFF));
		}
	}
	return text;
}

static int open_secret(const struct xml_node *node, const char *algorithm, const char *ns, const char *text,
    bool iv_in_data, const char *password, struct buf *plain, struct err *err)
{
	struct buf salt = BUF_INIT, iv = BUF_INIT, data = BUF_INIT;
	int r;

	if (algorithm && strcmp(algorithm, AES_URI) != 0 && strcmp(algorithm, TRIPLE_DES_URI) != 0)
		return err_set(err, ERR_UNSUPPORTED, "unknown cipher %.100s", algorithm);
	if (!base64_decode(xml_attr(node, ns, "Salt"), &salt) || !base64_decode(xml_attr(node, ns, "IV"), &iv)
	    || !base64_decode(text, &data) || (iv_in_data && data.len < iv.len)) {
		r = err_set(err, ERR_INVALID, "malformed encrypted data");
	} else {
		struct protect_secret secret = {
			.cipher = algorithm && strcmp(algorithm, AES_URI) == 0 ? PROTECT_AES256 : PROTECT_3DES,
			.salt = (const unsigned char *)salt.data,
			.salt_len = salt.len,
			.iv = (const unsigned char *)iv.data,
			.iv_len = iv.len,
		};
		size_t skip = iv_in_data ? iv.len : 0;
		secret.data = (const unsigned char *)data.data + skip;
		secret.data_len = data.len - skip;
		r = decrypt_fn(&secret, password, plain, err);
	}
	buf_release(&salt);
	buf_release(&iv);
	buf_release(&data);
	return r;
}

/* The plain element of an encrypted one, as a document of its own. */
static int decrypt_node(const struct xml_node *node, const char *password, const char *what,
    struct xml_doc **ret, struct err *err)
{
	struct buf plain = BUF_INIT;
	int r;

	if (is_xmlenc(node)) {
		const struct xml_node *method = xml_child(node, XML_NS_XMLENC, "EncryptionMethod");
		const struct xml_node *cipher = xml_child(node, XML_NS_XMLENC, "CipherData");
		const struct xml_node *value = xml_child(cipher, XML_NS_XMLENC, "CipherValue");
		r = open_secret(node, xml_attr(method, NULL, "Algorithm"), "", value ? value->text : "", true,
		    password, &plain, err);
	} else {
		r = open_secret(node, xml_attr(node, XML_NS_SSIS, "Algorithm"), XML_NS_SSIS, node->text, false,
		    password, &plain, err);
	}
	if (r == 0 && xml_parse(plain.data, plain.len, what, ret, NULL) < 0)
		r = -ERR_DENIED;
	buf_wipe(&plain);
	if (r == -ERR_DENIED) {
		err_set(err, ERR_DENIED, "the password is wrong");
		err_hint(err, "give the password the project was saved with");
	}
	return r;
}

/* A parameter's property keeps its element and gets a child; the plain element replaces both. */
static struct xml_node *replaced_by(struct xml_node *node, const struct xml_node *plain)
{
	struct xml_node *parent = node->parent;
	const char *old = xml_attr(parent, XML_NS_DTS, "Name"), *fresh = xml_attr(plain, XML_NS_DTS, "Name");

	if (is_xmlenc(node) && xml_is(parent, XML_NS_DTS, "Property") && xml_is(plain, XML_NS_DTS, "Property")
	    && old && fresh && strcmp(old, fresh) == 0)
		return parent;
	return node;
}

/* Next in document order; children are skipped for a node that was replaced. */
static struct xml_node *next_node(struct xml_node *node, bool into)
{
	if (into && node->first)
		return node->first;
	while (node && !node->next)
		node = node->parent;
	return node ? node->next : NULL;
}

int protect_open(struct xml_doc *doc, const char *password, const char *what, struct err *err)
{
	int opened = 0;

	for (struct xml_node *node = password ? doc->root : NULL; node;) {
		struct xml_doc *plain = NULL;
		if (!has_password_form(node)) {
			node = next_node(node, true);
			continue;
		}
		if (!decrypt_fn)
			return err_set(err, ERR_UNSUPPORTED, "%s: this program cannot open protected values", what);
		if (++opened > SECRETS_MAX)
			return err_set(err, ERR_LIMIT, "%s: more than %d protected values", what, SECRETS_MAX);
		int line = node->line;
		int r = decrypt_node(node, password, what, &plain, err);
		if (r < 0)
			return err_prefix(err, "%s: line %d", what, line);
		struct xml_node *old = replaced_by(node, plain->root), *fresh = plain->root;
		xml_graft(doc, old, plain);
		/* A whole package may hold further secrets; a single value cannot. */
		node = next_node(fresh, fresh == doc->root);
	}
	return 0;
}
