/* SPDX-License-Identifier: MIT */
/* The table of keys, and the few ways to ask it. */
#include "tui/keymap.h"

#include <curses.h>
#include <string.h>

#include "base/mem.h"
#include "tui/console.h"
#include "base/utf8.h"

#define CTRL_KEY(c) ((c) & 0x1F)
#define ESC_KEY 27

#define F(n) K_FN(KEY_F(n))
#define UP K_FN(KEY_UP)
#define DOWN K_FN(KEY_DOWN)
#define LEFT K_FN(KEY_LEFT)
#define RIGHT K_FN(KEY_RIGHT)
#define SHIFT_TAB K_FN(KEY_BTAB)

const struct key_binding key_bindings[] = {
	/* Everywhere. */
	{ CTX_GLOBAL, CMD_HELP, { '?', F(1) }, "help", "Help", "View", "Show the keys of this screen", KEY_FOOTER },
	{ CTX_GLOBAL, CMD_PALETTE, { ':', CTRL_KEY('p') }, "palette", "Command", NULL,
	    "Run any command by its name", 0 },
	{ CTX_GLOBAL, CMD_MENU_BAR, { F(9) }, "menu", "Menu", NULL, "Open the menu bar", KEY_FOOTER },
	{ CTX_GLOBAL, CMD_BACK, { 'q', ESC_KEY, K_FN(KEY_BACKSPACE) }, "back", "Back", NULL,
	    "Back to the screen before; on the first screen leave", 0 },
	{ CTX_GLOBAL, CMD_QUIT, { F(10), 'Q' }, "quit", "Quit", "View", "Leave the console", 0 },
	{ CTX_GLOBAL, CMD_REFRESH, { F(5), CTRL_KEY('r'), 'r' }, "refresh", "Refresh", "View",
	    "Read again from the catalog", 0 },
	{ CTX_GLOBAL, CMD_REPAINT, { CTRL_KEY('l') }, "repaint", "Repaint", NULL, "Paint the screen anew", 0 },
	{ CTX_GLOBAL, CMD_SUSPEND, { CTRL_KEY('z') }, "suspend", "Suspend", NULL,
	    "Go back to the shell for a while (fg returns)", 0 },
	{ CTX_GLOBAL, CMD_FILTER, { '/', F(4) }, "filter", "Filter", "View",
	    "Filter as you type; Enter keeps it, Esc clears it", KEY_FOOTER },
	{ CTX_GLOBAL, CMD_CANCEL, { CTRL_KEY('c') }, "cancel", "Cancel query", NULL,
	    "Cancel the query that runs", 0 },
	{ CTX_GLOBAL, CMD_MOUSE, { 'M' }, "mouse", "Mouse on/off", "View",
	    "Mouse for the console, or for selecting text in the terminal", 0 },
	{ CTX_GLOBAL, CMD_GO_TREE, { '1' }, "go.explorer", "Object Explorer", "Go",
	    "Go to the object tree", 0 },
	{ CTX_GLOBAL, CMD_GO_EXECUTIONS, { '2' }, "go.executions", "All Executions", "Go",
	    "Go to the report of all executions", 0 },
	{ CTX_GLOBAL, CMD_GO_OPERATIONS, { '3' }, "go.operations", "Active Operations", "Go",
	    "Go to the operations that run now", 0 },
	{ CTX_GLOBAL, CMD_GO_WORKERS, { '4' }, "go.workers", "Workers", "Go",
	    "Go to the Scale Out workers", 0 },
	{ CTX_GLOBAL, CMD_GO_QUEUE, { '5' }, "go.queue", "Queue", "Go",
	    "Go to what waits for a worker, and for what", 0 },
	{ CTX_GLOBAL, CMD_QUEUE_SWITCH, { 'P' }, "queue.pause", "Pause/Resume Queue...", "Object",
	    "Pause the queue (nothing new is started), or resume it, after asking", KEY_CHANGES },
	{ CTX_GLOBAL, CMD_MASTER_START, { CTRL_KEY('g') }, "master.start", "Start Master", "Object",
	    "Start the master of this catalog where none runs", KEY_CHANGES },
	{ CTX_GLOBAL, CMD_UNDO, { 'u' }, "undo", "Undo...", "Object",
	    "Undo the last change of a setting, after asking", KEY_CHANGES },

	/* Every list. */
	{ CTX_LIST, CMD_UP, { UP, 'k' }, "up", "Up", NULL, "Move up", 0 },
	{ CTX_LIST, CMD_DOWN, { DOWN, 'j' }, "down", "Down", NULL, "Move down", 0 },
	{ CTX_LIST, CMD_PAGE_UP, { K_FN(KEY_PPAGE), CTRL_KEY('b') }, "page-up", "Page up", NULL,
	    "Move a page up", 0 },
	{ CTX_LIST, CMD_PAGE_DOWN, { K_FN(KEY_NPAGE), CTRL_KEY('f') }, "page-down", "Page down", NULL,
	    "Move a page down", 0 },
	{ CTX_LIST, CMD_HALF_UP, { CTRL_KEY('u') }, "half-page-up", "Half page up", NULL,
	    "Move half a page up", 0 },
	{ CTX_LIST, CMD_HALF_DOWN, { CTRL_KEY('d') }, "half-page-down", "Half page down", NULL,
	    "Move half a page down", 0 },
	{ CTX_LIST, CMD_HOME, { K_FN(KEY_HOME), 'g' }, "first", "First", NULL, "Move to the first row", 0 },
	{ CTX_LIST, CMD_END, { K_FN(KEY_END), 'G' }, "last", "Last", NULL, "Move to the last row", 0 },

	/* Object Explorer. */
	{ CTX_TREE, CMD_OPEN, { '\r' }, "explorer.open", "Open", "Object",
	    "Expand, or run the most common action of the node", 0 },
	{ CTX_TREE, CMD_RIGHT, { RIGHT, 'l' }, "explorer.expand", "Expand", NULL,
	    "Expand the node, or go to its first child", 0 },
	{ CTX_TREE, CMD_LEFT, { LEFT, 'h' }, "explorer.collapse", "Collapse", NULL,
	    "Collapse the node, or go to its parent", 0 },
	{ CTX_TREE, CMD_ACTIONS, { 'm', K_FN(KEY_F(22)), F(2) }, "explorer.actions", "Actions", "Object",
	    "Context menu of the node (also Shift-F10)", KEY_FOOTER },
	{ CTX_TREE, CMD_EXECUTE_SCALE_OUT, { 'x' }, "explorer.execute-in-scale-out", "Execute in Scale Out...",
	    "Object", "Execute packages of the node in Scale Out", KEY_CHANGES | KEY_FOOTER | KEY_ROW },
	{ CTX_TREE, CMD_EXECUTE, { 'X' }, "explorer.execute", "Execute...", "Object",
	    "Execute the package on the server", KEY_CHANGES },
	{ CTX_TREE, CMD_SHOW_EXECUTIONS, { 'a', F(7) }, "explorer.all-executions", "All Executions", "Object",
	    "Report of the executions below the node", KEY_FOOTER | KEY_ROW },
	{ CTX_TREE, CMD_CREATE_FOLDER, { 'c' }, "explorer.create-folder", "Create Folder...", "Object",
	    "Create a folder in the catalog", KEY_CHANGES },
	{ CTX_TREE, CMD_VALIDATE, { 'V' }, "explorer.validate", "Validate...", "Object",
	    "Validate the project or package and watch the result", KEY_CHANGES },
	{ CTX_TREE, CMD_CREATE_ENVIRONMENT, { 'E' }, "explorer.create-environment", "Create Environment...", "Object",
	    "Create an environment in the folder", KEY_CHANGES },
	{ CTX_TREE, CMD_PROPERTIES, { 'p' }, "explorer.properties", "Properties...", "Object",
	    "Everything about the node; Enter there changes it", KEY_FOOTER | KEY_ROW },
	{ CTX_TREE, CMD_PANE, { 'z' }, "explorer.pane", "Properties pane", "View",
	    "Show or hide the pane beside the tree", 0 },

	{ CTX_TREE, CMD_ENABLE, { 'e' }, "explorer.enable-worker", "Enable...", "Object",
	    "Give the worker new executions again, after asking", KEY_CHANGES | KEY_FOOTER | KEY_ROW },
	{ CTX_TREE, CMD_DISABLE, { 'd' }, "explorer.disable-worker", "Disable...", "Object",
	    "Disable the worker, after asking", KEY_CHANGES | KEY_FOOTER | KEY_ROW },
	{ CTX_TREE, CMD_DRAIN, { 'D' }, "explorer.drain-worker", "Drain...", "Object",
	    "Give the worker nothing new before maintenance, after asking", KEY_CHANGES | KEY_FOOTER | KEY_ROW },

	/* Execute dialog. */
	{ CTX_EXECUTE, CMD_NEXT_FIELD, { '\t' }, "execute.next", "Next part", NULL,
	    "Go to the next part of the dialog", KEY_FOOTER },
	{ CTX_EXECUTE, CMD_PREVIOUS_FIELD, { SHIFT_TAB }, "execute.previous", "Previous part", NULL,
	    "Go to the part before", 0 },
	{ CTX_EXECUTE, CMD_TOGGLE, { ' ' }, "execute.toggle", "Tick", NULL,
	    "Tick or untick; change a yes/no value", KEY_FOOTER },
	{ CTX_EXECUTE, CMD_OPEN, { '\r' }, "execute.edit", "Edit", NULL,
	    "Edit the value, or press the button", KEY_FOOTER },
	{ CTX_EXECUTE, CMD_LEFT, { LEFT, 'h' }, "execute.left", "Left", NULL, "Previous button or tab", 0 },
	{ CTX_EXECUTE, CMD_RIGHT, { RIGHT, 'l' }, "execute.right", "Right", NULL, "Next button or tab", 0 },
	{ CTX_EXECUTE, CMD_NEXT_TAB, { ']', K_FN(KEY_SNEXT) }, "execute.next-page", "Next page", NULL,
	    "Next page or tab", 0 },
	{ CTX_EXECUTE, CMD_PREVIOUS_TAB, { '[', K_FN(KEY_SPREVIOUS) }, "execute.previous-page", "Previous page",
	    NULL, "Previous page or tab", 0 },
	{ CTX_EXECUTE, CMD_CHECK_ALL, { 'a', '+' }, "execute.all", "Tick all", NULL, "Tick every row", 0 },
	{ CTX_EXECUTE, CMD_CHECK_NONE, { 'n', '-' }, "execute.none", "Tick none", NULL, "Untick every row", 0 },
	{ CTX_EXECUTE, CMD_RESET, { 'd', K_FN(KEY_DC) }, "execute.default", "Default", NULL,
	    "Give the value its default back, or remove the property override", 0 },
	{ CTX_EXECUTE, CMD_SCRIPT, { 's', F(3) }, "execute.script", "Script", NULL,
	    "Show the T-SQL that OK runs", KEY_FOOTER },
	{ CTX_EXECUTE, CMD_OK, { 'o', F(8) }, "execute.ok", "OK", NULL, "Create and start the executions",
	    KEY_CHANGES | KEY_FOOTER },

	/* All Executions. */
	{ CTX_EXECUTIONS, CMD_OPEN, { '\r', F(3) }, "executions.overview", "Overview", "Report",
	    "Overview of the execution", KEY_FOOTER },
	{ CTX_EXECUTIONS, CMD_MESSAGES, { 'v', F(7) }, "executions.messages", "Messages", "Report",
	    "All messages of the execution", KEY_FOOTER },
	{ CTX_EXECUTIONS, CMD_FIRST_ERROR, { 'e' }, "executions.error", "Error", "Report",
	    "First error message of the execution", KEY_FOOTER | KEY_ROW },
	{ CTX_EXECUTIONS, CMD_STOP, { 'S', F(8), K_FN(KEY_DC) }, "executions.stop", "Stop...", "Report",
	    "Stop the marked executions or the current one, after asking", KEY_CHANGES | KEY_FOOTER | KEY_ROW },
	{ CTX_EXECUTIONS, CMD_PRIORITY, { 'i' }, "executions.priority", "Priority...", "Report",
	    "Change priority, time limit, retry delay or tags of what waits", KEY_CHANGES | KEY_FOOTER | KEY_ROW },
	{ CTX_EXECUTIONS, CMD_MARK, { ' ', K_FN(KEY_IC) }, "executions.mark", "Mark", "Report",
	    "Mark the row and move down", 0 },
	{ CTX_EXECUTIONS, CMD_MARK_INVERT, { '*' }, "executions.invert-marks", "Invert marks", NULL,
	    "Invert the marks of the loaded rows", 0 },
	{ CTX_EXECUTIONS, CMD_MARK_CLEAR, { 'U' }, "executions.clear-marks", "Clear marks", NULL,
	    "Clear all marks", 0 },
	{ CTX_EXECUTIONS, CMD_STATUS_FILTER, { 't' }, "executions.status", "Status...", "Report",
	    "Choose the states to show", 0 },
	{ CTX_EXECUTIONS, CMD_SORT, { 's', F(6) }, "executions.sort", "Sort...", "Report",
	    "Sort by ID, created, start or end time: what has an index", 0 },
	{ CTX_EXECUTIONS, CMD_COLUMNS, { 'c' }, "executions.columns", "Columns...", "Report",
	    "Choose the columns; they are remembered", 0 },
	{ CTX_EXECUTIONS, CMD_EXPORT, { 'E' }, "executions.export", "Export...", "Report",
	    "Write the whole filtered list to a file, .csv or .json", 0 },
	{ CTX_EXECUTIONS, CMD_PAUSE, { 'p' }, "executions.pause", "Pause", "Report",
	    "Stop or go on with live updates", 0 },
	{ CTX_EXECUTIONS, CMD_FOLLOW, { 'F' }, "executions.follow", "Follow", "Report",
	    "Keep the cursor on the newest execution", 0 },
	{ CTX_EXECUTIONS, CMD_SCROLL_LEFT, { '<', LEFT, 'h' }, "executions.scroll-left", "Scroll left", NULL,
	    "Scroll the columns left", 0 },
	{ CTX_EXECUTIONS, CMD_SCROLL_RIGHT, { '>', RIGHT, 'l' }, "executions.scroll-right", "Scroll right", NULL,
	    "Scroll the columns right", 0 },
	{ CTX_EXECUTIONS, CMD_COPY, { 'y' }, "executions.copy", "Copy", NULL,
	    "Copy the row to the terminal's clipboard (OSC 52)", 0 },
	{ CTX_EXECUTIONS, CMD_ACTIONS, { 'm', K_FN(KEY_F(22)), F(2) }, "executions.actions", "Actions", NULL,
	    "Context menu of the row (also Shift-F10)", 0 },

	/* Overview. */
	{ CTX_OVERVIEW, CMD_MESSAGES, { 'v', F(7) }, "overview.messages", "Messages", "Report",
	    "All messages of the execution", KEY_FOOTER },
	{ CTX_OVERVIEW, CMD_FIRST_ERROR, { 'e' }, "overview.error", "Error", "Report",
	    "First error message of the execution", KEY_FOOTER },
	{ CTX_OVERVIEW, CMD_OPEN, { '\r', F(3) }, "overview.open", "Open", "Report",
	    "Messages of the task under the cursor, or of the execution", KEY_FOOTER },
	{ CTX_OVERVIEW, CMD_STOP, { 'S', F(8), K_FN(KEY_DC) }, "overview.stop", "Stop...", "Report",
	    "Stop the execution, after asking", KEY_CHANGES | KEY_FOOTER | KEY_ROW },

	{ CTX_OVERVIEW, CMD_PRIORITY, { 'i' }, "overview.priority", "Priority...", "Report",
	    "Change the waiting execution's priority, time limit, retry delay or tags",
	    KEY_CHANGES | KEY_FOOTER | KEY_ROW },

	/* Messages. */
	{ CTX_MESSAGES, CMD_OPEN, { '\r', F(3) }, "messages.open", "Whole text", "Report",
	    "The whole message in a view of its own", KEY_FOOTER },
	{ CTX_MESSAGES, CMD_NEXT_ERROR, { 'n', 'e' }, "messages.next-error", "Next error", "Report",
	    "Go to the next error", KEY_FOOTER },
	{ CTX_MESSAGES, CMD_PREVIOUS_ERROR, { 'N' }, "messages.previous-error", "Previous error", "Report",
	    "Go to the error before", 0 },
	{ CTX_MESSAGES, CMD_TYPE_FILTER, { 't' }, "messages.types", "Types...", "Report",
	    "Choose the kinds of messages to show", KEY_FOOTER },
	{ CTX_MESSAGES, CMD_WRAP, { 'w' }, "messages.wrap", "Wrap", "Report",
	    "Show or hide the whole text of the current message below", KEY_FOOTER },
	{ CTX_MESSAGES, CMD_FOLLOW, { 'F' }, "messages.follow", "Follow", "Report",
	    "Keep the cursor on the newest message", 0 },
	{ CTX_MESSAGES, CMD_OVERVIEW, { 'o' }, "messages.overview", "Overview", "Report",
	    "Overview of the execution", 0 },
	{ CTX_MESSAGES, CMD_EXPORT, { 'E' }, "messages.export", "Export...", "Report",
	    "Write the whole filtered list to a file, .csv or .json", 0 },
	{ CTX_MESSAGES, CMD_COPY, { 'y' }, "messages.copy", "Copy", NULL,
	    "Copy the message to the terminal's clipboard (OSC 52)", 0 },

	/* Active Operations. */
	{ CTX_OPERATIONS, CMD_OPEN, { '\r', F(3) }, "operations.overview", "Overview", "Report",
	    "Overview of the operation's execution", KEY_FOOTER },
	{ CTX_OPERATIONS, CMD_STOP, { 'S', F(8), K_FN(KEY_DC) }, "operations.stop", "Stop...", "Report",
	    "Stop the operation, after asking", KEY_CHANGES | KEY_FOOTER },

	/* Workers. */
	{ CTX_WORKERS, CMD_ENABLE, { 'e' }, "workers.enable", "Enable...", "Object",
	    "Give the worker new executions again, after asking",
	    KEY_CHANGES | KEY_FOOTER | KEY_ROW },
	{ CTX_WORKERS, CMD_DISABLE, { 'd' }, "workers.disable", "Disable...", "Object",
	    "Disable the worker, after asking", KEY_CHANGES | KEY_FOOTER | KEY_ROW },
	{ CTX_WORKERS, CMD_DRAIN, { 'D' }, "workers.drain", "Drain...", "Object",
	    "Give the worker nothing new before maintenance, after asking", KEY_CHANGES | KEY_FOOTER | KEY_ROW },

	/* Queue. */
	{ CTX_QUEUE, CMD_OPEN, { '\r', F(3) }, "queue.overview", "Overview", "Report",
	    "Overview of the execution", KEY_FOOTER },
	{ CTX_QUEUE, CMD_PRIORITY, { 'i' }, "queue.priority", "Priority...", "Report",
	    "Change the execution's priority, time limit, retry delay or tags", KEY_CHANGES | KEY_FOOTER },
	{ CTX_QUEUE, CMD_STOP, { 'S', F(8), K_FN(KEY_DC) }, "queue.stop", "Stop...", "Report",
	    "Stop the execution, after asking", KEY_CHANGES | KEY_FOOTER },

	/* Properties. */
	{ CTX_PROPERTIES, CMD_OPEN, { '\r', F(3) }, "properties.edit", "Edit...", "Object",
	    "Change the value, or restore the version", KEY_CHANGES | KEY_FOOTER | KEY_ROW },
	{ CTX_PROPERTIES, CMD_ADD, { K_FN(KEY_IC), '+', 'a' }, "properties.add", "Add...", "Object",
	    "Add a variable to the environment, or a reference to the project", KEY_CHANGES | KEY_FOOTER | KEY_ROW },
	{ CTX_PROPERTIES, CMD_REMOVE, { K_FN(KEY_DC), '-', 'd' }, "properties.remove", "Remove...", "Object",
	    "Remove the variable or reference, or give a parameter its default back, after asking",
	    KEY_CHANGES | KEY_FOOTER | KEY_ROW },
	{ CTX_PROPERTIES, CMD_COPY, { 'y' }, "properties.copy", "Copy", NULL,
	    "Copy the value to the terminal's clipboard (OSC 52)", 0 },

	/* Text. */
	{ CTX_TEXT, CMD_SAVE, { 's' }, "text.save", "Save...", "View", "Save the text to a file", KEY_FOOTER },
	{ CTX_TEXT, CMD_WRAP, { 'w' }, "text.wrap", "Wrap", "View", "Wrap long lines or not", KEY_FOOTER },
	{ CTX_TEXT, CMD_SCROLL_LEFT, { '<', LEFT, 'h' }, "text.scroll-left", "Scroll left", NULL,
	    "Scroll unwrapped lines left", 0 },
	{ CTX_TEXT, CMD_SCROLL_RIGHT, { '>', RIGHT, 'l' }, "text.scroll-right", "Scroll right", NULL,
	    "Scroll unwrapped lines right", 0 },
	{ CTX_TEXT, CMD_COPY, { 'y' }, "text.copy", "Copy", NULL,
	    "Copy the text to the terminal's clipboard (OSC 52)", 0 },

	/* Help and palette: everything else is typed into their search line. */
	{ CTX_OVERLAY, CMD_OPEN, { '\r' }, "search.choose", "Choose", NULL, "Run the command, or close the help",
	    KEY_FOOTER },
	{ CTX_OVERLAY, CMD_BACK, { ESC_KEY, F(1) }, "search.close", "Close", NULL, "Close", KEY_FOOTER },
};
const size_t key_binding_count = ARRAY_LEN(key_bindings);

