/* SPDX-License-Identifier: MIT */
/* The prompt on a terminal: line editing, history kept between sessions, completion with Tab. */
#ifndef SO_CLI_SQL_PROMPT_H
#define SO_CLI_SQL_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

#include "tsql/client.h"

struct sql_prompt;

enum sql_read { SQL_READ_LINE, SQL_READ_END, SQL_READ_INTERRUPTED };

/* history: the file, or NULL for none; folders are made. NULL when the terminal cannot be edited on. */
struct sql_prompt *sql_prompt_new(struct tsql_client *client, const char *history);
void sql_prompt_free(struct sql_prompt *prompt);
/* Complete names from this client from now on; the one before may be gone. */
void sql_prompt_use(struct sql_prompt *prompt, struct tsql_client *client);
/* Ask for a line. *ret_line is borrowed until the next call. */
enum sql_read sql_prompt_read(struct sql_prompt *prompt, const char *text, const char **ret_line);
/*
 * The lines since the last call were one batch: remember them for the next
 * session, unless they may hold a secret.
 */
void sql_prompt_batch_done(struct sql_prompt *prompt);

/* May this text hold a password or the value of a parameter? Such lines are never stored. */
bool sql_may_be_secret(const char *text);

#endif
