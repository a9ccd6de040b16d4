/* SPDX-License-Identifier: MIT */
/* Where our programs are. */
#ifndef SO_EXEC_PROGRAM_H
#define SO_EXEC_PROGRAM_H

/*
 * Path of one of our programs: beside the running one, else in the libexec
 * folder, else on PATH; NULL when it is nowhere. Caller frees.
 */
char *program_find(const char *name);

#endif
