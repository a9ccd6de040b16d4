/* SPDX-License-Identifier: MIT */
/* Functions on dates, and on NULL (spec/package.md §4.7). */
#include "base/clock.h"
#include "base/mem.h"
#include "runtime/date.h"
#include "runtime/expr_node.h"

static int check_part(const struct node *node, struct fault *fault)
{
	const struct node *arg = node->args[0];
	enum date_part part;

	if (arg->kind != NODE_LITERAL || arg->type.dt != DT_WSTR)
		return fault_set(fault, EXPR_DATE_PART_NOT_CONSTANT,
		    "The date part of function \"%s\" must be a constant text.", node->function->name);
	if (!date_part_by_name(arg->value.s.data, &part))
		return fault_set(fault, EXPR_INVALID_DATE_PART,
		    "The date part \"%.60s\" is not valid for function \"%s\".", arg->value.s.data,
		    node->function->name);
	return 0;
}

static int check_dateadd(struct node *node, struct fault *fault)
{
	node->type = value_type_of(DT_DBTIMESTAMP);
	return check_part(node, fault) || expr_need_int(node, 1, fault) || expr_need_date(node, 2, fault) ? -1 : 0;
}

static int check_datediff(struct node *node, struct fault *fault)
{
	node->type = value_type_of(DT_I4);
	return check_part(node, fault) || expr_need_date(node, 1, fault) || expr_need_date(node, 2, fault) ? -1 : 0;
}

static int check_datepart(struct node *node, struct fault *fault)
{
	node->type = value_type_of(DT_I4);
	return check_part(node, fault) || expr_need_date(node, 1, fault) ? -1 : 0;
}

static int check_one_part(struct node *node, struct fault *fault)
{
	node->type = value_type_of(DT_I4);
	return expr_need_date(node, 0, fault);
}

static int check_now(struct node *node, struct fault *fault)
{
	(void)fault;
	node->type = value_type_of(DT_DBTIMESTAMP);
	return 0;
}

static enum date_part part_arg(const struct node *node)
{
	enum date_part part = PART_DAY;

	date_part_by_name(node->args[0]->value.s.data, &part);
	return part;
}

/* A date argument as DBTIMESTAMP2 ticks: a time gets today, an offset goes to UTC. */
static int ticks_arg(const struct value *v, int64_t *ret, struct fault *fault)
{
	struct value_type type = value_type_of(DT_DBTIMESTAMP2);
	struct value out;

	if (value_cast(v, &type, &out, fault))
		return -1;
	*ret = out.ticks;
	return 0;
}

static int eval_dateadd(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	int64_t ticks;
	bool in_range = dt_info(args[1].type.dt)->is_signed || args[1].u <= INT64_MAX;

	if (ticks_arg(&args[2], &ticks, fault))
		return -1;
	if (in_range && (args[1].i > INT32_MAX || args[1].i < INT32_MIN))
		in_range = false;
	if (!in_range || !date_part_add(part_arg(node), args[1].i, ticks, &ticks))
		return expr_fail_result(node, fault);
	value_set_ticks(ret, DT_DBTIMESTAMP, ticks);
	return 0;
}

static int eval_datediff(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	int64_t a, b, diff;

	if (ticks_arg(&args[1], &a, fault) || ticks_arg(&args[2], &b, fault))
		return -1;
	diff = date_part_diff(part_arg(node), a, b);
	if (diff > INT32_MAX || diff < INT32_MIN)
		return expr_fail_result(node, fault);
	value_set_int(ret, DT_I4, diff);
	return 0;
}

static int eval_part(enum date_part part, const struct value *date, struct value *ret,
    struct fault *fault)
{
	int64_t ticks;

	if (ticks_arg(date, &ticks, fault))
		return -1;
	value_set_int(ret, DT_I4, date_part_get(part, ticks));
	return 0;
}

static int eval_datepart(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	return eval_part(part_arg(node), &args[1], ret, fault);
}

static int eval_day(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	(void)node;
	return eval_part(PART_DAY, &args[0], ret, fault);
}

static int eval_month(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	(void)node;
	return eval_part(PART_MONTH, &args[0], ret, fault);
}

static int eval_year(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	(void)node;
	return eval_part(PART_YEAR, &args[0], ret, fault);
}

static int now(bool local, struct value *ret)
{
	int64_t ticks = clock_wall();

	if (local)
		ticks += clock_local_offset_min(ticks) * INT64_C(60) * TICKS_PER_SECOND;
	value_set_ticks(ret, DT_DBTIMESTAMP, ticks - ticks % TICKS_PER_MS);
	return 0;
}

static int eval_getdate(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	(void)node, (void)args, (void)fault;
	return now(true, ret);
}

static int eval_getutcdate(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	(void)node, (void)args, (void)fault;
	return now(false, ret);
}

static int check_isnull(struct node *node, struct fault *fault)
{
	(void)fault;
	node->type = value_type_of(DT_BOOL);
	return 0;
}

static int eval_isnull(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	(void)node, (void)fault;
	value_set_bool(ret, args[0].null);
	return 0;
}

/* The second argument must convert to the type of the first without being asked. */
static int check_replacenull(struct node *node, struct fault *fault)
{
	const struct value_type *a = &node->args[0]->type, *b = &node->args[1]->type;
	enum dt_family x = dt_family(a->dt), y = dt_family(b->dt);

	node->type = *a;
	if (x == y || (dt_is_number(a->dt) && dt_is_number(b->dt)) || (x == FAMILY_DATE && y == FAMILY_STRING) ||
	    (x == FAMILY_LOB && y == FAMILY_STRING)) {
		if (x == FAMILY_STRING && b->length > a->length)
			node->type.length = b->length;
		return 0;
	}
	return expr_fail_param(node, 1, fault);
}

static int eval_replacenull(const struct node *node, struct value *args, struct value *ret,
    struct fault *fault)
{
	struct value_type type = node->type;

	if (!args[0].null) {
		value_move(&args[0], ret);
		return 0;
	}
	if (dt_family(type.dt) == FAMILY_STRING)
		type.length = 0;
	return value_cast(&args[1], &type, ret, fault);
}

static const struct expr_function rows[] = {
	{ "DATEADD", 3, 3, false, check_dateadd, eval_dateadd },
	{ "DATEDIFF", 3, 3, false, check_datediff, eval_datediff },
	{ "DATEPART", 2, 2, false, check_datepart, eval_datepart },
	{ "DAY", 1, 1, false, check_one_part, eval_day },
	{ "GETDATE", 0, 0, true, check_now, eval_getdate },
	{ "GETUTCDATE", 0, 0, true, check_now, eval_getutcdate },
	{ "ISNULL", 1, 1, true, check_isnull, eval_isnull },
	{ "MONTH", 1, 1, false, check_one_part, eval_month },
	{ "REPLACENULL", 2, 2, true, check_replacenull, eval_replacenull },
	{ "YEAR", 1, 1, false, check_one_part, eval_year },
};

const struct expr_function_list expr_date_functions = { rows, ARRAY_LEN(rows) };
