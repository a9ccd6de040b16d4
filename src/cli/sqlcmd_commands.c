/* SPDX-License-Identifier: MIT */
/*
 * The commands inside a script, one row each: name, help and handler. They
 * stand alone at the beginning of a line, in any case, after a colon; the
 * ones old osql scripts use also without.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "cli/sqlcmd_script.h"

struct command {
	const char *name;
	const char *argument; /* for help */
	const char *text;
	int (*run)(struct sqlcmd_script *s, const struct command *c, char *argument, struct err *err);
	bool bare; /* also without a colon */
};

static int syntax_error(const struct sqlcmd_script *s, const struct command *c, struct err *err)
{
	return err_set(err, ERR_INVALID, "Syntax error at line %d near command '%s%s'.", s->line, c->bare ? "" : ":",
	    c->name);
}

static int refuse(struct sqlcmd_script *s, const struct command *c, char *argument, struct err *err)
{
	(void)s;
	(void)argument;
	return err_set(err, ERR_UNSUPPORTED, "':%s' is not supported: %s.", c->name, c->text);
}

/* -X: say so and go on; with -X1 it is an error, and the last command. */
static int disabled(struct sqlcmd_script *s, const struct command *c, struct err *err)
{
	char *text;

	if (s->no_system_ends) {
		s->status = 1;
		s->done = true;
		return err_set(err, ERR_DENIED, "'%s' is disabled by -X1.", c->name);
	}
	text = xasprintf("Sqlcmd: Warning: '%s' is disabled by -X.\n", c->name);
	s->host->print(s->host->ctx, SQLCMD_STREAM_ERRORS, text);
	free(text);
	return 0;
}

static int run_shell(struct sqlcmd_script *s, const struct command *c, char *argument, struct err *err)
{
	return s->no_system ? disabled(s, c, err) : refuse(s, c, argument, err);
}

/* A file name or value in double quotes (doubled inside), or without blanks. In place; false when malformed. */
static bool unquote(char *text)
{
	char *to = text;

	if (*text != '"')
		return !text[strcspn(text, " \t\"")];
	for (const char *from = text + 1;; from++) {
		if (!*from)
			return false;
		if (*from == '"' && from[1] != '"') {
			*to = '\0';
			return !from[1 + strspn(from + 1, " \t")];
		}
		if (*from == '"')
			from++;
		*to++ = *from;
	}
}

/* The one argument, with variables replaced, unquoted. Caller frees; NULL after an error (told in err or complained). */
static char *one_word(struct sqlcmd_script *s, const struct command *c, const char *argument, struct err *err)
{
	struct buf text = BUF_INIT;

	if (!*argument) {
		syntax_error(s, c, err);
		return NULL;
	}
	if (!sqlcmd_script_expand(s, argument, &text)) {
		buf_release(&text);
		return NULL;
	}
	char *word = buf_detach(&text);
	if (!unquote(word)) {
		syntax_error(s, c, err);
		free(word);
		return NULL;
	}
	return word;
}

static int run_r(struct sqlcmd_script *s, const struct command *c, char *argument, struct err *err)
{
	char *path = one_word(s, c, argument, err);

	if (!path)
		return -(int)err->code;
	int r = sqlcmd_script_file(s, path, err);
	free(path);
	return r;
}

static int run_setvar(struct sqlcmd_script *s, const struct command *c, char *argument, struct err *err)
{
	size_t name_len = strcspn(argument, " \t");
	char *value = argument + name_len;

	if (!*argument)
		return syntax_error(s, c, err);
	if (*value)
		*value++ = '\0';
	value += strspn(value, " \t");
	bool given = *value != '\0';
	if (!unquote(value))
		return syntax_error(s, c, err);
	return sqlcmd_vars_set(s->vars, argument, given ? value : NULL, err);
}

static int run_listvar(struct sqlcmd_script *s, const struct command *c, char *argument, struct err *err)
{
	struct buf text = BUF_INIT;

	if (*argument)
		return syntax_error(s, c, err);
	sqlcmd_vars_list(s->vars, &text);
	s->host->print(s->host->ctx, SQLCMD_STREAM_OUT, text.data);
	buf_release(&text);
	return 0;
}

static int run_list(struct sqlcmd_script *s, const struct command *c, char *argument, struct err *err)
{
	if (*argument)
		return syntax_error(s, c, err);
	s->host->print(s->host->ctx, SQLCMD_STREAM_OUT, s->batch.data);
	return 0;
}

static int run_reset(struct sqlcmd_script *s, const struct command *c, char *argument, struct err *err)
{
	if (*argument)
		return syntax_error(s, c, err);
	sqlcmd_script_reset(s);
	return 0;
}

static int run_ed(struct sqlcmd_script *s, const struct command *c, char *argument, struct err *err)
{
	struct buf text = BUF_INIT;
	const struct buf *from = s->batch.len ? &s->batch : &s->last;

	if (*argument)
		return syntax_error(s, c, err);
	if (s->no_system)
		return disabled(s, c, err);
	if (!s->interactive)
		return err_set(err, ERR_UNSUPPORTED, "ED needs a terminal.");
	buf_add(&text, from->data, from->len);
	int r = s->host->edit(s->host->ctx, &text, err);
	if (r == 0) {
		sqlcmd_script_reset(s);
		s->host->print(s->host->ctx, SQLCMD_STREAM_OUT, text.data);
		sqlcmd_script_text(s, text.data, text.len);
	}
	buf_wipe(&text);
	return r;
}

