/* SPDX-License-Identifier: MIT */
/* System variables (spec/package.md §4.8): one row each, computed when read. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/account.h"
#include "base/clock.h"
#include "runtime/engine.h"

/* Which executables offer a variable. */
enum offered { ON_PACKAGE = 1, ON_CONTAINER = 2, ON_TASK = 4, ON_HANDLER = 8 };
#define ON_ALL (ON_PACKAGE | ON_CONTAINER | ON_TASK)

typedef void getter_fn(struct unit *unit, struct value *ret);

static void set_text(struct value *ret, const char *text)
{
	value_set_text(ret, text ? text : "");
}

static void set_local_time(struct value *ret, int64_t ticks)
{
	ticks += clock_local_offset_min(ticks) * INT64_C(60) * TICKS_PER_SECOND;
	value_set_ticks(ret, DT_DATE, ticks - ticks % TICKS_PER_MS);
}

static void get_cancel_event(struct unit *unit, struct value *ret)
{
	(void)unit;
	value_set_int(ret, DT_I4, 0);
}

static void get_container_start(struct unit *unit, struct value *ret)
{
	set_local_time(ret, unit->start_ticks ? unit->start_ticks : unit->run->start_ticks);
}

static void get_creation_date(struct unit *unit, struct value *ret)
{
	if (value_from_variant(DTSX_VT_DATE, unit->package->dtsx->creation_date, ret, NULL))
		value_set_ticks(ret, DT_DATE, DATE_TICKS_OLE);
}

static void get_creator_computer(struct unit *unit, struct value *ret)
{
	set_text(ret, unit->package->dtsx->creator_computer);
}

static void get_creator(struct unit *unit, struct value *ret)
{
	set_text(ret, unit->package->dtsx->creator_name);
}

static void get_execution_guid(struct unit *unit, struct value *ret)
{
	set_text(ret, unit->run->execution_guid);
}

static void get_empty(struct unit *unit, struct value *ret)
{
	(void)unit;
	set_text(ret, "");
}

static void get_false(struct unit *unit, struct value *ret)
{
	(void)unit;
	value_set_bool(ret, false);
}

static void get_product_version(struct unit *unit, struct value *ret)
{
	set_text(ret, dtsx_prop(unit->package->dtsx->package, "LastModifiedProductVersion", ""));
}

static void get_locale(struct unit *unit, struct value *ret)
{
	while (unit->locale_id < 0 && unit->parent)
		unit = unit->parent;
	value_set_int(ret, DT_I4, unit->locale_id < 0 ? 1033 : unit->locale_id);
}

static void get_machine(struct unit *unit, struct value *ret)
{
	char name[256] = "";

	(void)unit;
	gethostname(name, sizeof(name) - 1);
	set_text(ret, name);
}

static void get_package_id(struct unit *unit, struct value *ret)
{
	set_text(ret, unit->package->dtsx->package->id);
}

static void get_package_name(struct unit *unit, struct value *ret)
{
	set_text(ret, unit->package->dtsx->package->name);
}

static void get_parent_guid(struct unit *unit, struct value *ret)
{
	set_text(ret, unit->parent ? unit->parent->def->id : "");
}

static void get_server_execution(struct unit *unit, struct value *ret)
{
	const struct taskspec *spec = unit->run->options->spec;

	value_set_int(ret, DT_I8, spec ? spec->execution_id : 0);
}

static void get_server_name(struct unit *unit, struct value *ret)
{
	const struct taskspec *spec = unit->run->options->spec;

	set_text(ret, spec ? spec->server_name : "");
}

static void get_start_time(struct unit *unit, struct value *ret)
{
	set_local_time(ret, unit->run->start_ticks);
}

static void get_user(struct unit *unit, struct value *ret)
{
	char host[256] = "";
	struct buf text = BUF_INIT;

	(void)unit;
	gethostname(host, sizeof(host) - 1);
	buf_addf(&text, "%s\\%s", host, account_self()->name);
	set_text(ret, text.data);
	buf_release(&text);
}

static void get_version_major(struct unit *unit, struct value *ret)
{
	value_set_int(ret, DT_I4, unit->package->dtsx->version_major);
}

static void get_version_minor(struct unit *unit, struct value *ret)
{
	value_set_int(ret, DT_I4, unit->package->dtsx->version_minor);
}

static void get_version_build(struct unit *unit, struct value *ret)
{
	value_set_int(ret, DT_I4, unit->package->dtsx->version_build);
}

static void get_version_comments(struct unit *unit, struct value *ret)
{
	set_text(ret, dtsx_prop(unit->package->dtsx->package, "VersionComments", ""));
}

static void get_version_guid(struct unit *unit, struct value *ret)
{
	set_text(ret, unit->package->dtsx->version_guid);
}

static void get_task_creation_name(struct unit *unit, struct value *ret)
{
	set_text(ret, unit->def->creation_name);
}

static void get_id(struct unit *unit, struct value *ret)
{
	set_text(ret, unit->def->id);
}

static void get_name(struct unit *unit, struct value *ret)
{
	set_text(ret, unit->def->name);
}

static void get_transaction(struct unit *unit, struct value *ret)
{
	value_set_int(ret, DT_I4, unit->transaction_option);
}

static void get_source_description(struct unit *unit, struct value *ret)
{
	set_text(ret, unit->raised->source->description);
}

static void get_source_id(struct unit *unit, struct value *ret)
{
	set_text(ret, unit->raised->source->def->id);
}

static void get_source_name(struct unit *unit, struct value *ret)
{
	set_text(ret, unit->raised->source->def->name);
}

