/* SPDX-License-Identifier: MIT */
/*
 * OpenSSH's own format keeps the cipher's name and the public half in the
 * clear (PROTOCOL.key); the older PEM forms tell by their first lines.
 */
#include "exec/identity.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "exec/hostkey.h"
#include "exec/ssh_wire.h"

#define FILE_MAX 65536
#define MAGIC "openssh-key-v1"

/* The base64 between the first and the last line; NULL when it is none. */
static unsigned char *armour_decode(const char *text, size_t *ret_len)
{
	struct buf base64 = BUF_INIT;
	const char *line = strchr(text, '\n');
	unsigned char *blob = NULL;

	for (; line && line[1] != '-' && line[1]; line = strchr(line + 1, '\n'))
		buf_add(&base64, line + 1, strcspn(line + 1, "\r\n"));
	if (base64.len && base64.len % 4 == 0) {
		blob = xmalloc(base64.len / 4 * 3 + 1);
		int n = EVP_DecodeBlock(blob, (unsigned char *)base64.data, (int)base64.len);
		*ret_len = n > 0 ? (size_t)n : 0;
	}
	buf_wipe(&base64);
	return blob;
}

static void set_type(struct identity *identity, const char *line)
{
	snprintf(identity->type, sizeof(identity->type), "%.*s", (int)strcspn(line, " "), line);
	const char *key = strchr(line, ' ');
	if (key)
		identity->public_key = xstrndup(key + 1, strcspn(key + 1, " \r\n"));
}

static void read_openssh(const char *text, struct identity *ret)
{
	const unsigned char *cipher, *skipped, *public_key;
	size_t len = 0, cipher_len, skipped_len, public_len;
	uint32_t count;
	unsigned char *blob = armour_decode(text, &len);
	struct ssh_wire wire = { blob, len };

	if (blob && len > sizeof(MAGIC) && memcmp(blob, MAGIC, sizeof(MAGIC)) == 0 &&
	    ssh_wire_skip(&wire, sizeof(MAGIC)) && ssh_wire_string(&wire, &cipher, &cipher_len) &&
	    ssh_wire_string(&wire, &skipped, &skipped_len) && ssh_wire_string(&wire, &skipped, &skipped_len) &&
	    ssh_wire_number(&wire, &count) && ssh_wire_string(&wire, &public_key, &public_len)) {
		char *line = hostkey_line(public_key, public_len);
		ret->encrypted = cipher_len != 4 || memcmp(cipher, "none", 4) != 0;
		if (line)
			set_type(ret, line);
		free(line);
	}
	if (blob)
		mem_wipe(blob, len);
	free(blob);
}

static void read_public(const char *path, struct identity *ret)
{
	struct buf text = BUF_INIT;
	char *beside = xasprintf("%s.pub", path);

	if (file_read(beside, FILE_MAX, &text, NULL) == 0)
		set_type(ret, text.data);
	free(beside);
	buf_release(&text);
}

static void read_text(const char *path, const char *text, struct identity *ret)
{
	static const struct {
		const char *mark, *type;
	} pem[] = { { "BEGIN RSA PRIVATE", "ssh-rsa" }, { "BEGIN DSA PRIVATE", "ssh-dss" } };

	if (strstr(text, "BEGIN OPENSSH PRIVATE KEY")) {
		read_openssh(text, ret);
		return;
	}
	ret->encrypted = strstr(text, "ENCRYPTED") != NULL;
	read_public(path, ret);
	for (size_t i = 0; i < ARRAY_LEN(pem); i++)
		if (strstr(text, pem[i].mark))
			snprintf(ret->type, sizeof(ret->type), "%s", pem[i].type);
}

int identity_read(const char *path, struct identity *ret, struct err *err)
{
	struct buf text = BUF_INIT;
	struct err why = { 0 };
	struct stat st;
	int r = 0;

	*ret = (struct identity){ 0 };
	if (stat(path, &st) < 0 || file_read(path, FILE_MAX, &text, &why) < 0) {
		r = err_set(err, ERR_DENIED, "cannot read the identity file %s", path);
		err_detail(err, "%s", why.code ? why.primary : strerror(errno));
	} else if (st.st_mode & 077) {
		r = err_set(err, ERR_DENIED, "others may read the identity file %s", path);
		err_hint(err, "chmod 600 %s", path);
	} else if (!strstr(text.data, "PRIVATE KEY")) {
		r = err_set(err, ERR_INVALID, "%s is no private key", path);
		err_hint(err, "give the file without .pub");
	} else {
		read_text(path, text.data, ret);
		if (*ret->type && !hostkey_type_good(ret->type)) {
			r = err_set(err, ERR_UNSUPPORTED, "a key of type %s cannot be used: %s", ret->type, path);
			err_detail(err, "%s", strcmp(ret->type, "ssh-rsa") == 0 ?
			    "the SSH library (libssh2 1.10) signs with RSA and SHA-1 only, which servers refuse today" :
			    "only ed25519 and ECDSA keys are used to log in");
			err_hint(err, "make one: ssh-keygen -t ed25519 -f ~/.ssh/scaleout, put its .pub into "
				      "authorized_keys on the machine, and give it with --identity");
		}
	}
	buf_wipe(&text);
	return r;
}

void identity_release(struct identity *identity)
{
	free(identity->public_key);
	*identity = (struct identity){ 0 };
}
