/* SPDX-License-Identifier: MIT */
/* The names of spec/package.md §3.1-3.2 and §1.4 in all their generations, and the texts of Booleans and numbers. */
#include "package/dtsx.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

static const struct dtsx_kind_info kinds[] = {
	[DTSX_UNKNOWN] = { DTSX_UNKNOWN, "", "unknown task" },
	[DTSX_PACKAGE] = { DTSX_PACKAGE, "Microsoft.Package", "Package" },
	[DTSX_EVENT_HANDLER] = { DTSX_EVENT_HANDLER, "", "Event Handler" },
	[DTSX_SEQUENCE] = { DTSX_SEQUENCE, "STOCK:SEQUENCE", "Sequence Container" },
	[DTSX_FOR_LOOP] = { DTSX_FOR_LOOP, "STOCK:FORLOOP", "For Loop Container" },
	[DTSX_FOREACH_LOOP] = { DTSX_FOREACH_LOOP, "STOCK:FOREACHLOOP", "Foreach Loop Container" },
	[DTSX_DATA_FLOW] = { DTSX_DATA_FLOW, "Microsoft.Pipeline", "Data Flow Task" },
	[DTSX_EXECUTE_SQL] = { DTSX_EXECUTE_SQL, "Microsoft.ExecuteSQLTask", "Execute SQL Task" },
	[DTSX_SCRIPT] = { DTSX_SCRIPT, "Microsoft.ScriptTask", "Script Task" },
	[DTSX_EXECUTE_PROCESS] = { DTSX_EXECUTE_PROCESS, "Microsoft.ExecuteProcess", "Execute Process Task" },
	[DTSX_FILE_SYSTEM] = { DTSX_FILE_SYSTEM, "Microsoft.FileSystemTask", "File System Task" },
	[DTSX_EXPRESSION] = { DTSX_EXPRESSION, "Microsoft.ExpressionTask", "Expression Task" },
	[DTSX_EXECUTE_PACKAGE] = { DTSX_EXECUTE_PACKAGE, "Microsoft.ExecutePackageTask", "Execute Package Task" },
	[DTSX_SEND_MAIL] = { DTSX_SEND_MAIL, "Microsoft.SendMailTask", "Send Mail Task" },
	[DTSX_FTP] = { DTSX_FTP, "Microsoft.FtpTask", "FTP Task" },
	[DTSX_BULK_INSERT] = { DTSX_BULK_INSERT, "Microsoft.BulkInsertTask", "Bulk Insert Task" },
	[DTSX_XML] = { DTSX_XML, "Microsoft.XMLTask", "XML Task" },
	[DTSX_WEB_SERVICE] = { DTSX_WEB_SERVICE, "Microsoft.WebServiceTask", "Web Service Task" },
	[DTSX_MESSAGE_QUEUE] = { DTSX_MESSAGE_QUEUE, "Microsoft.MessageQueueTask", "Message Queue Task" },
	[DTSX_WMI_READER] = { DTSX_WMI_READER, "Microsoft.WmiDataReaderTask", "WMI Data Reader Task" },
	[DTSX_WMI_WATCHER] = { DTSX_WMI_WATCHER, "Microsoft.WmiEventWatcherTask", "WMI Event Watcher Task" },
	[DTSX_CDC_CONTROL] = { DTSX_CDC_CONTROL, "Attunity.CdcControlTask", "CDC Control Task" },
	[DTSX_DATA_PROFILING] = { DTSX_DATA_PROFILING, "Microsoft.DataProfilingTask", "Data Profiling Task" },
	[DTSX_AS_PROCESSING] = { DTSX_AS_PROCESSING, "Microsoft.DTSProcessingTask",
	    "Analysis Services Processing Task" },
	[DTSX_AS_DDL] = { DTSX_AS_DDL, "Microsoft.ASExecuteDDLTask", "Analysis Services Execute DDL Task" },
	[DTSX_DATA_MINING_QUERY] = { DTSX_DATA_MINING_QUERY, "Microsoft.DMQueryTask", "Data Mining Query Task" },
	[DTSX_TRANSFER] = { DTSX_TRANSFER, "", "Transfer Task" },
	[DTSX_MAINTENANCE_SQL] = { DTSX_MAINTENANCE_SQL, "Microsoft.DbMaintenanceTSQLExecuteTask",
	    "Execute T-SQL Statement Task" },
	[DTSX_MAINTENANCE] = { DTSX_MAINTENANCE, "", "Maintenance Plan Task" },
	[DTSX_ACTIVEX] = { DTSX_ACTIVEX, "", "ActiveX Script Task" },
	[DTSX_EXECUTE_DTS2000] = { DTSX_EXECUTE_DTS2000, "", "Execute DTS 2000 Package Task" },
	[DTSX_FEATURE_PACK] = { DTSX_FEATURE_PACK, "", "Hadoop or Azure Task" },
	[DTSX_REPLACEMENT] = { DTSX_REPLACEMENT, "SSIS.ReplacementTask", "placeholder of a missing task" },
};
_Static_assert(ARRAY_LEN(kinds) == DTSX_KIND_COUNT, "one row per kind");

