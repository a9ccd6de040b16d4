/* SPDX-License-Identifier: MIT */
/* The Execute dialog's looks: pages at the left, the page at the right, buttons below. Fits 80x24. */
#include "tui/screens/execute.h"

#include <stdlib.h>
#include <string.h>

#include "tui/grid.h"
#include "tui/text.h"

#define SIDE_WIDTH 20

static const char *const page_names[PAGE_COUNT] = { "Package Selection", "Machine Selection" };
static const char *const tab_names[TAB_COUNT] = { "Parameters", "Connection Managers", "Advanced" };
static const char *const button_names[BUTTON_COUNT] = { "Script", "OK", "Cancel" };

static enum role row_role(const struct view *view, bool current, bool focused)
{
	if (!current || view->theme->slow)
		return ROLE_NORMAL;
	return focused ? ROLE_CURRENT : ROLE_CURRENT_BLUR;
}

/* --- left side --- */

static void draw_side(struct execute *e, const struct view *view)
{
	struct view box = view_part(view, 0, 0, view->h, SIDE_WIDTH);
	struct view inside = view_box(&box, "Select a page", e->focus == FOCUS_PAGES);
	const struct app *app = e->screen.app;
	struct buf text = BUF_INIT;
	int y = 0;

	for (int i = 0; i < PAGE_COUNT && (i == 0 || e->form.scale_out); i++, y++) {
		bool current = i == (int)e->page;

		view_text(&inside, y, 0, inside.w, current ? e->focus == FOCUS_PAGES
			? row_role(view, true, true) : ROLE_KEY : ROLE_NORMAL, page_names[i]);
		if (current && e->focus == FOCUS_PAGES)
			view_set_cursor(&inside, y, 0);
	}
	y = inside.h - 8;
	view_text(&inside, y++, 0, inside.w, ROLE_HEADER, "Connection");
	view_raw(&inside, y++, 0, inside.w, ROLE_NORMAL,
	    app->options.connector.server_name ? app->options.connector.server_name : "catalog");
	view_raw(&inside, y++, 0, inside.w, ROLE_NORMAL,
	    app->options.connector.login_name ? app->options.connector.login_name : "");
	y++;
	view_text(&inside, y++, 0, inside.w, ROLE_HEADER, "Progress");
	if (e->running)
		buf_addf(&text, "Starting %zu/%zu", e->started.len + 1, form_checked(&e->form));
	else
		buf_adds(&text, !e->loaded ? "Reading..." : "Ready");
	view_text(&inside, y++, 0, inside.w, ROLE_NORMAL, text.data);
	buf_clear(&text);
	buf_addf(&text, "%zu ticked", form_checked(&e->form));
	view_text(&inside, y++, 0, inside.w, ROLE_NORMAL, text.data);
	buf_release(&text);
}

/* --- packages --- */

enum { P_PACKAGE, P_PROJECT, P_FOLDER, P_ENVIRONMENT, P_COUNT };
static const struct grid_column package_columns[P_COUNT] = {
	[P_PACKAGE] = { "    Package", 40, 19, 1, false, true },
	[P_PROJECT] = { "Project", 24, 12, 2, false, false },
	[P_FOLDER] = { "Folder", 20, 9, 3, false, false },
	[P_ENVIRONMENT] = { "Environment", 20, 11, 4, false, false },
};

static const char *environment_label(const struct form_package *package)
{
	for (size_t i = 0; i < package->references.len; i++) {
		if (package->references.items[i].id == package->reference_id)
			return package->references.items[i].label;
	}
	return "";
}

static void package_cell(const void *row, size_t column, bool ascii, struct buf *ret, enum role *role)
{
	const struct form_package *package = row;
	const char *texts[P_COUNT] = { package->package, package->project, package->folder,
		environment_label(package) };

	(void)ascii;
	(void)role;
	if (column == P_PACKAGE)
		buf_adds(ret, package->checked ? "[x] " : "[ ] ");
	text_clean(texts[column], strlen(texts[column]), ret);
}

