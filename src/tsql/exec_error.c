/* SPDX-License-Identifier: MIT */
/* TRY and CATCH, THROW, RAISERROR. */
#include <inttypes.h>
#include <string.h>

#include "base/utf8.h"
#include "tsql/exec.h"
#include "tsql/sqlerr.h"
#include "tsql/types.h"

int exec_try(struct exec *e, struct stmt *s)
{
	const struct caught *outer = e->caught;
	struct caught *caught;
	int r;

	e->try_depth++;
	r = exec_list(e, &s->attempt.body);
	e->try_depth--;
	if (r != -ERR_SQL || e->err->code != ERR_SQL || e->err_passes)
		return r;
	caught = xcalloc(1, sizeof(*caught));
	caught->err = *e->err;
	caught->line = e->err->sql_line;
	caught->procedure = e->err_procedure;
	e->session->last_error = e->err->sql_number;
	err_clear(e->err);
	e->err_procedure = NULL;
	e->err_ends_batch = false;
	e->caught = caught;
	r = exec_list(e, &s->attempt.handler);
	e->caught = outer;
	free(caught);
	return r;
}

int exec_throw(struct exec *e, struct stmt *s)
{
	struct tsql_value text;
	int number, state, r;

	if (!s->raise_again.number) {
		*e->err = e->caught->err;
		e->err->sql_line = e->caught->line;
		e->err_procedure = e->caught->procedure;
		e->err_ends_batch = true;
		return -ERR_SQL;
	}
	r = exec_int(e, s->raise_again.number, &number);
	if (r == 0)
		r = exec_int(e, s->raise_again.state, &state);
	if (r == 0)
		r = exec_text(e, s->raise_again.message, &text);
	if (r < 0)
		return r;
	if (number < 50000)
		r = sql_error_full(e->err, 35100, 16, 10,
		    "Error number %d in the THROW statement is outside the valid range. Specify an error number in the valid range of 50000 to 2147483647.",
		    number);
	else
		r = sql_error_full(e->err, number, 16, state & 255, "%s", text.null ? "" : text.s.data);
	e->err_ends_batch = true;
	tsql_value_release(&text);
	return r;
}

/* --- RAISERROR's own printf --- */

struct format {
	struct err *err;
	const struct tsql_value *args;
	size_t count, next;
	struct buf *out;
};

static const struct tsql_value *next_argument(struct format *f)
{
	return f->next < f->count ? &f->args[f->next++] : NULL;
}

/* A number in the specification, or * for an argument; -1 when there is none. */
static int read_width(struct format *f, const char **at)
{
	int n = -1;

	if (**at == '*') {
		const struct tsql_value *v = next_argument(f);
		(*at)++;
		return v && !v->null && tsql_type_is_integer(v->type) && v->i >= 0 && v->i <= 2047 ? (int)v->i : -1;
	}
	while (**at >= '0' && **at <= '9') {
		n = (n < 0 ? 0 : n) * 10 + (**at - '0');
		if (n > 2047)
			n = 2047;
		(*at)++;
	}
	return n;
}

static int format_text(struct format *f, const struct tsql_value *v, bool left, int width, int precision)
{
	struct buf text = BUF_INIT;
	size_t len;

	if (!v)
		buf_adds(&text, "(null)");
	else if (v->null)
		buf_adds(&text, "(null)");
	else
		tsql_value_format(v, &text);
	len = precision >= 0 ? utf8_prefix_utf16(text.data, text.len, (size_t)precision) : text.len;
	for (size_t n = len; !left && width > 0 && n < (size_t)width; n++)
		buf_addc(f->out, ' ');
	buf_add(f->out, text.data, len);
	for (size_t n = len; left && width > 0 && n < (size_t)width; n++)
		buf_addc(f->out, ' ');
	buf_release(&text);
	return 0;
}

static void digits_of(char kind, uint64_t n, char text[32])
{
	snprintf(text, 32, "%" PRIu64, n);
	if (kind == 'o')
		snprintf(text, 32, "%" PRIo64, n);
	if (kind == 'x')
		snprintf(text, 32, "%" PRIx64, n);
	if (kind == 'X')
		snprintf(text, 32, "%" PRIX64, n);
}

/* sign or 0x, zeros, digits, in a field of that width: as C's printf does it. */
static void add_number(struct buf *out, const char *before, const char *digits, const char *flags, int width, int precision)
{
	size_t len = strlen(digits), zeros = precision > (int)len ? (size_t)precision - len : 0;
	size_t used = strlen(before) + zeros + len, blanks = width > (int)used ? (size_t)width - used : 0;

	if (precision < 0 && strchr(flags, '0') && !strchr(flags, '-')) {
		zeros += blanks;
		blanks = 0;
	}
	if (!strchr(flags, '-'))
		buf_addf(out, "%*s", (int)blanks, "");
	buf_adds(out, before);
	for (size_t i = 0; i < zeros; i++)
		buf_addc(out, '0');
	buf_adds(out, digits);
	if (strchr(flags, '-'))
		buf_addf(out, "%*s", (int)blanks, "");
}