static const char *const context_names[CTX_COUNT] = {
	[CTX_GLOBAL] = "Everywhere",
	[CTX_LIST] = "Lists",
	[CTX_TREE] = "Object Explorer",
	[CTX_EXECUTE] = "Execute",
	[CTX_EXECUTIONS] = "All Executions",
	[CTX_OVERVIEW] = "Overview",
	[CTX_MESSAGES] = "Messages",
	[CTX_OPERATIONS] = "Active Operations",
	[CTX_WORKERS] = "Workers",
	[CTX_QUEUE] = "Queue",
	[CTX_PROPERTIES] = "Properties",
	[CTX_TEXT] = "Text",
	[CTX_OVERLAY] = "Search",
};

const char *key_context_name(enum key_context context)
{
	return context_names[context];
}

bool key_visible(const struct key_binding *binding, enum key_context context, bool list)
{
	if (binding->context == context)
		return true;
	if (context == CTX_OVERLAY)
		return false;
	return binding->context == CTX_GLOBAL || (list && binding->context == CTX_LIST);
}

static bool binds_key(const struct key_binding *binding, int key)
{
	for (int i = 0; i < KEYS_MAX && binding->keys[i]; i++) {
		if (binding->keys[i] == key)
			return true;
	}
	return false;
}

const struct key_binding *key_lookup(enum key_context context, bool list, int key)
{
	const enum key_context chain[] = { context, CTX_LIST, CTX_GLOBAL };

	for (size_t c = 0; c < ARRAY_LEN(chain); c++) {
		for (size_t i = 0; i < key_binding_count; i++) {
			const struct key_binding *binding = &key_bindings[i];

			if (binding->context == chain[c] && key_visible(binding, context, list) &&
			    binds_key(binding, key))
				return binding;
		}
	}
	return NULL;
}

