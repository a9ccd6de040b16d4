/* SPDX-License-Identifier: MIT */
/*
 * What the procedures share: arguments, names, and finding objects with the
 * rights that an action needs. Functions that fail have raised the error and
 * return -ERR_SQL; the procedure just returns that.
 */
#ifndef SO_CATALOG_PROC_H
#define SO_CATALOG_PROC_H

#include "catalog/errors.h"
#include "catalog/session.h"

#define NAME_BYTES 1024

/* --- arguments --- */

/* NULL when the argument is NULL. Borrowed. */
const char *arg_text(struct tsql_call *call, size_t index);
bool arg_null(struct tsql_call *call, size_t index);
/* 0 when NULL. bit, integers. */
int64_t arg_int(struct tsql_call *call, size_t index);
/* Raise 27100 naming the first argument that is NULL though it must not be: neither optional nor OUT. */
int proc_check_args(struct tsql_call *call);

/* Raise what a lower layer said: always negative. */
int proc_fail(struct tsql_call *call, const struct err *err);

/* --- names (spec/catalog.md §0.3) --- */

enum name_kind { NAME_FOLDER, NAME_PROJECT, NAME_ENVIRONMENT, NAME_VARIABLE, NAME_LEVEL, NAME_KIND_COUNT };
/* Raise the kind's error unless the name may be given to a new object. */
int name_check(struct tsql_call *call, enum name_kind kind, const char *name);

/* --- objects --- */

/* Permissions 1-4 as a set. */
#define NEED(permission) (1u << (permission))
#define NEED_READ NEED(PERM_READ)
#define NEED_MODIFY NEED(PERM_MODIFY)
#define NEED_EXECUTE NEED(PERM_EXECUTE)
#define NEED_MANAGE NEED(PERM_MANAGE)

struct found {
	int64_t id;
	int64_t folder_id;   /* projects, environments */
	int64_t version_lsn; /* projects */
	int type;            /* operations: operation_type */
	int status;          /* operations */
	char name[NAME_BYTES]; /* as stored */
};

/*
 * Find by name, with the permissions needed, and no others. Invisible is as missing: 27104
 * folder, 27109 project, 27182 environment. What is visible but may not be
 * used so raises denied (0 = the same as missing).
 */
int need_folder(struct tsql_call *call, const char *folder, unsigned needs, int denied,
    struct found *ret);
int need_project(struct tsql_call *call, const char *folder, const char *project, unsigned needs,
    int denied, struct found *ret);
int need_environment(struct tsql_call *call, const char *folder, const char *environment,
    unsigned needs, struct found *ret);
/* By id; missing or hidden raises number with the id. */
int need_operation(struct tsql_call *call, int64_t id, unsigned needs, int number,
    struct found *ret);
/* An execution (27103). */
int need_execution(struct tsql_call *call, int64_t id, unsigned needs, struct found *ret);

/* The execution of the first argument, which must still be created (1) and the caller's to change; else number is raised (27175 instead of 27121 when it has ended). */
int need_open_execution(struct tsql_call *call, int number, struct found *ret);

/* Without rights: 1 = found, 0 = not, negative = raised. */
int find_folder(struct tsql_call *call, const char *folder, struct found *ret);
int find_project(struct tsql_call *call, int64_t folder_id, const char *project, struct found *ret);
int find_environment(struct tsql_call *call, int64_t folder_id, const char *environment,
    struct found *ret);

/* Raise number (with an optional insert) unless the caller is an administrator. */
int need_admin(struct tsql_call *call, int number, const char *insert);
/* 0 = yes; else raises denied with the insert. */
int need_permission(struct tsql_call *call, enum securable type, int64_t id, enum permission permission,
    int denied, const char *insert);

/* --- statements, raising errors --- */

/* As store_run and store_int of store.h. */
int proc_run(struct tsql_call *call, const struct stmt_set *set, size_t index,
    const struct bind *binds);
int proc_int(struct tsql_call *call, const struct stmt_set *set, size_t index,
    const struct bind *binds, int64_t *ret);

#endif