static void draw_packages(struct execute *e, const struct view *view)
{
	struct grid grid = { .columns = package_columns, .count = P_COUNT };
	struct view box = view_box(view, "Package Selection", e->focus == FOCUS_LIST);
	struct view list = view_part(&box, 1, 0, box.h - 1, box.w);

	grid_layout(&grid, box.w);
	grid_draw_header(&grid, &box, 0);
	e->packages.page = list.h > 0 ? (size_t)list.h : 1;
	cursor_clamp(&e->packages, e->shown.len);
	for (int y = 0; y < list.h && e->packages.top + (size_t)y < e->shown.len; y++) {
		size_t row = e->packages.top + (size_t)y;
		struct grid_row_look look = { .current = row == e->packages.pos,
			.focused = e->focus == FOCUS_LIST };

		grid_draw_row(&grid, &list, y, look, &e->form.packages.items[e->shown.items[row]], package_cell);
	}
	if (e->shown.len == 0) {
		struct buf text = BUF_INIT;

		if (e->err.code)
			app_err_format(&e->err, false, &text);
		else
			buf_adds(&text, !e->loaded ? "reading..." : *e->filter ? "nothing matches the filter"
									      : "no package can be started here");
		view_raw(&list, 0, 2, list.w - 2, e->err.code ? ROLE_BAD : ROLE_DIM, text.data);
		buf_release(&text);
	}
}

/* --- details --- */

static void draw_tabs(struct execute *e, const struct view *view)
{
	int x = 1;

	for (int i = 0; i < TAB_COUNT; i++) {
		int width = text_width(tab_names[i]);
		bool current = i == (int)e->tab;

		view_text(view, 0, x, 1, ROLE_NORMAL, current ? "[" : " ");
		view_text(view, 0, x + 1, width, current ? ROLE_HEADER : ROLE_NORMAL, tab_names[i]);
		view_text(view, 0, x + 1 + width, 1, ROLE_NORMAL, current ? "]" : " ");
		x += width + 3;
	}
}

static void draw_value(const struct execute *e, const struct view *view, int y, size_t row, size_t index)
{
	const struct form_value *value = &execute_current(e)->values.items[index];
	bool current = row == e->details.pos, focused = e->focus == FOCUS_DETAILS;
	enum role role = row_role(view, current && focused, true);
	const char *name = value->name;
	struct buf shown = BUF_INIT, left = BUF_INIT;
	int width = view->w * 45 / 100;

	if (value->is_connection)
		name += strncmp(name, "CM.", 3) == 0 ? 3 : 0;
	else if (value->object_type == 20)
		buf_adds(&left, "Project: ");
	text_clean(name, strlen(name), &left);
	form_value_shown(value, &shown);
	view_text(view, y, 0, 1, role, current && focused ? ">" : " ");
	view_text(view, y, 1, 1, role, value->edited ? "*" : " ");
	view_text(view, y, 2, width - 2, role, left.data);
	view_text(view, y, width, 1, role, " ");
	view_text(view, y, width + 1, view->w - width - 10, role == ROLE_NORMAL && value->edited ? ROLE_KEY : role,
	    shown.data);
	view_raw(view, y, view->w - 9, 9, role == ROLE_NORMAL ? ROLE_DIM : role, value->data_type);
	if (current && focused)
		view_set_cursor(view, y, 0);
	buf_release(&shown);
	buf_release(&left);
}

static void draw_values(struct execute *e, const struct view *view)
{
	size_t *indexes = xcalloc(EXECUTE_VALUES_MAX, sizeof(*indexes));
	size_t count = execute_tab_values(e, e->tab, indexes, EXECUTE_VALUES_MAX);

	for (int y = 0; y < view->h && e->details.top + (size_t)y < count; y++)
		draw_value(e, view, y, e->details.top + (size_t)y, indexes[e->details.top + (size_t)y]);
	if (count == 0) {
		const struct form_package *package = execute_current(e);

		view_text(view, 0, 2, view->w - 2, ROLE_DIM, !package ? "" : !package->loaded ? "reading..."
			: e->tab == TAB_PARAMETERS ? "this package has no parameters"
						   : "no connection manager properties");
	}
	free(indexes);
}

