/* SPDX-License-Identifier: MIT */
/* Packages of old and new formats come out as the same tree; all shared packages load with every task counted. */
#include <ftw.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "package/dtsx.h"
#include "tests/harness.h"

#define DTS "xmlns:DTS='www.microsoft.com/SqlServer/Dts'"
#define P(name, value) "<DTS:Property DTS:Name='" name "'>" value "</DTS:Property>"

/* The same package as a 2012+ and as a 2008 designer writes it. */
static const char *const new_format =
    "<DTS:Executable " DTS " DTS:refId='Package' DTS:CreationName='Microsoft.Package' DTS:DTSID='{00000000-0000-0000-0000-000000000001}'"
    " DTS:ExecutableType='Microsoft.Package' DTS:ObjectName='Demo' DTS:VersionBuild='7' DTS:ProtectionLevel='0'>" P(
	"PackageFormatVersion", "8")
	"<DTS:ConnectionManagers><DTS:ConnectionManager DTS:refId='Package.ConnectionManagers[db]' DTS:CreationName='OLEDB'"
	" DTS:DTSID='{00000000-0000-0000-0000-0000000000C1}' DTS:ObjectName='db'>"
	"<DTS:PropertyExpression DTS:Name='ServerName'>@[User::Server]</DTS:PropertyExpression><DTS:ObjectData>"
	"<DTS:ConnectionManager DTS:ConnectionString='Data Source=.;'/></DTS:ObjectData></DTS:ConnectionManager></DTS:ConnectionManagers>"
	"<DTS:Variables><DTS:Variable DTS:Namespace='User' DTS:ObjectName='Server' DTS:DTSID='{V}' DTS:EvaluateAsExpression='True' DTS:Expression='1+1'>"
	"<DTS:VariableValue DTS:DataType='3'>2</DTS:VariableValue></DTS:Variable>"
	"<DTS:Variable DTS:Namespace='User' DTS:ObjectName='Rows'><DTS:VariableValue DTS:DataType='13'>soap</DTS:VariableValue></DTS:Variable></DTS:Variables>"
	"<DTS:LoggingOptions DTS:LoggingMode='1'>" P("EventFilter", "2,7,OnError,12,OnTaskFailed") "</DTS:LoggingOptions>"
	"<DTS:Executables>"
	"<DTS:Executable DTS:refId='Package\\Seq' DTS:CreationName='STOCK:SEQUENCE' DTS:DTSID='{00000000-0000-0000-0000-000000000002}' DTS:ObjectName='Seq' DTS:Disabled='True'>"
	"<DTS:Executables><DTS:Executable DTS:refId='Package\\Seq\\Run' DTS:CreationName='Microsoft.ExecuteProcess' DTS:DTSID='{00000000-0000-0000-0000-000000000003}' DTS:ObjectName='Run'>"
	"<DTS:ObjectData><ExecuteProcessData Executable='true'/></DTS:ObjectData></DTS:Executable></DTS:Executables></DTS:Executable>"
	"<DTS:Executable DTS:refId='Package\\Loop' DTS:CreationName='STOCK:FORLOOP' DTS:DTSID='{00000000-0000-0000-0000-000000000004}' DTS:ObjectName='Loop' DTS:EvalExpression='@i &lt; 3' DTS:MaxErrorCount='0'/>"
	"</DTS:Executables><DTS:PrecedenceConstraints><DTS:PrecedenceConstraint DTS:From='Package\\Seq' DTS:To='Package\\Loop' DTS:LogicalAnd='True' DTS:Value='1' DTS:ObjectName='C'/></DTS:PrecedenceConstraints>"
	"<DTS:EventHandlers><DTS:EventHandler DTS:refId='Package.EventHandlers[OnError]' DTS:CreationName='OnError' DTS:EventName='OnError' DTS:DTSID='{00000000-0000-0000-0000-000000000005}'>"
	"<DTS:Executables/></DTS:EventHandler></DTS:EventHandlers></DTS:Executable>";

