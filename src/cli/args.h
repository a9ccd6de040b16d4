/* SPDX-License-Identifier: MIT */
/* Parsed options and the small output helpers that all sub-commands share. */
#ifndef SO_CLI_ARGS_H
#define SO_CLI_ARGS_H

#include <stdbool.h>
#include <stdio.h>

#include "base/mem.h"
#include "cli/command.h"

struct cli_given {
	const struct cli_option *option;
	const char *value; /* NULL for a flag */
};

struct cli_args {
	const struct cli_command *command;
	VEC(struct cli_given) given; /* in the order written */
	VEC(const char *) words;     /* what is not an option */
};

/* Last value of an option, or NULL; for a flag "" when given. */
const char *cli_opt(const struct cli_args *args, const char *name);
bool cli_flag(const struct cli_args *args, const char *name);
/* Whole number within min..max into *ret (kept when the option is absent). False after saying what is wrong. */
bool cli_opt_int(const struct cli_args *args, const char *name, long min, long max, long *ret);

/* Print "scaleout COMMAND: problem" and where to read more. Returns CLI_USAGE. */
int cli_usage(const struct cli_args *args, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Print an error with detail and hint to stderr. Returns CLI_FAILED. */
int cli_fail(const struct err *err);
/* Exactly min to max words, else usage. Returns CLI_OK or CLI_USAGE. */
int cli_need_words(const struct cli_args *args, size_t min, size_t max);

/* Open a client, saying why when it fails (then NULL). Close with tsql_client_close. */
struct tsql_client *cli_connect(struct cli *cli);

/* Print foreign text with control characters made visible. */
void cli_print_text(FILE *out, const char *text, size_t len);

/* Rows as an aligned table, or as a JSON array with --json. Column names of the rowset are the headings and keys. */
void cli_print_rows(const struct cli *cli, const struct tsql_rowset *rows);
/* JSON text of a rowset: an array of objects, numbers and booleans typed. Caller frees. */
char *cli_rows_json(const struct tsql_rowset *rows);

/* Run a batch for its first rowset and print it. Returns an exit status. */
int cli_query_print(struct cli *cli, struct tsql_client *client, const char *batch,
    struct tsql_param *params, size_t param_count);

/* Cell as text; NULL gives "". Caller frees. */
char *cli_cell(const struct tsql_rowset *rows, size_t row, const char *column);
/* Cell of an integer type; fallback when NULL or absent. */
int64_t cli_cell_int(const struct tsql_rowset *rows, size_t row, const char *column,
    int64_t fallback);

/* Parameter helpers for batches; the values are released by cli_release_params. */
struct tsql_param cli_param_text(const char *name, const char *text);
struct tsql_param cli_param_int(const char *name, int64_t value);
void cli_release_params(struct tsql_param *params, size_t count);

/* Words of an execution status (spec/catalog.md §3.2). */
const char *cli_status_name(int64_t status);
/* Status number of a word or number; -1 unknown. */
int cli_status_number(const char *text);
bool cli_status_is_final(int64_t status);

/* Ask a yes/no question on the terminal, three times when the answer is neither; false when there is none or it is not yes. */
bool cli_confirm(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
