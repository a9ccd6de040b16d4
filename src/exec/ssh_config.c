/* SPDX-License-Identifier: MIT */
/* One row per keyword; what is in no row is of no interest for reaching a machine and is passed over. */
#include "exec/ssh_config.h"

#include <ctype.h>
#include <glob.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "exec/ssh_pattern.h"

#define FILE_MAX ((size_t)1024 * 1024)
#define DEPTH_MAX 8 /* of Include */

struct reader {
	struct ssh_config *config;
	const char *name; /* as asked for */
	const char *file;
	int line, depth;
	bool active;      /* the present block applies */
	bool host_set, user_set, identity_set, jump_set, known_set;
	struct err *err;
};

static const char *home_folder(void)
{
	const char *home = getenv("HOME");
	const struct passwd *entry = home && *home ? NULL : getpwuid(geteuid());

	return entry ? entry->pw_dir : home ? home : "/";
}

static void note(struct reader *r, const char *what)
{
	buf_addf(&r->config->notes, "%s:%d: %s\n", r->file, r->line, what);
}

/* ~/ and the tokens that ssh_config(5) names for files: %d home, %h host, %r and %u user, %% percent. */
static char *expand_path(struct reader *r, const char *text)
{
	struct buf out = BUF_INIT;

	if (strncmp(text, "~/", 2) == 0) {
		buf_adds(&out, home_folder());
		text++;
	}
	for (; *text; text++) {
		if (*text != '%') {
			buf_addc(&out, *text);
			continue;
		}
		switch (*++text) {
		case '%': buf_addc(&out, '%'); break;
		case 'd': buf_adds(&out, home_folder()); break;
		case 'h': buf_adds(&out, r->config->host); break;
		case 'r': buf_adds(&out, r->config->user); break;
		default:
			note(r, "a path with a %-token that is not known was left out");
			buf_release(&out);
			return NULL;
		}
	}
	return buf_detach(&out);
}

static void replace(char **text, const char *value)
{
	free(*text);
	*text = xstrdup(value);
}

/* --- keywords: value is one word, or the rest of the line --- */

static int on_hostname(struct reader *r, const char *value)
{
	struct buf host = BUF_INIT;

	if (r->host_set)
		return 0;
	for (; *value; value++) {
		if (value[0] == '%' && value[1] == 'h') {
			buf_adds(&host, r->name);
			value++;
		} else {
			buf_addc(&host, *value);
		}
	}
	replace(&r->config->host, host.data);
	buf_release(&host);
	r->host_set = true;
	return 0;
}

static int on_port(struct reader *r, const char *value)
{
	char *end;
	long port = strtol(value, &end, 10);

	if (*end || port < 1 || port > 65535)
		return err_set(r->err, ERR_INVALID, "%s:%d: '%s' is no port", r->file, r->line, value);
	if (!r->config->port)
		r->config->port = (int)port;
	return 0;
}

static int on_user(struct reader *r, const char *value)
{
	if (!r->user_set)
		replace(&r->config->user, value);
	r->user_set = true;
	return 0;
}

static int on_identity(struct reader *r, const char *value)
{
	char *path = strcasecmp(value, "none") == 0 ? NULL : expand_path(r, value);

	/* Several may be given; the first that is there is used. */
	if (!r->identity_set && path && file_exists(path)) {
		replace(&r->config->identity, path);
		r->identity_set = true;
	}
	free(path);
	return 0;
}

static int on_identities_only(struct reader *r, const char *value)
{
	if (strcasecmp(value, "no") == 0 && r->identity_set)
		note(r, "IdentitiesOnly no: with an identity file, no other key of ssh-agent is tried all the same");
	return 0;
}

static int on_jump(struct reader *r, const char *value)
{
	if (!r->jump_set)
		replace(&r->config->jump, strcasecmp(value, "none") == 0 ? "" : value);
	r->jump_set = true;
	return 0;
}

static int on_command(struct reader *r, const char *value)
{
	if (!r->jump_set && strcasecmp(value, "none") != 0)
		note(r, "ProxyCommand is not used; say the way with ProxyJump or --jump");
	return 0;
}

static int on_known_hosts(struct reader *r, const char *value)
{
	if (r->known_set)
		return 0;
	for (const char *at = value; *at;) {
		size_t len = strcspn(at, " \t");
		char *word = xstrndup(at, len);
		char *path = !len || strcasecmp(word, "none") == 0 ? NULL : expand_path(r, word);
		if (path)
			vec_push(&r->config->known_hosts, path);
		free(word);
		at += len + strspn(at + len, " \t");
	}
	r->known_set = true;
	return 0;
}

static int read_file(struct reader *r, const char *path, bool must_exist);