static int run_quit(struct sqlcmd_script *s, const struct command *c, char *argument, struct err *err)
{
	if (*argument)
		return syntax_error(s, c, err);
	s->done = true;
	return 0;
}

/* EXIT: leave. EXIT(): run the batch, leave. EXIT(query): run both, leave with the last row's first value. */
static int run_exit(struct sqlcmd_script *s, const struct command *c, char *argument, struct err *err)
{
	struct sqlcmd_result result;
	size_t len = strlen(argument);

	if (!len) {
		s->done = true;
		return 0;
	}
	if (argument[0] != '(' || argument[len - 1] != ')')
		return syntax_error(s, c, err);
	bool query = strspn(argument + 1, " \t") + 2 < len;
	buf_add(&s->batch, argument + 1, len - 2);
	buf_addc(&s->batch, '\n');
	sqlcmd_script_run(s, 1, &result);
	if (query && !result.exit_asked) {
		if (result.cell == SQLCMD_CELL_NUMBER)
			s->status = result.cell_value;
		else if (result.cell == SQLCMD_CELL_OTHER)
			s->status = -102;
		else
			s->status = result.worst_severity > 10 ? -100 : -101;
	}
	s->done = true;
	return 0;
}

static int redirect(struct sqlcmd_script *s, const struct command *c, char *argument, enum sqlcmd_stream stream,
    struct err *err)
{
	char *target = one_word(s, c, argument, err);

	if (!target)
		return -(int)err->code;
	int r = s->host->redirect(s->host->ctx, stream, target, err);
	free(target);
	return r;
}

static int run_out(struct sqlcmd_script *s, const struct command *c, char *argument, struct err *err)
{
	return redirect(s, c, argument, SQLCMD_STREAM_OUT, err);
}

static int run_error(struct sqlcmd_script *s, const struct command *c, char *argument, struct err *err)
{
	return redirect(s, c, argument, SQLCMD_STREAM_ERRORS, err);
}

static int run_perftrace(struct sqlcmd_script *s, const struct command *c, char *argument, struct err *err)
{
	return redirect(s, c, argument, SQLCMD_STREAM_TRACE, err);
}

/* :connect SERVER. Its time-out says nothing here; logins (-U, -P) there are none. */
static int run_connect(struct sqlcmd_script *s, const struct command *c, char *argument, struct err *err)
{
	struct buf text = BUF_INIT;
	int r = -ERR_INVALID;

	if (!*argument)
		return syntax_error(s, c, err);
	if (!sqlcmd_script_expand(s, argument, &text)) {
		buf_release(&text);
		return 0; /* it has complained */
	}
	char *server = buf_detach(&text);
	char *rest = server + strcspn(server, " \t");
	if (*server == '"') {
		rest = server + 1 + strcspn(server + 1, "\"");
		rest += *rest == '"';
	}
	if (strstr(rest, "-U") || strstr(rest, "-P")) {
		err_set(err, ERR_UNSUPPORTED, "':connect' takes no -U and -P: logins are the accounts of the operating system.");
	} else {
		*rest = '\0';
		r = unquote(server) ? s->host->connect(s->host->ctx, server, err) : syntax_error(s, c, err);
	}
	free(server);
	return r < 0 ? -(int)err->code : 0;
}

/* What FOR XML would give as it is, which is the one thing that it changes, is not there. */
static int run_xml(struct sqlcmd_script *s, const struct command *c, char *argument, struct err *err)
{
	if (!utf8_casecmp(argument, "off"))
		return 0;
	if (utf8_casecmp(argument, "on"))
		return syntax_error(s, c, err);
	return err_set(err, ERR_UNSUPPORTED,
	    "':xml on' is not supported: there is no FOR XML; use FOR JSON, or --json for all results.");
}

static int run_on_error(struct sqlcmd_script *s, const struct command *c, char *argument, struct err *err)
{
	bool stop = !utf8_casecmp(argument, "exit");

	if (!stop && utf8_casecmp(argument, "ignore"))
		return syntax_error(s, c, err);
	s->stop_on_error = stop;
	return 0;
}

static int run_help(struct sqlcmd_script *s, const struct command *c, char *argument, struct err *err);

