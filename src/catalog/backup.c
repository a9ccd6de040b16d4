/* SPDX-License-Identifier: MIT */
/*
 * Backup and restore (format: doc/backup.md). scrypt turns the passphrase into
 * two keys: one wraps the catalog key (AES-256-GCM, the head as additional
 * data), the other signs the whole file (HMAC-SHA-256), so a cut or changed
 * file is found before any of it is used. The catalog itself is copied as it
 * is: what is secret in it is sealed already.
 */
#include "catalog/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/crypto.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/uuid.h"
#include "catalog/rekey.h"
#include "catalog/replace.h"
#include "catalog/secrets.h"
#include "catalog/store.h"

static const char magic[] = "scaleout backup 1\n";
#define MAGIC_LEN (sizeof(magic) - 1)
#define SALT_LEN 16
#define NONCE_LEN 12
#define TAG_LEN 16
#define MAC_LEN 32
#define KEYS_LEN 64 /* wrapping key, signing key */
#define CHUNK 65536

/* Where things are in the head; numbers are big-endian. */
#define AT_COST MAGIC_LEN /* log2 of scrypt's N */
#define AT_SALT (AT_COST + 1)
#define AT_SIZE (AT_SALT + SALT_LEN) /* of the database, 8 bytes */
#define AT_NONCE (AT_SIZE + 8)
#define AT_KEY (AT_NONCE + NONCE_LEN)
#define AT_TAG (AT_KEY + CATALOG_KEY_LEN)
#define HEAD_LEN (AT_TAG + TAG_LEN)

/* scrypt: 128 MiB and about half a second each guess; more than COST_MAX is not taken from a file. */
#define COST 17
#define COST_MIN 14
#define COST_MAX 20
#define SCRYPT_R 8
#define SCRYPT_P 1

struct keys {
	unsigned char wrap[KEYS_LEN / 2], sign[KEYS_LEN / 2];
};

static int derive(const char *passphrase, const unsigned char *head, struct keys *ret, struct err *err)
{
	unsigned char both[KEYS_LEN];
	uint64_t n = (uint64_t)1 << head[AT_COST];

	if (!EVP_PBE_scrypt(passphrase, strlen(passphrase), head + AT_SALT, SALT_LEN, n, SCRYPT_R, SCRYPT_P,
		128 * SCRYPT_R * (n + 64), both, sizeof(both)))
		return err_set(err, ERR_INTERNAL, "libcrypto cannot derive a key with scrypt");
	memcpy(ret->wrap, both, sizeof(ret->wrap));
	memcpy(ret->sign, both + sizeof(ret->wrap), sizeof(ret->sign));
	mem_wipe(both, sizeof(both));
	return 0;
}

/* Wrap or unwrap the catalog key inside the head. Returns 1, or 0 when it does not open. */
static int wrap_key(unsigned char *head, const struct keys *keys, unsigned char *key, bool wrapping)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	const unsigned char *from = wrapping ? key : head + AT_KEY;
	unsigned char *to = wrapping ? head + AT_KEY : key;
	int used, ok;

	ok = ctx && EVP_CipherInit_ex2(ctx, EVP_aes_256_gcm(), keys->wrap, head + AT_NONCE, wrapping, NULL) &&
	    EVP_CipherUpdate(ctx, NULL, &used, head, (int)AT_KEY) &&
	    EVP_CipherUpdate(ctx, to, &used, from, CATALOG_KEY_LEN) &&
	    (wrapping || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG_LEN, head + AT_TAG)) &&
	    EVP_CipherFinal_ex(ctx, to + CATALOG_KEY_LEN, &used) > 0 &&
	    (!wrapping || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG_LEN, head + AT_TAG));
	EVP_CIPHER_CTX_free(ctx);
	return ok;
}

/* Make the signing context and feed it the head. NULL when libcrypto refuses. */
static EVP_MAC_CTX *sign_begin(const struct keys *keys, const unsigned char *head)
{
	char digest[] = "SHA256";
	const OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string("digest", digest, 0),
		OSSL_PARAM_construct_end() };
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *ctx = mac ? EVP_MAC_CTX_new(mac) : NULL;

	EVP_MAC_free(mac);
	if (ctx && EVP_MAC_init(ctx, keys->sign, sizeof(keys->sign), params) &&
	    EVP_MAC_update(ctx, head, HEAD_LEN))
		return ctx;
	EVP_MAC_CTX_free(ctx);
	return NULL;
}

