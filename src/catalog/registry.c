/* SPDX-License-Identifier: MIT */
/* Everything this room registers with the T-SQL room, gathered from the families once. */
#include "catalog/registry.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/mem.h"
#include "catalog/session.h"

static const struct proc_family *const proc_families[] = { &procs_folders, &procs_projects, &procs_packages, &procs_dump,
	&procs_environments, &procs_references, &procs_parameters, &procs_executions, &procs_start, &procs_validation,
	&procs_permissions, &procs_admin, &procs_scaleout, &procs_principals,
	&procs_taps, &procs_maintenance, &procs_queue };
static const struct view_family *const view_families[] = { &views_admin, &views_objects,
	&views_operations, &views_statistics, &views_scaleout, &views_sys, &views_dictionary };
static const struct function_family *const function_families[] = { &functions_principals };

#define ROWS_MAX 128

/* Lists of pointers to constant rows: filled once, constant afterwards. */
static const struct tsql_proc *procs[ROWS_MAX];
static const struct tsql_view *views[ROWS_MAX];
static const struct tsql_function *functions[ROWS_MAX];
static const struct tsql_table_type *const table_types[] = { &package_table_type, NULL };

static bool narrow(struct tsql_session *session)
{
	return session_sees_own_only(tsql_session_app(session));
}

static int settle(struct tsql_session *session)
{
	return store_settle(((struct session *)tsql_session_app(session))->catalog);
}

static void pausing(struct tsql_session *session)
{
	session_pausing(tsql_session_app(session));
}

static const struct tsql_catalog registry = { .procs = procs,
	.views = views,
	.functions = functions,
	.table_types = table_types,
	.read_file = session_read_file,
	.principal_statement = principals_statement,
	.narrow = narrow,
	.settle = settle, .pausing = pausing };

static void gather(void)
{
	size_t p = 0, v = 0, f = 0;

	for (size_t i = 0; i < ARRAY_LEN(proc_families); i++)
		for (size_t k = 0; k < proc_families[i]->count; k++)
			procs[p++] = &proc_families[i]->procs[k];
	for (size_t i = 0; i < ARRAY_LEN(view_families); i++)
		for (size_t k = 0; k < view_families[i]->count; k++)
			views[v++] = &view_families[i]->views[k];
	for (size_t i = 0; i < ARRAY_LEN(function_families); i++)
		for (size_t k = 0; k < function_families[i]->count; k++)
			functions[f++] = &function_families[i]->functions[k];
	if (p >= ROWS_MAX || v >= ROWS_MAX || f >= ROWS_MAX)
		abort(); /* raise ROWS_MAX */
}

const struct tsql_catalog *catalog_registry(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, gather);
	return &registry;
}
