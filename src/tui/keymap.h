/* SPDX-License-Identifier: MIT */
/*
 * Keys and commands. One row per command and context gives the key, the name
 * for the palette, the footer label, the menu it is in and the help line; the
 * dispatcher, footer, help, palette, menu bar and the tests read this table
 * and nothing else.
 */
#ifndef SO_TUI_KEYMAP_H
#define SO_TUI_KEYMAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* A key is a character's code point, or K_FN(curses code), or one of these. */
#define K_FN(code) (0x200000 + (code))
enum { K_NONE = -1, K_PASTE = 0x300000, K_PASTE_END = 0x300001, K_RESIZE = 0x300002, K_MOUSE = 0x300003 };

enum key_context {
	CTX_GLOBAL,
	CTX_LIST, /* movement, valid wherever a list has the focus */
	CTX_TREE,
	CTX_EXECUTE,
	CTX_EXECUTIONS,
	CTX_OVERVIEW,
	CTX_MESSAGES,
	CTX_OPERATIONS,
	CTX_WORKERS,
	CTX_QUEUE,
	CTX_PROPERTIES,
	CTX_TEXT,
	CTX_OVERLAY, /* help and palette: keys are typed, so only function keys act */
	CTX_COUNT
};

enum command {
	CMD_NONE,
	CMD_HELP,
	CMD_PALETTE,
	CMD_MENU_BAR,
	CMD_BACK,
	CMD_QUIT,
	CMD_REFRESH,
	CMD_REPAINT,
	CMD_SUSPEND,
	CMD_FILTER,
	CMD_CANCEL,
	CMD_MOUSE,
	CMD_GO_TREE,
	CMD_GO_EXECUTIONS,
	CMD_GO_OPERATIONS,
	CMD_GO_WORKERS,
	CMD_GO_QUEUE,
	CMD_QUEUE_SWITCH,
	CMD_MASTER_START,
	CMD_UNDO,
	CMD_UP,
	CMD_DOWN,
	CMD_PAGE_UP,
	CMD_PAGE_DOWN,
	CMD_HALF_UP,
	CMD_HALF_DOWN,
	CMD_HOME,
	CMD_END,
	CMD_LEFT,
	CMD_RIGHT,
	CMD_OPEN,
	CMD_ACTIONS,
	CMD_EXECUTE,
	CMD_EXECUTE_SCALE_OUT,
	CMD_SHOW_EXECUTIONS,
	CMD_PROPERTIES,
	CMD_PANE,
	CMD_ADD,
	CMD_VALIDATE,
	CMD_REMOVE,
	CMD_CREATE_FOLDER,
	CMD_CREATE_ENVIRONMENT,
	CMD_MARK,
	CMD_MARK_INVERT,
	CMD_MARK_CLEAR,
	CMD_MESSAGES,
	CMD_OVERVIEW,
	CMD_FIRST_ERROR,
	CMD_NEXT_ERROR,
	CMD_PREVIOUS_ERROR,
	CMD_STOP,
	CMD_PAUSE,
	CMD_SORT,
	CMD_COLUMNS,
	CMD_EXPORT,
	CMD_FOLLOW,
	CMD_STATUS_FILTER,
	CMD_TYPE_FILTER,
	CMD_SCROLL_LEFT,
	CMD_SCROLL_RIGHT,
	CMD_WRAP,
	CMD_COPY,
	CMD_ENABLE,
	CMD_DISABLE,
	CMD_DRAIN,
	CMD_PRIORITY,
	CMD_NEXT_FIELD,
	CMD_PREVIOUS_FIELD,
	CMD_NEXT_TAB,
	CMD_PREVIOUS_TAB,
	CMD_TOGGLE,
	CMD_CHECK_ALL,
	CMD_CHECK_NONE,
	CMD_RESET,
	CMD_SCRIPT,
	CMD_SAVE,
	CMD_OK,
	CMD_COUNT
};

enum key_flags {
	KEY_CHANGES = 1, /* changes something: absent with --readonly */
	KEY_FOOTER = 2,  /* worth a place in the footer */
	KEY_ROW = 4      /* comes and goes with the current row: last in the footer, so that the rest stands still */
};

#define KEYS_MAX 5

struct key_binding {
	enum key_context context;
	enum command command;
	int keys[KEYS_MAX];  /* the first is shown in the footer; 0 ends */
	const char *name;   /* palette: "executions.stop" */
	const char *label;  /* footer and menus, short */
	const char *menu;   /* menu bar title, or NULL */
	const char *help;   /* one line */
	unsigned flags;
};

extern const struct key_binding key_bindings[];
extern const size_t key_binding_count;

/* Title of a context in the help ("All Executions"). */
const char *key_context_name(enum key_context context);

/* The row that a key means in a context (then in CTX_LIST when list, then in CTX_GLOBAL); NULL = none. */
const struct key_binding *key_lookup(enum key_context context, bool list, int key);
/* The row of a command as seen from a context; NULL when it has none there. */
const struct key_binding *key_of_command(enum key_context context, bool list, enum command command);
/* Is the row's context the given one or one it falls back to? */
bool key_visible(const struct key_binding *binding, enum key_context context, bool list);

/* "F5", "C-r", "Enter", "PgDn", "q". Appended. */
void key_format(int key, struct buf *ret);
/* All keys of a row, "F5 C-r r". */
void key_format_all(const struct key_binding *binding, struct buf *ret);
/* The key of such a name; K_NONE when there is none. */
int key_parse(const char *name);

#endif