static void draw_option(const struct execute *e, const struct view *view, int row, int left, const char *label,
    const char *value)
{
	int y = row - (int)e->details.top;
	bool current = (size_t)y + e->details.top == e->details.pos && e->focus == FOCUS_DETAILS;
	enum role role = row_role(view, current, true);

	view_text(view, y, 0, 2, role, current ? "> " : "  ");
	view_raw(view, y, 2, left - 1, role, label);
	view_text(view, y, 1 + left, 1, role, "");
	view_raw(view, y, 2 + left, view->w - 2 - left, role, value);
	if (current)
		view_set_cursor(view, y, 0);
}

#define LABEL_WIDTH 22

/* Below the options: one row per override, and one that adds another. */
static void draw_overrides(const struct execute *e, const struct view *view, const struct form_package *package)
{
	int first = (int)execute_options(e), left = view->w * 2 / 3;

	for (size_t i = 0; i < package->overrides.len; i++) {
		const struct form_override *override = &package->overrides.items[i];

		draw_option(e, view, first + (int)i, left, override->path, override->sensitive ? "******" : override->value);
	}
	draw_option(e, view, first + (int)package->overrides.len, left,
	    package->overrides.len ? "(another property override...)" : "(property override...)", "");
}

static void draw_options(const struct execute *e, const struct view *view)
{
	const struct form_package *package = execute_current(e);
	char retry[16];

	if (!package)
		return;
	snprintf(retry, sizeof(retry), "%u", package->retry_count);
	draw_option(e, view, OPTION_ENVIRONMENT, LABEL_WIDTH, "Environment",
	    package->reference_id ? environment_label(package) : "(none)");
	draw_option(e, view, OPTION_LOGGING, LABEL_WIDTH, "Logging level",
	    code_find(&code_logging_level, package->logging_level)->word);
	draw_option(e, view, OPTION_DUMP, LABEL_WIDTH, "Dump on errors", package->dump_on_error ? "[x] Yes" : "[ ] No");
	draw_option(e, view, OPTION_32_BIT, LABEL_WIDTH, "32-bit runtime", package->use_32_bit ? "[x] Yes" : "[ ] No");
	if (e->form.scale_out)
		draw_option(e, view, OPTION_RETRY, LABEL_WIDTH, "Retry count", retry);
	draw_overrides(e, view, package);
}

static void draw_details(struct execute *e, const struct view *view)
{
	const struct form_package *package = execute_current(e);
	struct buf title = BUF_INIT;
	struct view box, rows;

	if (package)
		text_clean(package->package, strlen(package->package), &title);
	box = view_box(view, title.data, e->focus == FOCUS_DETAILS);
	draw_tabs(e, &box);
	rows = view_part(&box, 1, 0, box.h - 1, box.w);
	e->details.page = rows.h > 0 ? (size_t)rows.h : 1;
	cursor_clamp(&e->details, execute_detail_rows(e));
	if (e->tab == TAB_ADVANCED)
		draw_options(e, &rows);
	else
		draw_values(e, &rows);
	buf_release(&title);
}

/* --- machines --- */

enum { M_NAME, M_STATE, M_ACCOUNT, M_MACHINE, M_COUNT };
static const struct grid_column machine_columns[M_COUNT] = {
	[M_NAME] = { "    Machine", 30, 12, 1, false, true },
	[M_STATE] = { "State", 18, 16, 1, false, false },
	[M_ACCOUNT] = { "Runs Under", 24, 10, 1, false, false },
	[M_MACHINE] = { "Host", 24, 11, 2, false, false },
};

