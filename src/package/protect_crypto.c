/* SPDX-License-Identifier: MIT */
/*
 * The two password schemes (spec/package.md §1.6). 3DES: the key Windows'
 * CryptDeriveKey makes from SHA-1 of the password; the salt is not used. AES:
 * PBKDF2. Padding is ISO 10126 or PKCS#7, so only the last byte is looked at.
 */
#include <string.h>

#include <openssl/evp.h>
#include <openssl/sha.h>

#include "base/mem.h"
#include "package/protect.h"

#define KEY_MAX 32
#define SHA1_BLOCK 64
#define AES_ITERATIONS 1000
#define DATA_MAX ((size_t)512 * 1024 * 1024)

static void hash_padded(const unsigned char digest[SHA_DIGEST_LENGTH], unsigned char pad,
    unsigned char out[SHA_DIGEST_LENGTH])
{
	unsigned char block[SHA1_BLOCK];

	memset(block, pad, sizeof(block));
	for (size_t i = 0; i < SHA_DIGEST_LENGTH; i++)
		block[i] ^= digest[i];
	EVP_Digest(block, sizeof(block), out, NULL, EVP_sha1(), NULL);
	mem_wipe(block, sizeof(block));
}

/* 24 bytes for 3DES, 32 for AES. False when libcrypto refuses. */
static bool derive_key(const struct protect_secret *secret, const char *password, unsigned char key[KEY_MAX])
{
	unsigned char digest[SHA_DIGEST_LENGTH], both[2 * SHA_DIGEST_LENGTH];

	if (secret->cipher == PROTECT_AES256)
		return PKCS5_PBKDF2_HMAC_SHA1(password, (int)strlen(password), secret->salt,
			   (int)secret->salt_len, AES_ITERATIONS, KEY_MAX, key)
		    == 1;
	if (!EVP_Digest(password, strlen(password), digest, NULL, EVP_sha1(), NULL))
		return false;
	hash_padded(digest, 0x36, both);
	hash_padded(digest, 0x5C, both + SHA_DIGEST_LENGTH);
	memcpy(key, both, 24);
	mem_wipe(digest, sizeof(digest));
	mem_wipe(both, sizeof(both));
	return true;
}

static int decrypt_blocks(const EVP_CIPHER *cipher, const unsigned char *key,
    const struct protect_secret *secret, struct buf *plain)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int got = 0, rest = 0, ok;
	size_t block = (size_t)EVP_CIPHER_get_block_size(cipher);

	buf_reserve(plain, secret->data_len + block);
	unsigned char *out = (unsigned char *)plain->data + plain->len;
	ok = ctx && EVP_DecryptInit_ex(ctx, cipher, NULL, key, secret->iv)
	    && EVP_CIPHER_CTX_set_padding(ctx, 0)
	    && EVP_DecryptUpdate(ctx, out, &got, secret->data, (int)secret->data_len)
	    && EVP_DecryptFinal_ex(ctx, out + got, &rest);
	EVP_CIPHER_CTX_free(ctx);
	size_t pad = ok ? out[secret->data_len - 1] : 0;
	if (!ok || pad < 1 || pad > block || (size_t)(got + rest) != secret->data_len) {
		mem_wipe(out, secret->data_len);
		return -ERR_DENIED;
	}
	plain->len += secret->data_len - pad;
	plain->data[plain->len] = '\0';
	return 0;
}

static int decrypt(const struct protect_secret *secret, const char *password, struct buf *plain,
    struct err *err)
{
	const EVP_CIPHER *cipher = secret->cipher == PROTECT_AES256 ? EVP_aes_256_cbc() : EVP_des_ede3_cbc();
	size_t block = (size_t)EVP_CIPHER_get_block_size(cipher);
	unsigned char key[KEY_MAX] = { 0 };

	if (secret->iv_len != block || !secret->data_len || secret->data_len % block
	    || secret->data_len > DATA_MAX || strlen(password) > 4096 || secret->salt_len > 1024)
		return err_set(err, ERR_INVALID, "malformed encrypted data");
	if (!derive_key(secret, password, key))
		return err_set(err, ERR_INTERNAL, "cannot derive a key from the password");
	int r = decrypt_blocks(cipher, key, secret, plain);
	mem_wipe(key, sizeof(key));
	if (r < 0)
		err_set(err, ERR_DENIED, "the password is wrong");
	return r;
}

void protect_use_libcrypto(void)
{
	protect_set(decrypt);
}
