/* SPDX-License-Identifier: MIT */
/* Folders: spec/catalog.md §1.1. All of it is for administrators only (27188). */
#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "catalog/proc.h"
#include "catalog/registry.h"

#include <string.h>

enum { Q_CREATE, Q_DELETE, Q_CONTENTS, Q_RENAME, Q_DESCRIBE, Q_PERMISSIONS, Q_COUNT };
static const char *const sql[] = {
	[Q_CREATE] = "INSERT INTO folder (name, created_by_sid, created_by_name, created_time)"
		     " VALUES (?1, ?2, ?3, ?4)",
	[Q_DELETE] = "DELETE FROM folder WHERE folder_id = ?1",
	[Q_CONTENTS] = "SELECT (SELECT count(*) FROM project WHERE folder_id = ?1)"
		       " + (SELECT count(*) FROM environment WHERE folder_id = ?1)",
	[Q_RENAME] = "UPDATE folder SET name = ?2 WHERE folder_id = ?1",
	[Q_DESCRIBE] = "UPDATE folder SET description = ?2 WHERE folder_id = ?1",
	[Q_PERMISSIONS] = "DELETE FROM permission WHERE object_type = 1 AND object_id = ?1",
};
static const struct stmt_set set = STMT_SET(STMT_FOLDERS, sql);

static const struct tsql_proc_param create_folder_params[] = {
	{ "@folder_name", NULL, T_SYSNAME, 0, NULL },
	{ "@folder_id", NULL, T_BIGINT, TSQL_PARAM_OUT | TSQL_PARAM_OPTIONAL, NULL },
};

static int create_folder(struct tsql_call *call)
{
	struct session *s = call_session(call);
	const char *name = arg_text(call, 0);
	struct buf sid = BUF_INIT;
	struct found found;
	int r = need_admin(call, 27188, NULL);

	if (r == 0)
		r = name_check(call, NAME_FOLDER, name);
	if (r == 0)
		r = find_folder(call, name, &found);
	if (r == 1)
		return raise_error(call, 27190, found.name);
	if (r < 0)
		return r;
	session_sid(s, &sid);
	r = proc_run(call, &set, Q_CREATE,
	    BINDS(b_text(name), b_buf(&sid), b_text(s->login), b_int(clock_wall())));
	buf_release(&sid);
	if (r == 0)
		tsql_set_out(call, 1, tsql_bigint(store_last_id(s->catalog)));
	return r;
}

static const struct tsql_proc_param delete_folder_params[] = {
	{ "@folder_name", NULL, T_SYSNAME, 0, NULL },
};

static int delete_folder(struct tsql_call *call)
{
	struct found folder;
	int64_t contents = 0;
	int r = need_admin(call, 27188, NULL);

	if (r == 0)
		r = proc_check_args(call);
	if (r == 0)
		r = need_folder(call, arg_text(call, 0), 0, 0, &folder);
	if (r == 0)
		r = proc_int(call, &set, Q_CONTENTS, BINDS(b_int(folder.id)), &contents);
	if (r < 0)
		return r;
	if (contents > 0)
		return raise_error(call, 27196, folder.name,
		    contents == 1 ? "a project or environment" : "projects or environments");
	r = proc_run(call, &set, Q_PERMISSIONS, BINDS(b_int(folder.id)));
	return r < 0 ? r : proc_run(call, &set, Q_DELETE, BINDS(b_int(folder.id)));
}

static const struct tsql_proc_param rename_folder_params[] = {
	{ "@old_name", NULL, T_SYSNAME, 0, NULL },
	{ "@new_name", NULL, T_SYSNAME, 0, NULL },
};

static int rename_folder(struct tsql_call *call)
{
	const char *name = arg_text(call, 1);
	struct found folder, other;
	int r = need_admin(call, 27188, NULL);

	if (r == 0)
		r = proc_check_args(call);
	if (r == 0)
		r = need_folder(call, arg_text(call, 0), 0, 0, &folder);
	if (r == 0)
		r = name_check(call, NAME_FOLDER, name);
	if (r == 0)
		r = find_folder(call, name, &other);
	if (r == 1 && other.id != folder.id)
		return raise_error(call, 27190, other.name);
	return r < 0 ? r : proc_run(call, &set, Q_RENAME, BINDS(b_int(folder.id), b_text(name)));
}

static const struct tsql_proc_param set_folder_description_params[] = {
	{ "@folder_name", NULL, T_SYSNAME, 0, NULL },
	{ "@folder_description", NULL, T_TEXT, TSQL_PARAM_OPTIONAL, NULL },
};

static int set_folder_description(struct tsql_call *call)
{
	const char *text = arg_text(call, 1);
	struct found folder;
	int r = need_admin(call, 27188, NULL);

	if (r == 0)
		r = proc_check_args(call);
	if (r == 0)
		r = need_folder(call, arg_text(call, 0), 0, 0, &folder);
	if (r < 0)
		return r;
	if (text && utf8_utf16_len(text, strlen(text)) > 1024)
		return raise_error(call, 27101, "@folder_description", "(longer than 1024 characters)");
	return proc_run(call, &set, Q_DESCRIBE, BINDS(b_int(folder.id), b_text(text)));
}

static const struct tsql_proc procs[] = {
	PROC("create_folder", create_folder_params, create_folder),
	PROC("delete_folder", delete_folder_params, delete_folder),
	PROC("rename_folder", rename_folder_params, rename_folder),
	PROC("set_folder_description", set_folder_description_params, set_folder_description),
};
const struct proc_family procs_folders = { procs, ARRAY_LEN(procs) };
