/* SPDX-License-Identifier: MIT */
/* What the SSH side reads as text or foreign bytes: places, jump hosts, ssh_config, known_hosts, key files, KEXINIT. */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "exec/identity.h"
#include "exec/jump.h"
#include "exec/known_hosts.h"
#include "exec/ssh_config.h"
#include "exec/ssh_methods.h"
#include "exec/ssh_pattern.h"
#include "tests/harness.h"

#define KEY_A "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
#define KEY_B "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8eHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgEA"

static char dir[] = "/tmp/scaleout-ssh-text.XXXXXX";
static struct err err;

static void setup(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void teardown(void)
{
	dir_remove(dir, NULL);
	memcpy(dir + strlen(dir) - 6, "XXXXXX", 6);
}

/* Write a file of the test's folder; the path is static. */
static const char *put(const char *name, const char *text)
{
	static char path[4][256];
	static int next;
	char *out = path[next++ % 4];

	snprintf(out, sizeof(path[0]), "%s/%s", dir, name);
	ck_assert_int_eq(file_write_atomic(out, text, strlen(text), 0600, false, &err), 0);
	return out;
}

/* --- places and hops --- */

START_TEST(a_place_is_split_into_user_host_and_port)
{
	static const struct {
		const char *text, *user, *host;
		int port;
	} good[] = {
		{ "w1", "", "w1", 0 }, { "me@w1", "me", "w1", 0 }, { "me@w1:2222", "me", "w1", 2222 },
		{ "[::1]:22", "", "::1", 22 }, { "::1", "", "::1", 0 }, { "me@[fe80::1%eth0]:22", "me", "fe80::1%eth0", 22 },
		{ "a@b@w1", "a@b", "w1", 0 }, { "ssh://me@w1:22", "me", "w1", 22 }, { "[::1]", "", "::1", 0 },
	};
	static const char *const bad[] = { "", "@w1", "w1:", "w1:0", "w1:65536", "w1:+1", "w1: 1", "-oX", "me@-oX", "w 1",
		"[::1", "[::1]x", "[]:1", "w1\n", "w1:22x" };
	char *user, *host;
	int port;

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		ck_assert_int_eq(place_parse(good[i].text, &user, &host, &port, &err), 0);
		ck_assert_str_eq(user, good[i].user);
		ck_assert_str_eq(host, good[i].host);
		ck_assert_int_eq(port, good[i].port);
		free(user);
		free(host);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(place_parse(bad[i], &user, &host, &port, &err) == -ERR_INVALID, "taken: %s", bad[i]);
}
END_TEST

START_TEST(the_last_hop_comes_off_and_leaves_those_before_it)
{
	struct jump_hop hop;
	char *before, *rest;

	ck_assert(jump_hop_last("a@one:22 " KEY_A "\n[::1]:2222 " KEY_B " /home/me/a key", &hop, &before));
	ck_assert_str_eq(hop.user, "");
	ck_assert_str_eq(hop.host, "::1");
	ck_assert_int_eq(hop.port, 2222);
	ck_assert_str_eq(hop.host_key, KEY_B);
	ck_assert_str_eq(hop.identity, "/home/me/a key");
	jump_hop_release(&hop);
	ck_assert(jump_hop_last(before, &hop, &rest));
	ck_assert_str_eq(hop.user, "a");
	ck_assert_str_eq(hop.host, "one");
	ck_assert_str_eq(rest, "");
	jump_hop_release(&hop);
	free(before);
	free(rest);
	ck_assert(!jump_hop_last("", &hop, &before));
	ck_assert(!jump_hop_last("one:22", &hop, &before));
	ck_assert(!jump_hop_last("-oX:22 " KEY_A, &hop, &before));
}
END_TEST

/* --- patterns --- */

START_TEST(patterns_match_as_ssh_config_says)
{
	static const struct {
		const char *list, *text;
		bool match;
	} rows[] = { { "*", "x", true }, { "*.example", "a.example", true }, { "*.example", "example", false },
		{ "w?", "w1", true }, { "w?", "w12", false }, { "W1", "w1", true }, { "a*b*c", "aXbYc", true },
		{ "a*b*c", "aXbY", false }, { "!w1 *", "w1", false }, { "!w1 *", "w2", true }, { "!w1", "w2", false },
		{ "", "x", false }, { "a,b", "b", false } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ck_assert_msg(ssh_pattern_list(rows[i].list, strlen(rows[i].list), " ", rows[i].text) == rows[i].match,
		    "%s against %s", rows[i].list, rows[i].text);
	/* A pattern that makes naive matchers take for ever. */
	ck_assert(!ssh_pattern_list("*a*a*a*a*a*a*a*a*a*a*b", 22, " ", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}
END_TEST

/* --- ssh_config --- */

START_TEST(the_first_value_that_applies_counts)
{
	struct ssh_config c;
	const char *key = put("key", "x");
	char *text = xasprintf("# comment\nHost w1 !w2\n  HostName %%h.example\n\tPort=2222\n  User \"me too\"\n"
			       "Host *.example\n Port 1\nHost *\n  Port 3333\n  User other\n  IdentityFile %s/none\n"
			       "  IdentityFile %s\n  ProxyJump a@gate:23,inner\n  UserKnownHostsFile %s/k1 %s/k2\n",
	    dir, key, dir, dir);

	ck_assert_int_eq(ssh_config_read(put("config", text), "w1", &c, &err), 0);
	ck_assert_str_eq(c.host, "w1.example");
	ck_assert_int_eq(c.port, 2222);
	ck_assert_str_eq(c.user, "me too");
	ck_assert_str_eq(c.identity, key);
	ck_assert_str_eq(c.jump, "a@gate:23,inner");
	ck_assert_uint_eq(c.known_hosts.len, 2);
	ck_assert_str_eq(c.notes.data, "");
	ssh_config_release(&c);
	ck_assert_int_eq(ssh_config_read(put("config", text), "w2", &c, &err), 0);
	ck_assert_str_eq(c.host, "w2");
	ck_assert_int_eq(c.port, 3333);
	ssh_config_release(&c);
	free(text);
}
END_TEST

START_TEST(files_are_included_and_match_blocks_left_out_with_a_note)
{
	struct ssh_config c;
	char *text = xasprintf("Include %s/conf.d/*\nMatch exec true\n  User wrong\nMatch all\n  User right\n"
			       "Host w1\n  ProxyCommand nc %%h\n",
	    dir);
	char *folder = path_join(dir, "conf.d");

	ck_assert_int_eq(dir_make(folder, 0700, &err), 0);
	put("conf.d/one", "Host w1\n  Port 77\nHost other\n");
	ck_assert_int_eq(ssh_config_read(put("config", text), "w1", &c, &err), 0);
	ck_assert_int_eq(c.port, 77);
	ck_assert_str_eq(c.user, "right");
	ck_assert_ptr_nonnull(strstr(c.notes.data, "config:2: Match is not read"));
	ck_assert_ptr_nonnull(strstr(c.notes.data, "ProxyCommand is not used"));
	ssh_config_release(&c);
	free(folder);
	free(text);
}
END_TEST

START_TEST(a_bad_config_is_refused_by_file_and_line)
{
	struct ssh_config c;
	const char *path = put("config", "Host *\nPort many\n");

	ck_assert_int_eq(ssh_config_read(path, "w1", &c, &err), -ERR_INVALID);
	ck_assert_ptr_nonnull(strstr(err.primary, "config:2:"));
	ssh_config_release(&c);
	ck_assert_int_eq(chmod(path, 0666), 0);
	ck_assert_int_eq(ssh_config_read(path, "w1", &c, &err), -ERR_DENIED);
	ssh_config_release(&c);
	char *self = xasprintf("Include %s/loop\n", dir);
	path = put("loop", self);
	ck_assert_int_eq(ssh_config_read(path, "w1", &c, &err), -ERR_LIMIT);
	ssh_config_release(&c);
	free(self);
	ck_assert_int_lt(ssh_config_read("/nowhere/config", "w1", &c, &err), 0);
	ssh_config_release(&c);
	ck_assert_int_eq(ssh_config_read("none", "w1", &c, &err), 0);
	ck_assert_uint_eq(c.known_hosts.len, 0);
	ssh_config_release(&c);
}
END_TEST

/* --- known_hosts --- */

START_TEST(known_hosts_tell_known_changed_revoked_and_unknown)
{
	int line = 0;
	const char *path = put("known", "# c\n\nother " KEY_A "\nw1,10.0.0.1 " KEY_A " me\n[w1]:2222 " KEY_B "\n"
					"*.example,!bad.example " KEY_A "\n@revoked * " KEY_B "\n@cert-authority * " KEY_A
					"\nrsa ssh-rsa AAAA\n");

	ck_assert_int_eq(known_hosts_check(path, "w1", 22, KEY_A, &line), KNOWN_HOST_SAME);
	ck_assert_int_eq(line, 4);
	ck_assert_int_eq(known_hosts_check(path, "10.0.0.1", 22, KEY_A, &line), KNOWN_HOST_SAME);
	ck_assert_int_eq(known_hosts_check(path, "w1", 2222, KEY_A, &line), KNOWN_HOST_OTHER);
	ck_assert_int_eq(line, 5);
	ck_assert_int_eq(known_hosts_check(path, "w1", 22, KEY_B, &line), KNOWN_HOST_REVOKED);
	ck_assert_int_eq(known_hosts_check(path, "a.example", 22, KEY_A, &line), KNOWN_HOST_SAME);
	ck_assert_int_eq(known_hosts_check(path, "bad.example", 22, KEY_A, &line), KNOWN_HOST_UNKNOWN);
	ck_assert_int_eq(known_hosts_check(path, "rsa", 22, KEY_A, &line), KNOWN_HOST_UNKNOWN);
	ck_assert_int_eq(known_hosts_check("/nowhere", "w1", 22, KEY_A, &line), KNOWN_HOST_UNKNOWN);
}
END_TEST

START_TEST(hashed_names_are_found)
{
	/* ssh-keygen -H of the names "w1" and "[w1]:2222" */
	char command[600];
	int line = 0;
	const char *path = put("hashed", "w1 " KEY_A "\n[w1]:2222 " KEY_B "\n");

	snprintf(command, sizeof(command), "ssh-keygen -q -H -f %s >/dev/null 2>&1 && ! grep -q w1 %s", path, path);
	if (system(command) != 0)
		return; /* no ssh-keygen here; tests/exec/test_transport_ssh.sh needs it too */
	ck_assert_int_eq(known_hosts_check(path, "w1", 22, KEY_A, &line), KNOWN_HOST_SAME);
	ck_assert_int_eq(known_hosts_check(path, "w1", 22, KEY_B, &line), KNOWN_HOST_OTHER);
	ck_assert_int_eq(known_hosts_check(path, "w1", 2222, KEY_B, &line), KNOWN_HOST_SAME);
	ck_assert_int_eq(known_hosts_check(path, "w2", 22, KEY_A, &line), KNOWN_HOST_UNKNOWN);
	path = put("hashed", "|1|AAAA|BBBB " KEY_A "\n|1| " KEY_A "\n| " KEY_A "\n");
	ck_assert_int_eq(known_hosts_check(path, "w1", 22, KEY_A, &line), KNOWN_HOST_UNKNOWN);
}
END_TEST

/* --- identities --- */

START_TEST(a_key_file_is_judged_by_what_it_says)
{
	struct identity id;
	const char *path = put("id", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n");

	ck_assert_int_eq(identity_read(path, &id, &err), -ERR_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(err.hint, "ed25519"));
	identity_release(&id);
	ck_assert_int_eq(chmod(path, 0640), 0);
	ck_assert_int_eq(identity_read(path, &id, &err), -ERR_DENIED);
	identity_release(&id);
	ck_assert_int_eq(identity_read(put("pub", KEY_A "\n"), &id, &err), -ERR_INVALID);
	identity_release(&id);
	/* Cut and senseless armour must not be read past its end. */
	static const char *const broken[] = { "", "b3Bl", "b3BlbnNzaC1rZXktdjEA", "b3BlbnNzaC1rZXktdjEA/////w==", "!!!!",
		"b3BlbnNzaC1rZXktdjEAAAAABG5vbmX/////" };
	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		char *text = xasprintf("-----BEGIN OPENSSH PRIVATE KEY-----\n%s\n-----END OPENSSH PRIVATE KEY-----\n", broken[i]);
		ck_assert_int_eq(identity_read(put("broken", text), &id, &err), 0);
		ck_assert_str_eq(id.type, "");
		identity_release(&id);
		free(text);
	}
}
END_TEST

static void add_string(struct buf *to, const void *bytes, size_t len)
{
	unsigned char head[4] = { 0, 0, (unsigned char)(len >> 8), (unsigned char)len };

	buf_add(to, head, sizeof(head));
	buf_add(to, bytes, len);
}

/* An ed25519 key in OpenSSH's format (PROTOCOL.key), without a passphrase. The second check number is the first plus "off". */
static const char *put_ed25519(const char *name, const unsigned char seed[32], const unsigned char pub[32], unsigned char off)
{
	struct buf blob = BUF_INIT, secret = BUF_INIT, all = BUF_INIT;
	unsigned char pair[64], checks[8] = { 1, 2, 3, 4, 1, 2, 3, (unsigned char)(4 + off) }, one[4] = { 0, 0, 0, 1 };

	memcpy(pair, seed, 32);
	memcpy(pair + 32, pub, 32);
	add_string(&blob, "ssh-ed25519", 11);
	add_string(&blob, pub, 32);
	buf_add(&secret, checks, sizeof(checks));
	buf_add(&secret, blob.data, blob.len);
	add_string(&secret, pair, sizeof(pair));
	add_string(&secret, "", 0);
	buf_add(&all, "openssh-key-v1", 15);
	add_string(&all, "none", 4);
	add_string(&all, "none", 4);
	add_string(&all, "", 0);
	buf_add(&all, one, sizeof(one));
	add_string(&all, blob.data, blob.len);
	add_string(&all, secret.data, secret.len);
	unsigned char *base64 = xmalloc(all.len / 3 * 4 + 8);
	EVP_EncodeBlock(base64, (unsigned char *)all.data, (int)all.len);
	char *text = xasprintf("-----BEGIN OPENSSH PRIVATE KEY-----\n%s\n-----END OPENSSH PRIVATE KEY-----\n", base64);
	const char *path = put(name, text);
	free(text);
	free(base64);
	buf_release(&blob);
	buf_release(&secret);
	buf_release(&all);
	return path;
}

START_TEST(a_plain_ed25519_file_signs_and_a_changed_one_does_not)
{
	unsigned char seed[32] = { 1 }, other[32] = { 2 }, pub[32], other_pub[32], signature[IDENTITY_SIGNATURE];
	size_t len = sizeof(pub);
	struct identity id;

	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof(seed));
	ck_assert_int_eq(EVP_PKEY_get_raw_public_key(key, pub, &len), 1);
	memset(other_pub, 7, sizeof(other_pub));
	const char *path = put_ed25519("id", seed, pub, 0);
	ck_assert_int_eq(identity_read(path, &id, &err), 0);
	ck_assert_str_eq(id.type, "ssh-ed25519");
	ck_assert_ptr_nonnull(id.blob);
	ck_assert_int_eq(identity_sign(path, &id, (const unsigned char *)"text", 4, signature, &err), 0);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	ck_assert_int_eq(EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key), 1);
	ck_assert_int_eq(EVP_DigestVerify(ctx, signature, sizeof(signature), (const unsigned char *)"text", 4), 1);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	ck_assert_int_eq(identity_sign(put_ed25519("id", other, other_pub, 0), &id, signature, 4, signature, &err), -ERR_CORRUPT);
	ck_assert_int_eq(identity_sign(put_ed25519("id", seed, pub, 1), &id, signature, 4, signature, &err), -ERR_CORRUPT);
	ck_assert_int_eq(identity_sign(put("id", "-----BEGIN OPENSSH PRIVATE KEY-----\n"), &id, signature, 4, signature, &err), -ERR_CORRUPT);
	identity_release(&id);
}
END_TEST

/* --- algorithms --- */

static size_t add_list(unsigned char *at, const char *text)
{
	size_t len = strlen(text);

	at[0] = at[1] = 0;
	at[2] = (unsigned char)(len >> 8);
	at[3] = (unsigned char)len;
	memcpy(at + 4, text, len);
	return 4 + len;
}

/* A server's banner and KEXINIT: kex, host key, two ciphers, two MACs. */
static size_t greeting(unsigned char *out, const char *kex, const char *cipher, const char *mac)
{
	const char *lists[] = { kex, "ssh-ed25519", cipher, cipher, mac, mac };
	size_t len = (size_t)snprintf((char *)out, 100, "hello\r\nSSH-2.0-test\r\n");

	memset(out + len, 0, 22);
	out[len + 5] = 20; /* after length and padding: SSH_MSG_KEXINIT, then the cookie */
	len += 22;
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		len += add_list(out + len, lists[i]);
	return len;
}

START_TEST(what_a_machine_lacks_is_told_from_its_first_bytes)
{
	unsigned char bytes[2048];
	size_t len = greeting(bytes, "diffie-hellman-group1-sha1", "aes128-cbc,aes256-ctr", "hmac-md5");
	char *said = ssh_methods_missing(bytes, len, "ssh-ed25519");

	ck_assert_ptr_nonnull(said);
	ck_assert_ptr_nonnull(strstr(said, "key exchange: the machine offers diffie-hellman-group1-sha1;"));
	ck_assert_ptr_nonnull(strstr(said, "MAC: the machine offers hmac-md5;"));
	ck_assert_ptr_null(strstr(said, "cipher:"));
	free(said);
	said = ssh_methods_missing(bytes, len, "ecdsa-sha2-nistp256");
	ck_assert_ptr_nonnull(strstr(said, "host key: the machine offers ssh-ed25519; accepted are ecdsa-sha2-nistp256"));
	free(said);
	len = greeting(bytes, "x,curve25519-sha256", "aes256-ctr", "hmac-sha2-256");
	ck_assert_ptr_null(ssh_methods_missing(bytes, len, "ssh-ed25519"));
}
END_TEST

START_TEST(bytes_of_any_kind_are_no_trouble)
{
	unsigned char bytes[2048];
	size_t len = greeting(bytes, "diffie-hellman-group1-sha1", "aes128-cbc", "hmac-md5");

	for (size_t cut = 0; cut <= len; cut++) {
		unsigned char *copy = malloc(cut + 1); /* of its exact size, for the sanitizer */
		memcpy(copy, bytes, cut);
		free(ssh_methods_missing(copy, cut, "ssh-ed25519"));
		if (cut > 30)
			copy[cut - 5] = 0xFF;
		free(ssh_methods_missing(copy, cut, "ssh-ed25519"));
		free(copy);
	}
}
END_TEST

START_TEST(no_weak_algorithm_is_accepted)
{
	static const char *const weak[] = { "sha1", "md5", "cbc", "arcfour", "group1-", "3des", "ssh-rsa", "none" };

	for (const struct ssh_method *m = ssh_methods; m->names; m++)
		for (size_t i = 0; i < ARRAY_LEN(weak); i++)
			ck_assert_msg(!strstr(m->names, weak[i]), "%s among %s", weak[i], m->names);
}
END_TEST

static Suite *ssh_text_suite(void)
{
	Suite *s = suite_create("ssh text");
	TCase *t = tcase_create("ssh text");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_place_is_split_into_user_host_and_port);
	tcase_add_test(t, the_last_hop_comes_off_and_leaves_those_before_it);
	tcase_add_test(t, patterns_match_as_ssh_config_says);
	tcase_add_test(t, the_first_value_that_applies_counts);
	tcase_add_test(t, files_are_included_and_match_blocks_left_out_with_a_note);
	tcase_add_test(t, a_bad_config_is_refused_by_file_and_line);
	tcase_add_test(t, known_hosts_tell_known_changed_revoked_and_unknown);
	tcase_add_test(t, hashed_names_are_found);
	tcase_add_test(t, a_key_file_is_judged_by_what_it_says);
	tcase_add_test(t, a_plain_ed25519_file_signs_and_a_changed_one_does_not);
	tcase_add_test(t, what_a_machine_lacks_is_told_from_its_first_bytes);
	tcase_add_test(t, bytes_of_any_kind_are_no_trouble);
	tcase_add_test(t, no_weak_algorithm_is_accepted);
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(ssh_text_suite)
