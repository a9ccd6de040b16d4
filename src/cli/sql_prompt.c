/* SPDX-License-Identifier: MIT */
/*
 * libedit does the editing. It reads keys through read_key, so that Ctrl-C can
 * end the wait without a jump out of a signal handler.
 */
#include "cli/sql_prompt.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <histedit.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "cli/sql_complete.h"
#include "cli/sql_signals.h"

#define HISTORY_LINES 1000
#define HISTORY_BYTES ((size_t)64 * 1024 * 1024)
#define LISTED_MAX 200

struct sql_prompt {
	EditLine *edit;
	History *history;
	struct sql_complete *complete;
	struct tsql_client *client;
	char *path;          /* of the history, or NULL */
	const char *text;    /* the prompt that is shown */
	struct buf line;     /* read last */
	struct buf pending;  /* lines of the batch that is being typed */
	bool interrupted;
	mbstate_t decoder;
};

static struct sql_prompt *of(EditLine *edit)
{
	void *prompt = NULL;

	el_get(edit, EL_CLIENTDATA, &prompt);
	return prompt;
}

static char *prompt_text(EditLine *edit)
{
	return (char *)of(edit)->text;
}

/* Wait for a byte; false at the end of input or after Ctrl-C. The signal is let through only while we wait. */
static bool read_byte(struct sql_prompt *p, char *ret)
{
	struct pollfd ready = { .fd = 0, .events = POLLIN };
	sigset_t blocked, open;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGINT);
	sigprocmask(SIG_BLOCK, &blocked, &open);
	sigdelset(&open, SIGINT);
	int r = -1;
	p->interrupted = sql_signals_interrupted();
	while (r < 0 && !p->interrupted) {
		r = ppoll(&ready, 1, NULL, &open);
		p->interrupted = sql_signals_interrupted();
		if (r < 0 && errno != EINTR)
			break;
	}
	sigprocmask(SIG_SETMASK, &open, NULL);
	return !p->interrupted && r > 0 && read(0, ret, 1) == 1;
}

static int read_key(EditLine *edit, wchar_t *ret)
{
	struct sql_prompt *p = of(edit);
	char byte;

	for (;;) {
		if (!read_byte(p, &byte))
			return p->interrupted ? -1 : 0;
		size_t r = mbrtowc(ret, &byte, 1, &p->decoder);
		if (r == (size_t)-1)
			memset(&p->decoder, 0, sizeof(p->decoder));
		else if (r != (size_t)-2) {
			/* Ctrl-D typed ahead, while the terminal was in line mode, is read as NUL afterwards. */
			if (*ret == L'\0')
				*ret = L'\004';
			return 1;
		}
	}
}

static unsigned char list_matches(const struct sql_matches *matches)
{
	putchar('\n');
	for (size_t i = 0; i < matches->len && i < LISTED_MAX; i++)
		puts(matches->items[i]);
	if (matches->len > LISTED_MAX)
		printf("... and %zu more\n", matches->len - LISTED_MAX);
	fflush(stdout);
	return CC_REDISPLAY;
}

/* Tab: put in what all matches share; when that is nothing more, show them. */
static unsigned char on_tab(EditLine *edit, int key)
{
	struct sql_prompt *p = of(edit);
	const LineInfo *info = el_line(edit);
	size_t len = (size_t)(info->cursor - info->buffer);
	size_t begin = sql_complete_begin(info->buffer, len);
	struct sql_matches matches;
	unsigned char what = CC_ERROR;

	(void)key;
	if (begin == len)
		return el_insertstr(edit, "\t") < 0 ? CC_ERROR : CC_REFRESH;
	if (!p->complete)
		p->complete = sql_complete_new(p->client);
	char *word = xstrndup(info->buffer + begin, len - begin);
	sql_complete_word(p->complete, word, &matches);
	size_t common = sql_matches_common(&matches);
	if (matches.len && (common > strlen(word) || matches.len == 1)) {
		char *insert = xasprintf("%.*s%s", (int)common, matches.items[0], matches.len == 1 ? " " : "");
		el_deletestr(edit, (int)strlen(word));
		what = el_insertstr(edit, insert) < 0 ? CC_ERROR : CC_REFRESH;
		free(insert);
	} else if (matches.len) {
		what = list_matches(&matches);
	}
	sql_matches_release(&matches);
	free(word);
	return what;
}

static void remember(struct sql_prompt *p, const char *line)
{
	HistEvent event;

	if (line[strspn(line, " \t")])
		history(p->history, &event, H_ENTER, line);
}

