/* SPDX-License-Identifier: MIT */
/*
 * A .dtsx package as one object tree (spec/package.md §2).
 *
 * Format generations 2/3 (every property a child element, references by GUID)
 * and 6/8 (attributes, plural collections, refIds) come out the same. Nothing
 * is evaluated here: values are the file's text, expressions are unparsed.
 *
 * Ownership: everything hangs from struct dtsx and dies with dtsx_free; all
 * const char * and xml_node pointers are borrowed from it. Strings are never
 * NULL unless the comment says so. Arrays are in the order of the file.
 */
#ifndef SO_PACKAGE_DTSX_H
#define SO_PACKAGE_DTSX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "package/xml.h"

/* What an executable is, whatever generation its creation name is from (spec/package.md §3.1). */
enum dtsx_kind {
	DTSX_UNKNOWN, /* a creation name we do not know: loads, must not run */
	DTSX_PACKAGE,
	DTSX_EVENT_HANDLER,
	DTSX_SEQUENCE,
	DTSX_FOR_LOOP,
	DTSX_FOREACH_LOOP,
	DTSX_DATA_FLOW,
	DTSX_EXECUTE_SQL,
	DTSX_SCRIPT,
	DTSX_EXECUTE_PROCESS,
	DTSX_FILE_SYSTEM,
	DTSX_EXPRESSION,
	DTSX_EXECUTE_PACKAGE,
	DTSX_SEND_MAIL,
	DTSX_FTP,
	DTSX_BULK_INSERT,
	DTSX_XML,
	DTSX_WEB_SERVICE,
	DTSX_MESSAGE_QUEUE,
	DTSX_WMI_READER,
	DTSX_WMI_WATCHER,
	DTSX_CDC_CONTROL,
	DTSX_DATA_PROFILING,
	DTSX_AS_PROCESSING,
	DTSX_AS_DDL,
	DTSX_DATA_MINING_QUERY,
	DTSX_TRANSFER,        /* the Transfer ... tasks */
	DTSX_MAINTENANCE_SQL, /* maintenance plan: Execute T-SQL Statement */
	DTSX_MAINTENANCE,     /* the other maintenance plan tasks */
	DTSX_ACTIVEX,
	DTSX_EXECUTE_DTS2000,
	DTSX_FEATURE_PACK, /* Hadoop and Azure packs */
	DTSX_REPLACEMENT,  /* placeholder that an upgrade left for a task that is gone */
	DTSX_KIND_COUNT
};

enum dtsx_foreach_kind {
	DTSX_FOREACH_UNKNOWN,
	DTSX_FOREACH_FILE,
	DTSX_FOREACH_ADO,
	DTSX_FOREACH_VARIABLE,
	DTSX_FOREACH_NODE_LIST,
	DTSX_FOREACH_ITEM,
	DTSX_FOREACH_SMO,
	DTSX_FOREACH_SCHEMA,
	DTSX_FOREACH_FEATURE_PACK, /* HDFS, blob, ADLS */
	DTSX_FOREACH_KIND_COUNT
};

/* One row of the creation-name table. */
struct dtsx_kind_info {
	enum dtsx_kind kind;
	const char *short_name; /* "Microsoft.ExecuteSQLTask": the name of format 8; "" for none */
	const char *title;      /* "Execute SQL Task" */
};
/* Row of a kind, never NULL. */
const struct dtsx_kind_info *dtsx_kind_info(enum dtsx_kind kind);
/* Kind of a creation name of any generation: assembly tail, version digit and case are ignored. */
enum dtsx_kind dtsx_kind_of(const char *creation_name);
enum dtsx_foreach_kind dtsx_foreach_kind_of(const char *creation_name);

/* VARIANT type codes (DTS:DataType, spec/package.md §1.4). */
enum dtsx_vt {
	DTSX_VT_EMPTY = 0,
	DTSX_VT_NULL = 1,
	DTSX_VT_I2 = 2,
	DTSX_VT_I4 = 3,
	DTSX_VT_R4 = 4,
	DTSX_VT_R8 = 5,
	DTSX_VT_DATE = 7,
	DTSX_VT_BSTR = 8,
	DTSX_VT_BOOL = 11,
	DTSX_VT_OBJECT = 13,
	DTSX_VT_DECIMAL = 14,
	DTSX_VT_I1 = 16,
	DTSX_VT_UI1 = 17,
	DTSX_VT_UI2 = 18, /* variables: Char */
	DTSX_VT_UI4 = 19,
	DTSX_VT_I8 = 20,
	DTSX_VT_UI8 = 21
};