static const char *const old_format =
    "<DTS:Executable " DTS " DTS:ExecutableType='SSIS.Package.2'>" P("PackageFormatVersion", "3") P("ProtectionLevel", "0") P("VersionBuild", "7")
	"<DTS:ConnectionManager>" P("ObjectName", "db") P("DTSID", "{00000000-0000-0000-0000-0000000000C1}") P("CreationName", "OLEDB")
	    "<DTS:PropertyExpression DTS:Name='ServerName'>@[User::Server]</DTS:PropertyExpression>"
	    "<DTS:ObjectData><DTS:ConnectionManager>" P("ConnectionString", "Data Source=.;") "</DTS:ConnectionManager></DTS:ObjectData></DTS:ConnectionManager>"
	"<DTS:Variable>" P("Expression", "1+1") P("EvaluateAsExpression", "-1") P("Namespace", "User")
	    "<DTS:VariableValue DTS:DataType='3'>2</DTS:VariableValue>" P("ObjectName", "Server") P("DTSID", "{V}") "</DTS:Variable>"
	"<DTS:Variable>" P("Namespace", "User") "<DTS:VariableValue DTS:DataType='13'>soap</DTS:VariableValue>" P("ObjectName", "Rows") "</DTS:Variable>"
	"<DTS:LoggingOptions>" P("LoggingMode", "1") P("FilterKind", "0") P("EventFilter", "2,7,OnError,12,OnTaskFailed") "</DTS:LoggingOptions>"
	"<DTS:Executable DTS:ExecutableType='STOCK:SEQUENCE'>" P("Disabled", "-1")
	    "<DTS:Executable DTS:ExecutableType='Microsoft.SqlServer.Dts.Tasks.ExecuteProcess.ExecuteProcess, Microsoft.SqlServer.ExecProcTask, Version=10.0.0.0, Culture=neutral, PublicKeyToken=89845dcd8080cc91'>"
		P("ObjectName", "Run") P("DTSID", "{00000000-0000-0000-0000-000000000003}") "<DTS:ObjectData><ExecuteProcessData Executable='true'/></DTS:ObjectData></DTS:Executable>"
	    P("ObjectName", "Seq") P("DTSID", "{00000000-0000-0000-0000-000000000002}") P("CreationName", "STOCK:SEQUENCE") "</DTS:Executable>"
	"<DTS:Executable DTS:ExecutableType='STOCK:FORLOOP'>" P("EvalExpression", "@i &lt; 3") P("MaxErrorCount", "0") P("ObjectName", "Loop")
	    P("DTSID", "{00000000-0000-0000-0000-000000000004}") "</DTS:Executable>"
	"<DTS:PrecedenceConstraint>" P("Value", "1") P("EvalOp", "2") P("LogicalAnd", "-1") P("Expression", "") P("ObjectName", "C")
	    "<DTS:Executable IDREF='{00000000-0000-0000-0000-000000000002}' DTS:IsFrom='-1'/>"
	    "<DTS:Executable IDREF='{00000000-0000-0000-0000-000000000004}' DTS:IsFrom='0'/></DTS:PrecedenceConstraint>"
	"<DTS:EventHandler>" P("EventName", "OnError") P("DTSID", "{00000000-0000-0000-0000-000000000005}") P("CreationName", "OnError") "</DTS:EventHandler>"
	P("ObjectName", "Demo") P("DTSID", "{00000000-0000-0000-0000-000000000001}") P("CreationName", "SSIS.Package.2") "</DTS:Executable>";

static struct dtsx *load(const char *text)
{
	struct dtsx *d = NULL;
	struct err err = { 0 };

	ck_assert_msg(dtsx_load(text, strlen(text), "t.dtsx", NULL, &d, &err) == 0, "%s", err.primary);
	return d;
}

static void refuse(const char *text, enum err_code code, const char *expected)
{
	struct dtsx *d = NULL;
	struct err err = { 0 };

	ck_assert_int_eq(dtsx_load(text, strlen(text), "t.dtsx", NULL, &d, &err), -(int)code);
	ck_assert_msg(strstr(err.primary, expected), "%s", err.primary);
}

