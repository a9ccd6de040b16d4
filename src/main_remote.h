/* SPDX-License-Identifier: MIT */
/* The command line's conversations with machines, wired to src/exec. */
#ifndef SO_MAIN_REMOTE_H
#define SO_MAIN_REMOTE_H

struct cli_remote;
extern const struct cli_remote main_remote;

#endif
