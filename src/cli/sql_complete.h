/* SPDX-License-Identifier: MIT */
/* What a word at the prompt may become: keywords, procedures and their parameters, views, and columns after "view.". */
#ifndef SO_CLI_SQL_COMPLETE_H
#define SO_CLI_SQL_COMPLETE_H

#include <stddef.h>

#include "base/mem.h"
#include "tsql/client.h"

struct sql_complete;

struct sql_matches {
	char **items; /* owned; sorted, without repeats */
	size_t len, cap;
};

/* Reads the names of the server's objects; without them only keywords are known. client is borrowed. */
struct sql_complete *sql_complete_new(struct tsql_client *client);
void sql_complete_free(struct sql_complete *complete);
/* All that word may become. Release ret with sql_matches_release. */
void sql_complete_word(struct sql_complete *complete, const char *word, struct sql_matches *ret);
void sql_matches_release(struct sql_matches *matches);
/* Bytes that all matches share, whatever their case. */
size_t sql_matches_common(const struct sql_matches *matches);
/* Where the word that ends at line[len] begins. */
size_t sql_complete_begin(const char *line, size_t len);

#endif
