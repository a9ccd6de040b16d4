/* SPDX-License-Identifier: MIT */
/*
 * Putting scaleout-worker and scaleout-dtexec on a machine, over the SSH
 * channel: into ~/.local/lib/scaleout/VERSION/ of the account, verified by
 * hash and run once before they take their name by one rename.
 */
#ifndef SO_EXEC_INSTALL_H
#define SO_EXEC_INSTALL_H

#include <stdbool.h>

#include "exec/transport.h"

/*
 * What a machine is and has, as one JSON object: machine, system, libc, home,
 * uid, space_kb, noexec (bool), noise (what its login shell prints), missing
 * (tools), found (a worker program on its PATH) and its found_version,
 * installed: array of {name, worker, runtime} (SHA-256). Caller frees.
 */
int install_survey(const struct transport_target *target, char **ret_json, enum transport_stage *ret_stage,
    struct err *err);

struct install_progress {
	void (*tell)(void *ctx, size_t sent, size_t total);
	void *ctx;
};

/*
 * See that this version is on the machine; copies only when it is not.
 * *ret_program gets the path for the worker's registration ("" = what is on
 * the machine's PATH); *ret_copied whether anything was copied.
 * ERR_UNSUPPORTED: another architecture or libc, or a library is missing; the
 * hint names the package to install.
 */
int install_agent(const struct transport_target *target, const char *survey_json, bool prefer_found,
    const struct install_progress *progress, char **ret_program, bool *ret_copied, struct err *err);

/*
 * After an upgrade: mark the version of old_program as replaced, and delete
 * every replaced version that nothing runs from. *ret_text says what was
 * deleted or kept, a line each; caller frees. A path that is not below
 * ~/.local/lib/scaleout is left alone.
 */
int install_retire(const struct transport_target *target, const char *old_program, char **ret_text,
    struct err *err);

#endif