const struct key_binding *key_of_command(enum key_context context, bool list, enum command command)
{
	for (size_t i = 0; i < key_binding_count; i++) {
		if (key_bindings[i].command == command && key_visible(&key_bindings[i], context, list))
			return &key_bindings[i];
	}
	return NULL;
}

void key_format_all(const struct key_binding *binding, struct buf *ret)
{
	for (int i = 0; i < KEYS_MAX && binding->keys[i]; i++) {
		if (i > 0)
			buf_addc(ret, ' ');
		key_format(binding->keys[i], ret);
	}
}

void console_keys(struct buf *ret)
{
	for (int context = 0; context < CTX_COUNT; context++) {
		buf_addf(ret, "%s%s\n", context ? "\n" : "", context_names[context]);
		for (size_t i = 0; i < key_binding_count; i++) {
			struct buf keys = BUF_INIT;

			if (key_bindings[i].context != (enum key_context)context)
				continue;
			key_format_all(&key_bindings[i], &keys);
			buf_addf(ret, "  %-18s %s\n", keys.data, key_bindings[i].help);
			buf_release(&keys);
		}
	}
}

static const struct {
	int key;
	const char *name;
} key_names[] = {
	{ '\r', "Enter" },
	{ '\t', "Tab" },
	{ ' ', "Space" },
	{ ESC_KEY, "Esc" },
	{ K_FN(KEY_UP), "Up" },
	{ K_FN(KEY_DOWN), "Down" },
	{ K_FN(KEY_LEFT), "Left" },
	{ K_FN(KEY_RIGHT), "Right" },
	{ K_FN(KEY_HOME), "Home" },
	{ K_FN(KEY_END), "End" },
	{ K_FN(KEY_PPAGE), "PgUp" },
	{ K_FN(KEY_NPAGE), "PgDn" },
	{ K_FN(KEY_IC), "Ins" },
	{ K_FN(KEY_DC), "Del" },
	{ K_FN(KEY_BACKSPACE), "Backspace" },
	{ K_FN(KEY_BTAB), "S-Tab" },
	{ K_FN(KEY_SNEXT), "S-PgDn" },
	{ K_FN(KEY_SPREVIOUS), "S-PgUp" },
	{ K_FN(KEY_F(22)), "S-F10" },
};

