/* SPDX-License-Identifier: MIT */
/* The options of dtexec: a table, and one short function per option that does more than keep a text. */
#include "runtime/dtexec.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "package/event.h"

#define COMMAND_FILE_MAX ((size_t)1024 * 1024)
#define COMMAND_FILE_DEPTH 8

struct parser {
	struct dtexec_options *options;
	struct err *err;
	int depth; /* command files inside command files */
};

enum arity { ARITY_NONE, ARITY_OPTIONAL, ARITY_REQUIRED };

struct option {
	const char *name; /* "Ca[llerInfo]" */
	enum arity arity;
	const char *argument, *help;
	int (*handle)(struct parser *p, const struct option *option, const char *value);
	size_t offset; /* keep_text: a char *, set_flag: a bool, in struct dtexec_options */
};

static int parse_words(struct parser *p, char *const *words, size_t count);

/* ---- texts with quotes and semicolons ---- */

/* Copy one piece up to ";" outside quotes, without its quotes ("" inside quotes is one). Moves *at behind the ";". */
static char *next_piece(const char **at)
{
	struct buf piece = BUF_INIT;
	bool quoted = false;
	const char *p = *at;

	for (; *p && (quoted || *p != ';'); p++) {
		if (*p != '"')
			buf_addc(&piece, *p);
		else if (quoted && p[1] == '"')
			buf_addc(&piece, *p++);
		else
			quoted = !quoted;
	}
	*at = *p ? p + 1 : p;
	return buf_detach(&piece);
}

/* "a;b" in two; the second is the rest as one text (its outer quotes go). False without ";". */
static bool split_pair(const char *value, char **ret_first, char **ret_second)
{
	const char *at = value;
	char *first = next_piece(&at);

	if (at == value || at[-1] != ';') {
		free(first);
		return false;
	}
	size_t len = strlen(at);
	*ret_first = first;
	if (len >= 2 && at[0] == '"' && at[len - 1] == '"')
		*ret_second = next_piece(&at);
	else
		*ret_second = xstrdup(at);
	return true;
}

static void names_add(struct dtexec_names *names, char *name)
{
	names->items = xreallocarray(names->items, names->count + 1, sizeof(*names->items));
	names->items[names->count++] = name;
}

static void names_release(struct dtexec_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->items[i]);
	free(names->items);
}

static void keep(char **field, const char *value)
{
	free(*field);
	*field = xstrdup(value);
}

/* ---- handlers ---- */

static int keep_text(struct parser *p, const struct option *option, const char *value)
{
	keep((char **)((char *)p->options + option->offset), value);
	return 0;
}

static int set_flag(struct parser *p, const struct option *option, const char *value)
{
	(void)value;
	*(bool *)((char *)p->options + option->offset) = true;
	return 0;
}

static int ignore(struct parser *p, const struct option *option, const char *value)
{
	(void)p, (void)option, (void)value;
	return 0;
}

static int refuse_catalog(struct parser *p, const struct option *option, const char *value)
{
	(void)value;
	err_set(p->err, ERR_UNSUPPORTED, "option /%s needs the catalog", option->name);
	err_hint(p->err, "use: scaleout run '\\SSISDB\\folder\\project\\package.dtsx'");
	return -ERR_UNSUPPORTED;
}

static int refuse(struct parser *p, const struct option *option, const char *value)
{
	(void)value;
	return err_set(p->err, ERR_UNSUPPORTED, "option /%s is not available yet", option->name);
}

static int set_source(struct parser *p, const struct option *option, char **field, const char *value)
{
	struct dtexec_options *o = p->options;

	if (o->source && o->source != option->name)
		return err_set(p->err, ERR_USAGE, "options /%s and /%s exclude each other", o->source,
		    option->name);
	o->source = option->name;
	keep(field, value);
	return 0;
}

static int set_file(struct parser *p, const struct option *option, const char *value)
{
	return set_source(p, option, &p->options->file, value);
}

static int set_project(struct parser *p, const struct option *option, const char *value)
{
	return set_source(p, option, &p->options->project, value);
}

static int set_help(struct parser *p, const struct option *option, const char *value)
{
	(void)option;
	p->options->help = true;
	if (value)
		keep(&p->options->help_option, value);
	return 0;
}

