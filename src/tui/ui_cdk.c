/* SPDX-License-Identifier: MIT */
/*
 * The modal dialogs by CDK. Keys are not read by CDK but injected, so the
 * console's own loop, key decoding and scripts stay in charge. CDK knows
 * nothing of resizing: a widget is thrown away and built again. The first
 * initCDKScreen calls setlocale; LC_NUMERIC goes back to "C" right after it.
 */
#include "tui/ui_cdk.h"

#include <cdk/cdk.h>
#include <locale.h>

#include "base/buf.h"
#include "base/mem.h"
#include "tui/keymap.h"
#include "tui/text.h"

enum outcome { OUTCOME_DONE, OUTCOME_CANCELLED, OUTCOME_RESIZED };

/* What a dialog is, whichever widget shows it. */
struct dialog {
	const struct dlg_host *host;
	CDKSCREEN *screen;
	CDKOBJS *widget;
	void (*build)(struct dialog *dialog);   /* sets widget; NULL widget = no room */
	void (*drawn)(struct dialog *dialog);   /* what drawing leaves out; or NULL */
	void (*save)(struct dialog *dialog);    /* keep the state before the widget goes */
	int (*translate)(struct dialog *dialog, int key); /* may handle a key itself: returns 0 */
	const char *title, *text, *label;
	const char *const *items;
	size_t count;
	int current;
	bool *checked;
	unsigned min, max, number;
	const struct dlg_menu *menus;
	int submenu;
};

/* Plain text to CDK markup: clean, and with no tag of its own. */
static void escape(const struct dialog *dialog, const char *text, struct buf *ret)
{
	struct buf clean = BUF_INIT, ascii = BUF_INIT;
	const char *s;

	text_clean(text, strlen(text), &clean);
	if (dialog->host->ascii)
		text_to_ascii(clean.data, &ascii);
	s = dialog->host->ascii ? ascii.data : clean.data;
	for (size_t i = 0; s[i]; i++) {
		buf_addc(ret, s[i]);
		if (s[i] == '<' && (i == 0 || strchr("/!#", s[i + 1])))
			buf_adds(ret, "<!U>");
		else if (s[i] == '\\' && s[i + 1] == '<')
			buf_adds(ret, dialog->host->ascii ? " " : "\xCD\x8F"); /* CDK must not see the two together */
	}
	buf_release(&clean);
	buf_release(&ascii);
}

static char *escaped(const struct dialog *dialog, const char *text)
{
	struct buf b = BUF_INIT;

	escape(dialog, text, &b);
	return buf_detach(&b);
}

static char *escaped_title(const struct dialog *dialog)
{
	struct buf b = BUF_INIT;

	buf_adds(&b, "<C></B>");
	escape(dialog, dialog->title, &b);
	return buf_detach(&b);
}

struct lines {
	const struct dialog *dialog;
	VEC(char *) v;
};

static void add_line(void *ctx, const char *clean)
{
	struct lines *lines = ctx;
	char *line = escaped(lines->dialog, clean);

	vec_push(&lines->v, line);
}

static void lines_release(struct lines *lines)
{
	for (size_t i = 0; i < lines->v.len; i++)
		free(lines->v.items[i]);
	vec_release(&lines->v);
}

static void escape_items(struct lines *lines)
{
	for (size_t i = 0; i < lines->dialog->count; i++)
		add_line(lines, lines->dialog->items[i]);
}

/* --- the loop --- */

static int to_cdk(int key)
{
	switch (key) {
	case '\r':
	case '\n':
		return KEY_ENTER;
	case 'q':
		return KEY_ESC;
	case 'j':
		return KEY_DOWN;
	case 'k':
		return KEY_UP;
	case 'h':
		return KEY_LEFT;
	case 'l':
		return KEY_RIGHT;
	case '\t':
		return KEY_TAB;
	default:
		break;
	}
	if (key >= K_FN(0) && key < K_PASTE)
		return key - K_FN(0);
	return key > 0 && key < 0x7F ? key : 0;
}