/* What is left of a creation name after the type's namespace and version are cut off, in formats before 8. */
static const struct {
	const char *name;
	enum dtsx_kind kind;
} aliases[] = {
	{ "MSDTS.Package", DTSX_PACKAGE },
	{ "SSIS.Package", DTSX_PACKAGE },
	{ "DTS.Pipeline", DTSX_DATA_FLOW },
	{ "SSIS.Pipeline", DTSX_DATA_FLOW },
	{ "{E3CFBEA8-1F48-40D8-91E1-2DEDC1EDDD56}", DTSX_DATA_FLOW },
	{ "{5918251B-2970-45A4-AB5F-01C3C588FE5A}", DTSX_DATA_FLOW },
	{ "ExecuteSQLTask", DTSX_EXECUTE_SQL },
	{ "ScriptTask", DTSX_SCRIPT },
	{ "ExecuteProcess", DTSX_EXECUTE_PROCESS },
	{ "FileSystemTask", DTSX_FILE_SYSTEM },
	{ "ExpressionTask", DTSX_EXPRESSION },
	{ "MSDTS.ExecutePackageTask", DTSX_EXECUTE_PACKAGE },
	{ "SSIS.ExecutePackageTask", DTSX_EXECUTE_PACKAGE },
	{ "SendMailTask", DTSX_SEND_MAIL },
	{ "FtpTask", DTSX_FTP },
	{ "BulkInsertTask", DTSX_BULK_INSERT },
	{ "XMLTask", DTSX_XML },
	{ "WebServiceTask", DTSX_WEB_SERVICE },
	{ "MessageQueueTask", DTSX_MESSAGE_QUEUE },
	{ "WmiDataReaderTask", DTSX_WMI_READER },
	{ "WmiEventWatcherTask", DTSX_WMI_WATCHER },
	{ "CdcControlTask", DTSX_CDC_CONTROL },
	{ "DataProfilingTask", DTSX_DATA_PROFILING },
	{ "DTSProcessingTask", DTSX_AS_PROCESSING },
	{ "ASExecuteDDLTask", DTSX_AS_DDL },
	{ "DMQueryTask", DTSX_DATA_MINING_QUERY },
	{ "TransferSqlServerObjectsTask", DTSX_TRANSFER },
	{ "TransferDatabaseTask", DTSX_TRANSFER },
	{ "TransferJobsTask", DTSX_TRANSFER },
	{ "TransferLoginsTask", DTSX_TRANSFER },
	{ "TransferErrorMessagesTask", DTSX_TRANSFER },
	{ "TransferStoredProceduresTask", DTSX_TRANSFER },
	{ "DbMaintenanceTSQLExecuteTask", DTSX_MAINTENANCE_SQL },
	{ "DbMaintenanceBackupTask", DTSX_MAINTENANCE },
	{ "DbMaintenanceReindexTask", DTSX_MAINTENANCE },
	{ "DbMaintenanceDefragmentIndexTask", DTSX_MAINTENANCE },
	{ "DbMaintenanceUpdateStatisticsTask", DTSX_MAINTENANCE },
	{ "DbMaintenanceCheckIntegrityTask", DTSX_MAINTENANCE },
	{ "DbMaintenanceShrinkTask", DTSX_MAINTENANCE },
	{ "DbMaintenanceHistoryCleanupTask", DTSX_MAINTENANCE },
	{ "DbMaintenanceFileCleanupTask", DTSX_MAINTENANCE },
	{ "DbMaintenanceExecuteAgentJobTask", DTSX_MAINTENANCE },
	{ "DbMaintenanceNotifyOperatorTask", DTSX_MAINTENANCE },
	{ "ActiveXScriptTask", DTSX_ACTIVEX },
	{ "Exec80PackageTask", DTSX_EXECUTE_DTS2000 },
	{ "HadoopFileSystemTask", DTSX_FEATURE_PACK },
	{ "HadoopHiveTask", DTSX_FEATURE_PACK },
	{ "HadoopPigTask", DTSX_FEATURE_PACK },
	{ "CopyToBlobTask", DTSX_FEATURE_PACK },
	{ "CopyFromBlobTask", DTSX_FEATURE_PACK },
	{ "AdlsTask", DTSX_FEATURE_PACK },
	{ "HiveTask", DTSX_FEATURE_PACK },
	{ "PigTask", DTSX_FEATURE_PACK },
	{ "CreateHdiClusterTask", DTSX_FEATURE_PACK },
	{ "DeleteHdiClusterTask", DTSX_FEATURE_PACK },
	{ "DwUploadTask", DTSX_FEATURE_PACK },
};