/* A property as written: "DelayValidation" = "True" or "-1". */
struct dtsx_prop {
	const char *name, *value;
	bool sensitive;  /* marked so in the file */
	bool unreadable; /* encrypted and not decrypted; value is "" */
};

struct dtsx_expression {
	const char *property; /* "ConnectionString", "[Component].[Property]" */
	const char *expression;
};

struct dtsx_variable {
	const char *ns, *name; /* "User", "Count" */
	const char *id;        /* {GUID} or "" */
	const char *ref_id;    /* "Package.Variables[User::Count]"; made up for formats 2/3 */
	const char *description;
	int data_type;     /* enum dtsx_vt */
	const char *value; /* design value; NULL for Object, DBNull, Empty or when missing */
	bool evaluate_as_expression;
	const char *expression;
	bool read_only, raise_changed_event;
};

struct dtsx_param {
	const char *name, *id, *description;
	int data_type;     /* enum dtsx_vt */
	const char *value; /* text in the .dtsx form (Boolean -1/0); NULL when missing or unreadable */
	bool required, sensitive;
	bool unreadable; /* the file holds an encrypted value that was not decrypted */
};

struct dtsx_connection {
	const char *name, *id, *ref_id, *description;
	const char *creation_name;     /* "OLEDB", "FLATFILE", "ADO.NET:SQL" */
	const char *connection_string; /* as designed; "" when none */
	bool delay_validation;
	const struct dtsx_expression *expressions;
	size_t expression_count;
	const struct xml_node *node;        /* the outer DTS:ConnectionManager */
	const struct xml_node *object_data; /* the inner element with the type's own attributes; NULL when none */
	bool unreadable;                    /* some sensitive value inside could not be decrypted */
	bool from_project;                  /* loaded from a .conmgr */
};

enum dtsx_result { DTSX_SUCCESS = 0, DTSX_FAILURE = 1, DTSX_COMPLETION = 2 };
enum dtsx_eval_op {
	DTSX_EVAL_EXPRESSION = 1,
	DTSX_EVAL_CONSTRAINT = 2,
	DTSX_EVAL_EXPRESSION_AND_CONSTRAINT = 3,
	DTSX_EVAL_EXPRESSION_OR_CONSTRAINT = 4
};

struct dtsx_constraint {
	const char *name, *id;
	struct dtsx_executable *from, *to; /* children of the container; a dangling end fails the load */
	enum dtsx_result value;
	enum dtsx_eval_op eval_op;
	bool logical_and;       /* absent in formats 6/8 means false */
	const char *expression; /* "" when none */
};

/* DTS:LoggingOptions (spec/package.md §2.10). */
struct dtsx_logging {
	int mode;        /* 0 as parent, 1 enabled, 2 disabled */
	int filter_kind; /* 0 the events listed are included, 1 excluded */
	const char *const *events;
	size_t event_count;
	const char *const *provider_ids; /* DTSIDs of the selected log providers */
	size_t provider_count;
};

struct dtsx_log_provider {
	const char *name, *id, *creation_name, *config_string;
	const struct dtsx_expression *expressions;
	size_t expression_count;
	const struct xml_node *node;
};

/* Legacy package configuration (spec/package.md §2.11). */
struct dtsx_configuration {
	const char *name, *id;
	int type;
	const char *string, *variable;
};

struct dtsx_for {
	const char *init, *eval, *assign; /* expressions, "" when none */
};

struct dtsx_mapping {
	const char *variable; /* "User::File" */
	int index;
};

struct dtsx_foreach {
	enum dtsx_foreach_kind kind;
	const char *creation_name, *name, *id;
	const struct dtsx_expression *expressions; /* Directory, FileSpec, ... */
	size_t expression_count;
	const struct dtsx_mapping *mappings;
	size_t mapping_count;
	const struct xml_node *object_data; /* ForEachFileEnumeratorProperties, FEEADO, ...; NULL when none */
};

/* A package, container, task or event handler. */
struct dtsx_executable {
	enum dtsx_kind kind;
	const char *creation_name; /* as in the file; an event handler's is its event */
	const char *name, *id;     /* ObjectName, {DTSID} */
	const char *ref_id;        /* "Package\Seq\Load"; made up in formats 2/3 */
	const char *description;
	struct dtsx_executable *parent; /* container, or the host of an event handler; NULL for the package */