static enum outcome feed(struct dialog *dialog)
{
	for (;;) {
		int key = dialog->host->read_key(dialog->host->ctx);

		if (key == K_NONE)
			return OUTCOME_CANCELLED;
		if (key == K_RESIZE)
			return OUTCOME_RESIZED;
		key = dialog->translate ? dialog->translate(dialog, key) : to_cdk(key);
		if (key == 0)
			continue;
		dialog->widget->fn->injectObj(dialog->widget, (chtype)key);
		switch (dialog->widget->exitType) {
		case vNORMAL:
			return OUTCOME_DONE;
		case vESCAPE_HIT:
			return OUTCOME_CANCELLED;
		default:
			break;
		}
	}
}

/* Show the dialog until it is done; state is saved before the widget goes. */
static bool run(struct dialog *dialog)
{
	enum outcome outcome = OUTCOME_CANCELLED;

	do {
		dialog->host->repaint(dialog->host->ctx);
		dialog->screen = initCDKScreen(stdscr);
		setlocale(LC_NUMERIC, "C");
		raw();
		nonl();
		dialog->widget = NULL;
		dialog->build(dialog);
		if (dialog->widget) {
			dialog->widget->fn->drawObj(dialog->widget, TRUE);
			if (dialog->drawn)
				dialog->drawn(dialog);
			outcome = feed(dialog);
			dialog->save(dialog);
			dialog->widget->fn->destroyObj(dialog->widget);
		} else {
			outcome = OUTCOME_CANCELLED;
		}
		destroyCDKScreen(dialog->screen);
	} while (outcome == OUTCOME_RESIZED);
	touchwin(stdscr);
	return outcome == OUTCOME_DONE;
}

/* --- questions --- */

static void build_question(struct dialog *dialog)
{
	struct lines lines = { .dialog = dialog }, buttons = { .dialog = dialog };
	int width = COLS - 12 < 64 ? COLS - 12 : 64;
	size_t room = LINES > 8 ? (size_t)LINES - 7 : 1;

	char *title = escaped_title(dialog);
	vec_push(&lines.v, title);
	add_line(&lines, "");
	text_wrap(dialog->text, strlen(dialog->text), width, add_line, &lines);
	while (lines.v.len > room)
		free(lines.v.items[--lines.v.len]);
	escape_items(&buttons);
	CDKDIALOG *question = newCDKDialog(dialog->screen, CENTER, CENTER, (CDK_CSTRING2)lines.v.items,
	    (int)lines.v.len, (CDK_CSTRING2)buttons.v.items, (int)buttons.v.len, A_REVERSE, TRUE, TRUE,
	    FALSE);
	if (question)
		question->currentButton = dialog->current;
	dialog->widget = (CDKOBJS *)question;
	lines_release(&lines);
	lines_release(&buttons);
}

static void save_question(struct dialog *dialog)
{
	dialog->current = ((CDKDIALOG *)dialog->widget)->currentButton;
}

/* y and n answer a question of two buttons at once; Enter takes the one that is marked. */
static int translate_question(struct dialog *dialog, int key)
{
	CDKDIALOG *question = (CDKDIALOG *)dialog->widget;

	if (dialog->count != 2 || (key != 'y' && key != 'n'))
		return to_cdk(key);
	question->currentButton = key == 'y' ? 0 : 1;
	return KEY_ENTER;
}

int dlg_ask(const struct dlg_host *host, const char *title, const char *text,
    const char *const *buttons, size_t count, size_t initial)
{
	struct dialog dialog = { .host = host, .build = build_question, .save = save_question,
		.translate = translate_question,
		.title = title, .text = text, .items = buttons, .count = count,
		.current = (int)initial };

	return run(&dialog) ? dialog.current : -1;
}

bool dlg_confirm(const struct dlg_host *host, const char *title, const char *text, const char *yes)
{
	const char *const buttons[] = { yes, "Cancel" };

	return dlg_ask(host, title, text, buttons, 2, 1) == 0;
}

