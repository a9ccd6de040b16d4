/* SPDX-License-Identifier: MIT */
/*
 * What is made from the key table: the help, the command palette, the menu bar
 * and context menus. Help and palette are one thing, a list that is narrowed
 * by typing; they differ in what Enter does and which rows they hold.
 */
#include "tui/screens/screens.h"

#include <stdlib.h>
#include <string.h>

#include "tui/app.h"
#include "tui/input.h"
#include "tui/text.h"

struct overlay {
	struct screen screen;
	bool palette;
	struct edit edit;
	struct cursor cursor;
	VEC(const struct key_binding *) rows; /* that match */
};

static struct overlay *self_of(struct screen *screen)
{
	return (struct overlay *)screen;
}

static bool matches(const struct overlay *o, const struct key_binding *binding)
{
	struct buf text = BUF_INIT;
	bool found;

	buf_addf(&text, "%s %s %s ", binding->name, binding->label, binding->help);
	key_format_all(binding, &text);
	found = text_contains(text.data, o->edit.text.data);
	buf_release(&text);
	return found;
}

static void find_rows(struct overlay *o)
{
	struct screen *subject = app_subject(o->screen.app);
	/* The screen's own first, then lists, then everywhere. */
	const enum key_context order[] = { subject->ops->context, CTX_LIST, CTX_GLOBAL };

	o->rows.len = 0;
	for (size_t c = 0; c < ARRAY_LEN(order); c++) {
		for (size_t i = 0; i < key_binding_count; i++) {
			const struct key_binding *binding = &key_bindings[i];

			if (binding->context == order[c] &&
			    key_visible(binding, subject->ops->context, subject->ops->list) &&
			    (!o->palette || app_enabled(o->screen.app, binding)) && matches(o, binding))
				vec_push(&o->rows, binding);
		}
	}
	cursor_clamp(&o->cursor, o->rows.len);
}

static void draw_row(const struct overlay *o, const struct view *view, int y,
    const struct key_binding *binding, bool is_current)
{
	struct buf keys = BUF_INIT;
	int left = o->palette ? 30 : 16;
	enum role role = is_current && !view->theme->slow ? ROLE_CURRENT : ROLE_NORMAL;

	key_format_all(binding, &keys);
	view_text(view, y, 0, 2, role, is_current ? "> " : "  ");
	view_text(view, y, 2, left, role, o->palette ? binding->name : keys.data);
	view_text(view, y, 2 + left, view->w - 2 - left, role, binding->help);
	buf_release(&keys);
}

static void draw(struct screen *screen, const struct view *view)
{
	struct overlay *o = self_of(screen);
	struct screen *subject = app_subject(screen->app);
	int width = view->w < 76 ? view->w : 76, height = view->h < 20 ? view->h : 20;
	struct view box = view_part(view, (view->h - height) / 2, (view->w - width) / 2, height, width);
	struct buf line = BUF_INIT, head = BUF_INIT;
	struct view inside;
	int cursor;

	find_rows(o);
	view_clear(&box);
	buf_addf(&head, "%s: %s", o->palette ? "Commands" : "Keys", key_context_name(subject->ops->context));
	inside = view_box(&box, head.data, true);
	cursor = edit_view(&o->edit, inside.w - 3, &line);
	view_text(&inside, 0, 0, 2, ROLE_KEY, o->palette ? ": " : "/ ");
	view_text(&inside, 0, 2, inside.w - 2, ROLE_NORMAL, line.data);
	o->cursor.page = inside.h > 2 ? (size_t)inside.h - 1 : 1;
	cursor_clamp(&o->cursor, o->rows.len);
	for (int y = 1; y < inside.h && o->cursor.top + (size_t)y - 1 < o->rows.len; y++) {
		size_t row = o->cursor.top + (size_t)y - 1;

		draw_row(o, &inside, y, o->rows.items[row], row == o->cursor.pos);
	}
	view_set_cursor(&inside, 0, 2 + cursor);
	buf_release(&line);
	buf_release(&head);
}

static void choose(struct screen *screen)
{
	struct overlay *o = self_of(screen);
	struct app *app = screen->app;
	enum command command = CMD_NONE;

	if (o->palette && o->cursor.pos < o->rows.len)
		command = o->rows.items[o->cursor.pos]->command;
	app_close(app);
	if (command != CMD_NONE)
		app_command(app, command);
}

/* Movement by function keys; all else is typed, but for the few keys of the table. */
static bool key(struct screen *screen, int pressed)
{
	struct overlay *o = self_of(screen);
	const struct key_binding *movement = pressed >= K_FN(0) ? key_lookup(CTX_GLOBAL, true, pressed) : NULL;

	if (key_lookup(CTX_OVERLAY, false, pressed))
		return false;
	if (movement && cursor_command(&o->cursor, movement->command, o->rows.len))
		return true;
	if (input_edit_key(&o->edit, pressed))
		o->cursor.pos = o->cursor.top = 0;
	return true;
}

