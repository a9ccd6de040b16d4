/* SPDX-License-Identifier: MIT */
/*
 * Statements about principals go to the registered room. EXECUTE AS nests:
 * REVERT takes back the last one that the running text said, and what a text
 * run by EXEC ('...') or sp_executesql left in force ends with it.
 */
#include <string.h>

#include "tsql/exec.h"
#include "tsql/sqlerr.h"

static bool is_revert(const struct stmt *s)
{
	return strcmp(s->principal.verb, "REVERT") == 0;
}

static bool is_execute_as(const struct stmt *s)
{
	return strcmp(s->principal.verb, "EXECUTE AS") == 0;
}

bool exec_changes_principals(const struct stmt *s)
{
	return !is_revert(s) && !is_execute_as(s);
}

int exec_principal(struct exec *e, struct stmt *s)
{
	struct tsql_session *session = e->session;
	int r;

	if (!session->catalog->principal_statement)
		return sql_error(e->err, 40517, "Keyword or statement option '%s' is not supported here.", s->principal.verb);
	if (is_revert(s) && session->impersonations <= e->impersonations)
		return 0; /* nothing that this text said */
	r = session->catalog->principal_statement(session, s->principal.verb, s->principal.kind, s->principal.name,
	    s->principal.argument, e->err);
	if (r == 0)
		session->impersonations += is_execute_as(s) - is_revert(s);
	return r;
}

void exec_end_impersonations(struct exec *e)
{
	struct tsql_session *session = e->session;
	struct err ignored;

	while (session->impersonations > e->impersonations &&
	    session->catalog->principal_statement(session, "REVERT", NULL, NULL, NULL, &ignored) == 0)
		session->impersonations--;
}
