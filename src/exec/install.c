/* SPDX-License-Identifier: MIT */
/*
 * Installing over the channel. Decisions are made here from what the survey
 * says; the scripts (install_script.h) only look and write.
 */
#include "exec/install.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/file.h"
#include "base/mem.h"
#include "exec/install_script.h"
#include "exec/probe.h"
#include "exec/program.h"

#define PROGRAM_MAX ((size_t)256 * 1024 * 1024)
#define SURVEY_MS 30000
#define COPY_MS 600000
#define HASH_SIZE 65
#define BASE ".local/lib/scaleout/"

/* --- answers --- */

/* Words that come more than once, or are numbers and truths. */
static void add_answer(json_t *object, const char *word, const char *value)
{
	char name[128], worker[HASH_SIZE], runtime[HASH_SIZE];

	if (strcmp(word, "installed") == 0) {
		if (sscanf(value, "%127s %64s %64s", name, worker, runtime) == 3)
			json_array_append_new(json_object_get(object, "installed"),
			    json_pack("{s:s, s:s, s:s}", "name", name, "worker", worker, "runtime", runtime));
	} else if (strcmp(word, "missing") == 0) {
		json_array_append_new(json_object_get(object, "missing"), json_string(value));
	} else if (strcmp(word, "noexec") == 0 || strcmp(word, "unwritable") == 0) {
		json_object_set_new(object, word, json_true());
	} else if (strcmp(word, "space_kb") == 0 || strcmp(word, "uid") == 0) {
		json_object_set_new(object, word, json_integer(strtoll(value, NULL, 10)));
	} else {
		/* NULL (not UTF-8) leaves the member out. */
		json_object_set_new(object, word, json_string(value));
	}
}

/* Call take for every line "word value". */
static void each_answer(char *text, void (*take)(void *ctx, const char *word, const char *value), void *ctx)
{
	for (char *line = text, *next; line && *line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		char *blank = strchr(line, ' ');
		if (blank)
			*blank = '\0';
		take(ctx, line, blank ? blank + 1 : "");
	}
}

static void take_survey(void *ctx, const char *word, const char *value)
{
	add_answer(ctx, word, value);
}

int install_survey(const struct transport_target *target, char **ret_json, enum transport_stage *ret_stage,
    struct err *err)
{
	struct probe_script script = { .text = SCRIPT_SURVEY, .timeout_ms = SURVEY_MS + target->timeout_ms };
	char *output = NULL, *noise = NULL;
	json_t *object;
	int r = probe_run(target, &script, &output, &noise, ret_stage, err);

	if (r == 0) {
		object = json_pack("{s:[], s:[], s:b, s:b}", "installed", "missing", "noexec", 0, "unwritable", 0);
		each_answer(output, take_survey, object);
		json_object_set_new(object, "noise", json_string(noise));
		*ret_json = json_dumps(object, JSON_COMPACT);
		json_decref(object);
	}
	free(output);
	free(noise);
	return r;
}

/* --- our own programs --- */

struct own {
	struct buf bytes; /* both, one after the other */
	size_t size[2];
	char hash[2][HASH_SIZE];
};
static const char *const program_names[] = { "scaleout-worker", "scaleout-dtexec" };

static void hash_hex(const void *data, size_t len, char text[HASH_SIZE])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	EVP_Digest(data, len, digest, &n, EVP_sha256(), NULL);
	for (unsigned i = 0; i < n && i < 32; i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
}

static int own_read(struct own *ret, struct err *err)
{
	buf_init(&ret->bytes);
	for (size_t i = 0; i < 2; i++) {
		size_t begin = ret->bytes.len;
		char *path = program_find(program_names[i]);
		if (!path) {
			err_set(err, ERR_NOT_FOUND, "%s is not installed here, so it cannot be copied", program_names[i]);
			err_hint(err, "install it beside scaleout, or on the machine and give its path with --program");
			return -ERR_NOT_FOUND;
		}
		int r = file_read(path, PROGRAM_MAX, &ret->bytes, err);
		free(path);
		if (r < 0)
			return r;
		ret->size[i] = ret->bytes.len - begin;
		hash_hex(ret->bytes.data + begin, ret->size[i], ret->hash[i]);
	}
	return 0;
}