static void check_demo(const struct dtsx *d)
{
	const struct dtsx_executable *p = d->package, *seq, *loop;

	ck_assert_int_eq(p->kind, DTSX_PACKAGE);
	ck_assert_str_eq(p->name, "Demo");
	ck_assert_str_eq(p->ref_id, "Package");
	ck_assert_int_eq(d->version_major, 1);
	ck_assert_int_eq(d->version_build, 7);
	ck_assert_int_eq(d->protection_level, 0);
	ck_assert_uint_eq(d->executable_count, 5);
	ck_assert_uint_eq(p->child_count, 2);
	seq = p->children[0];
	loop = p->children[1];
	ck_assert_int_eq(seq->kind, DTSX_SEQUENCE);
	ck_assert(seq->disabled && !loop->disabled);
	ck_assert_int_eq(seq->max_error_count, 1);
	ck_assert_int_eq(loop->max_error_count, 0);
	ck_assert_str_eq(loop->for_loop->eval, "@i < 3");
	ck_assert_str_eq(loop->for_loop->init, "");
	ck_assert_int_eq(seq->children[0]->kind, DTSX_EXECUTE_PROCESS);
	ck_assert_str_eq(seq->children[0]->ref_id, "Package\\Seq\\Run");
	ck_assert_str_eq(seq->children[0]->object_data->name, "ExecuteProcessData");
	ck_assert_uint_eq(p->constraint_count, 1);
	ck_assert_ptr_eq(p->constraints[0].from, seq);
	ck_assert_ptr_eq(p->constraints[0].to, loop);
	ck_assert(p->constraints[0].logical_and);
	ck_assert_int_eq(p->constraints[0].value, DTSX_FAILURE);
	ck_assert_int_eq(p->constraints[0].eval_op, DTSX_EVAL_CONSTRAINT);
	ck_assert_uint_eq(p->handler_count, 1);
	ck_assert_str_eq(p->handlers[0]->event_name, "OnError");
	ck_assert_str_eq(p->handlers[0]->ref_id, "Package.EventHandlers[OnError]");
	ck_assert_uint_eq(p->variable_count, 2);
	ck_assert_str_eq(p->variables[0].value, "2");
	ck_assert(p->variables[0].evaluate_as_expression);
	ck_assert_str_eq(p->variables[0].ref_id, "Package.Variables[User::Server]");
	ck_assert_ptr_null(p->variables[1].value);
	ck_assert_uint_eq(d->connection_count, 1);
	ck_assert_str_eq(d->connections[0].connection_string, "Data Source=.;");
	ck_assert_str_eq(d->connections[0].expressions[0].property, "ServerName");
	ck_assert_int_eq(p->logging.mode, 1);
	ck_assert_uint_eq(p->logging.event_count, 2);
	ck_assert_str_eq(p->logging.events[1], "OnTaskFailed");
}

START_TEST(new_and_old_formats_give_the_same_tree)
{
	struct dtsx *fresh = load(new_format), *old = load(old_format);

	ck_assert_int_eq(fresh->format_version, 8);
	ck_assert_int_eq(old->format_version, 3);
	check_demo(fresh);
	check_demo(old);
	dtsx_free(fresh);
	dtsx_free(old);
}
END_TEST

START_TEST(what_the_designer_leaves_out_has_its_default)
{
	struct dtsx *d = load("<DTS:Executable " DTS "><DTS:Executables><DTS:Executable DTS:ObjectName='A'/>"
			      "<DTS:Executable DTS:ObjectName='B'/></DTS:Executables><DTS:PrecedenceConstraints>"
			      "<DTS:PrecedenceConstraint DTS:From='Package\\A' DTS:To='Package\\B'/></DTS:PrecedenceConstraints></DTS:Executable>");
	const struct dtsx_constraint *c = d->package->constraints;
	const struct dtsx_executable *a = d->package->children[0];

	ck_assert(!c->logical_and);
	ck_assert_int_eq(c->value, DTSX_SUCCESS);
	ck_assert_int_eq(c->eval_op, DTSX_EVAL_CONSTRAINT);
	ck_assert_str_eq(d->package->name, "t");
	ck_assert_int_eq(d->protection_level, 1);
	ck_assert_int_eq(d->max_concurrent, -1);
	ck_assert(!a->disabled && !a->delay_validation && !a->fail_package_on_failure && !a->fail_parent_on_failure);
	ck_assert_int_eq(a->max_error_count, 1);
	ck_assert_int_eq(a->force_execution_result, -1);
	ck_assert_int_eq(a->transaction_option, 1);
	ck_assert_int_eq(a->isolation_level, 1048576);
	ck_assert_int_eq(a->locale_id, -1);
	dtsx_free(d);
}
END_TEST

START_TEST(objects_are_found_by_path_and_guid)
{
	struct dtsx *d = load(new_format);

	ck_assert_str_eq(dtsx_find(d, "\\Package\\Seq\\Run")->name, "Run");
	ck_assert_str_eq(dtsx_find(d, "Package\\Loop")->name, "Loop");
	ck_assert_ptr_eq(dtsx_find(d, "{00000000-0000-0000-0000-000000000001}"), d->package);
	ck_assert_ptr_null(dtsx_find(d, "Package\\None"));
	ck_assert_ptr_eq(dtsx_find_connection(d, "{00000000-0000-0000-0000-0000000000c1}"), d->connections);
	ck_assert_ptr_eq(dtsx_find_connection(d, "db"), d->connections);
	ck_assert_ptr_null(dtsx_find_connection(d, ""));
	size_t n = 0;
	for (struct dtsx_executable *e = dtsx_walk(d, NULL); e; e = dtsx_walk(d, e))
		ck_assert_int_eq(e->index, (int)n++);
	ck_assert_uint_eq(n, d->executable_count);
	dtsx_free(d);
}
END_TEST

