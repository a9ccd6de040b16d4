/* SPDX-License-Identifier: MIT */
/* T-SQL for tests, and a small project packed in memory. */
#include "tests/catalog/client_fixture.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "package/project.h"
#include "tests/package/zipper.h"

#define MAX_ROWS 100000

struct tsql_client *t_connect(const char *path, const char *login)
{
	struct tsql_client *client = NULL;
	struct err err = { 0 };

	fixture_ok(catalog_connect(path, login, NULL, &client, &err), &err);
	return client;
}

#define FORMAT(text, fmt) \
	struct buf text = BUF_INIT; \
	va_list args; \
	va_start(args, fmt); \
	buf_vaddf(&text, fmt, args); \
	va_end(args)

void t_run(struct tsql_client *client, const char *fmt, ...)
{
	struct err err = { 0 };
	FORMAT(text, fmt);

	if (tsql_client_run(client, text.data, NULL, 0, NULL, &err) != 0)
		ck_abort_msg("%s\n-> %d: %s (%s)", text.data, err.sql_number, err.primary, err.detail);
	buf_release(&text);
}

void t_fails(struct tsql_client *client, int number, const char *fmt, ...)
{
	struct err err = { 0 };
	FORMAT(text, fmt);
	int r = tsql_client_run(client, text.data, NULL, 0, NULL, &err);

	if (r != -ERR_SQL || err.sql_number != number)
		ck_abort_msg("%s\n-> %d, number %d instead of %d: %s", text.data, r, err.sql_number,
		    number, r ? err.primary : "no error");
	buf_release(&text);
}

static struct tsql_rowset query(struct tsql_client *client, const char *text)
{
	struct tsql_rowset rows = { 0 };
	struct err err = { 0 };

	if (tsql_client_query(client, text, NULL, 0, MAX_ROWS, &rows, &err) != 0)
		ck_abort_msg("%s\n-> %d: %s (%s)", text, err.sql_number, err.primary, err.detail);
	return rows;
}

static char *first_cell(struct tsql_client *client, const char *text)
{
	struct tsql_rowset rows = query(client, text);
	struct buf cell = BUF_INIT;

	if (rows.row_count == 0)
		ck_abort_msg("%s\n-> no row", text);
	tsql_value_format(&rows.cells[0], &cell);
	tsql_rowset_release(&rows);
	return buf_detach(&cell);
}

int64_t t_int(struct tsql_client *client, const char *fmt, ...)
{
	FORMAT(text, fmt);
	char *cell = first_cell(client, text.data), *end;
	long long value = strtoll(cell, &end, 10);

	ck_assert_msg(*cell && !*end, "%s\n-> '%s' is not a number", text.data, cell);
	free(cell);
	buf_release(&text);
	return value;
}

char *t_text(struct tsql_client *client, const char *fmt, ...)
{
	FORMAT(text, fmt);
	char *cell = first_cell(client, text.data);

	buf_release(&text);
	return cell;
}

void t_is(struct tsql_client *client, const char *expected, const char *fmt, ...)
{
	FORMAT(text, fmt);
	char *cell = first_cell(client, text.data);

	ck_assert_msg(strcmp(cell, expected) == 0, "%s\n-> '%s' instead of '%s'", text.data, cell,
	    expected);
	free(cell);
	buf_release(&text);
}

size_t t_rows(struct tsql_client *client, const char *fmt, ...)
{
	FORMAT(text, fmt);
	struct tsql_rowset rows = query(client, text.data);
	size_t count = rows.row_count;

	tsql_rowset_release(&rows);
	buf_release(&text);
	return count;
}

int t_deploy(struct tsql_client *client, const char *folder, const char *project, const void *data,
    size_t len, int64_t *ret_operation, struct err *err)
{
	struct tsql_decl name = { .type = TSQL_NVARCHAR, .length = 128 };
	struct tsql_decl bytes = { .type = TSQL_VARBINARY, .length = TSQL_MAX };
	struct tsql_decl id = { .type = TSQL_BIGINT };
	struct tsql_param params[] = {
		{ "@folder", name, tsql_nvarchar(folder), false },
		{ "@project", name, tsql_nvarchar(project), false },
		{ "@stream", bytes, tsql_varbinary(data, len), false },
		{ "@operation", id, tsql_null(TSQL_BIGINT), true },
	};
	int r = tsql_client_run(client,
	    "EXEC [SSISDB].[catalog].[deploy_project] @folder_name=@folder, @project_name=@project,"
	    " @project_stream=@stream, @operation_id=@operation OUTPUT",
	    params, ARRAY_LEN(params), NULL, err);

	*ret_operation = params[3].value.null ? 0 : params[3].value.i;
	for (size_t i = 0; i < ARRAY_LEN(params); i++)
		tsql_value_release(&params[i].value);
	return r;
}

/* --- a project --- */

#define NS "xmlns:SSIS='www.microsoft.com/SqlServer/SSIS'"

