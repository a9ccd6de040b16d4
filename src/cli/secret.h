/* SPDX-License-Identifier: MIT */
/* Passwords for commands: read from a file, standard input or the terminal, never from the command line. */
#ifndef SO_CLI_SECRET_H
#define SO_CLI_SECRET_H

#include "base/buf.h"
#include "cli/args.h"

/*
 * The first line of the file that an option names ("-" = standard input).
 * Returns CLI_OK, or a status after saying what is wrong. Wipe ret after use.
 */
int cli_read_secret(const struct cli_args *args, const char *option, struct buf *ret);
/*
 * Ask for a line on the terminal without showing what is typed; a signal that
 * ends or stops the program gives the terminal its echo back first. False
 * when there is no terminal or nothing was typed. Wipe ret after use.
 */
bool cli_ask_secret(const char *prompt, struct buf *ret);

#endif