static int set_max_concurrent(struct parser *p, const struct option *option, const char *value)
{
	char *end;
	long n = strtol(value, &end, 10);

	if (*end || end == value || n == 0 || n < -1 || n > 10000)
		return err_set(p->err, ERR_USAGE, "/%s needs -1 or a number from 1, not \"%s\"", option->name,
		    value);
	p->options->max_concurrent = (int)n;
	return 0;
}

static int set_dump(struct parser *p, const struct option *option, const char *value)
{
	(void)option;
	p->options->spec.dump_on_event = true;
	keep(&p->options->spec.dump_event_codes, value);
	return 0;
}

static int fail_pair(struct parser *p, const struct option *option)
{
	return err_set(p->err, ERR_USAGE, "/%s needs %s", option->name, option->argument);
}

static void add_value(struct parser *p, int object_type, char *name, const char *data_type, char *value)
{
	struct taskspec *spec = &p->options->spec;

	spec->values = xreallocarray(spec->values, spec->value_count + 1, sizeof(*spec->values));
	spec->values[spec->value_count++] = (struct taskspec_value){ .object_type = object_type,
		.name = name, .data_type = xstrdup(data_type), .value = value, .value_set = true };
}

static int add_connection(struct parser *p, const struct option *option, const char *value)
{
	char *name, *string;

	if (!split_pair(value, &name, &string))
		return fail_pair(p, option);
	add_value(p, 30, xasprintf("CM.%s.ConnectionString", name), "String", string);
	free(name);
	return 0;
}

/* [$Package::|$Project::]name[(type)];value */
static int add_parameter(struct parser *p, const struct option *option, const char *value)
{
	static const struct {
		const char *prefix;
		int object_type;
	} scopes[] = { { "$Package::", 30 }, { "$Project::", 20 }, { "$ServerOption::", 50 } };
	char *name, *text, *bare;
	const char *type = "String";
	int object_type = 30;

	if (!split_pair(value, &name, &text))
		return fail_pair(p, option);
	bare = name;
	for (size_t i = 0; i < ARRAY_LEN(scopes); i++) {
		size_t len = strlen(scopes[i].prefix);
		if (!utf8_ncasecmp(name, strlen(name) < len ? strlen(name) : len, scopes[i].prefix, len)) {
			bare = name + len;
			object_type = scopes[i].object_type;
		}
	}
	size_t len = strlen(bare);
	char *open = strrchr(bare, '(');
	if (open && len && bare[len - 1] == ')') {
		bare[len - 1] = *open = '\0';
		type = open + 1;
	}
	if (object_type == 50) {
		err_set(p->err, ERR_UNSUPPORTED, "server option \"%s\" needs the catalog", bare);
		err_hint(p->err, "use: scaleout run");
		free(name);
		free(text);
		return -ERR_UNSUPPORTED;
	}
	add_value(p, object_type, xstrdup(bare), type, text);
	free(name);
	return 0;
}

static int add_override(struct parser *p, const struct option *option, const char *value)
{
	static const char mark[] = "$Sensitive::";
	struct taskspec *spec = &p->options->spec;
	bool sensitive = !strncmp(value, mark, sizeof(mark) - 1);
	char *path, *text;

	if (!split_pair(value + (sensitive ? sizeof(mark) - 1 : 0), &path, &text))
		return fail_pair(p, option);
	spec->overrides = xreallocarray(spec->overrides, spec->override_count + 1,
	    sizeof(*spec->overrides));
	spec->overrides[spec->override_count++] = (struct taskspec_override){ path, text, sensitive };
	return 0;
}

static int set_reporting(struct parser *p, const struct option *option, const char *value)
{
	static const char letters[] = "EWICDPV";
	const char *at = value;
	char *levels = next_piece(&at);
	unsigned report = 0;
	int r = 0;

	for (const char *c = levels; *c; c++) {
		const char *found = strchr(letters, *c & ~32);
		if (found && *c != ' ')
			report |= 1u << (found - letters);
		else if ((*c & ~32) != 'N')
			r = err_set(p->err, ERR_USAGE, "/%s does not know level \"%c\"", option->name, *c);
	}
	if (strpbrk(levels, "NnVv") && levels[1])
		r = err_set(p->err, ERR_USAGE, "/%s: levels N and V stand alone", option->name);
	while (!r && *at)
		names_add(&p->options->report_exceptions, next_piece(&at));
	if (!r)
		p->options->report = report;
	free(levels);
	return r;
}