static void add_property(struct buf *b, const char *name, const char *value)
{
	buf_addf(b, "<SSIS:Property SSIS:Name='%s'>%s</SSIS:Property>", name, value);
}

/* type: the CLR type code of the file, 9 Int32, 18 String. */
static void add_param(struct buf *b, const char *name, const char *type, bool required,
    bool sensitive, const char *value)
{
	buf_addf(b, "<SSIS:Parameter SSIS:Name='%s'><SSIS:Properties>", name);
	add_property(b, "Description", "");
	add_property(b, "Required", required ? "1" : "0");
	add_property(b, "Sensitive", sensitive ? "1" : "0");
	if (value)
		add_property(b, "Value", value);
	add_property(b, "DataType", type);
	buf_adds(b, "</SSIS:Properties></SSIS:Parameter>");
}

static void add_package(struct zipper *z, struct buf *list, struct buf *info, const char *name,
    bool entry_point, void (*params)(struct buf *))
{
	buf_addf(list, "<SSIS:Package SSIS:Name='%s' SSIS:EntryPoint='%d'/>", name, entry_point);
	buf_addf(info, "<SSIS:PackageMetaData SSIS:Name='%s'><SSIS:Properties>", name);
	add_property(info, "ID", "{11111111-2222-3333-4444-555555555555}");
	add_property(info, "VersionGUID", "{66666666-2222-3333-4444-555555555555}");
	add_property(info, "VersionMajor", "1");
	add_property(info, "PackageFormatVersion", "8");
	buf_adds(info, "</SSIS:Properties><SSIS:Parameters>");
	if (params)
		params(info);
	buf_adds(info, "</SSIS:Parameters></SSIS:PackageMetaData>");
	zipper_adds(z, name, "<DTS:Executable xmlns:DTS='www.microsoft.com/SqlServer/Dts'/>");
}

static void who(struct buf *b)
{
	add_param(b, "Who", "18", false, false, "world");
}

static void needed(struct buf *b)
{
	add_param(b, "Needed", "9", true, false, "1");
}

/* A parameter for every type that a manifest may name. */
static void typed(struct buf *b)
{
	static const char *const types[] = { "Boolean", "Byte", "DateTime", "Decimal", "Double", "Int16", "Int32",
		"Int64", "SByte", "Single", "String", "UInt16", "UInt32", "UInt64" };
	char code[8];

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		snprintf(code, sizeof(code), "%d", project_type_code(types[i]));
		add_param(b, types[i], code, false, false, NULL);
	}
}

void t_project(const char *name, int version, struct buf *out)
{
	struct buf list = BUF_INIT, info = BUF_INIT, params = BUF_INIT, manifest = BUF_INIT;
	struct zipper z = ZIPPER_INIT;

	add_package(&z, &list, &info, "package1.dtsx", true, who);
	if (version == 1)
		add_package(&z, &list, &info, "package2.dtsx", true, needed);
	if (version == 3)
		add_package(&z, &list, &info, "typed.dtsx", true, typed);
	add_package(&z, &list, &info, "child.dtsx", false, NULL);
	add_param(&params, "Greeting", "18", false, false, version == 1 ? "Hello" : "Welcome");
	add_param(&params, "Count", version == 1 ? "9" : "18", false, false, "7");
	if (version == 1)
		add_param(&params, "Secret", "18", false, true, NULL);
	buf_addf(&manifest, "<SSIS:Project SSIS:ProtectionLevel='DontSaveSensitive' " NS
			    "><SSIS:Properties>");
	add_property(&manifest, "ID", "{405169a5-1b8d-43e8-824a-511023416c91}");
	add_property(&manifest, "Name", name);
	add_property(&manifest, "FormatVersion", "1");
	buf_addf(&manifest, "</SSIS:Properties><SSIS:Packages>%s</SSIS:Packages><SSIS:ConnectionManagers/>"
			    "<SSIS:DeploymentInfo><SSIS:ProjectConnectionParameters/><SSIS:PackageInfo>%s"
			    "</SSIS:PackageInfo></SSIS:DeploymentInfo></SSIS:Project>",
	    list.data, info.data);
	zipper_adds(&z, "@Project.manifest", manifest.data);
	buf_clear(&manifest);
	buf_addf(&manifest, "<SSIS:Parameters " NS ">%s</SSIS:Parameters>", params.data);
	zipper_adds(&z, "Project.params", manifest.data);
	zipper_finish(&z, out);
	buf_release(&list);
	buf_release(&info);
	buf_release(&params);
	buf_release(&manifest);
}

void t_deploy_project1(struct tsql_client *client)
{
	struct buf archive = BUF_INIT;
	struct err err = { 0 };
	int64_t operation;

	t_run(client, "EXEC SSISDB.catalog.create_folder N'folder1'");
	t_project("project1", 1, &archive);
	fixture_ok(t_deploy(client, "folder1", "project1", archive.data, archive.len, &operation, &err),
	    &err);
	buf_release(&archive);
}