/* Copy size bytes and sign them. what names the file that is read. */
static int copy_signed(int from, int to, uint64_t size, EVP_MAC_CTX *mac, const char *what,
    struct err *err)
{
	char *chunk = xmalloc(CHUNK);
	int r = 0;

	while (size > 0 && r == 0) {
		size_t want = size < CHUNK ? (size_t)size : CHUNK;
		ssize_t got = fd_read_full(from, chunk, want);

		if (got < 0)
			r = err_set_errno(err, errno, "%s", what);
		else if ((size_t)got < want)
			r = err_set(err, ERR_CORRUPT, "%s ends too early", what);
		else if (!EVP_MAC_update(mac, (unsigned char *)chunk, want))
			r = err_set(err, ERR_INTERNAL, "libcrypto cannot do HMAC-SHA-256");
		else if (fd_write_full(to, chunk, want) < 0)
			r = err_set_errno(err, errno, "cannot write the copy");
		size -= want;
	}
	free(chunk);
	return r;
}

/* Give a finished file its name, which must be free. */
static int publish(const char *from, const char *to, struct err *err)
{
	char *folder = path_dirname(to);
	int r = 0;

	if (link(from, to) < 0)
		r = errno == EEXIST ? err_set(err, ERR_EXISTS, "%s exists already", to)
				    : err_set_errno(err, errno, "%s", to);
	else if (dir_sync(folder) < 0)
		r = err_set_errno(err, errno, "%s", folder);
	free(folder);
	return r;
}

static int refuse_existing(const char *path, struct err *err)
{
	struct stat st;

	return lstat(path, &st) == 0 ? err_set(err, ERR_EXISTS, "%s exists already", path) : 0;
}

/* A private file beside another; *ret_path must be unlinked and freed. */
static int temporary(const char *beside, char **ret_path, struct err *err)
{
	char *path = xasprintf("%s.XXXXXX", beside);
	int fd = mkostemp(path, O_CLOEXEC);

	if (fd < 0) {
		err_set_errno(err, errno, "%s", beside);
		free(path);
		return -1;
	}
	*ret_path = path;
	return fd;
}

static void drop(char *path, int fd)
{
	if (fd >= 0)
		close(fd);
	if (path)
		unlink(path);
	free(path);
}

/* --- backup --- */