/* [letters][;I|E;name...] */
static int set_console_log(struct parser *p, const struct option *option, const char *value)
{
	struct dtexec_options *o = p->options;
	const char *at = value ? value : "";
	char *letters = next_piece(&at);

	o->console_log = true;
	if (strspn(letters, "NnCcOoSsGgXxMmTt") < strlen(letters)) {
		err_set(p->err, ERR_USAGE, "/%s knows the letters NCOSGXMT, not \"%s\"", option->name, letters);
		free(letters);
		return -ERR_USAGE;
	}
	if (*letters)
		keep(&o->console_display, letters);
	free(letters);
	if (!*at)
		return 0;
	char *kind = next_piece(&at);
	bool include = (kind[0] & ~32) == 'I' && !kind[1], exclude = (kind[0] & ~32) == 'E' && !kind[1];
	free(kind);
	if (!include && !exclude)
		return err_set(p->err, ERR_USAGE, "/%s: the list begins with I or E", option->name);
	while (*at)
		names_add(include ? &o->console_include : &o->console_exclude, next_piece(&at));
	return 0;
}

static int set_verify_build(struct parser *p, const struct option *option, const char *value)
{
	struct dtexec_options *o = p->options;
	int *v = o->verify_version;

	if (sscanf(value, "%d;%d;%d", &v[0], &v[1], &v[2]) < 1)
		return fail_pair(p, option);
	return 0;
}

/* Words of a command file: blanks between, double quotes around, "" inside for a quote (kept for the option to read). */
static char *next_word(const char **at)
{
	const char *p = *at + strspn(*at, " \t\r\n"), *start = p;
	bool quoted = false;

	if (!*p)
		return NULL;
	for (; *p && (quoted || !strchr(" \t\r\n", *p)); p++) {
		if (*p == '"')
			quoted = !quoted;
	}
	*at = p;
	return xstrndup(start, (size_t)(p - start));
}

static int read_command_file(struct parser *p, const struct option *option, const char *value)
{
	struct buf text = BUF_INIT;
	VEC(char *) words = { 0 };
	const char *at;
	char *word;
	int r;

	if (p->depth >= COMMAND_FILE_DEPTH)
		return err_set(p->err, ERR_USAGE, "/%s: files include each other too deep", option->name);
	r = file_read(value, COMMAND_FILE_MAX, &text, p->err);
	at = text.data;
	while (!r && (word = next_word(&at)))
		vec_push(&words, word);
	p->depth++;
	if (!r)
		r = parse_words(p, words.items, words.len);
	p->depth--;
	for (size_t i = 0; i < words.len; i++)
		free(words.items[i]);
	vec_release(&words);
	buf_release(&text);
	return r;
}

#define OPT(member) offsetof(struct dtexec_options, member)

