/* SPDX-License-Identifier: MIT */
/*
 * The key file and the sealing of values. Form of a sealed value: one byte
 * version, 12 bytes nonce, the ciphertext, 16 bytes tag. The random nonces of
 * one key are safe far beyond the number of values a catalog ever seals.
 */
#include "catalog/secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/uuid.h"
#include "catalog/store.h"

#define SEAL_VERSION 1
#define NONCE_LEN 12
#define TAG_LEN 16
#define HEAD_LEN (1 + NONCE_LEN)
static const char key_magic[] = "scaleout catalog key 1\n";
#define MAGIC_LEN (sizeof(key_magic) - 1)
#define KEY_FILE_LEN (MAGIC_LEN + CATALOG_KEY_LEN)

char *secrets_path(const char *catalog_path)
{
	return xasprintf("%s.key", catalog_path);
}

int secrets_write(const char *path, const unsigned char *key, struct err *err)
{
	unsigned char data[KEY_FILE_LEN];
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);
	int r = 0;

	if (fd < 0)
		return errno == EEXIST
		    ? err_set(err, ERR_EXISTS, "%s exists already: the key of another catalog?", path)
		    : err_set_errno(err, errno, "%s", path);
	memcpy(data, key_magic, MAGIC_LEN);
	memcpy(data + MAGIC_LEN, key, CATALOG_KEY_LEN);
	if (fchmod(fd, 0600) < 0 || fd_write_full(fd, data, sizeof(data)) < 0 || fsync(fd) < 0) {
		r = err_set_errno(err, errno, "%s", path);
		unlink(path);
	}
	mem_wipe(data, sizeof(data));
	close(fd);
	return r;
}

int secrets_create(const char *catalog_path, struct err *err)
{
	char *path = secrets_path(catalog_path);
	unsigned char key[CATALOG_KEY_LEN];
	int r;

	random_bytes(key, sizeof(key));
	r = secrets_write(path, key, err);
	mem_wipe(key, sizeof(key));
	free(path);
	return r;
}

void secrets_remove(const char *catalog_path)
{
	char *path = secrets_path(catalog_path);

	unlink(path);
	free(path);
}

static int check_key_file(int fd, const char *path, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_set_errno(err, errno, "%s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_INVALID, "%s is not a regular file", path);
	if (st.st_uid != geteuid() && geteuid() != 0)
		return err_set(err, ERR_DENIED, "%s belongs to another account", path);
	if (st.st_mode & 077) {
		err_set(err, ERR_DENIED, "%s may be read by others", path);
		err_hint(err, "chmod 600 %s, and think about who has read it", path);
		return -ERR_DENIED;
	}
	return 0;
}

int secrets_read(const char *path, unsigned char *key, struct err *err)
{
	unsigned char data[KEY_FILE_LEN + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	int r;

	if (fd < 0) {
		r = err_set_errno(err, errno, "catalog key %s", path);
		err_hint(err, "without its key a catalog cannot be opened; restore the file from a backup");
		return r;
	}
	r = check_key_file(fd, path, err);
	if (r == 0 && (fd_read_full(fd, data, sizeof(data)) != (ssize_t)KEY_FILE_LEN ||
			  memcmp(data, key_magic, MAGIC_LEN) != 0)) {
		r = err_set(err, ERR_CORRUPT, "%s is not a catalog key", path);
		err_hint(err, "restore the key file from a backup");
	}
	if (r == 0)
		memcpy(key, data + MAGIC_LEN, CATALOG_KEY_LEN);
	mem_wipe(data, sizeof(data));
	close(fd);
	return r;
}

static int crypto_fail(struct err *err)
{
	return err_set(err, ERR_INTERNAL, "libcrypto cannot do AES-256-GCM");
}

int secrets_seal(const struct catalog *c, const char *place, const void *data, size_t len,
    struct buf *ret, struct err *err)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	unsigned char head[HEAD_LEN] = { SEAL_VERSION };
	unsigned char *out;
	int used, r = -ERR_INTERNAL;

	if (len > INT_MAX / 2) {
		r = err_set(err, ERR_LIMIT, "%zu bytes are too many to encrypt", len);
		goto out;
	}
	random_bytes(head + 1, NONCE_LEN);
	buf_reserve(ret, HEAD_LEN + len + TAG_LEN);
	buf_add(ret, head, HEAD_LEN);
	out = (unsigned char *)ret->data + ret->len;
	if (!ctx || !EVP_EncryptInit_ex2(ctx, EVP_aes_256_gcm(), c->key, head + 1, NULL) ||
	    !EVP_EncryptUpdate(ctx, NULL, &used, (const unsigned char *)place, (int)strlen(place)) ||
	    !EVP_EncryptUpdate(ctx, out, &used, data, (int)len) ||
	    !EVP_EncryptFinal_ex(ctx, out + used, &used) ||
	    !EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG_LEN, out + len)) {
		r = crypto_fail(err);
		goto out;
	}
	ret->len += len + TAG_LEN;
	ret->data[ret->len] = '\0';
	r = 0;
out:
	EVP_CIPHER_CTX_free(ctx);
	return r;
}

int secrets_open(const struct catalog *c, const char *place, const void *sealed, size_t len,
    struct buf *ret, struct err *err)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	const unsigned char *in = sealed;
	size_t body = len - HEAD_LEN - TAG_LEN;
	unsigned char tag[TAG_LEN];
	unsigned char *out;
	int used, r = -ERR_INTERNAL;

	if (len < HEAD_LEN + TAG_LEN || in[0] != SEAL_VERSION) {
		r = err_set(err, ERR_CORRUPT, "%s is not an encrypted value", place);
		goto out;
	}
	memcpy(tag, in + len - TAG_LEN, TAG_LEN);
	buf_reserve(ret, body + 1);
	out = (unsigned char *)ret->data + ret->len;
	if (!ctx || !EVP_DecryptInit_ex2(ctx, EVP_aes_256_gcm(), c->key, in + 1, NULL) ||
	    !EVP_DecryptUpdate(ctx, NULL, &used, (const unsigned char *)place, (int)strlen(place)) ||
	    !EVP_DecryptUpdate(ctx, out, &used, in + HEAD_LEN, (int)body) ||
	    !EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG_LEN, tag)) {
		r = crypto_fail(err);
		goto out;
	}
	if (EVP_DecryptFinal_ex(ctx, out + used, &used) <= 0) {
		mem_wipe(out, body);
		r = err_set(err, ERR_CORRUPT, "%s cannot be decrypted with the key of this catalog",
		    place);
		goto out;
	}
	ret->len += body;
	ret->data[ret->len] = '\0';
	r = 0;
out:
	EVP_CIPHER_CTX_free(ctx);
	return r;
}

int secrets_hash(const void *data, size_t len, char ret[65], struct err *err)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int size = 0;

	if (!EVP_Digest(data, len, digest, &size, EVP_sha256(), NULL) || size != 32)
		return err_set(err, ERR_INTERNAL, "libcrypto cannot do SHA-256");
	for (size_t i = 0; i < 32; i++) {
		ret[2 * i] = digits[digest[i] >> 4];
		ret[2 * i + 1] = digits[digest[i] & 15];
	}
	ret[64] = '\0';
	return 0;
}