/* One step of the backup is one read transaction: in WAL mode it holds up nobody and sees one moment. */
static int copy_database(struct catalog *c, const char *to, struct err *err)
{
	sqlite3 *copy = NULL;
	sqlite3_backup *backup = NULL;
	int rc = sqlite3_open_v2(to, &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	int r = 0;

	if (rc == SQLITE_OK)
		rc = sqlite3_exec(copy, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		backup = sqlite3_backup_init(copy, "main", c->db, "main");
	if (backup) {
		rc = sqlite3_backup_step(backup, -1);
		sqlite3_backup_finish(backup);
	}
	if (!backup || rc != SQLITE_DONE) {
		r = err_set(err, rc == SQLITE_BUSY ? ERR_BUSY : ERR_IO, "the catalog cannot be copied: %s",
		    rc != SQLITE_OK && rc != SQLITE_DONE ? sqlite3_errstr(rc) : sqlite3_errmsg(copy));
	}
	sqlite3_close(copy);
	return r;
}

static int write_backup(int out, int database, struct catalog *c, const char *passphrase,
    struct err *err)
{
	unsigned char head[HEAD_LEN], mac[MAC_LEN];
	EVP_MAC_CTX *ctx = NULL;
	struct keys keys = { { 0 }, { 0 } };
	struct stat st;
	size_t len;
	int r;

	if (fstat(database, &st) < 0)
		return err_set_errno(err, errno, "cannot read the copy");
	memcpy(head, magic, MAGIC_LEN);
	head[AT_COST] = COST;
	random_bytes(head + AT_SALT, SALT_LEN);
	for (int i = 0; i < 8; i++)
		head[AT_SIZE + (size_t)i] = (unsigned char)((uint64_t)st.st_size >> (56 - 8 * i));
	random_bytes(head + AT_NONCE, NONCE_LEN);
	r = derive(passphrase, head, &keys, err);
	if (r == 0 && (!wrap_key(head, &keys, c->key, true) || !(ctx = sign_begin(&keys, head))))
		r = err_set(err, ERR_INTERNAL, "libcrypto cannot wrap the key");
	if (r == 0 && fd_write_full(out, head, HEAD_LEN) < 0)
		r = err_set_errno(err, errno, "cannot write the backup");
	if (r == 0)
		r = copy_signed(database, out, (uint64_t)st.st_size, ctx, "the copy", err);
	if (r == 0 && !EVP_MAC_final(ctx, mac, &len, sizeof(mac)))
		r = err_set(err, ERR_INTERNAL, "libcrypto cannot do HMAC-SHA-256");
	if (r == 0 && (fd_write_full(out, mac, MAC_LEN) < 0 || fsync(out) < 0))
		r = err_set_errno(err, errno, "cannot write the backup");
	EVP_MAC_CTX_free(ctx);
	mem_wipe(&keys, sizeof(keys));
	return r;
}

int catalog_backup(const char *path, const char *file, const char *passphrase, struct err *err)
{
	char *database_path = NULL, *out_path = NULL;
	struct catalog *c = NULL;
	int database = -1, out = -1;
	int r = refuse_existing(file, err);

	if (r == 0)
		r = catalog_open(path, &c, err);
	if (r == 0 && ((database = temporary(file, &database_path, err)) < 0 ||
			  (out = temporary(file, &out_path, err)) < 0))
		r = -ERR_IO;
	if (r == 0)
		r = copy_database(c, database_path, err);
	if (r == 0)
		r = write_backup(out, database, c, passphrase, err);
	if (r == 0)
		r = publish(out_path, file, err);
	drop(out_path, out);
	drop(database_path, database);
	catalog_close(c);
	return r;
}

/* --- restore --- */

static int read_head(int fd, unsigned char *head, uint64_t *ret_size, struct err *err)
{
	struct stat st;
	uint64_t size = 0;

	if (fstat(fd, &st) < 0)
		return err_set_errno(err, errno, "cannot read it");
	if (fd_read_full(fd, head, HEAD_LEN) != (ssize_t)HEAD_LEN || memcmp(head, magic, MAGIC_LEN) != 0)
		return err_set(err, ERR_INVALID, "not a backup of a catalog");
	for (int i = 0; i < 8; i++)
		size = size << 8 | head[AT_SIZE + (size_t)i];
	if (head[AT_COST] < COST_MIN || head[AT_COST] > COST_MAX)
		return err_set(err, ERR_CORRUPT, "the backup is damaged: impossible parameters");
	if (st.st_size < (off_t)(HEAD_LEN + MAC_LEN) || size != (uint64_t)st.st_size - HEAD_LEN - MAC_LEN)
		return err_set(err, ERR_CORRUPT, "the backup is damaged: it has not the size it says");
	*ret_size = size;
	return 0;
}

/* Check the whole file while its database is copied. */
static int read_backup(int in, int database, const char *passphrase, unsigned char *ret_key,
    struct err *err)
{
	unsigned char head[HEAD_LEN], said[MAC_LEN], mac[MAC_LEN];
	EVP_MAC_CTX *ctx = NULL;
	struct keys keys = { { 0 }, { 0 } };
	uint64_t size = 0;
	size_t len;
	int r = read_head(in, head, &size, err);

	if (r == 0)
		r = derive(passphrase, head, &keys, err);
	if (r == 0 && !wrap_key(head, &keys, ret_key, false)) {
		r = err_set(err, ERR_DENIED, "the passphrase is wrong");
		err_detail(err, "Or the first %zu bytes of the file are damaged.", HEAD_LEN);
	}
	if (r == 0 && !(ctx = sign_begin(&keys, head)))
		r = err_set(err, ERR_INTERNAL, "libcrypto cannot do HMAC-SHA-256");
	if (r == 0)
		r = copy_signed(in, database, size, ctx, "the backup", err);
	if (r == 0 && (!EVP_MAC_final(ctx, mac, &len, sizeof(mac)) ||
			  fd_read_full(in, said, MAC_LEN) != MAC_LEN || CRYPTO_memcmp(mac, said, MAC_LEN) != 0))
		r = err_set(err, ERR_CORRUPT, "the backup is damaged: it was changed after it was written");
	if (r == 0 && fsync(database) < 0)
		r = err_set_errno(err, errno, "cannot write the catalog");
	EVP_MAC_CTX_free(ctx);
	mem_wipe(&keys, sizeof(keys));
	return r;
}

static int check_integrity(struct catalog *c, struct err *err)
{
	sqlite3_stmt *q = NULL;
	int r = 0;

	if (sqlite3_prepare_v2(c->db, "PRAGMA integrity_check(1)", -1, &q, NULL) != SQLITE_OK ||
	    sqlite3_step(q) != SQLITE_ROW)
		r = store_fail(c, err);
	else if (strcmp(col_text(q, 0), "ok") != 0)
		r = err_set(err, ERR_CORRUPT, "the backup holds a damaged catalog: %.200s", col_text(q, 0));
	sqlite3_finalize(q);
	return r;
}

/* Open the copy under its temporary name, with its key: schema, key and integrity are checked, and migrated. */
static int check_catalog(const char *path, const unsigned char *key, struct err *err)
{
	char *key_path = secrets_path(path);
	struct catalog *c = NULL;
	int r = secrets_write(key_path, key, err);

	if (r == 0)
		r = catalog_open(path, &c, err);
	if (r == 0)
		r = check_integrity(c, err);
	catalog_close(c); /* the last one out leaves neither PATH-wal nor PATH-shm */
	unlink(key_path);
	free(key_path);
	return r;
}

static int refuse_catalog(const char *path, struct err *err)
{
	static const char *const endings[] = { "", "-wal", "-shm", "-journal", ".key", ".key.new" };
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(endings) && r == 0; i++) {
		char *name = xasprintf("%s%s", path, endings[i]);

		r = refuse_existing(name, err);
		free(name);
	}
	if (r < 0)
		err_hint(err, "--force replaces the catalog, and keeps the one that is there as %s" REPLACE_KEPT, path);
	return r;
}

/* The key first: a catalog without one is of no use, a key alone is found by the next restore. */
static int put_in_place(const char *copy, const char *path, const unsigned char *key, struct err *err)
{
	char *key_path = secrets_path(path);
	int r = secrets_write(key_path, key, err);

	if (r == 0) {
		r = publish(copy, path, err);
		if (r < 0)
			unlink(key_path);
	}
	free(key_path);
	return r;
}

static void drop_sidecars(const char *path)
{
	static const char *const endings[] = { "-wal", "-shm" };

	for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
		char *name = xasprintf("%s%s", path, endings[i]);

		unlink(name);
		free(name);
	}
}