/* Lines of the file into the history; a file that has grown too long is cut to its last lines. */
static void load_history(struct sql_prompt *p)
{
	struct buf text = BUF_INIT;
	size_t lines = 0, begin = 0;

	if (!p->path || file_read(p->path, HISTORY_BYTES, &text, NULL) < 0) {
		buf_release(&text);
		return;
	}
	for (size_t i = text.len; i > 0 && !begin; i--) {
		if (text.data[i - 1] == '\n' && lines++ == HISTORY_LINES)
			begin = i;
	}
	if (begin)
		file_write_atomic(p->path, text.data + begin, text.len - begin, 0600, false, NULL);
	for (char *line = text.data + begin, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		*end = '\0';
		remember(p, line);
	}
	buf_release(&text);
}

struct sql_prompt *sql_prompt_new(struct tsql_client *client, const char *history_path)
{
	struct sql_prompt *p = xcalloc(1, sizeof(*p));
	HistEvent event;

	p->client = client;
	p->path = xstrdup_or_null(history_path);
	p->text = "";
	buf_init(&p->line);
	buf_init(&p->pending);
	p->edit = el_init("scaleout", stdin, stdout, stderr);
	p->history = history_init();
	if (!p->edit || !p->history) {
		sql_prompt_free(p);
		return NULL;
	}
	history(p->history, &event, H_SETSIZE, HISTORY_LINES);
	el_set(p->edit, EL_CLIENTDATA, p);
	el_set(p->edit, EL_PROMPT, prompt_text);
	el_set(p->edit, EL_EDITOR, "emacs");
	el_set(p->edit, EL_HIST, history, p->history);
	/* Wide: libedit would lose the copies it makes of narrow strings. */
	el_wset(p->edit, EL_ADDFN, L"sql-complete", L"Complete a keyword or name", on_tab);
	el_set(p->edit, EL_BIND, "^I", "sql-complete", NULL);
	el_set(p->edit, EL_BIND, "^R", "em-inc-search-prev", NULL);
	el_source(p->edit, NULL);
	el_set(p->edit, EL_GETCFN, read_key);
	load_history(p);
	return p;
}

void sql_prompt_free(struct sql_prompt *p)
{
	if (!p)
		return;
	sql_prompt_batch_done(p);
	if (p->history)
		history_end(p->history);
	if (p->edit)
		el_end(p->edit);
	sql_complete_free(p->complete);
	buf_wipe(&p->line);
	buf_wipe(&p->pending);
	free(p->path);
	free(p);
}

void sql_prompt_use(struct sql_prompt *p, struct tsql_client *client)
{
	if (p->client == client)
		return;
	p->client = client;
	sql_complete_free(p->complete);
	p->complete = NULL;
}

enum sql_read sql_prompt_read(struct sql_prompt *p, const char *text, const char **ret_line)
{
	int count = 0;

	p->text = text;
	p->interrupted = false;
	el_resize(p->edit);
	const char *line = el_gets(p->edit, &count);
	if (p->interrupted) {
		el_reset(p->edit);
		fputs("^C\n", stdout);
		return SQL_READ_INTERRUPTED;
	}
	if (!line || count <= 0)
		return SQL_READ_END;
	buf_clear(&p->line);
	buf_add(&p->line, line, (size_t)count);
	while (p->line.len && strchr("\r\n", p->line.data[p->line.len - 1]))
		buf_truncate(&p->line, p->line.len - 1);
	remember(p, p->line.data);
	buf_addf(&p->pending, "%s\n", p->line.data);
	*ret_line = p->line.data;
	return SQL_READ_LINE;
}

bool sql_may_be_secret(const char *text)
{
	static const char *const words[] = { "password", "passwd", "pwd", "secret", "token", "sensitive", "_value",
		"create_environment_variable", "decrypt" };

	for (const char *at = text; *at; at++) {
		for (size_t i = 0; i < ARRAY_LEN(words); i++) {
			if (!strncasecmp(at, words[i], strlen(words[i])))
				return true;
		}
	}
	return false;
}

void sql_prompt_batch_done(struct sql_prompt *p)
{
	if (p->path && p->pending.len && !sql_may_be_secret(p->pending.data)) {
		char *folder = path_dirname(p->path);
		dir_make(folder, 0700, NULL);
		free(folder);
		int fd = open(p->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd >= 0) {
			/* A history that cannot be written is no reason to stop. */
			(void)fd_write_full(fd, p->pending.data, p->pending.len);
			close(fd);
		}
	}
	mem_wipe(p->pending.data, p->pending.len);
	buf_clear(&p->pending);
}
