/* SPDX-License-Identifier: MIT */
/*
 * Opening a project file with its password: out come the same file without
 * anything secret in it (protection level DontSaveSensitive), for workers to
 * keep, and the secrets, for the catalog to seal and to send with each task.
 */
#ifndef SO_PACKAGE_UNLOCK_H
#define SO_PACKAGE_UNLOCK_H

#include "package/project.h"

/* A parameter ("Name") or property of a connection manager ("CM.manager.property"). */
struct project_secret {
	char *package; /* "Load.dtsx"; NULL = the project's */
	char *name, *value;
};

struct project_unlocked {
	struct buf file; /* the .ispac without secrets */
	struct project_secret *secrets;
	size_t secret_count;
	char **warnings; /* one line each: secrets that belong to nothing that could be given them again */
	size_t warning_count;
};

/* ERR_DENIED for a wrong password. Needs protect_use_libcrypto(). Release ret, which is written on success only. */
int project_unlock(const void *data, size_t len, const char *password, struct project_unlocked *ret,
    struct err *err);
void project_unlocked_release(struct project_unlocked *unlocked);

/* Give secrets to a project that was read without them: values of its parameters, further CM parameters. */
void project_give_secrets(struct project *project, const struct project_secret *secrets, size_t count);

#endif
