/* SPDX-License-Identifier: MIT */
/* GREATEST and LEAST, bits, FORMATMESSAGE, and what describes types, schemas and the server. */
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "tsql/exec.h"
#include "tsql/function_args.h"
#include "tsql/sqlerr.h"
#include "tsql/types.h"

#define UNUSED (void)eval, (void)args, (void)count

/* --- the greatest and the least --- */

static struct tsql_decl united_type(const struct tsql_decl *args, size_t count)
{
	struct tsql_decl d = args[0];

	for (size_t i = 1; i < count; i++)
		d = decl_unite(&d, &args[i]);
	return d;
}

static int pick(struct eval *eval, const struct tsql_value *args, size_t count, int sign, struct tsql_value *ret)
{
	struct tsql_decl d = decl_of(&args[0]);
	const struct tsql_value *best = NULL;
	int order, r = 0;

	for (size_t i = 0; r == 0 && i < count; i++) {
		struct tsql_decl next = decl_of(&args[i]);
		d = decl_unite(&d, &next);
		if (args[i].null)
			continue;
		if (best)
			r = tsql_value_compare(&args[i], best, &order, eval->err);
		if (!best || (r == 0 && order * sign > 0))
			best = &args[i];
	}
	if (r < 0)
		return r;
	if (!best) {
		*ret = tsql_null(d.type);
		return 0;
	}
	return tsql_value_convert(best, &d, ret, eval->err);
}

FUNCTION_RUN(greatest)
{
	return pick(eval, args, count, 1, ret);
}

FUNCTION_RUN(least)
{
	return pick(eval, args, count, -1, ret);
}

/* --- bits --- */

static int width_of(const struct tsql_value *v)
{
	switch (v->type) {
	case TSQL_BIT:
		return 1;
	case TSQL_TINYINT:
		return 8;
	case TSQL_SMALLINT:
		return 16;
	case TSQL_BIGINT:
		return 64;
	default:
		return 32;
	}
}

/* The bits of an integer, and the integer that has them. */
static int read_bits(struct eval *eval, const struct tsql_value *v, uint64_t *ret)
{
	if (!tsql_type_is_integer(v->type))
		return sql_error(eval->err, 8116, "Argument data type %s is invalid for argument 1 of a bit manipulation function; integers are supported here.",
		    tsql_type_name(v->type));
	*ret = (uint64_t)v->i;
	if (width_of(v) < 64)
		*ret &= (UINT64_C(1) << width_of(v)) - 1;
	return 0;
}

static struct tsql_value from_bits(const struct tsql_value *like, uint64_t bits)
{
	struct tsql_value v = { .type = like->type };
	int width = width_of(like);

	if (width < 64)
		bits &= (UINT64_C(1) << width) - 1;
	if (like->type == TSQL_INT)
		v.i = (int32_t)(uint32_t)bits;
	else if (like->type == TSQL_SMALLINT)
		v.i = (int16_t)(uint16_t)bits;
	else
		v.i = (int64_t)bits;
	return v;
}

static int shift(struct eval *eval, const struct tsql_value *args, int sign, struct tsql_value *ret)
{
	uint64_t bits = 0;
	int64_t n = 0;
	int r = read_bits(eval, &args[0], &bits);

	if (r == 0)
		r = function_number(eval, &args[1], &n);
	if (r < 0)
		return r;
	n *= sign;
	if (n >= width_of(&args[0]) || n <= -width_of(&args[0]))
		bits = 0;
	else
		bits = n >= 0 ? bits << n : bits >> -n;
	*ret = from_bits(&args[0], bits);
	return 0;
}

FUNCTION_RUN(left_shift)
{
	(void)count;
	return shift(eval, args, 1, ret);
}

FUNCTION_RUN(right_shift)
{
	(void)count;
	return shift(eval, args, -1, ret);
}

FUNCTION_RUN(bit_count)
{
	uint64_t bits = 0;
	int r = read_bits(eval, &args[0], &bits);

	(void)count;
	if (r == 0)
		*ret = tsql_bigint(__builtin_popcountll(bits));
	return r;
}