void dlg_alert(const struct dlg_host *host, const char *title, const char *text)
{
	const char *const buttons[] = { "OK" };

	dlg_ask(host, title, text, buttons, 1, 0);
}

/* --- lists --- */

static void list_size(const struct dialog *dialog, int *ret_height, int *ret_width)
{
	int width = text_width(dialog->title) + 4;

	for (size_t i = 0; i < dialog->count; i++) {
		int w = text_width(dialog->items[i]) + 8;

		width = w > width ? w : width;
	}
	*ret_width = width < COLS - 4 ? width : COLS - 4;
	*ret_height = (int)dialog->count + 3 < LINES - 2 ? (int)dialog->count + 3 : LINES - 2;
}

static void build_pick(struct dialog *dialog)
{
	struct lines items = { .dialog = dialog };
	int height, width;
	char *title = escaped_title(dialog);

	escape_items(&items);
	list_size(dialog, &height, &width);
	CDKSCROLL *scroll = newCDKScroll(dialog->screen, CENTER, CENTER, NONE, height, width, title,
	    (CDK_CSTRING2)items.v.items, (int)items.v.len, FALSE, A_REVERSE, TRUE, FALSE);
	if (scroll)
		setCDKScrollPosition(scroll, dialog->current);
	dialog->widget = (CDKOBJS *)scroll;
	free(title);
	lines_release(&items);
}

static void save_pick(struct dialog *dialog)
{
	dialog->current = ((CDKSCROLL *)dialog->widget)->currentItem;
}

int dlg_pick(const struct dlg_host *host, const char *title, const char *const *items, size_t count,
    size_t current)
{
	struct dialog dialog = { .host = host, .build = build_pick, .save = save_pick, .title = title,
		.items = items, .count = count, .current = (int)current };

	return count > 0 && run(&dialog) ? dialog.current : -1;
}

static void build_checklist(struct dialog *dialog)
{
	static const char *const choices[] = { "[ ] ", "[x] " };
	struct lines items = { .dialog = dialog };
	int height, width;
	char *title = escaped_title(dialog);
	CDKSELECTION *selection;

	escape_items(&items);
	list_size(dialog, &height, &width);
	selection = newCDKSelection(dialog->screen, CENTER, CENTER, NONE, height, width + 4, title,
	    (CDK_CSTRING2)items.v.items, (int)items.v.len, (CDK_CSTRING2)choices, 2, A_REVERSE, TRUE,
	    FALSE);
	for (size_t i = 0; selection && i < dialog->count; i++)
		setCDKSelectionChoice(selection, (int)i, dialog->checked[i]);
	if (selection)
		setCDKSelectionCurrent(selection, dialog->current);
	dialog->widget = (CDKOBJS *)selection;
	free(title);
	lines_release(&items);
}

static void save_checklist(struct dialog *dialog)
{
	CDKSELECTION *selection = (CDKSELECTION *)dialog->widget;

	for (size_t i = 0; i < dialog->count; i++)
		dialog->checked[i] = getCDKSelectionChoice(selection, (int)i) != 0;
	dialog->current = getCDKSelectionCurrent(selection);
}

bool dlg_checklist(const struct dlg_host *host, const char *title, const char *const *items,
    size_t count, bool *checked)
{
	bool *copy = xmemdup(checked, count * sizeof(*checked));
	struct dialog dialog = { .host = host, .build = build_checklist, .save = save_checklist,
		.title = title, .items = items, .count = count, .checked = copy };
	bool done = count > 0 && run(&dialog);

	if (done)
		memcpy(checked, copy, count * sizeof(*checked));
	free(copy);
	return done;
}

/* --- numbers --- */

static void build_number(struct dialog *dialog)
{
	char *title = escaped_title(dialog);
	char *label = escaped(dialog, dialog->label);
	int width = (int)strlen(dialog->title) - (int)strlen(dialog->label) + 4;

	dialog->widget = (CDKOBJS *)newCDKUScale(dialog->screen, CENTER, CENTER, title, label, A_UNDERLINE,
	    width > 8 ? width : 8, dialog->number, dialog->min, dialog->max, 1, 10, TRUE, FALSE);
	free(title);
	free(label);
}

