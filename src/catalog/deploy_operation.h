/* SPDX-License-Identifier: MIT */
/* What the procedures that deploy share: the operation around deploy.h. */
#ifndef SO_CATALOG_DEPLOY_OPERATION_H
#define SO_CATALOG_DEPLOY_OPERATION_H

#include "base/buf.h"
#include "catalog/deploy.h"
#include "catalog/operation.h"
#include "catalog/proc.h"

/* A running operation on a project (id 0: a new one) under that name, committed. Raises what fails. */
int deploy_begin(struct tsql_call *call, enum operation_type type, const struct found *project, const char *name,
    int64_t *ret_id);
/* The rows of deploy_apply, in one transaction with the success of the operation. */
int deploy_write(struct session *s, const struct deployment *d, struct err *err);
/* The operation failed: its record says so, and its messages why. */
void deploy_failed(struct session *s, int64_t operation_id, const struct err *why);
/* The file of a version. */
int deploy_read_version(struct session *s, int64_t version_lsn, struct buf *ret, struct err *err);

#endif