static int read_place(struct eval *eval, const struct tsql_value *args, uint64_t *bits, int64_t *n)
{
	int r = read_bits(eval, &args[0], bits);

	if (r == 0)
		r = function_number(eval, &args[1], n);
	if (r == 0 && (*n < 0 || *n >= width_of(&args[0])))
		r = sql_error(eval->err, 4199, "Argument value %lld is invalid for argument 2 of a bit manipulation function.", (long long)*n);
	return r;
}

FUNCTION_RUN(get_bit)
{
	uint64_t bits = 0;
	int64_t n;
	int r = read_place(eval, args, &bits, &n);

	(void)count;
	if (r == 0)
		*ret = tsql_bit(bits >> n & 1);
	return r;
}

FUNCTION_RUN(set_bit)
{
	uint64_t bits = 0;
	int64_t n, to = 1;
	int r = read_place(eval, args, &bits, &n);

	if (r == 0 && count == 3)
		r = function_number(eval, &args[2], &to);
	if (r == 0)
		*ret = from_bits(&args[0], to ? bits | UINT64_C(1) << n : bits & ~(UINT64_C(1) << n));
	return r;
}

static struct tsql_decl first_type(const struct tsql_decl *args, size_t count)
{
	(void)count;
	return args[0];
}

/* --- FORMATMESSAGE --- */

FUNCTION_RUN(formatmessage)
{
	struct buf out = BUF_INIT;
	int r = 0;

	*ret = tsql_null(TSQL_NVARCHAR);
	if (args[0].null)
		return 0;
	if (!tsql_type_is_text(args[0].type)) /* a number of sys.messages, which has none of users */
		return 0;
	r = exec_format(eval->err, args[0].s.data, args + 1, count - 1, &out);
	if (r == 0)
		*ret = tsql_nvarchar_n(out.data, out.len);
	buf_release(&out);
	return r;
}

/* --- types and schemas --- */

FUNCTION_RUN(schema_name)
{
	int64_t id = 1;
	int r = 0;

	*ret = tsql_null(TSQL_NVARCHAR);
	if (count == 1) {
		if (args[0].null)
			return 0;
		r = function_number(eval, &args[0], &id);
	}
	if (r == 0)
		*ret = tsql_nvarchar(tsql_schema_name(id));
	return r;
}

FUNCTION_RUN(schema_id)
{
	const char *name = count == 0 ? "dbo" : args[0].null || !tsql_type_is_text(args[0].type) ? "" : args[0].s.data;

	(void)eval;
	*ret = tsql_null(TSQL_INT);
	if (tsql_schema_id(name))
		*ret = tsql_int(tsql_schema_id(name));
	return 0;
}

FUNCTION_RUN(type_name)
{
	int64_t id = 0;
	int r = function_number(eval, &args[0], &id);

	(void)count;
	*ret = tsql_null(TSQL_NVARCHAR);
	if (id == 256)
		*ret = tsql_nvarchar("sysname");
	if (id == 108)
		*ret = tsql_nvarchar("numeric");
	if (r == 0 && tsql_type_of_id(id) != TSQL_UNKNOWN)
		*ret = tsql_nvarchar(tsql_type_name(tsql_type_of_id(id)));
	return r;
}

FUNCTION_RUN(type_id)
{
	struct tsql_decl d;

	(void)eval;
	(void)count;
	*ret = tsql_null(TSQL_INT);
	if (!tsql_type_is_text(args[0].type))
		return 0;
	if (utf8_casecmp(args[0].s.data, "sysname") == 0 || utf8_casecmp(args[0].s.data, "numeric") == 0) {
		*ret = tsql_int(args[0].s.data[0] == 's' || args[0].s.data[0] == 'S' ? 256 : 108);
		return 0;
	}
	d = type_from_name(args[0].s.data, args[0].s.len);
	if (d.type != TSQL_UNKNOWN)
		*ret = tsql_int(tsql_decl_facts(&d).id);
	return 0;
}

/* --- the server --- */