static void title(const struct screen *screen, struct buf *ret)
{
	buf_adds(ret, ((const struct overlay *)screen)->palette ? "Commands" : "Help");
}

static void free_screen(struct screen *screen)
{
	struct overlay *o = self_of(screen);

	edit_release(&o->edit);
	vec_release(&o->rows);
	free(o);
}

static const struct screen_handler handlers[] = {
	{ CMD_OPEN, choose },
};

const struct screen_ops overlay_ops = {
	.context = CTX_OVERLAY,
	.overlay = true,
	.free = free_screen,
	.title = title,
	.draw = draw,
	.handlers = handlers,
	.handler_count = ARRAY_LEN(handlers),
	.key = key,
};

static struct screen *overlay_new(struct app *app, bool palette)
{
	struct overlay *o = xcalloc(1, sizeof(*o));

	o->screen = (struct screen){ &overlay_ops, app };
	o->palette = palette;
	edit_init(&o->edit, "");
	o->cursor.page = 1;
	return &o->screen;
}

struct screen *help_new(struct app *app)
{
	return overlay_new(app, false);
}

struct screen *palette_new(struct app *app)
{
	return overlay_new(app, true);
}

/* --- menus --- */

/* "Label            F5" */
static char *menu_line(const struct key_binding *binding, int width)
{
	struct buf line = BUF_INIT;

	buf_adds(&line, binding->label);
	for (int i = text_width(binding->label); i < width; i++)
		buf_addc(&line, ' ');
	buf_adds(&line, "  ");
	key_format(binding->keys[0], &line);
	return buf_detach(&line);
}

struct menu_rows {
	VEC(const struct key_binding *) bindings;
	VEC(char *) lines;
};

static void menu_rows_finish(struct menu_rows *rows)
{
	int width = 0;

	for (size_t i = 0; i < rows->bindings.len; i++) {
		int label = text_width(rows->bindings.items[i]->label);

		width = label > width ? label : width;
	}
	for (size_t i = 0; i < rows->bindings.len; i++)
		vec_push(&rows->lines, menu_line(rows->bindings.items[i], width));
}

static void menu_rows_release(struct menu_rows *rows)
{
	for (size_t i = 0; i < rows->lines.len; i++)
		free(rows->lines.items[i]);
	vec_release(&rows->lines);
	vec_release(&rows->bindings);
}

void actions_run(struct app *app, const char *title_text, const int *commands, int count)
{
	struct screen *top = app_top(app);
	struct menu_rows rows = { 0 };
	int chosen;

	for (int i = 0; i < count && commands[i]; i++) {
		const struct key_binding *binding =
		    key_of_command(top->ops->context, top->ops->list, (enum command)commands[i]);

		if (binding && app_enabled(app, binding))
			vec_push(&rows.bindings, binding);
	}
	menu_rows_finish(&rows);
	chosen = dlg_pick(&app->dialogs, title_text, (const char *const *)rows.lines.items, rows.lines.len, 0);
	app->dirty = true;
	if (chosen >= 0)
		app_command(app, rows.bindings.items[chosen]->command);
	menu_rows_release(&rows);
}

static const char *const menu_titles[] = { "Object", "Report", "View", "Go" };

void menu_bar_run(struct app *app)
{
	struct screen *subject = app_subject(app);
	struct menu_rows rows[ARRAY_LEN(menu_titles)] = { 0 };
	struct dlg_menu menus[ARRAY_LEN(menu_titles)];
	const struct key_binding *chosen = NULL;
	size_t shown[ARRAY_LEN(menu_titles)], count = 0, menu, item;

	for (size_t m = 0; m < ARRAY_LEN(menu_titles); m++) {
		for (size_t i = 0; i < key_binding_count; i++) {
			const struct key_binding *binding = &key_bindings[i];

			if (binding->menu && strcmp(binding->menu, menu_titles[m]) == 0 &&
			    key_visible(binding, subject->ops->context, subject->ops->list) &&
			    app_enabled(app, binding))
				vec_push(&rows[m].bindings, binding);
		}
		menu_rows_finish(&rows[m]);
		if (rows[m].lines.len == 0)
			continue;
		menus[count] = (struct dlg_menu){ menu_titles[m], (const char *const *)rows[m].lines.items,
			rows[m].lines.len };
		shown[count++] = m;
	}
	if (dlg_menu(&app->dialogs, menus, count, &menu, &item))
		chosen = rows[shown[menu]].bindings.items[item];
	app->dirty = true;
	if (chosen)
		app_command(app, chosen->command);
	for (size_t m = 0; m < ARRAY_LEN(menu_titles); m++)
		menu_rows_release(&rows[m]);
}