/* The newest glibc 2.N that the programs ask for, by their version names. */
static int glibc_needed(const struct buf *bytes)
{
	static const char mark[] = "GLIBC_2.";
	const char *at = bytes->data, *end = bytes->data + bytes->len;
	int most = 0;

	while ((at = memmem(at, (size_t)(end - at), mark, sizeof(mark) - 1))) {
		at += sizeof(mark) - 1;
		int n = at < end && *at >= '0' && *at <= '9' ? (int)strtol(at, NULL, 10) : 0;
		if (n > most && n < 1000)
			most = n;
	}
	return most;
}

/* --- may they run there --- */

static const char *text_of(const json_t *survey, const char *name)
{
	const char *text = json_string_value(json_object_get(survey, name));

	return text ? text : "";
}

static int refuse(struct err *err, const char *why, const char *there, const char *here)
{
	err_set(err, ERR_UNSUPPORTED, "%s: there %s, here %s", why, *there ? there : "unknown", here);
	err_hint(err, "install the package scaleout-worker made for that system on it (it holds scaleout-worker and "
		      "scaleout-dtexec); it is then found, or give its path with --program");
	return -ERR_UNSUPPORTED;
}

static int check_machine(const json_t *survey, const struct own *own, struct err *err)
{
	struct utsname here;
	int minor = 0, needed = glibc_needed(&own->bytes);
	char text[32];

	uname(&here);
	if (strcmp(text_of(survey, "system"), here.sysname) != 0)
		return refuse(err, "the machine runs another system", text_of(survey, "system"), here.sysname);
	if (strcmp(text_of(survey, "machine"), here.machine) != 0)
		return refuse(err, "the machine is of another architecture", text_of(survey, "machine"), here.machine);
	snprintf(text, sizeof(text), "glibc 2.%d or newer", needed);
	if (sscanf(text_of(survey, "libc"), "glibc 2.%d", &minor) != 1)
		return refuse(err, "the machine has another C library", text_of(survey, "libc"), text);
	if (minor < needed)
		return refuse(err, "the machine's C library is too old", text_of(survey, "libc"), text);
	return 0;
}

static int check_room(const json_t *survey, const struct own *own, struct err *err)
{
	const char *home = text_of(survey, "home");
	const char *missing = json_string_value(json_array_get(json_object_get(survey, "missing"), 0));
	int64_t space = json_integer_value(json_object_get(survey, "space_kb"));

	if (missing) {
		err_set(err, ERR_UNSUPPORTED, "the machine has no %s", missing);
		err_hint(err, "install coreutils and findutils (or busybox) there");
	} else if (json_is_true(json_object_get(survey, "unwritable"))) {
		err_set(err, ERR_DENIED, "the account cannot write to its home folder %s", home);
		err_hint(err, "give the account a home folder, or install the worker's package and use --program");
	} else if (json_is_true(json_object_get(survey, "noexec"))) {
		err_set(err, ERR_UNSUPPORTED, "nothing may be run from the home folder %s (mounted noexec)", home);
		err_hint(err, "install the worker's package on the machine (then it is in /usr/bin), or give another "
			      "path with --program");
	} else if (space < (int64_t)(own->bytes.len * 3 / 1024)) {
		err_set(err, ERR_LIMIT, "there is no room in %s: %lld KiB free, %zu KiB needed", home, (long long)space,
		    own->bytes.len * 3 / 1024);
		err_hint(err, "make room there");
	} else {
		return 0;
	}
	return -(int)err->code;
}

/* --- copying --- */

/* Debian's packages of the libraries our programs need. */
static const struct {
	const char *library, *package;
} packages[] = {
	{ "libmd.so", "libmd0" }, { "libcrypto.so", "libssl3" }, { "libjansson.so", "libjansson4" },
	{ "libexpat.so", "libexpat1" },
	{ "libminizip.so", "libminizip1" }, { "libz.so", "zlib1g" }, { "libodbc.so", "libodbc2" },
	{ "libcurl.so", "libcurl4" },
};

struct outcome {
	char word[16];
	char value[1024];
};

static void take_outcome(void *ctx, const char *word, const char *value)
{
	struct outcome *outcome = ctx;

	snprintf(outcome->word, sizeof(outcome->word), "%s", word);
	snprintf(outcome->value, sizeof(outcome->value), "%s", value);
}