static const struct command commands[] = {
	{ "r", "FILE", "read statements and commands from a file", run_r, false },
	{ "setvar", "NAME [\"VALUE\"]", "set a scripting variable, or drop it", run_setvar, false },
	{ "listvar", "", "list the scripting variables", run_listvar, false },
	{ "list", "", "show the statements gathered so far", run_list, false },
	{ "reset", "", "forget the statements gathered so far", run_reset, true },
	{ "ed", "", "edit them, or the batch run last, in $SQLCMDEDITOR or $EDITOR", run_ed, true },
	{ "out", "FILE|stdout|stderr", "send results there", run_out, false },
	{ "error", "FILE|stdout|stderr", "send errors there", run_error, false },
	{ "on error", "exit|ignore", "leave at the first error, or go on", run_on_error, false },
	{ "exit", "[(QUERY)]", "leave; with parentheses run the batch and give the query's value as exit status",
	    run_exit, true },
	{ "quit", "", "leave", run_quit, true },
	{ "help", "", "show this list", run_help, false },
	{ "perftrace", "FILE|stdout|stderr", "send the statistics of -p there", run_perftrace, false },
	{ "connect", "SERVER", "begin a new session, on this machine", run_connect, false },
	{ "xml", "off", "print rows as ever; there is no FOR XML that could be switched on", run_xml, false },
	{ "!!", "", "no shell is started from scripts", run_shell, true },
	{ "serverlist", "", "catalogs are files and are not announced on the network", refuse, false },
};

static int run_help(struct sqlcmd_script *s, const struct command *c, char *argument, struct err *err)
{
	struct buf text = BUF_INIT;

	if (*argument)
		return syntax_error(s, c, err);
	buf_addf(&text, "%s [COUNT]\n  run the statements gathered so far, COUNT times\n", s->terminator);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		if (commands[i].run != refuse && commands[i].run != run_shell)
			buf_addf(&text, "%s%s%s%s\n  %s\n", commands[i].bare ? "[:]" : ":", commands[i].name,
			    *commands[i].argument ? " " : "", commands[i].argument, commands[i].text);
	}
	s->host->print(s->host->ctx, SQLCMD_STREAM_OUT, text.data);
	buf_release(&text);
	return 0;
}

/* Bytes of line that are the command's name, or 0. */
static size_t name_len(const char *line, const char *name)
{
	size_t len = strlen(name);

	if (strlen(line) < len || utf8_ncasecmp(line, len, name, len))
		return 0;
	char next = line[len];
	bool ends = !next || next == ' ' || next == '\t' || (next == '(' && !strcmp(name, "exit")) ||
	    !strcmp(name, "!!");
	return ends ? len : 0;
}

/* A comment of dashes after a blank, and blanks at both ends, are no part of an argument. In place. */
static char *trim_argument(char *text)
{
	bool quoted = false;

	for (char *c = text; *c; c++) {
		if (*c == '"')
			quoted = !quoted;
		if (!quoted && c[0] == '-' && c[1] == '-' && (c == text || c[-1] == ' ' || c[-1] == '\t')) {
			*c = '\0';
			break;
		}
	}
	text += strspn(text, " \t");
	for (size_t len = strlen(text); len && (text[len - 1] == ' ' || text[len - 1] == '\t'); len--)
		text[len - 1] = '\0';
	return text;
}

/* The count of GO, or -1 after an error. */
static long go_count(const struct sqlcmd_script *s, const char *text, struct err *err)
{
	char *end;
	long times = *text ? strtol(text, &end, 10) : 1;

	if (*text && *end) {
		err_set(err, ERR_INVALID, "Syntax error at line %d near command '%s'.", s->line, s->terminator);
		return -1;
	}
	if (times < 1 || times > 1000000) {
		err_set(err, ERR_INVALID, "Number of executions of the batch must be greater than zero.");
		err_detail(err, "and at most 1000000");
		return -1;
	}
	return times;
}

static int run_go(struct sqlcmd_script *s, const char *argument, struct err *err)
{
	struct sqlcmd_result result;
	struct buf text = BUF_INIT;
	int r = 0;

	if (sqlcmd_script_expand(s, argument, &text)) {
		long times = go_count(s, text.data, err);
		if (times < 0)
			r = -(int)err->code;
		else
			sqlcmd_script_run(s, (int)times, &result);
	}
	buf_release(&text);
	return r;
}

static const struct command *find(const char *line, bool colon, size_t *ret_len)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		*ret_len = colon || commands[i].bare ? name_len(line, commands[i].name) : 0;
		if (*ret_len)
			return &commands[i];
	}
	return NULL;
}

bool sqlcmd_command(struct sqlcmd_script *s, const char *line, size_t len)
{
	struct err err;
	size_t used;
	int r = 0;

	while (len && (*line == ' ' || *line == '\t')) {
		line++;
		len--;
	}
	bool colon = len > 1 && line[0] == ':' && ((line[1] | 32) >= 'a' && (line[1] | 32) <= 'z');
	colon = colon || (len > 2 && !strncmp(line, ":!!", 3));
	char *text = xstrndup(line + colon, len - colon);
	const struct command *command = find(text, colon, &used);
	bool is_go = !colon && (used = name_len(text, s->terminator)) > 0;
	err_clear(&err);
	if (is_go)
		r = run_go(s, trim_argument(text + used), &err);
	else if (command)
		r = command->run(s, command, trim_argument(text + strlen(command->name)), &err);
	else if (colon)
		r = err_set(&err, ERR_INVALID, "Unknown command ':%.*s'. Enter ':help' for help.",
		    (int)strcspn(text, " \t"), text);
	if (r < 0)
		sqlcmd_script_complain(s, &err);
	free(text);
	return is_go || command || colon;
}
