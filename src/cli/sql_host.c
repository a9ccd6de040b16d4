/* SPDX-License-Identifier: MIT */
/* Files, streams and programs on behalf of a script. */
#include "cli/sql_host.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "cli/command.h"
#include "cli/sql_pager.h"
#include "cli/sql_signals.h"
#include "cli/sql_spawn.h"
#include "cli/sql_unicode.h"

static FILE *plain_out(const struct sql_host *h)
{
	return h->files[SQLCMD_STREAM_OUT] ? h->files[SQLCMD_STREAM_OUT] : stdout;
}

/* Point the format at the streams as they are now. */
static void set_streams(struct sql_host *h)
{
	bool paged = h->pager && plain_out(h) == stdout;
	FILE *errors = h->files[SQLCMD_STREAM_ERRORS];

	h->format.out = paged ? sql_pager_stream(h->pager) : plain_out(h);
	bool together = !errors || (paged && errors == stdout);
	h->format.errors = together ? h->format.out : errors;
	h->format.terminal = plain_out(h) == stdout && isatty(1);
}

static void on_settled(void *ctx)
{
	struct sql_host *h = ctx;

	if (h->pager && plain_out(h) == stdout)
		sql_pager_settle(h->pager);
}

static int host_run(void *ctx, const char *batch, struct sqlcmd_result *result, struct err *err)
{
	struct sql_host *h = ctx;
	int timeout_s = sqlcmd_vars_int(h->vars, "SQLCMDSTATTIMEOUT");

	sqlcmd_vars_apply(h->vars, &h->format);
	set_streams(h);
	sql_signals_watch(h->client, timeout_s);
	int r = sqlcmd_print_run(h->client, batch, &h->format, result, err);
	enum sql_stop stop = sql_signals_unwatch();
	bool left = h->pager && sql_pager_finish(h->pager);
	if (r == -ERR_CANCELLED && stop == SQL_STOP_TIMEOUT)
		return err_set(err, ERR_TIMEOUT, "Timeout expired after %d s.", timeout_s);
	if (stop == SQL_STOP_INTERRUPT) {
		fflush(h->format.out);
		/* The terminal has written ^C on the line. */
		fprintf(stderr, "%sSqlcmd: Warning: The last operation was terminated because the user pressed CTRL+C.\n",
		    isatty(2) ? "\n" : "");
		return -ERR_CANCELLED;
	}
	if (ferror(plain_out(h)))
		return err_set(err, ERR_IO, "The output cannot be written.");
	return left ? 0 : r;
}

/* UTF-16 text (after its mark) as UTF-8. */
static void from_utf16(const struct buf *text, bool big, struct buf *ret)
{
	uint32_t high = 0;
	char out[4];

	for (size_t i = 2; i + 1 < text->len; i += 2) {
		unsigned char a = (unsigned char)text->data[i], b = (unsigned char)text->data[i + 1];
		uint32_t unit = big ? (uint32_t)(a << 8 | b) : (uint32_t)(b << 8 | a);
		if (high && unit >= 0xDC00 && unit < 0xE000)
			unit = 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00);
		else if (high)
			buf_add(ret, "\xEF\xBF\xBD", 3);
		high = unit >= 0xD800 && unit < 0xDC00 ? unit : 0;
		if (!high)
			buf_add(ret, out, utf8_put(unit, out));
	}
}

static int host_read(void *ctx, const char *path, struct buf *ret, struct err *err)
{
	struct buf text = BUF_INIT;
	int r = file_read(strcmp(path, "-") ? path : "/dev/stdin", SQLCMD_SCRIPT_MAX, &text, err);

	(void)ctx;
	if (r < 0)
		err_set(err, (enum err_code)-r, "'%s': Invalid filename.", path);
	else if (text.len >= 2 && (!memcmp(text.data, "\xFF\xFE", 2) || !memcmp(text.data, "\xFE\xFF", 2)))
		from_utf16(&text, text.data[0] == '\xFE', ret);
	else if (text.len >= 3 && !memcmp(text.data, "\xEF\xBB\xBF", 3))
		buf_add(ret, text.data + 3, text.len - 3);
	else
		buf_add(ret, text.data, text.len);
	buf_wipe(&text);
	return r < 0 ? r : 0;
}

static int host_redirect(void *ctx, enum sqlcmd_stream stream, const char *target, struct err *err)
{
	struct sql_host *h = ctx;
	FILE **slot = &h->files[stream];
	FILE *to;

	if (!utf8_casecmp(target, "stdout"))
		to = stdout;
	else if (!utf8_casecmp(target, "stderr"))
		to = stderr;
	else
		to = h->unicode ? sql_unicode_open(target) : fopen(target, "we");
	if (!to)
		return err_set(err, ERR_IO, "'%s': Invalid filename.", target);
	if (*slot && *slot != stdout && *slot != stderr && fclose(*slot))
		err_set(err, ERR_IO, "The output cannot be written.");
	*slot = to == stdout && stream == SQLCMD_STREAM_OUT ? NULL : to;
	set_streams(h);
	return -(int)err->code;
}