START_TEST(a_ref_id_that_begins_like_another_kind_of_reference_is_found)
{
	struct dtsx *d = load("<DTS:Executable " DTS " DTS:refId='\\Package'><DTS:Executables>"
			      "<DTS:Executable DTS:refId='{A}' DTS:ObjectName='A'/></DTS:Executables></DTS:Executable>");

	ck_assert_ptr_eq(dtsx_find(d, "\\Package"), d->package);
	ck_assert_ptr_eq(dtsx_find(d, "{A}"), d->package->children[0]);
	dtsx_free(d);
}
END_TEST

START_TEST(creation_names_of_all_generations_are_known)
{
	static const struct {
		const char *name;
		enum dtsx_kind kind;
	} names[] = {
		{ "Microsoft.Pipeline", DTSX_DATA_FLOW },
		{ "SSIS.Pipeline.3", DTSX_DATA_FLOW },
		{ "{5918251B-2970-45A4-AB5F-01C3C588FE5A}", DTSX_DATA_FLOW },
		{ "STOCK:Sequence", DTSX_SEQUENCE },
		{ "Microsoft.SqlServer.Dts.Tasks.ExecuteSQLTask.ExecuteSQLTask, Microsoft.SqlServer.SQLTask, Version=11.0.0.0", DTSX_EXECUTE_SQL },
		{ "SSIS.ExecutePackageTask.3", DTSX_EXECUTE_PACKAGE },
		{ "Microsoft.TransferJobsTask", DTSX_TRANSFER },
		{ "Acme.Task", DTSX_UNKNOWN },
		{ "", DTSX_UNKNOWN },
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		ck_assert_msg(dtsx_kind_of(names[i].name) == names[i].kind, "%s", names[i].name);
	for (int k = 0; k < DTSX_KIND_COUNT; k++) {
		const struct dtsx_kind_info *info = dtsx_kind_info((enum dtsx_kind)k);
		ck_assert_int_eq(info->kind, k);
		if (info->short_name[0])
			ck_assert_int_eq(dtsx_kind_of(info->short_name), k);
	}
	ck_assert_int_eq(dtsx_foreach_kind_of("DTS.ForEachFileEnumerator.2"), DTSX_FOREACH_FILE);
	ck_assert_int_eq(
	    dtsx_foreach_kind_of("Microsoft.SqlServer.Dts.Runtime.Enumerators.ADO.ForEachADOEnumerator, X"),
	    DTSX_FOREACH_ADO);
}
END_TEST

START_TEST(encrypted_values_are_blank_and_named)
{
	struct dtsx *d = load("<DTS:Executable " DTS ">"
			      "<DTS:PackageParameters><DTS:PackageParameter DTS:ObjectName='Key' DTS:DataType='8' DTS:Sensitive='True'>"
			      "<DTS:Property DTS:Name='ParameterValue' DTS:DataType='8' Sensitive='1' Encrypted='1'>AQAAANCMnd8BFdERjHoAwE/Cl+sBAAAA</DTS:Property>"
			      "</DTS:PackageParameter></DTS:PackageParameters>"
			      "<DTS:ConnectionManagers><DTS:ConnectionManager DTS:ObjectName='db' DTS:CreationName='OLEDB'><DTS:ObjectData><DTS:ConnectionManager DTS:ConnectionString='x'>"
			      "<DTS:Password DTS:Name='Password' Sensitive='1' Encrypted='1'>AQAAANCMnd8BFdERjHoAwE/Cl+sBAAAA</DTS:Password></DTS:ConnectionManager></DTS:ObjectData>"
			      "</DTS:ConnectionManager></DTS:ConnectionManagers></DTS:Executable>");

	ck_assert(d->params[0].unreadable && d->params[0].sensitive && !d->params[0].value);
	ck_assert(d->connections[0].unreadable);
	ck_assert_str_eq(xml_child(d->connections[0].object_data, XML_NS_DTS, "Password")->text, "");
	ck_assert_uint_eq(d->warning_count, 2);
	ck_assert_ptr_nonnull(strstr(d->warnings[0], "t.dtsx: line 1: the value of ParameterValue is encrypted"));
	dtsx_free(d);
}
END_TEST

START_TEST(what_is_no_package_is_refused)
{
	refuse("<a/>", ERR_INVALID, "t.dtsx: the top element is a");
	refuse("<EncryptedData xmlns='http://www.w3.org/2001/04/xmlenc#'/>", ERR_DENIED, "whole package is encrypted");
	refuse("<DTS:Executable " DTS ">" P("PackageFormatVersion", "9") "</DTS:Executable>", ERR_UNSUPPORTED, "format 9");
	refuse("<DTS:Executable " DTS "><DTS:Executables><DTS:Executable DTS:ObjectName='A'/></DTS:Executables>"
	       "<DTS:PrecedenceConstraints><DTS:PrecedenceConstraint DTS:ObjectName='C' DTS:From='Package\\A' DTS:To='Package\\B'/>"
	       "</DTS:PrecedenceConstraints></DTS:Executable>",
	    ERR_INVALID, "precedence constraint C refers to Package\\B, which is not in its container");
}
END_TEST

/* Counts start tags in the raw bytes: the same answer by another road. */
static size_t count_tags(const char *text, const char *tag, const char *not_with)
{
	size_t n = 0, len = strlen(tag);

	for (const char *p = strstr(text, tag); p; p = strstr(p + len, tag)) {
		const char *end = strchr(p, '>'), *without = strstr(p, not_with);
		if (strchr(" \t\r\n>", p[len]) && !(without && without < end))
			n++;
	}
	return n;
}

static int loaded, encrypted;

static int load_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	size_t len = strlen(path);
	struct buf bytes = BUF_INIT;
	struct dtsx *d = NULL;
	struct err err = { 0 };

	(void)st, (void)ftw;
	if (type != FTW_F || len < 5 || strcmp(path + len - 5, ".dtsx") != 0)
		return 0;
	ck_assert_int_eq(file_read(path, (size_t)128 << 20, &bytes, NULL), 0);
	int r = dtsx_load(bytes.data, bytes.len, path_basename(path), NULL, &d, &err);
	if (r == -ERR_DENIED) {
		encrypted++;
	} else {
		ck_assert_msg(r == 0, "%s: %s", path, err.primary);
		size_t expected = count_tags(bytes.data, "<DTS:Executable", "IDREF")
		    + count_tags(bytes.data, "<DTS:EventHandler", "IDREF")
		    + count_tags(bytes.data, "<Executable", "IDREF");
		ck_assert_msg(d->executable_count == expected, "%s: %zu executables, %zu tags", path,
		    d->executable_count, expected);
		for (struct dtsx_executable *e = dtsx_walk(d, NULL); e; e = dtsx_walk(d, e)) {
			ck_assert_msg(*e->name && *e->ref_id, "%s: line %d has no name", path, e->line);
			if (xml_attr(e->node, XML_NS_DTS, "refId") == NULL && d->format_version >= 6)
				continue;
			ck_assert_msg(dtsx_find(d, e->ref_id) == e, "%s: %s", path, e->ref_id);
		}
		loaded++;
	}
	dtsx_free(d);
	buf_release(&bytes);
	return 0;
}

START_TEST(every_shared_package_loads_with_every_task)
{
	const char *shared = test_shared_packages();

	if (!shared)
		test_skip("no shared packages beside the source tree");
	ck_assert_int_eq(nftw(shared, load_one, 16, FTW_PHYS), 0);
	printf("loaded %d packages, %d are encrypted as a whole\n", loaded, encrypted);
	ck_assert_int_gt(loaded, 0);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("dtsx");
	TCase *tc = tcase_create("dtsx");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, new_and_old_formats_give_the_same_tree);
	tcase_add_test(tc, what_the_designer_leaves_out_has_its_default);
	tcase_add_test(tc, objects_are_found_by_path_and_guid);
	tcase_add_test(tc, a_ref_id_that_begins_like_another_kind_of_reference_is_found);
	tcase_add_test(tc, creation_names_of_all_generations_are_known);
	tcase_add_test(tc, encrypted_values_are_blank_and_named);
	tcase_add_test(tc, what_is_no_package_is_refused);
	tcase_add_test(tc, every_shared_package_loads_with_every_task);
	suite_add_tcase(s, tc);
	return s;
}

TEST_MAIN(suite)