static const struct {
	const char *name;
	enum dtsx_foreach_kind kind;
} foreach_names[] = {
	{ "ForEachFileEnumerator", DTSX_FOREACH_FILE },
	{ "ForEachADOEnumerator", DTSX_FOREACH_ADO },
	{ "ForEachFromVarEnumerator", DTSX_FOREACH_VARIABLE },
	{ "ForEachNodeListEnumerator", DTSX_FOREACH_NODE_LIST },
	{ "ForEachItemEnumerator", DTSX_FOREACH_ITEM },
	{ "ForEachSMOEnumerator", DTSX_FOREACH_SMO },
	{ "ForEachSchemaRowsetEnumerator", DTSX_FOREACH_SCHEMA },
	{ "ForEachHdfsEnumerator", DTSX_FOREACH_FEATURE_PACK },
	{ "ForEachBlobEnumerator", DTSX_FOREACH_FEATURE_PACK },
	{ "ForEachAdlsFileEnumerator", DTSX_FOREACH_FEATURE_PACK },
};

const struct dtsx_kind_info *dtsx_kind_info(enum dtsx_kind kind)
{
	return &kinds[kind >= 0 && kind < DTSX_KIND_COUNT ? kind : DTSX_UNKNOWN];
}

/* Length without the assembly ("Type, Version=...") and without the version of a ProgID ("DTS.Pipeline.1"). */
static size_t core_len(const char *name)
{
	size_t len = strcspn(name, ",");

	while (len && name[len - 1] == ' ')
		len--;
	if (len > 2 && name[len - 2] == '.' && name[len - 1] >= '0' && name[len - 1] <= '9')
		len -= 2;
	return len;
}

/* Start of the last dotted word. */
static size_t last_word(const char *name, size_t len)
{
	while (len && name[len - 1] != '.')
		len--;
	return len;
}

static bool same(const char *text, size_t len, const char *name)
{
	return utf8_ncasecmp(text, len, name, strlen(name)) == 0;
}

enum dtsx_kind dtsx_kind_of(const char *creation_name)
{
	size_t len = core_len(creation_name), word = last_word(creation_name, len);

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (kinds[i].short_name[0] && same(creation_name, len, kinds[i].short_name))
			return kinds[i].kind;
	}
	for (size_t i = 0; i < ARRAY_LEN(aliases); i++) {
		if (same(creation_name, len, aliases[i].name)
		    || same(creation_name + word, len - word, aliases[i].name))
			return aliases[i].kind;
	}
	return DTSX_UNKNOWN;
}

enum dtsx_foreach_kind dtsx_foreach_kind_of(const char *creation_name)
{
	size_t len = core_len(creation_name), word = last_word(creation_name, len);

	for (size_t i = 0; i < ARRAY_LEN(foreach_names); i++) {
		if (same(creation_name + word, len - word, foreach_names[i].name))
			return foreach_names[i].kind;
	}
	return DTSX_FOREACH_UNKNOWN;
}

bool dtsx_bool(const char *text, bool fallback)
{
	if (!text)
		return fallback;
	if (utf8_casecmp(text, "True") == 0 || strcmp(text, "-1") == 0 || strcmp(text, "1") == 0)
		return true;
	if (utf8_casecmp(text, "False") == 0 || strcmp(text, "0") == 0)
		return false;
	return fallback;
}

int64_t dtsx_int(const char *text, int64_t fallback)
{
	char *end;

	if (!text || !*text)
		return fallback;
	errno = 0;
	long long n = strtoll(text, &end, 10);
	return errno || *end ? fallback : n;
}

const char *dtsx_type_name(int data_type)
{
	static const char *const names[] = {
		[DTSX_VT_I2] = "Int16",
		[DTSX_VT_I4] = "Int32",
		[DTSX_VT_R4] = "Single",
		[DTSX_VT_R8] = "Double",
		[DTSX_VT_DATE] = "DateTime",
		[DTSX_VT_BSTR] = "String",
		[DTSX_VT_BOOL] = "Boolean",
		[DTSX_VT_DECIMAL] = "Decimal",
		[DTSX_VT_I1] = "SByte",
		[DTSX_VT_UI1] = "Byte",
		[DTSX_VT_UI2] = "UInt16",
		[DTSX_VT_UI4] = "UInt32",
		[DTSX_VT_I8] = "Int64",
		[DTSX_VT_UI8] = "UInt64",
	};

	return data_type >= 0 && (size_t)data_type < ARRAY_LEN(names) ? names[data_type] : NULL;
}
