/* SPDX-License-Identifier: MIT */
/* Putting a project into the catalog: rows of project, version, packages and parameters. */
#ifndef SO_CATALOG_DEPLOY_H
#define SO_CATALOG_DEPLOY_H

#include "catalog/session.h"
#include "package/project.h"

struct deployment {
	const struct project *project; /* what is in the file */
	const void *data;              /* the file; NULL when the version exists already (restore) */
	size_t len;
	int64_t folder_id;
	int64_t project_id; /* 0 = a new project */
	int64_t based_on;   /* version that must still be the current one; 0 = whatever is there is replaced */
	const char *name;   /* of a new project */
	int64_t operation_id; /* gets warnings as messages */
	bool unlocked;        /* data holds no secrets: the sensitive values of project are kept beside it */
	bool reset;           /* forget all server values (restore) */
};

/*
 * Inside the caller's transaction. Server values of parameters whose name and
 * type stay are kept. Sets the project's id and its new version.
 */
int deploy_apply(struct session *s, const struct deployment *d, int64_t *ret_project_id,
    int64_t *ret_version_lsn, struct err *err);
/*
 * Give a project that was read from a stored file the secrets that were taken
 * out of it; not those of packages that skip (may be NULL) is true for.
 */
int deploy_secrets(struct catalog *c, int64_t version_lsn, struct project *project,
    bool (*skip)(void *ctx, const char *package), void *ctx, struct err *err);
/* The same for an existing version that becomes current again. */
int deploy_restore(struct session *s, const struct deployment *d, int64_t version_lsn,
    struct err *err);

#endif