	/* Common properties with the format's default filled in (spec/package.md §2.3). */
	bool disabled, disable_event_handlers, delay_validation;
	bool fail_package_on_failure, fail_parent_on_failure;
	int max_error_count;        /* default 1; 0 = never fails by count */
	int force_execution_result; /* -1 none, else enum dtsx_result */
	int transaction_option;     /* 0 not supported, 1 supported, 2 required */
	int isolation_level;
	int locale_id;                       /* -1 = as parent */
	const char *exec_value_variable;     /* qualified name, "" when none */

	const struct dtsx_prop *props; /* all properties, as written; dtsx_prop() looks one up */
	size_t prop_count;
	const struct dtsx_expression *expressions;
	size_t expression_count;
	struct dtsx_variable *variables; /* those declared here */
	size_t variable_count;
	struct dtsx_executable **children; /* containers */
	size_t child_count;
	struct dtsx_constraint *constraints; /* between children */
	size_t constraint_count;
	struct dtsx_executable **handlers; /* event handlers attached here */
	size_t handler_count;
	struct dtsx_logging logging;
	const char *event_name;        /* event handlers: "OnError"; else "" */
	const struct dtsx_for *for_loop;         /* for loops, else NULL */
	const struct dtsx_foreach *foreach_loop; /* foreach loops, else NULL */
	const struct xml_node *object_data;      /* the task's own element inside DTS:ObjectData, or NULL */
	const struct xml_node *node;
	int line;
	int index; /* position in a walk of the whole package, package = 0; below dtsx.executable_count */
};

struct dtsx {
	struct dtsx_executable *package; /* kind DTSX_PACKAGE */
	size_t executable_count;         /* all executables and event handlers, package included */
	int format_version;              /* 2, 3, 6, 8 */
	int protection_level;
	int max_concurrent; /* MaxConcurrentExecutables; -1 = processors + 2 */
	const char *version_guid, *creation_date, *creator_name, *creator_computer;
	int version_major, version_minor, version_build;
	bool enable_config;

	struct dtsx_param *params;
	size_t param_count;
	struct dtsx_connection *connections;
	size_t connection_count;
	struct dtsx_log_provider *log_providers;
	size_t log_provider_count;
	struct dtsx_configuration *configurations;
	size_t configuration_count;

	const char **warnings; /* one line each: values that could not be decrypted */
	size_t warning_count;
	struct xml_doc *doc;
	struct dtsx_index *index; /* private */
};

/*
 * Load a package. name is its file name, for errors and warnings. password
 * may be NULL; it opens protection levels 2 and 3 when the program has linked
 * the decryption (package/protect.h), else encrypted values come out unreadable.
 * Whole-package encryption that cannot be opened is an error (ERR_DENIED).
 */
int dtsx_load(const char *data, size_t len, const char *name, const char *password,
    struct dtsx **ret, struct err *err);
void dtsx_free(struct dtsx *dtsx);

/* A project connection manager (.conmgr), in a struct dtsx_conmgr of its own. */
struct dtsx_conmgr {
	struct dtsx_connection connection; /* from_project = true */
	struct xml_doc *doc;
};
int dtsx_conmgr_load(const char *data, size_t len, const char *name, const char *password,
    struct dtsx_conmgr **ret, struct err *err);
void dtsx_conmgr_free(struct dtsx_conmgr *conmgr);

/* Property as written, or fallback when absent. */
const char *dtsx_prop(const struct dtsx_executable *executable, const char *name, const char *fallback);
/* By refId ("Package\Task", with or without a leading backslash), or by {DTSID}; NULL when there is none. */
struct dtsx_executable *dtsx_find(const struct dtsx *dtsx, const char *ref);
/* By {GUID}, then by name; NULL when there is none. */
const struct dtsx_connection *dtsx_find_connection(const struct dtsx *dtsx, const char *ref);
/* Next in document order after executable (NULL: the package itself): parent, its children, its event handlers. */
struct dtsx_executable *dtsx_walk(const struct dtsx *dtsx, const struct dtsx_executable *executable);

/* Text of a Boolean of either generation: "True"/"-1"/"1" and "False"/"0", any case; else fallback. */
bool dtsx_bool(const char *text, bool fallback);
/* Decimal integer text; fallback when NULL or not a number in range. */
int64_t dtsx_int(const char *text, int64_t fallback);
/* Catalog type name of a VARIANT code ("String", "Int32"), or NULL for codes no parameter may have. */
const char *dtsx_type_name(int data_type);

#endif