static int on_include(struct reader *r, const char *value)
{
	int result = 0;

	for (const char *at = value; *at && result == 0;) {
		size_t len = strcspn(at, " \t");
		char *word = xstrndup(at, len), *path = expand_path(r, word);
		char *full = !path ? NULL : *path == '/' ? xstrdup(path) : xasprintf("%s/.ssh/%s", home_folder(), path);
		glob_t found = { 0 };
		if (full && glob(full, 0, NULL, &found) == 0) {
			for (size_t i = 0; i < found.gl_pathc && result == 0; i++)
				result = read_file(r, found.gl_pathv[i], false);
		}
		globfree(&found);
		free(full);
		free(path);
		free(word);
		at += len + strspn(at + len, " \t");
	}
	return result;
}

static int on_host(struct reader *r, const char *value)
{
	r->active = ssh_pattern_list(value, strlen(value), " \t", r->name);
	return 0;
}

static int on_match(struct reader *r, const char *value)
{
	r->active = strcasecmp(value, "all") == 0;
	if (!r->active)
		note(r, "Match is not read: the settings below it, up to the next Host, were left out");
	return 0;
}

static const struct keyword {
	const char *name;
	bool always; /* also in a block that does not apply */
	int (*take)(struct reader *r, const char *value);
} keywords[] = {
	{ "Host", true, on_host },
	{ "Match", true, on_match },
	{ "Include", false, on_include },
	{ "HostName", false, on_hostname },
	{ "Port", false, on_port },
	{ "User", false, on_user },
	{ "IdentityFile", false, on_identity },
	{ "IdentitiesOnly", false, on_identities_only },
	{ "ProxyJump", false, on_jump },
	{ "ProxyCommand", false, on_command },
	{ "UserKnownHostsFile", false, on_known_hosts },
};

/* "Keyword value" or "Keyword=value", quotes around a value of one word. */
static int read_line(struct reader *r, char *line)
{
	size_t end = strlen(line);

	while (end && isspace((unsigned char)line[end - 1]))
		line[--end] = '\0';
	line += strspn(line, " \t");
	if (!*line || *line == '#')
		return 0;
	size_t len = strcspn(line, " \t=");
	char *value = line + len + strspn(line + len, " \t");
	if (*value == '=')
		value += 1 + strspn(value + 1, " \t");
	line[len] = '\0';
	if (value[0] == '"' && strchr(value + 1, '"') == value + strlen(value) - 1) {
		value[strlen(value) - 1] = '\0';
		value++;
	}
	for (size_t i = 0; i < ARRAY_LEN(keywords); i++) {
		if (strcasecmp(line, keywords[i].name) != 0 || (!keywords[i].always && !r->active))
			continue;
		if (!*value)
			return err_set(r->err, ERR_INVALID, "%s:%d: %s without a value", r->file, r->line, line);
		return keywords[i].take(r, value);
	}
	return 0;
}

static int read_file(struct reader *r, const char *path, bool must_exist)
{
	struct buf text = BUF_INIT;
	const char *outer_file = r->file;
	int outer_line = r->line, result = 0;
	bool outer_active = r->active;

	if (r->depth >= DEPTH_MAX)
		return err_set(r->err, ERR_LIMIT, "%s: more than %d files include one another", path, DEPTH_MAX);
	struct stat st;
	if (stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    ((st.st_mode & 022) || (st.st_uid != 0 && st.st_uid != geteuid()))) {
		err_set(r->err, ERR_DENIED, "others may write to %s", path);
		err_hint(r->err, "chmod go-w %s, or read another file with --ssh-config", path);
		return -ERR_DENIED;
	}
	if (file_read(path, FILE_MAX, &text, must_exist ? r->err : NULL) < 0) {
		buf_release(&text);
		return must_exist ? -(int)r->err->code : 0;
	}
	r->depth++;
	r->file = path;
	r->line = 0;
	for (char *line = text.data, *next; line && result == 0; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		r->line++;
		result = read_line(r, line);
	}
	r->depth--;
	r->file = outer_file;
	r->line = outer_line;
	r->active = outer_active; /* blocks of an included file end with it */
	buf_release(&text);
	return result;
}

int ssh_config_read(const char *file, const char *name, struct ssh_config *ret, struct err *err)
{
	struct err own;
	struct reader r = { .config = ret, .name = name, .active = true, .err = err ? err : &own };
	int result = 0;

	*ret = (struct ssh_config){ .host = xstrdup(name), .user = xstrdup(""), .identity = xstrdup(""),
		.jump = xstrdup("") };
	buf_init(&ret->notes);
	if (file && strcmp(file, "none") == 0)
		return 0;
	char *standard = xasprintf("%s/.ssh/config", home_folder());
	result = read_file(&r, file ? file : standard, file != NULL);
	if (!r.known_set) {
		char *known = xasprintf("%s/.ssh/known_hosts", home_folder());
		vec_push(&ret->known_hosts, known);
	}
	free(standard);
	return result;
}

void ssh_config_release(struct ssh_config *config)
{
	free(config->host);
	free(config->user);
	free(config->identity);
	free(config->jump);
	for (size_t i = 0; i < config->known_hosts.len; i++)
		free(config->known_hosts.items[i]);
	vec_release(&config->known_hosts);
	buf_release(&config->notes);
	*config = (struct ssh_config){ 0 };
}
