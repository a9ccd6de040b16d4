/* SPDX-License-Identifier: MIT */
/* Files in UTF-16 (sqlcmd -u). */
#ifndef SO_CLI_SQL_UNICODE_H
#define SO_CLI_SQL_UNICODE_H

#include <stdio.h>

/*
 * A file, made empty, that keeps the UTF-8 written to it as little-endian
 * UTF-16 after its mark. NULL with errno when it cannot be opened. fclose
 * closes it.
 */
FILE *sql_unicode_open(const char *path);

#endif