static const struct {
	const char *name, *text; /* text NULL: a number */
	int number;
} properties[] = {
	{ "BuildClrVersion", "", 0 },
	{ "Collation", "SQL_Latin1_General_CP1_CI_AS", 0 },
	{ "CollationID", NULL, 872468488 },
	{ "ComparisonStyle", NULL, 196609 },
	{ "Edition", "scaleout", 0 },
	{ "EngineEdition", NULL, 3 },
	{ "InstanceName", "", 0 },
	{ "IsClustered", NULL, 0 },
	{ "IsFullTextInstalled", NULL, 0 },
	{ "IsHadrEnabled", NULL, 0 },
	{ "IsIntegratedSecurityOnly", NULL, 1 },
	{ "IsLocalDB", NULL, 0 },
	{ "IsPolyBaseInstalled", NULL, 0 },
	{ "IsSingleUser", NULL, 0 },
	{ "IsXTPSupported", NULL, 0 },
	{ "LCID", NULL, 1033 },
	{ "LicenseType", "DISABLED", 0 },
	{ "ProductLevel", "RTM", 0 },
	{ "ProductMajorVersion", "16", 0 },
	{ "ProductMinorVersion", "0", 0 },
	{ "ProductVersion", "16.0.1000.6", 0 },
	{ "ResourceVersion", "16.0.1000.6", 0 },
	{ "SqlCharSet", NULL, 1 },
	{ "SqlCharSetName", "iso_1", 0 },
	{ "SqlSortOrder", NULL, 52 },
	{ "SqlSortOrderName", "nocase_iso", 0 },
};

FUNCTION_RUN(serverproperty)
{
	char host[SERVER_NAME_SIZE];

	(void)eval;
	(void)count;
	*ret = tsql_null(TSQL_NVARCHAR);
	if (!tsql_type_is_text(args[0].type))
		return 0;
	exec_server_name(host);
	if (utf8_casecmp(args[0].s.data, "ServerName") == 0 || utf8_casecmp(args[0].s.data, "MachineName") == 0 ||
	    utf8_casecmp(args[0].s.data, "ComputerNamePhysicalNetBIOS") == 0)
		*ret = tsql_nvarchar(host);
	else if (utf8_casecmp(args[0].s.data, "ProcessID") == 0)
		*ret = tsql_int((int32_t)getpid());
	for (size_t i = 0; i < ARRAY_LEN(properties); i++)
		if (utf8_casecmp(properties[i].name, args[0].s.data) == 0) {
			if (!properties[i].text)
				*ret = tsql_int(properties[i].number);
			else if (properties[i].text[0])
				*ret = tsql_nvarchar(properties[i].text);
		}
	return 0;
}

FUNCTION_RUN(databasepropertyex)
{
	const char *what = tsql_type_is_text(args[1].type) ? args[1].s.data : "";
	static const struct {
		const char *name, *value;
	} known[] = { { "Collation", "SQL_Latin1_General_CP1_CI_AS" }, { "Status", "ONLINE" }, { "Updateability", "READ_WRITE" },
		{ "UserAccess", "MULTI_USER" }, { "Recovery", "FULL" } };

	(void)count;
	*ret = tsql_null(TSQL_NVARCHAR);
	if (!tsql_type_is_text(args[0].type) || !session_find_database(exec_session(eval->exec), args[0].s.data))
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (utf8_casecmp(known[i].name, what) == 0)
			*ret = tsql_nvarchar(known[i].value);
	return 0;
}

#define CONSTANT(function, value) \
	FUNCTION_RUN(function) \
	{ \
		UNUSED; \
		*ret = value; \
		return 0; \
	}

CONSTANT(language, tsql_nvarchar("us_english"))
CONSTANT(langid, tsql_smallint(0))
CONSTANT(datefirst, tsql_int(7))
CONSTANT(max_precision, tsql_int(DECIMAL_MAX_PRECISION))
CONSTANT(lock_timeout, tsql_int(-1))
CONSTANT(servicename, tsql_nvarchar("MSSQLSERVER"))
CONSTANT(textsize, tsql_int(INT32_MAX))
CONSTANT(procid, tsql_int(0))
CONSTANT(ansinull, tsql_smallint(1))
CONSTANT(max_connections, tsql_int(32767))
CONSTANT(nestlevel, tsql_int(eval->exec->nest))

