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
#define ED25519 "ssh-ed25519"
#define SEED 32 /* bytes of an ed25519 secret, and of its public half */

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

/* The parts of an OpenSSH file, as places in its decoded bytes. */
struct openssh {
	unsigned char *bytes;
	size_t len;
	const unsigned char *cipher, *public_key, *secret;
	size_t cipher_len, public_len, secret_len;
};

static bool openssh_open(const char *text, struct openssh *ret)
{
	const unsigned char *skipped;
	size_t skipped_len;
	uint32_t count;

	*ret = (struct openssh){ 0 };
	ret->bytes = armour_decode(text, &ret->len);
	struct ssh_wire wire = { ret->bytes, ret->len };
	return ret->bytes && ret->len > sizeof(MAGIC) && memcmp(ret->bytes, MAGIC, sizeof(MAGIC)) == 0 &&
	    ssh_wire_skip(&wire, sizeof(MAGIC)) && ssh_wire_string(&wire, &ret->cipher, &ret->cipher_len) &&
	    ssh_wire_string(&wire, &skipped, &skipped_len) && ssh_wire_string(&wire, &skipped, &skipped_len) &&
	    ssh_wire_number(&wire, &count) && ssh_wire_string(&wire, &ret->public_key, &ret->public_len) &&
	    ssh_wire_string(&wire, &ret->secret, &ret->secret_len);
}

static void openssh_close(struct openssh *file)
{
	if (file->bytes)
		mem_wipe(file->bytes, file->len);
	free(file->bytes);
}

static void read_openssh(const char *text, struct identity *ret)
{
	struct openssh file;

	if (openssh_open(text, &file)) {
		char *line = hostkey_line(file.public_key, file.public_len);
		ret->encrypted = file.cipher_len != 4 || memcmp(file.cipher, "none", 4) != 0;
		if (line)
			set_type(ret, line);
		if (!ret->encrypted && strcmp(ret->type, ED25519) == 0) {
			ret->blob = xmemdup(file.public_key, file.public_len);
			ret->blob_len = file.public_len;
		}
		free(line);
	}
	openssh_close(&file);
}

/* The seed in the secret part of an unencrypted ed25519 file: two equal numbers, type, public half, seed and public half. */
static const unsigned char *seed_of(const struct openssh *file)
{
	struct ssh_wire wire = { file->secret, file->secret_len };
	const unsigned char *type, *public_half, *pair;
	size_t type_len, public_len, pair_len;
	uint32_t check, again;

	if (!ssh_wire_number(&wire, &check) || !ssh_wire_number(&wire, &again) || check != again ||
	    !ssh_wire_string(&wire, &type, &type_len) || !ssh_wire_string(&wire, &public_half, &public_len) ||
	    !ssh_wire_string(&wire, &pair, &pair_len) || public_len != SEED || pair_len != (size_t)2 * SEED ||
	    type_len != strlen(ED25519) || memcmp(type, ED25519, type_len) != 0)
		return NULL;
	return pair;
}

static bool sign_with_seed(const unsigned char *seed, const unsigned char *data, size_t len,
    unsigned char ret[IDENTITY_SIGNATURE])
{
	size_t signed_len = IDENTITY_SIGNATURE;
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, SEED);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = key && ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) == 1 &&
	    EVP_DigestSign(ctx, ret, &signed_len, data, len) == 1 && signed_len == IDENTITY_SIGNATURE;

	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return ok;
}

int identity_sign(const char *path, const struct identity *identity, const unsigned char *data, size_t len,
    unsigned char ret[IDENTITY_SIGNATURE], struct err *err)
{
	struct buf text = BUF_INIT;
	struct openssh file;

	int r = file_read(path, FILE_MAX, &text, err);
	if (r < 0)
		return r;
	bool open = openssh_open(text.data, &file);
	const unsigned char *seed = open && file.public_len == identity->blob_len &&
		memcmp(file.public_key, identity->blob, identity->blob_len) == 0 ? seed_of(&file) : NULL;
	if (!seed || !sign_with_seed(seed, data, len, ret))
		r = err_set(err, ERR_CORRUPT, "the identity file %s cannot be used to sign", path);
	openssh_close(&file);
	buf_wipe(&text);
	return r;
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
	free(identity->blob);
	*identity = (struct identity){ 0 };
}