static int judge_copy(const struct outcome *outcome, struct err *err)
{
	if (strcmp(outcome->word, "done") == 0)
		return 0;
	if (strcmp(outcome->word, "unrunnable") != 0)
		return err_set(err, ERR_IO, "not copied: %s", *outcome->value ? outcome->value : "the machine did not say why");
	err_set(err, ERR_UNSUPPORTED, "what was copied does not run there");
	err_detail(err, "%s", outcome->value);
	err_hint(err, "install what it asks for on the machine, then try again");
	for (size_t i = 0; i < ARRAY_LEN(packages); i++)
		if (strstr(outcome->value, packages[i].library))
			err_hint(err, "install the package %s there (apt-get install %s), then try again",
			    packages[i].package, packages[i].package);
	return -ERR_UNSUPPORTED;
}

/* The name of an installed version that is ours byte by byte, or a free name for it. */
static bool choose_name(const json_t *survey, const struct own *own, char *name, size_t size)
{
	bool taken = false;
	json_t *entry;
	size_t i;

	json_array_foreach(json_object_get(survey, "installed"), i, entry) {
		if (strcmp(text_of(entry, "worker"), own->hash[0]) == 0 &&
		    strcmp(text_of(entry, "runtime"), own->hash[1]) == 0) {
			snprintf(name, size, "%s", text_of(entry, "name"));
			return true;
		}
		taken |= strcmp(text_of(entry, "name"), SO_VERSION) == 0;
	}
	/* Another build of the same version: what runs from it must not be changed under its feet. */
	if (taken)
		snprintf(name, size, "%s+%.6s%.6s", SO_VERSION, own->hash[0], own->hash[1]);
	else
		snprintf(name, size, "%s", SO_VERSION);
	return false;
}

static int copy_programs(const struct transport_target *target, const struct own *own, const char *name,
    const struct install_progress *progress, struct err *err)
{
	struct probe_script script = { .text = SCRIPT_INSTALL, .timeout_ms = COPY_MS,
		.progress = progress->tell, .ctx = progress->ctx };
	struct buf input = BUF_INIT;
	struct outcome outcome = { "", "" };
	char *output = NULL, *noise = NULL;

	buf_addf(&input, "%s %zu %s %zu %s\n", name, own->size[0], own->hash[0], own->size[1], own->hash[1]);
	buf_add(&input, own->bytes.data, own->bytes.len);
	script.input = input.data;
	script.input_len = input.len;
	int r = probe_run(target, &script, &output, &noise, NULL, err);
	if (r == 0) {
		each_answer(output, take_outcome, &outcome);
		r = judge_copy(&outcome, err);
	}
	free(output);
	free(noise);
	buf_release(&input);
	return r;
}

int install_agent(const struct transport_target *target, const char *survey_json, bool prefer_found,
    const struct install_progress *progress, char **ret_program, bool *ret_copied, struct err *err)
{
	json_t *survey = json_loads(survey_json, 0, NULL);
	struct own own = { 0 };
	char name[64];
	int r = 0;

	*ret_copied = false;
	if (prefer_found && strcmp(text_of(survey, "found_version"), "scaleout-worker " SO_VERSION) == 0) {
		*ret_program = xstrdup("");
		json_decref(survey);
		return 0;
	}
	r = own_read(&own, err);
	if (r == 0 && !choose_name(survey, &own, name, sizeof(name))) {
		r = check_machine(survey, &own, err);
		if (r == 0)
			r = check_room(survey, &own, err);
		if (r == 0)
			r = copy_programs(target, &own, name, progress, err);
		*ret_copied = r == 0;
	}
	if (r == 0)
		*ret_program = xasprintf("~/" BASE "%s/scaleout-worker", name);
	buf_release(&own.bytes);
	json_decref(survey);
	return r;
}

int install_retire(const struct transport_target *target, const char *old_program, char **ret_text,
    struct err *err)
{
	struct probe_script script = { .text = SCRIPT_RETIRE, .timeout_ms = SURVEY_MS };
	const char *name = strncmp(old_program, "~/" BASE, strlen("~/" BASE)) == 0 ? old_program + strlen("~/" BASE) : "-";
	if (*name == '.')
		name = "-";
	char *line = xasprintf("%.*s\n", (int)strcspn(name, "/\n"), name), *noise = NULL;

	script.input = line;
	script.input_len = strlen(line);
	int r = probe_run(target, &script, ret_text, &noise, NULL, err);
	if (r < 0) {
		free(*ret_text);
		*ret_text = NULL;
	}
	free(noise);
	free(line);
	return r;
}
