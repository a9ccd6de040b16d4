/* SPDX-License-Identifier: MIT */
/*
 * Modal dialogs. All of CDK is behind this header; a second implementation
 * could take its place.
 *
 * Every call takes plain UTF-8 text, escapes CDK's markup, shows the dialog on
 * top, reads keys from the host until the user is done, and leaves nothing
 * behind. When the terminal is resized the host repaints what is below and
 * the dialog is built again with the state it had.
 */
#ifndef SO_TUI_UI_CDK_H
#define SO_TUI_UI_CDK_H

#include <stdbool.h>
#include <stddef.h>

struct dlg_host {
	void *ctx;
	int (*read_key)(void *ctx); /* next key (keymap.h); K_RESIZE after a resize; K_NONE = give up */
	void (*repaint)(void *ctx); /* draw everything below the dialog */
	bool ascii;
};

/* Ask before a change; the default button is Cancel. True when the user chose yes. */
bool dlg_confirm(const struct dlg_host *host, const char *title, const char *text, const char *yes);
/* Two or more answers; returns the index of the chosen one or -1. */
int dlg_ask(const struct dlg_host *host, const char *title, const char *text,
    const char *const *buttons, size_t count, size_t initial);
void dlg_alert(const struct dlg_host *host, const char *title, const char *text);
/* Pick one of a short list; index or -1. */
int dlg_pick(const struct dlg_host *host, const char *title, const char *const *items, size_t count,
    size_t current);
/* Tick any of a short list in place; false when cancelled (then checked is unchanged). */
bool dlg_checklist(const struct dlg_host *host, const char *title, const char *const *items,
    size_t count, bool *checked);
/* A number between min and max; false when cancelled. */
bool dlg_number(const struct dlg_host *host, const char *title, const char *label, unsigned min,
    unsigned max, unsigned *value);

struct dlg_menu {
	const char *title;
	const char *const *items;
	size_t count;
};
/* The menu bar; false when closed without a choice. At most 12 menus of 20 items. */
bool dlg_menu(const struct dlg_host *host, const struct dlg_menu *menus, size_t count,
    size_t *ret_menu, size_t *ret_item);

#endif