static const struct option options_table[] = {
	{ "?", ARITY_OPTIONAL, "[option]", "list the options and leave", set_help, 0 },
	{ "H[elp]", ARITY_OPTIONAL, "[option]", "list the options, or explain one, and leave", set_help, 0 },
	{ "Ca[llerInfo]", ARITY_REQUIRED, "text", "who called; ignored here", ignore, 0 },
	{ "CheckF[ile]", ARITY_OPTIONAL, "[file]", "checkpoint file", refuse, 0 },
	{ "CheckP[ointing]", ARITY_OPTIONAL, "[on|off]", "use checkpoints", refuse, 0 },
	{ "Com[mandFile]", ARITY_REQUIRED, "file", "read more options from a text file", read_command_file, 0 },
	{ "Conf[igFile]", ARITY_REQUIRED, "file", "run-time configuration", refuse, 0 },
	{ "Conn[ection]", ARITY_REQUIRED, "id_or_name;connection_string",
	    "set the connection string of a connection manager", add_connection, 0 },
	{ "Cons[oleLog]", ARITY_OPTIONAL, "[letters][;I|E;name...]",
	    "log entries on the console: N name, C computer, O operator, S source name, G source GUID, "
	    "X execution GUID, M message, T times; I lists names to include, E to exclude",
	    set_console_log, 0 },
	{ "D[ts]", ARITY_REQUIRED, "path", "package from the package store", refuse_catalog, 0 },
	{ "De[crypt]", ARITY_REQUIRED, "password", "password of the package", keep_text, OPT(password) },
	{ "Dump", ARITY_REQUIRED, "code[;code...]", "write dump files when one of these codes occurs", set_dump, 0 },
	{ "DumpOnError", ARITY_NONE, "", "write dump files when any error occurs", set_flag, OPT(spec.dump_on_error) },
	{ "Env[Reference]", ARITY_REQUIRED, "id", "environment reference; needs the catalog", refuse_catalog, 0 },
	{ "F[ile]", ARITY_REQUIRED, "file.dtsx", "package file", set_file, 0 },
	{ "ISServer", ARITY_REQUIRED, "path", "package in the catalog", refuse_catalog, 0 },
	{ "L[ogger]", ARITY_REQUIRED, "progid;config", "log provider", refuse, 0 },
	{ "M[axConcurrent]", ARITY_REQUIRED, "n|-1", "parallel executables; -1 = processors + 2",
	    set_max_concurrent, 0 },
	{ "Pack[age]", ARITY_REQUIRED, "name.dtsx", "package inside /Project", keep_text, OPT(package) },
	{ "P[assword]", ARITY_REQUIRED, "text", "with /User; needs the catalog", refuse_catalog, 0 },
	{ "Par[ameter]", ARITY_REQUIRED, "[$Package::|$Project::]name[(type)];value", "value of a parameter",
	    add_parameter, 0 },
	{ "Proj[ect]", ARITY_REQUIRED, "file.ispac", "project file; name the package with /Package",
	    set_project, 0 },
	{ "Rem", ARITY_REQUIRED, "text", "comment", ignore, 0 },
	{ "Rep[orting]", ARITY_REQUIRED, "level[;event...]",
	    "what to print: N none, E errors, W warnings, I information, C custom, D data flow, P progress, "
	    "V all; default EWP; the listed events are left out",
	    set_reporting, 0 },
	{ "Res[tart]", ARITY_OPTIONAL, "[deny|force|ifPossible]", "checkpoints", refuse, 0 },
	{ "Set", ARITY_REQUIRED, "[$Sensitive::]path;value", "set a property or variable", add_override, 0 },
	{ "Ser[ver]", ARITY_REQUIRED, "name", "server; needs the catalog", refuse_catalog, 0 },
	{ "SQ[L]", ARITY_REQUIRED, "path", "package from msdb", refuse_catalog, 0 },
	{ "Su[m]", ARITY_NONE, "", "row counts; has no effect", ignore, 0 },
	{ "U[ser]", ARITY_REQUIRED, "login", "login; needs the catalog", refuse_catalog, 0 },
	{ "Va[lidate]", ARITY_NONE, "",
	    "run nothing; print one line for everything the package needs that is not available, then validate",
	    set_flag, OPT(validate) },
	{ "VerifyB[uild]", ARITY_REQUIRED, "major[;minor[;build]]", "refuse another version", set_verify_build, 0 },
	{ "VerifyP[ackageID]", ARITY_REQUIRED, "GUID", "refuse another package", keep_text, OPT(verify_package_id) },
	{ "VerifyS[igned]", ARITY_NONE, "", "signature", refuse, 0 },
	{ "VerifyV[ersionID]", ARITY_REQUIRED, "GUID", "refuse another version", keep_text, OPT(verify_version_id) },
	{ "VLog", ARITY_OPTIONAL, "[file]", "all events to the log providers", refuse, 0 },
	{ "W[arnAsError]", ARITY_NONE, "", "a warning during validation is a failure", set_flag, OPT(warn_as_error) },
	{ "X86", ARITY_NONE, "", "ignored", ignore, 0 },
};

