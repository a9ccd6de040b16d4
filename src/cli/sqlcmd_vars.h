/* SPDX-License-Identifier: MIT */
/*
 * sqlcmd's scripting variables (spec/agent.md §3.2): names without case,
 * values from the environment, then -v, then :setvar. The settings that
 * sqlcmd keeps as variables (SQLCMDCOLWIDTH and so on) live here too, so that
 * a switch and :setvar are the same thing.
 */
#ifndef SO_CLI_SQLCMD_VARS_H
#define SO_CLI_SQLCMD_VARS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "cli/sqlcmd_print.h"

struct sqlcmd_vars;

/* The settings at their defaults, or as the environment has them when use_environment (not with -X). */
struct sqlcmd_vars *sqlcmd_vars_new(bool use_environment);
void sqlcmd_vars_free(struct sqlcmd_vars *vars);

/* Value of a variable, or NULL. Borrowed until the next set. */
const char *sqlcmd_vars_get(const struct sqlcmd_vars *vars, const char *name);
/*
 * Set one, as -v and :setvar do; NULL drops it (a setting goes back to its
 * default). Refuses bad names, read-only settings and values out of range.
 */
int sqlcmd_vars_set(struct sqlcmd_vars *vars, const char *name, const char *value, struct err *err);
/* Set one that users may not (SQLCMDSERVER, SQLCMDUSER, SQLCMDDBNAME). */
void sqlcmd_vars_force(struct sqlcmd_vars *vars, const char *name, const char *value);
/* The lines of :listvar: NAME = "value", settings first. */
void sqlcmd_vars_list(const struct sqlcmd_vars *vars, struct buf *ret);

/* Put the settings into format (its separator borrows from vars). */
void sqlcmd_vars_apply(const struct sqlcmd_vars *vars, struct sqlcmd_format *format);
/* A number setting. */
int sqlcmd_vars_int(const struct sqlcmd_vars *vars, const char *name);

/*
 * Append text with its $(NAME) replaced. With sql, comments are left alone. An
 * unknown name stays as it is written and is reported in missing, one line
 * each ("'NAME' scripting variable not defined."). -ERR_INVALID when a
 * reference is malformed; line is then where (1-based in text).
 */
int sqlcmd_vars_expand(const struct sqlcmd_vars *vars, const char *text, size_t len, bool sql,
    struct buf *ret, struct buf *missing, int *ret_line);

#endif