static void get_source_parent(struct unit *unit, struct value *ret)
{
	get_parent_guid(unit->raised->source, ret);
}

static void get_true(struct unit *unit, struct value *ret)
{
	(void)unit;
	value_set_bool(ret, true);
}

static void get_error_code(struct unit *unit, struct value *ret)
{
	value_set_int(ret, DT_I4, unit->raised->code);
}

static void get_description(struct unit *unit, struct value *ret)
{
	set_text(ret, unit->raised->text);
}

static void get_zero(struct unit *unit, struct value *ret)
{
	(void)unit;
	value_set_int(ret, DT_I4, 0);
}

static void get_exec_value(struct unit *unit, struct value *ret)
{
	value_copy(&unit->raised->source->exec_value, ret);
}

static void get_var_name(struct unit *unit, struct value *ret)
{
	set_text(ret, unit->raised->var ? unit->raised->var->name : "");
}

static void get_var_id(struct unit *unit, struct value *ret)
{
	set_text(ret, unit->raised->var ? unit->raised->var->id : "");
}

static void get_var_description(struct unit *unit, struct value *ret)
{
	set_text(ret, unit->raised->var ? unit->raised->var->description : "");
}

static void get_var_value(struct unit *unit, struct value *ret)
{
	if (unit->raised->var)
		value_copy(&unit->raised->var->value, ret);
	else
		set_text(ret, "");
}

static const struct row {
	const char *name;
	unsigned on;
	getter_fn *get;
} rows[] = {
	{ "Cancel", ON_HANDLER, get_false },
	{ "CancelEvent", ON_PACKAGE, get_cancel_event },
	{ "ContainerStartTime", ON_ALL, get_container_start },
	{ "CreationDate", ON_PACKAGE, get_creation_date },
	{ "CreationName", ON_TASK, get_task_creation_name },
	{ "CreatorComputerName", ON_PACKAGE, get_creator_computer },
	{ "CreatorName", ON_PACKAGE, get_creator },
	{ "ErrorCode", ON_HANDLER, get_error_code },
	{ "ErrorDescription", ON_HANDLER, get_description },
	{ "EventHandlerStartTime", ON_HANDLER, get_container_start },
	{ "ExecutionInstanceGUID", ON_PACKAGE, get_execution_guid },
	{ "ExecutionStatus", ON_HANDLER, get_true },
	{ "ExecutionValue", ON_HANDLER, get_exec_value },
	{ "FailedConfigurations", ON_PACKAGE, get_empty },
	{ "IgnoreConfigurationsOnLoad", ON_PACKAGE, get_false },
	{ "InteractiveMode", ON_PACKAGE, get_false },
	{ "LastModifiedProductVersion", ON_PACKAGE, get_product_version },
	{ "LocaleID", ON_ALL | ON_HANDLER, get_locale },
	{ "MachineName", ON_PACKAGE, get_machine },
	{ "OfflineMode", ON_PACKAGE, get_false },
	{ "PackageID", ON_PACKAGE, get_package_id },
	{ "PackageName", ON_PACKAGE, get_package_name },
	{ "ParentContainerGUID", ON_ALL, get_parent_guid },
	{ "PercentComplete", ON_HANDLER, get_zero },
	{ "ProgressCountHigh", ON_HANDLER, get_zero },
	{ "ProgressCountLow", ON_HANDLER, get_zero },
	{ "ProgressDescription", ON_HANDLER, get_description },
	{ "Propagate", ON_HANDLER, get_true },
	{ "ServerExecutionID", ON_PACKAGE, get_server_execution },
	{ "ServerName", ON_PACKAGE, get_server_name },
	{ "SourceDescription", ON_HANDLER, get_source_description },
	{ "SourceID", ON_HANDLER, get_source_id },
	{ "SourceName", ON_HANDLER, get_source_name },
	{ "SourceParentGUID", ON_HANDLER, get_source_parent },
	{ "StartTime", ON_PACKAGE, get_start_time },
	{ "TaskID", ON_TASK, get_id },
	{ "TaskName", ON_TASK, get_name },
	{ "TaskTransactionOption", ON_TASK, get_transaction },
	{ "UserName", ON_PACKAGE, get_user },
	{ "VariableDescription", ON_HANDLER, get_var_description },
	{ "VariableID", ON_HANDLER, get_var_id },
	{ "VariableName", ON_HANDLER, get_var_name },
	{ "VariableValue", ON_HANDLER, get_var_value },
	{ "VersionBuild", ON_PACKAGE, get_version_build },
	{ "VersionComments", ON_PACKAGE, get_version_comments },
	{ "VersionGUID", ON_PACKAGE, get_version_guid },
	{ "VersionMajor", ON_PACKAGE, get_version_major },
	{ "VersionMinor", ON_PACKAGE, get_version_minor },
};

static unsigned kind_of(const struct unit *unit)
{
	if (unit->raised)
		return ON_HANDLER;
	if (unit->def->kind == DTSX_PACKAGE)
		return ON_PACKAGE;
	return unit_is_task(unit) || !unit->ops ? ON_TASK : ON_CONTAINER;
}

int system_variable(struct unit *scope, const char *name, struct value *ret)
{
	const struct row *row = NULL;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (!strcmp(rows[i].name, name))
			row = &rows[i];
	}
	for (struct unit *unit = scope; row && unit; unit = unit->parent) {
		if (row->on & kind_of(unit)) {
			row->get(unit, ret);
			return 1;
		}
	}
	return 0;
}
