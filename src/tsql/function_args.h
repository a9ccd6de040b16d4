/* SPDX-License-Identifier: MIT */
/* What the files of functions share: arguments as text, number or date, and the types of results. Inside the room only. */
#ifndef SO_TSQL_FUNCTION_ARGS_H
#define SO_TSQL_FUNCTION_ARGS_H

#include "tsql/eval.h"
#include "tsql/function.h"

/* Longest result of a text function (bytes). */
#define FUNCTION_TEXT_MAX ((size_t)64 * 1024 * 1024)

/* As varchar(max), or nvarchar(max) when the argument is Unicode. The caller releases ret. */
int function_text(struct eval *eval, const struct tsql_value *v, struct tsql_value *ret);
/* The same for several; either all are made or none. */
int function_texts(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret);
int function_number(struct eval *eval, const struct tsql_value *v, int64_t *ret);
/* A date as it is; text as datetimeoffset. ret is not to be released. */
int function_date(struct eval *eval, const struct tsql_value *v, struct tsql_value *ret);
/* Ticks as the clock on the wall shows them; a time is one of 1900-01-01. */
int64_t function_civil(const struct tsql_value *v);
/* Error 7105. */
int function_too_long(struct eval *eval);

/* varchar or nvarchar of the first argument's length; char becomes varchar. */
struct tsql_decl function_text_type(const struct tsql_decl *args, size_t count);
/* The same, but as long as that type gets (the text may grow). */
struct tsql_decl function_grown_type(const struct tsql_decl *args, size_t count);
/* varchar unless one of the arguments is Unicode; max when one is. */
struct tsql_decl function_concat_type(const struct tsql_decl *args, size_t count);
/* Bytes before UTF-16 position n of a text. */
size_t function_byte_at(const struct tsql_value *v, int64_t units);

#define FUNCTION_RUN(name) \
	static int name(struct eval *eval, const struct tsql_value *args, size_t count, struct tsql_value *ret)

#endif