static void save_number(struct dialog *dialog)
{
	dialog->number = getCDKUScaleValue((CDKUSCALE *)dialog->widget);
}

/* The widget knows arrows only; digits and Backspace are ours. */
static int translate_number(struct dialog *dialog, int key)
{
	CDKUSCALE *scale = (CDKUSCALE *)dialog->widget;
	unsigned long value = getCDKUScaleValue(scale);

	if (key >= '0' && key <= '9')
		value = value * 10 + (unsigned long)(key - '0');
	else if (key == K_FN(KEY_BACKSPACE))
		value /= 10;
	else if (key == '+' || key == '-')
		return key == '+' ? KEY_UP : KEY_DOWN;
	else
		return to_cdk(key);
	if (value >= dialog->min && value <= dialog->max) {
		setCDKUScaleValue(scale, (unsigned)value);
		drawCDKUScale(scale, TRUE);
	}
	return 0;
}

bool dlg_number(const struct dlg_host *host, const char *title, const char *label, unsigned min,
    unsigned max, unsigned *value)
{
	struct dialog dialog = { .host = host, .build = build_number, .save = save_number,
		.translate = translate_number, .title = title, .label = label, .min = min, .max = max,
		.number = *value };
	bool done = run(&dialog);

	if (done)
		*value = dialog.number;
	return done;
}

/* --- the menu bar --- */

enum { MENUS_MAX = 12, MENU_ITEMS_MAX = 20 };

static void build_menu(struct dialog *dialog)
{
	/* CDK's own array type; far too large for the stack. */
	const char *(*list)[MAX_SUB_ITEMS] = xcalloc(MAX_MENU_ITEMS, sizeof(*list));
	int sizes[MENUS_MAX], places[MENUS_MAX];
	struct lines texts = { .dialog = dialog };

	for (size_t m = 0; m < dialog->count; m++) {
		const struct dlg_menu *menu = &dialog->menus[m];
		size_t first = texts.v.len;

		add_line(&texts, menu->title);
		for (size_t i = 0; i < menu->count && i < MENU_ITEMS_MAX; i++)
			add_line(&texts, menu->items[i]);
		sizes[m] = (int)(texts.v.len - first);
		places[m] = LEFT;
	}
	for (size_t m = 0, t = 0; m < dialog->count; m++) {
		for (int i = 0; i < sizes[m]; i++)
			list[m][i] = texts.v.items[t++];
	}
	CDKMENU *menu = newCDKMenu(dialog->screen, list, (int)dialog->count, sizes, places, TOP,
	    A_BOLD, A_REVERSE);
	/* The bar covers the whole title line. */
	mvhline(0, 0, ' ', COLS);
	refresh();
	if (menu)
		setCDKMenu(menu, dialog->current, dialog->submenu, A_REVERSE, A_REVERSE);
	dialog->widget = (CDKOBJS *)menu;
	lines_release(&texts);
	free(list);
}

static void drop_down(struct dialog *dialog)
{
	drawCDKMenuSubwin((CDKMENU *)dialog->widget);
}

static void save_menu(struct dialog *dialog)
{
	CDKMENU *menu = (CDKMENU *)dialog->widget;

	dialog->current = menu->currentTitle;
	dialog->submenu = menu->currentSubtitle;
}

bool dlg_menu(const struct dlg_host *host, const struct dlg_menu *menus, size_t count,
    size_t *ret_menu, size_t *ret_item)
{
	struct dialog dialog = { .host = host, .build = build_menu, .drawn = drop_down, .save = save_menu, .menus = menus,
		.count = count < MENUS_MAX ? count : MENUS_MAX };

	if (count == 0 || !run(&dialog))
		return false;
	*ret_menu = (size_t)dialog.current;
	*ret_item = (size_t)dialog.submenu;
	return true;
}