static const char *editor(const struct sql_host *h)
{
	static const char *const names[] = { "VISUAL", "EDITOR" };
	const char *command = sqlcmd_vars_get(h->vars, "SQLCMDEDITOR");

	for (size_t i = 0; i < ARRAY_LEN(names) && (!command || !*command); i++)
		command = getenv(names[i]);
	return command && *command ? command : "vi";
}

static int host_edit(void *ctx, struct buf *text, struct err *err)
{
	struct sql_host *h = ctx;
	const char *folder = getenv("TMPDIR");
	char *path = xasprintf("%s/scaleout-XXXXXX.sql", folder && *folder ? folder : "/tmp");
	int fd = mkstemps(path, 4);
	int r;

	if (fd < 0 || fd_write_full(fd, text->data, text->len) < 0) {
		r = err_set(err, ERR_IO, "The batch cannot be written to '%s'.", path);
		goto out;
	}
	pid_t pid = sql_spawn(editor(h), path, -1);
	if (pid < 0) {
		r = err_set(err, ERR_NOT_FOUND, "The editor '%s' cannot be started.", editor(h));
	} else if (sql_spawn_wait(pid) != 0) {
		r = err_set(err, ERR_CANCELLED, "The editor '%s' failed; the batch is as it was.", editor(h));
	} else {
		buf_clear(text);
		r = file_read(path, SQLCMD_SCRIPT_MAX, text, err);
	}
	sql_signals_interrupted(); /* a Ctrl-C was the editor's */
out:
	if (fd >= 0) {
		close(fd);
		unlink(path);
	}
	free(path);
	return r;
}

bool sql_host_is_here(const struct sql_host *h, const char *server)
{
	static const char *const protocols[] = { "tcp:", "lpc:", "np:" };
	static const char *const here[] = { ".", "(local)", "localhost", "127.0.0.1", "::1" };
	const char *own = h->cli->connector.server_name;

	for (size_t i = 0; i < ARRAY_LEN(protocols); i++) {
		if (!utf8_ncasecmp(server, strnlen(server, strlen(protocols[i])), protocols[i], strlen(protocols[i]))) {
			server += strlen(protocols[i]);
			break;
		}
	}
	size_t len = strcspn(server, ",");
	for (size_t i = 0; i < ARRAY_LEN(here); i++) {
		if (!utf8_ncasecmp(server, len, here[i], strlen(here[i])))
			return true;
	}
	return own && !utf8_ncasecmp(server, len, own, strlen(own));
}

static int host_connect(void *ctx, const char *server, struct err *err)
{
	struct sql_host *h = ctx;
	const struct tsql_connector *connector = &h->cli->connector;
	struct tsql_client *client = NULL;

	if (!sql_host_is_here(h, server))
		return err_set(err, ERR_UNSUPPORTED,
		    "':connect %s' is not supported: a session belongs to one catalog of this machine; start another with --catalog PATH.", server);
	int r = connector->connect(connector->ctx, &client, err);
	if (r == 0) {
		tsql_client_close(h->client);
		h->client = client;
	}
	return r;
}

static void host_print(void *ctx, enum sqlcmd_stream stream, const char *text)
{
	struct sql_host *h = ctx;
	/* What sqlcmd itself has to say goes to stderr, unless :error says otherwise. */
	FILE *to = h->files[stream] ? h->files[stream] : stream == SQLCMD_STREAM_ERRORS ? stderr : plain_out(h);

	fflush(h->format.out);
	fputs(text, to);
	fflush(to);
}

void sql_host_init(struct sql_host *h, struct tsql_client *client, struct sqlcmd_vars *vars)
{
	*h = (struct sql_host){
		.host = { h, host_run, host_read, host_redirect, host_edit, host_connect, host_print },
		.client = client,
		.vars = vars,
		.format = { .settled = on_settled, .ctx = h },
	};
	set_streams(h);
}

void sql_host_use_pager(struct sql_host *h)
{
	if (isatty(1))
		h->pager = sql_pager_new(stdout, NULL);
	set_streams(h);
}

int sql_host_release(struct sql_host *h, struct err *err)
{
	bool failed = false;

	sql_pager_free(h->pager);
	for (size_t i = 0; i < ARRAY_LEN(h->files); i++) {
		FILE *f = h->files[i];
		if (f && f != stdout && f != stderr)
			failed = fclose(f) != 0 || failed;
	}
	failed = fflush(stdout) != 0 || failed;
	return failed ? err_set(err, ERR_IO, "the output could not be written") : 0;
}