int catalog_restore(const char *file, const char *path, const char *passphrase, bool force,
    struct err *err)
{
	char *absolute = path_absolute(path), *folder = path_dirname(absolute), *copy = NULL;
	unsigned char key[CATALOG_KEY_LEN];
	int database = -1;
	int r = refuse_catalog(absolute, err), in;
	bool replacing = r == -ERR_EXISTS && force;

	if (replacing) {
		err_clear(err);
		r = replace_check(absolute, err);
	}
	in = r == 0 ? open(file, O_RDONLY | O_CLOEXEC) : -1;

	if (r == 0 && in < 0)
		r = err_set_errno(err, errno, "%s", file);
	if (r == 0)
		r = dir_make(folder, 0700, err);
	if (r == 0 && (database = temporary(absolute, &copy, err)) < 0)
		r = -ERR_IO;
	if (r == 0 && (r = read_backup(in, database, passphrase, key, err)) < 0)
		err_prefix(err, "%s", file);
	if (r == 0)
		r = check_catalog(copy, key, err);
	if (r == 0)
		r = replacing ? replace_catalog(absolute, copy, key, NULL, err) : put_in_place(copy, absolute, key, err);
	mem_wipe(key, sizeof(key));
	if (copy)
		drop_sidecars(copy);
	drop(copy, database);
	if (in >= 0)
		close(in);
	free(folder);
	free(absolute);
	return r;
}