/* Whether word is the name, or a piece of it that has at least what stands before the bracket. */
static bool option_matches(const struct option *option, const char *word)
{
	char full[32];
	size_t need = strcspn(option->name, "["), n = 0, len = strlen(word);

	for (const char *c = option->name; *c; c++) {
		if (*c != '[' && *c != ']')
			full[n++] = *c;
	}
	return len >= need && len <= n && !utf8_ncasecmp(full, len, word, len);
}

static const struct option *find_option(const char *word)
{
	if (word[0] != '/' && word[0] != '-')
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(options_table); i++) {
		if (option_matches(&options_table[i], word + 1))
			return &options_table[i];
	}
	return NULL;
}

/* A whole word in quotes stands for what is inside. */
static char *unquote(const char *word)
{
	size_t len = strlen(word);
	const char *at = word;

	if (len < 2 || word[0] != '"' || word[len - 1] != '"')
		return xstrdup(word);
	for (const char *p = word + 1; p < word + len - 1; p++) {
		if (*p == '"' && p[1] == '"' && p + 1 < word + len - 1)
			p++;
		else if (*p == '"')
			return xstrdup(word); /* several quoted pieces: the option splits them */
	}
	return next_piece(&at);
}

static int parse_words(struct parser *p, char *const *words, size_t count)
{
	int r = 0;

	for (size_t i = 0; i < count && !r; i++) {
		const struct option *option = find_option(words[i]);
		char *value = NULL;
		if (!option)
			return err_set(p->err, ERR_USAGE, "unknown option \"%s\"", words[i]);
		if (option->arity == ARITY_REQUIRED && i + 1 == count)
			return err_set(p->err, ERR_USAGE, "option /%s needs a value: %s", option->name,
			    option->argument);
		if (option->arity == ARITY_REQUIRED ||
		    (option->arity == ARITY_OPTIONAL && i + 1 < count && !find_option(words[i + 1])))
			value = unquote(words[++i]);
		r = option->handle(p, option, value);
		free(value);
	}
	return r;
}

static int check(const struct dtexec_options *o, struct err *err)
{
	if (o->help)
		return 0;
	if (!o->file && !o->project)
		return err_set(err, ERR_USAGE, "no package is named; use /File, or /Project with /Package");
	if (o->project && !o->package)
		return err_set(err, ERR_USAGE, "/Project needs /Package");
	if (o->package && !o->project)
		return err_set(err, ERR_USAGE, "/Package needs /Project");
	return 0;
}

int dtexec_parse(int argc, char **argv, struct dtexec_options *ret, struct err *err)
{
	struct parser p = { ret, err, 0 };
	int r;

	*ret = (struct dtexec_options){ .report = REPORT_ERRORS | REPORT_WARNINGS | REPORT_PROGRESS,
		.verify_version = { -1, -1, -1 } };
	ret->spec.logging_level = EVENT_LEVEL_NONE;
	r = parse_words(&p, argv + 1, argc > 0 ? (size_t)argc - 1 : 0);
	return r ? r : check(ret, err);
}

void dtexec_release(struct dtexec_options *o)
{
	char *texts[] = { o->file, o->project, o->package, o->password, o->help_option, o->console_display,
		o->verify_package_id, o->verify_version_id };

	if (o->password)
		mem_wipe(o->password, strlen(o->password));
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		free(texts[i]);
	names_release(&o->report_exceptions);
	names_release(&o->console_include);
	names_release(&o->console_exclude);
	taskspec_release(&o->spec);
}

void dtexec_help(FILE *out, const char *name)
{
	if (!name)
		fputs("usage: scaleout-dtexec /F[ile] package.dtsx [/option [value]]...\n"
		      "       scaleout-dtexec /Proj[ect] project.ispac /Pack[age] name.dtsx [/option [value]]...\n"
		      "Options begin with / or -; what stands in brackets may be left out.\n\n",
		    out);
	for (size_t i = 0; i < ARRAY_LEN(options_table); i++) {
		const struct option *o = &options_table[i];
		if (!name || option_matches(o, name + (*name == '/' || *name == '-')))
			fprintf(out, "  /%s %s\n        %s\n", o->name, o->argument, o->help);
	}
	if (!name)
		fputs("\nExit codes: 0 success, 1 failed, 3 cancelled, 4 package not found, 5 package could not be\n"
		      "loaded, 6 wrong command line.\n",
		    out);
}
