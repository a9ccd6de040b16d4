/* SPDX-License-Identifier: MIT */
/*
 * Scripted keys (--script FILE), for tests and pictures.
 *
 * A line is keys by name separated by blanks ("Down Down Enter x C-l"), a
 * comment (#), or a directive:
 *   :wait TEXT          go on when TEXT is on the screen (fails after 10 s)
 *   :gone TEXT          go on when TEXT is no longer there
 *   :idle               go on when no query runs
 *   :type TEXT          type the text
 *   :save-display FILE  write the screen as text
 *   :resize WxH         change the size of the screen
 *   :quit               leave now
 * At the end of the script the console leaves.
 */
#ifndef SO_TUI_SCRIPT_H
#define SO_TUI_SCRIPT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

struct script;

enum script_step {
	SCRIPT_KEY,    /* *ret_key is the next key */
	SCRIPT_WAIT,   /* nothing now; ask again soon */
	SCRIPT_RESIZE, /* *ret_width, *ret_height */
	SCRIPT_END,
	SCRIPT_FAILED  /* err says why */
};

/* What a script may look at. */
struct script_view {
	void (*display)(void *ctx, struct buf *ret); /* the screen as lines of text */
	bool (*idle)(void *ctx);
	void *ctx;
};

struct script_result {
	int key, width, height;
};

int script_load(const char *path, struct script **ret, struct err *err);
void script_free(struct script *script);
enum script_step script_next(struct script *script, const struct script_view *view,
    struct script_result *ret, struct err *err);

#endif