#define S FUNCTION_STRICT
#define G FUNCTION_GLOBAL
#define I { .type = TSQL_INT }
#define N128 { .type = TSQL_NVARCHAR, .length = 128 }
const struct function functions_more[] = {
	{ "GREATEST", 1, 254, 0, { 0 }, united_type, greatest, AGGREGATE_NONE, NULL },
	{ "LEAST", 1, 254, 0, { 0 }, united_type, least, AGGREGATE_NONE, NULL },
	{ "LEFT_SHIFT", 2, 2, S, { 0 }, first_type, left_shift, AGGREGATE_NONE, NULL },
	{ "RIGHT_SHIFT", 2, 2, S, { 0 }, first_type, right_shift, AGGREGATE_NONE, NULL },
	{ "BIT_COUNT", 1, 1, S, { .type = TSQL_BIGINT }, NULL, bit_count, AGGREGATE_NONE, NULL },
	{ "GET_BIT", 2, 2, S, { .type = TSQL_BIT }, NULL, get_bit, AGGREGATE_NONE, NULL },
	{ "SET_BIT", 2, 3, S, { 0 }, first_type, set_bit, AGGREGATE_NONE, NULL },
	{ "FORMATMESSAGE", 1, 21, 0, { .type = TSQL_NVARCHAR, .length = 2047 }, NULL, formatmessage, AGGREGATE_NONE, NULL },
	{ "SCHEMA_NAME", 0, 1, 0, N128, NULL, schema_name, AGGREGATE_NONE, NULL },
	{ "SCHEMA_ID", 0, 1, 0, I, NULL, schema_id, AGGREGATE_NONE, NULL },
	{ "TYPE_NAME", 1, 1, S, N128, NULL, type_name, AGGREGATE_NONE, NULL },
	{ "TYPE_ID", 1, 1, S, I, NULL, type_id, AGGREGATE_NONE, NULL },
	{ "SERVERPROPERTY", 1, 1, S, { .type = TSQL_VARIANT }, NULL, serverproperty, AGGREGATE_NONE, NULL },
	{ "DATABASEPROPERTYEX", 2, 2, S, { .type = TSQL_VARIANT }, NULL, databasepropertyex, AGGREGATE_NONE, NULL },
	{ "GETANSINULL", 0, 1, 0, { .type = TSQL_SMALLINT }, NULL, ansinull, AGGREGATE_NONE, NULL },
	{ "@@LANGUAGE", 0, 0, G, N128, NULL, language, AGGREGATE_NONE, NULL },
	{ "@@LANGID", 0, 0, G, { .type = TSQL_SMALLINT }, NULL, langid, AGGREGATE_NONE, NULL },
	{ "@@DATEFIRST", 0, 0, G, I, NULL, datefirst, AGGREGATE_NONE, NULL },
	{ "@@MAX_PRECISION", 0, 0, G, I, NULL, max_precision, AGGREGATE_NONE, NULL },
	{ "@@MAX_CONNECTIONS", 0, 0, G, I, NULL, max_connections, AGGREGATE_NONE, NULL },
	{ "@@LOCK_TIMEOUT", 0, 0, G, I, NULL, lock_timeout, AGGREGATE_NONE, NULL },
	{ "@@SERVICENAME", 0, 0, G, N128, NULL, servicename, AGGREGATE_NONE, NULL },
	{ "@@TEXTSIZE", 0, 0, G, I, NULL, textsize, AGGREGATE_NONE, NULL },
	{ "@@PROCID", 0, 0, G, I, NULL, procid, AGGREGATE_NONE, NULL },
	{ "@@NESTLEVEL", 0, 0, G, I, NULL, nestlevel, AGGREGATE_NONE, NULL },
	{ .name = NULL },
};
