/* SPDX-License-Identifier: MIT */
/*
 * T-SQL connections to a catalog. Each has its own SQLite connection; the
 * work_ready hook runs after the commit that made work, told by SQLite's
 * write-ahead-log hook, so it is right inside users' transactions as well.
 */
#include "catalog/session.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/utf8.h"
#include "catalog/registry.h"

static char *account_name(uid_t uid)
{
	struct passwd entry, *found = NULL;
	char room[4096];

	if (getpwuid_r(uid, &entry, room, sizeof(room), &found) == 0 && found)
		return xstrdup(found->pw_name);
	return xasprintf("uid%u", (unsigned)uid);
}

static void session_free(void *app)
{
	struct session *s = app;

	if (!s)
		return;
	session_visibility_forget(s);
	catalog_close(s->catalog);
	while (s->callers.len)
		free(s->callers.items[--s->callers.len]);
	vec_release(&s->callers);
	free(s->login);
	free(s->original);
	free(s->account);
	free(s->owner);
	free(s);
}

char *session_process_login(void)
{
	return account_name(geteuid());
}

static void after_commit(void *app)
{
	struct session *s = app;

	if (!s->work_pending)
		return;
	s->work_pending = false;
	s->work_told = true;
	if (s->hooks.work_ready)
		s->hooks.work_ready(s->hooks.ctx);
}

void session_pausing(struct session *s)
{
	if (s->work_told && s->hooks.work_awaited)
		s->hooks.work_awaited(s->hooks.ctx);
}

static void after_rollback(void *app)
{
	((struct session *)app)->work_pending = false;
}

/* Whose name the session carries, and whether the caller may use it. */
static int set_logins(struct session *s, const char *login, struct err *err)
{
	struct stat st;

	if (stat(s->catalog->path, &st) < 0)
		return err_set(err, ERR_IO, "%s", s->catalog->path);
	s->owner = account_name(st.st_uid);
	s->account = session_process_login();
	s->login = xstrdup(s->account);
	if (login && utf8_casecmp(login, s->login) != 0) {
		if (!session_is_sysadmin(s))
			return err_set(err, ERR_DENIED, "only a sysadmin may connect as '%s'", login);
		free(s->login);
		s->login = xstrdup(login);
	}
	s->original = xstrdup(s->login);
	return 0;
}

static int bulk_error(struct err *err, int number, const char *text, const char *path)
{
	err_set(err, ERR_SQL, "%s", text);
	if (path)
		err_set(err, ERR_SQL, "Cannot bulk load. The file \"%s\" %s.", path, text);
	if (err) {
		err->sql_number = number;
		err->sql_severity = 16;
		err->sql_state = 1;
	}
	return -ERR_SQL;
}

int session_read_file(struct tsql_session *session, const char *path, size_t max, struct buf *ret, struct err *err)
{
	struct buf here = BUF_INIT;
	struct stat st;
	int r;

	if (!session_is_sysadmin(tsql_session_app(session)))
		return bulk_error(err, 4834, "You do not have permission to use the bulk load statement.", NULL);
	path_map(path, &here);
	if (stat(here.data, &st) < 0 || !S_ISREG(st.st_mode)) { /* a pipe would be waited for */
		r = bulk_error(err, 4860, "does not exist or is not a file", here.data);
	} else {
		r = file_read(here.data, max, ret, NULL);
		if (r < 0)
			r = bulk_error(err, r == -ERR_LIMIT ? 4808 : 4861,
			    r == -ERR_LIMIT ? "is larger than a value may be" : "could not be read", here.data);
	}
	buf_release(&here);
	return r;
}

int catalog_connect(const char *path, const char *login, const struct catalog_hooks *hooks,
    struct tsql_client **ret, struct err *err)
{
	struct session *s = xcalloc(1, sizeof(*s));
	int r = catalog_open(path, &s->catalog, err);

	/* Clients read pages by key, and a console holds three of them: 2 MB of cache each is enough. */
	if (r == 0)
		sqlite3_exec(s->catalog->db, "PRAGMA cache_size = -2000", NULL, NULL, NULL);
	if (r == 0)
		r = set_logins(s, login, err);
	if (r == 0)
		r = session_register(s, err);
	if (r == 0) {
		if (hooks)
			s->hooks = *hooks;
		s->catalog->settles_later = true;
		s->catalog->committed = after_commit;
		s->catalog->committed_ctx = s;
		sqlite3_rollback_hook(s->catalog->db, after_rollback, s);
		r = tsql_session_open(s->catalog->db, catalog_registry(), "SSISDB", s->login, s,
		    session_free, ret, err);
	}
	if (r < 0)
		session_free(s);
	return r;
}
