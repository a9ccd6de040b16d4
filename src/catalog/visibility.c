/* SPDX-License-Identifier: MIT */
/*
 * Which operations the current login sees. Views ask for every row, so the
 * facts that decide (may read all, has explicit permissions on operations) are
 * kept until the database or the login changes: SQLite's data version counts
 * commits of every connection, total_changes our own uncommitted work.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "catalog/session.h"

enum { Q_EXPLICIT, Q_CALLER, Q_READ, Q_COUNT };
static const char *const sql[] = {
	[Q_EXPLICIT] = "SELECT 1 FROM permission WHERE object_type = 4 AND principal_id IN " SQL_MINE " LIMIT 1",
	[Q_READ] = "SELECT id FROM meta",
	[Q_CALLER] = "SELECT 1 FROM operation WHERE operation_id = ?1 AND caller_name = ?2",
};
static const struct stmt_set set = STMT_SET(STMT_VISIBILITY, sql);

static bool still_valid(struct session *s, unsigned version, int64_t changes)
{
	const struct visibility *v = &s->visibility;

	return v->login && v->version == version && v->changes == changes && strcmp(v->login, s->login) == 0;
}

static const struct visibility *look(struct session *s)
{
	struct visibility *v = &s->visibility;
	int64_t changes = sqlite3_total_changes64(s->catalog->db), one;
	unsigned version = 0;
	struct err err;

	sqlite3_file_control(s->catalog->db, "main", SQLITE_FCNTL_DATA_VERSION, &version);
	if (still_valid(s, version, changes))
		return v;
	session_visibility_forget(s);
	v->version = version;
	v->changes = changes;
	v->login = xstrdup(s->login);
	v->all = session_is_admin(s) || session_is_member(s, PRINCIPAL_LOGREADER);
	/* When in doubt, look at the permissions row by row. */
	v->explicit_rows = !v->all && store_int(s->catalog, &set, Q_EXPLICIT, NO_BINDS, &one, &err) != 0;
	return v;
}

void session_visibility_forget(struct session *s)
{
	free(s->visibility.login);
	s->visibility = (struct visibility){ 0 };
}

bool session_sees_all(struct session *s)
{
	return look(s)->all;
}

bool session_sees_own_only(struct session *s)
{
	const struct visibility *v;
	struct err err;
	int64_t one;

	if (session_is_owner(s))
		return false;
	/* Outside a statement SQLite learns of other connections' commits only by reading. */
	if (store_int(s->catalog, &set, Q_READ, NO_BINDS, &one, &err) < 0)
		return false;
	v = look(s);
	return !v->all && !v->explicit_rows;
}

bool session_sees_operation(struct session *s, int64_t id)
{
	const struct visibility *v = look(s);
	struct err err;
	int64_t one;

	if (v->all)
		return true;
	if (v->explicit_rows)
		return session_may(s, SEC_OPERATION, id, PERM_READ, &err) == 1;
	return store_int(s->catalog, &set, Q_CALLER, BINDS(b_int(id), b_text(s->login)), &one, &err) == 1;
}