static int format_number(struct format *f, const struct tsql_value *v, char kind, const char *flags, int width, int precision)
{
	int64_t n = v && !v->null && tsql_type_is_integer(v->type) ? v->i : 0;
	bool is_signed = kind == 'd' || kind == 'i', other = strchr(flags, '#') && n != 0;
	const char *before = "";
	char digits[32] = "";

	if (v && !v->null && !tsql_type_is_integer(v->type))
		return sql_error(f->err, 2786, "The data type of substitution parameter %zu does not match the expected type of the format specification.",
		    f->next);
	if (is_signed)
		before = n < 0 ? "-" : strchr(flags, '+') ? "+" : strchr(flags, ' ') ? " " : "";
	else if (other)
		before = kind == 'x' ? "0x" : kind == 'X' ? "0X" : kind == 'o' ? "0" : "";
	if (n != 0 || precision != 0)
		digits_of(kind, is_signed ? (n < 0 ? -(uint64_t)n : (uint64_t)n) : (uint64_t)n & 0xFFFFFFFF, digits);
	add_number(f->out, before, digits, flags, width, precision);
	return 0;
}

static int format_one(struct format *f, const char **at)
{
	char flags[8];
	size_t n = 0;
	int width, precision = -1;
	char kind;

	while (**at && strchr("-+0# ", **at)) {
		if (n < sizeof(flags) - 1)
			flags[n++] = **at;
		(*at)++;
	}
	flags[n] = '\0';
	width = read_width(f, at);
	if (**at == '.') {
		(*at)++;
		precision = read_width(f, at);
	}
	if ((*at)[0] == 'I' && (*at)[1] == '6' && (*at)[2] == '4')
		*at += 3;
	else if (**at == 'l' || **at == 'h')
		(*at)++;
	kind = **at;
	if (kind)
		(*at)++;
	if (kind == 's')
		return format_text(f, next_argument(f), strchr(flags, '-') != NULL, width, precision);
	if (kind && strchr("diuxXo", kind))
		return format_number(f, next_argument(f), kind, flags, width, precision);
	return sql_error(f->err, 2787, "Invalid format specification: '%%%c'.", kind ? kind : ' ');
}

static int format_message(struct format *f, const char *at)
{
	int r = 0;

	while (r == 0 && *at) {
		if (at[0] != '%') {
			buf_addc(f->out, *at++);
		} else if (at[1] == '%') {
			buf_addc(f->out, '%');
			at += 2;
		} else {
			at++;
			r = format_one(f, &at);
		}
	}
	return r;
}

int exec_format(struct err *err, const char *text, const struct tsql_value *args, size_t count, struct buf *out)
{
	struct format f = { .err = err, .args = args, .count = count, .out = out };

	return format_message(&f, text);
}

static int raise_formatted(struct exec *e, struct stmt *s, const char *text, int number, int severity, int state)
{
	struct buf out = BUF_INIT;
	struct tsql_value *args = xcalloc(s->raise.args.count + 1, sizeof(*args));
	size_t count = 0;
	struct eval eval = { .exec = e, .err = e->err };
	int r = 0;

	for (; r == 0 && count < s->raise.args.count; count++) {
		r = eval_value(&eval, s->raise.args.items[count], &args[count]);
		if (r < 0)
			break;
	}
	if (r == 0)
		r = exec_format(e->err, text, args, count, &out);
	if (r == 0) {
		r = sql_error_full(e->err, number, severity, state, "%s", out.data);
		if (severity <= 10) {
			exec_message(e, e->err, s->line, NULL);
			err_clear(e->err);
			r = 0;
		}
	}
	for (size_t i = 0; i < count; i++)
		tsql_value_release(&args[i]);
	free(args);
	buf_release(&out);
	return r;
}

int exec_raiserror(struct exec *e, struct stmt *s)
{
	struct eval eval = { .exec = e, .err = e->err };
	struct tsql_value message;
	int severity, state, r;

	e->err_raised = true;
	r = exec_int(e, s->raise.severity, &severity);

	if (r == 0)
		r = exec_int(e, s->raise.state, &state);
	if (r == 0)
		r = eval_value(&eval, s->raise.message, &message);
	if (r < 0)
		return r;
	severity = severity < 0 ? 0 : severity;
	if (severity > 18) /* needs rights and WITH LOG on the server */
		r = sql_error_full(e->err, 2754, 16, 1,
		    "Error severity levels greater than 18 can only be specified by members of the sysadmin role, using the WITH LOG option.");
	else if (message.null || !tsql_type_is_text(message.type))
		r = sql_error_full(e->err, 18054, 16, 1,
		    "Error %lld, severity %d, state %d was raised, but no message with that error number was found in sys.messages.",
		    message.null || !tsql_type_is_integer(message.type) ? 0LL : (long long)message.i, severity, state);
	else
		r = raise_formatted(e, s, message.s.data, 50000, severity, state < 0 ? 1 : state > 255 ? 255 : state);
	tsql_value_release(&message);
	return r;
}