void key_format(int key, struct buf *ret)
{
	char bytes[4];

	for (size_t i = 0; i < ARRAY_LEN(key_names); i++) {
		if (key_names[i].key == key) {
			buf_adds(ret, key_names[i].name);
			return;
		}
	}
	if (key > K_FN(KEY_F0) && key <= K_FN(KEY_F(63)))
		buf_addf(ret, "F%d", key - K_FN(KEY_F0));
	else if (key > 0 && key < 0x20)
		buf_addf(ret, "C-%c", (char)(key + 'a' - 1));
	else if (key < 0x200000)
		buf_add(ret, bytes, utf8_put((uint32_t)key, bytes));
}

int key_parse(const char *name)
{
	size_t used, len = strlen(name);
	char *end;

	for (size_t i = 0; i < ARRAY_LEN(key_names); i++) {
		if (strcmp(key_names[i].name, name) == 0)
			return key_names[i].key;
	}
	if (name[0] == 'F' && len > 1) {
		long number = strtol(name + 1, &end, 10);

		if (!*end && number >= 1 && number <= 63)
			return K_FN(KEY_F((int)number));
	}
	if (len == 3 && name[0] == 'C' && name[1] == '-' && name[2] >= 'a' && name[2] <= 'z')
		return CTRL_KEY(name[2]);
	if (len == 0)
		return K_NONE;
	uint32_t code = utf8_decode(name, len, &used);
	return used == len && code != UTF8_INVALID ? (int)code : K_NONE;
}