static void machine_cell(const void *row, size_t column, bool ascii, struct buf *ret, enum role *role)
{
	const struct form_worker *worker = row;
	const char *texts[M_COUNT] = { worker->name, worker->state, worker->account, worker->machine };

	(void)ascii;
	if (column == M_NAME)
		buf_adds(ret, worker->checked ? "[x] " : "[ ] ");
	if (column == M_STATE && !(worker->enabled && worker->online))
		*role = ROLE_WARNING;
	buf_adds(ret, texts[column]);
}

static void put_warning(void *ctx, const char *clean)
{
	struct view *view = ctx;

	view_text(view, 0, 0, view->w, ROLE_WARNING, clean);
	view->y++;
	view->h--;
}

static void draw_machines(struct execute *e, const struct view *view)
{
	static const char warning[] = "All executions on a machine run under the account shown, whoever starts "
				      "them: nothing separates one user's packages from another's there.";
	struct grid grid = { .columns = machine_columns, .count = M_COUNT };
	struct view box = view_box(view, "Machine Selection", e->focus == FOCUS_LIST);
	struct view list = view_part(&box, 3, 0, box.h - 7, box.w), below;
	bool first = e->machines.pos == 0, focused = e->focus == FOCUS_LIST;

	view_text(&box, 0, 0, 2, row_role(view, first, focused), first ? "> " : "  ");
	view_text(&box, 0, 2, box.w - 2, row_role(view, first, focused),
	    e->form.any_worker ? "[x] Allow any computer to run" : "[ ] Allow any computer to run");
	if (first && focused)
		view_set_cursor(&box, 0, 2);
	grid_layout(&grid, box.w);
	grid_draw_header(&grid, &box, 2);
	e->machines.page = list.h > 0 ? (size_t)list.h + 1 : 1;
	cursor_clamp(&e->machines, e->form.workers.len + 1);
	for (int y = 0; y < list.h && e->machines.top + (size_t)y < e->form.workers.len; y++) {
		size_t row = e->machines.top + (size_t)y;
		struct grid_row_look look = { .current = row + 1 == e->machines.pos, .focused = focused };

		grid_draw_row(&grid, &list, y, look, &e->form.workers.items[row], machine_cell);
	}
	if (e->form.workers.len == 0)
		view_text(&list, 0, 2, list.w - 2, ROLE_DIM,
		    e->workers_loaded ? "no workers; add one with: scaleout worker add" : "reading...");
	below = view_part(&box, box.h - 3, 1, 3, box.w - 2);
	text_wrap(warning, strlen(warning), below.w, put_warning, &below);
}

/* --- whole --- */

static void draw_buttons(struct execute *e, const struct view *view)
{
	int x = view->w;

	for (int i = BUTTON_COUNT - 1; i >= 0; i--) {
		struct buf text = BUF_INIT;
		bool focused = e->focus == FOCUS_BUTTONS && i == (int)e->button;

		buf_addf(&text, "[ %s ]", button_names[i]);
		x -= (int)text.len + 1;
		view_text(view, view->h - 1, x, (int)text.len, focused ? ROLE_BUTTON_FOCUS : ROLE_BUTTON,
		    text.data);
		if (focused)
			view_set_cursor(view, view->h - 1, x + 2);
		buf_release(&text);
	}
}

void execute_draw(struct screen *screen, const struct view *view)
{
	struct execute *e = (struct execute *)screen;
	struct view right = view_part(view, 0, SIDE_WIDTH, view->h - 1, view->w - SIDE_WIDTH);
	int upper = right.h / 2;

	draw_side(e, view);
	if (e->page == PAGE_MACHINES) {
		draw_machines(e, &right);
	} else {
		struct view top = view_part(&right, 0, 0, upper, right.w);
		struct view bottom = view_part(&right, upper, 0, right.h - upper, right.w);

		draw_packages(e, &top);
		draw_details(e, &bottom);
	}
	draw_buttons(e, view);
}
