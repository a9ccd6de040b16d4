/* SPDX-License-Identifier: MIT */
/*
 * Object Explorer: the tree of the catalog and the Scale Out machines. What a
 * node is and how it is read stands in node_types (tree_nodes.c); here are the
 * cursor, the reading in the background and the commands.
 */
#include "tui/screens/screens.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tui/app.h"
#include "tui/details.h"
#include "tui/screens/tree_nodes.h"
#include "tui/screens/tree_properties.h"
#include "tui/screens/worker_actions.h"
#include "tui/text.h"
#include "tui/tree.h"

#define ROWS_MAX 20000 /* nodes read below one node */
#define PROPERTIES_MIN_WIDTH 72
struct tree_screen {
	struct screen screen;
	struct tree tree;
	struct cursor cursor;
	struct job_slot load;
	struct node *loading; /* whose children are being read; always in the tree */
	struct details details; /* of the current node */
	bool hide_properties;
};

static struct tree_screen *self_of(struct screen *screen)
{
	return (struct tree_screen *)screen;
}

static struct node *current(const struct tree_screen *s)
{
	return s->cursor.pos < s->tree.visible.len ? s->tree.visible.items[s->cursor.pos] : NULL;
}

/* --- making and reading nodes --- */

/* Keep the current node current while rows come and go above it. */
static void update(struct tree_screen *s, struct node *keep)
{
	tree_update(&s->tree);
	if (keep) {
		size_t row = tree_row(&s->tree, keep);

		if (row < s->tree.visible.len)
			s->cursor.pos = row;
	}
	cursor_clamp(&s->cursor, s->tree.visible.len);
	s->screen.app->dirty = true;
}

static void loaded(void *ctx, const struct job_result *result)
{
	struct tree_screen *s = ctx;
	struct node *node = s->loading, *here = current(s);

	s->loading = NULL;
	if (result->r < 0) {
		/* Not read again until the user asks. */
		node->loaded = true;
		node->stale = false;
		app_toast_err(s->screen.app, &result->err);
		return;
	}
	/* The current node may be among those that go. */
	bool inside = false;
	for (struct node *up = here; up; up = up->parent)
		inside |= up == node;
	enum node_kind kind = here ? here->kind : NODE_KIND_COUNT;
	int64_t id = here ? here->id : 0;
	char *key = xstrdup(here ? here->key : "");

	node_take_children(node, &result->rows);
	tree_update(&s->tree);
	if (inside) {
		for (size_t i = 0; i < s->tree.visible.len; i++) {
			struct node *seen = s->tree.visible.items[i];

			if (seen == here && seen->kind == kind && seen->id == id && strcmp(seen->key, key) == 0)
				s->cursor.pos = i;
		}
		here = NULL;
	}
	free(key);
	update(s, here);
	if (result->truncated)
		app_toast(s->screen.app, "only the first %d are shown", ROWS_MAX);
}

/* Read what there is to know about the current node, when it is another one than before. */
static void show_details(struct tree_screen *s)
{
	struct node *node = current(s);
	enum node_kind kind = node ? node->kind : NODE_KIND_COUNT;
	int64_t id = node ? node->id : 0;

	if (s->hide_properties || (s->details.begun && s->details.kind == kind && s->details.id == id))
		return;
	details_clear(&s->details);
	if (node && details_exist(kind))
		details_begin(&s->details, s->screen.app, kind, id);
}

static int64_t tick(struct screen *screen, int64_t now_ms)
{
	struct tree_screen *s = self_of(screen);
	struct node *node;
	struct job_params params = { 0 };
	const struct node_type *type;

	(void)now_ms;
	if (app_subject(screen->app) == screen)
		show_details(s);
	if (s->loading || !(node = node_unread(s->tree.root)))
		return 0;
	type = &node_types[node->kind];
	s->loading = node;
	job_params_bigint(&params, "@id", node_up(node, type->owner)->id);
	jobs_submit(screen->app->jobs, JOB_AWAITED, &s->load, type->sql, &params, ROWS_MAX, loaded, s);
	screen->app->dirty = true;
	return 0;
}

/* --- drawing --- */

static void draw_row(const struct tree_screen *s, const struct view *view, int y, struct node *node,
    bool is_current)
{
	struct buf line = BUF_INIT;
	bool ascii = view->theme->ascii;
	int depth = node_depth(node);

	for (int i = 0; i < depth; i++)
		buf_adds(&line, "  ");
	if (node->leaf)
		buf_adds(&line, "  ");
	else if (ascii)
		buf_adds(&line, node->expanded ? "- " : "+ ");
	else
		buf_adds(&line, node->expanded ? "\xE2\x96\xBE " : "\xE2\x96\xB8 ");
	buf_adds(&line, node->label);
	if (node == s->loading && !node->loaded)
		buf_adds(&line, " (expanding...)");
	view_text(view, y, 0, 1, ROLE_NORMAL, is_current && view->theme->slow ? ">" : " ");
	view_text(view, y, 1, view->w - 1, is_current && !view->theme->slow ? ROLE_CURRENT : ROLE_NORMAL,
	    line.data);
	if (is_current)
		view_set_cursor(view, y, 1 + depth * 2);
	buf_release(&line);
}

static void draw(struct screen *screen, const struct view *view)
{
	struct tree_screen *s = self_of(screen);
	bool split = view->w >= PROPERTIES_MIN_WIDTH && !s->hide_properties;
	int width = split ? view->w * 55 / 100 : view->w;
	struct view list = view_part(view, 0, 0, view->h, width);
	struct node *node = current(s);

	s->cursor.page = (size_t)view->h;
	cursor_clamp(&s->cursor, s->tree.visible.len);
	for (int y = 0; y < list.h && s->cursor.top + (size_t)y < s->tree.visible.len; y++) {
		size_t row = s->cursor.top + (size_t)y;

		draw_row(s, &list, y, s->tree.visible.items[row], row == s->cursor.pos);
	}
	if (split) {
		struct view pane = view_part(view, 0, width, view->h, view->w - width);
		struct view inside = view_box(&pane, node ? node->label : "", false);

		if (node)
			tree_draw_properties(node, &s->details, &inside);
	}
}

/* --- commands --- */

static void expand(struct screen *screen)
{
	struct tree_screen *s = self_of(screen);
	struct node *node = current(s);

	if (!node || node->leaf)
		return;
	if (node->expanded || *s->tree.filter) {
		if (s->cursor.pos + 1 < s->tree.visible.len &&
		    s->tree.visible.items[s->cursor.pos + 1]->parent == node)
			s->cursor.pos++;
		cursor_clamp(&s->cursor, s->tree.visible.len);
		return;
	}
	node->expanded = true;
	update(s, node);
}

static void collapse(struct screen *screen)
{
	struct tree_screen *s = self_of(screen);
	struct node *node = current(s);

	if (!node)
		return;
	if (node->expanded && !node->leaf && !*s->tree.filter) {
		node->expanded = false;
		update(s, node);
	} else if (node->parent != s->tree.root) {
		update(s, node->parent);
	}
}

static const char *name_up(struct node *node, enum node_kind kind)
{
	struct node *up = node_up(node, kind);

	return up ? up->name : NULL;
}

static void open_execute(struct tree_screen *s, bool scale_out)
{
	struct node *node = current(s);
	struct execute_scope scope = { .scale_out = scale_out, .folder = name_up(node, NODE_FOLDER),
		.project = name_up(node, NODE_PROJECT), .package = name_up(node, NODE_PACKAGE) };

	app_push(s->screen.app, execute_new(s->screen.app, &scope));
}

static void execute_scale_out(struct screen *screen)
{
	open_execute(self_of(screen), true);
}

static void execute(struct screen *screen)
{
	open_execute(self_of(screen), false);
}

static void scope_term(struct buf *filter, const char *field, const char *name)
{
	if (name)
		buf_addf(filter, "%s%s:\"%s\"", filter->len ? " " : "", field, name);
}

static void show_executions(struct screen *screen)
{
	struct node *node = current(self_of(screen));
	struct buf filter = BUF_INIT;

	scope_term(&filter, "folder", name_up(node, NODE_FOLDER));
	scope_term(&filter, "project", name_up(node, NODE_PROJECT));
	scope_term(&filter, "package", name_up(node, NODE_PACKAGE));
	app_push(screen->app, executions_new(screen->app, filter.data));
	buf_release(&filter);
}

/* The worker under the cursor. */
static struct worker_ref worker_of(struct screen *screen)
{
	const struct node *node = current(self_of(screen));

	return (struct worker_ref){ .id = node->key, .name = node->label, .enabled = node->flag };
}

static void enable(struct screen *screen)
{
	struct worker_ref worker = worker_of(screen);

	worker_enable(screen->app, &worker);
}

static void disable(struct screen *screen)
{
	struct worker_ref worker = worker_of(screen);

	worker_disable(screen->app, &worker);
}

static void drain(struct screen *screen)
{
	struct worker_ref worker = worker_of(screen);

	worker_drain(screen->app, &worker);
}

static bool has_command(const struct node *node, enum command command)
{
	for (size_t i = 0; node && i < COMMANDS_MAX; i++) {
		if (node_types[node->kind].commands[i] == (int)command)
			return true;
	}
	return false;
}

static bool enabled(const struct screen *screen, enum command command)
{
	const struct tree_screen *s = (const struct tree_screen *)screen;

	switch (command) {
	case CMD_PROPERTIES:
		return current(s) && (current(s)->properties.len || details_exist(current(s)->kind));
	case CMD_ENABLE:
		return has_command(current(s), command) && !current(s)->flag;
	case CMD_DISABLE:
	case CMD_DRAIN:
		return has_command(current(s), command) && current(s)->flag;
	case CMD_VALIDATE:
	case CMD_EXECUTE:
	case CMD_EXECUTE_SCALE_OUT:
	case CMD_SHOW_EXECUTIONS:
	case CMD_CREATE_FOLDER:
	case CMD_CREATE_ENVIRONMENT:
		return has_command(current(s), command);
	default:
		return true;
	}
}

static void actions(struct screen *screen)
{
	struct node *node = current(self_of(screen));

	if (node)
		actions_run(screen->app, node->label, node_types[node->kind].commands, COMMANDS_MAX);
}

static void open_node(struct screen *screen)
{
	struct tree_screen *s = self_of(screen);
	struct node *node = current(s);

	if (!node)
		return;
	if (node->kind == NODE_WORKER)
		app_command(screen->app, CMD_GO_WORKERS);
	else if (node->kind == NODE_QUEUE)
		app_command(screen->app, CMD_GO_QUEUE);
	else if (node->leaf)
		actions(screen);
	else if (node->expanded && !*s->tree.filter)
		collapse(screen);
	else
		expand(screen);
}

static void refresh(struct screen *screen)
{
	struct tree_screen *s = self_of(screen);
	struct node *node = current(s);

	/* A leaf is read with its siblings. */
	while (node && node->parent && (node->leaf || node->loaded) && !node_types[node->kind].sql)
		node = node->parent;
	if (node && node->leaf && node->parent != s->tree.root)
		node = node->parent;
	node_mark_stale(node ? node : s->tree.root);
	s->details.begun = false;
	screen->app->dirty = true;
}

static void toggle_properties(struct screen *screen)
{
	struct tree_screen *s = self_of(screen);

	s->hide_properties = !s->hide_properties;
	app_remember(screen->app, "explorer.pane", s->hide_properties ? "hidden" : "shown");
}

static void properties(struct screen *screen)
{
	struct node *node = current(self_of(screen));

	if (node)
		app_push(screen->app, properties_new(screen->app, node));
}

static void validate(struct screen *screen)
{
	struct node *node = current(self_of(screen));

	if (node)
		validate_begin(screen->app, node);
}

static void folder_named(struct screen *screen, const char *text)
{
	static const char batch[] = "DECLARE @folder_id bigint\n"
		"EXEC [SSISDB].[catalog].[create_folder] @folder_name=@name, @folder_id=@folder_id OUTPUT";
	struct action action = { .title = "Create Folder", .batch = batch, .undo_batch =
		"EXEC [SSISDB].[catalog].[delete_folder] @folder_name=@name" };
	char *done, *undo;

	if (!text || !*text)
		return;
	done = xasprintf("folder %s created", text);
	undo = xasprintf("delete folder %s again", text);
	action.done = done;
	action.undo = undo;
	job_params_text(&action.params, "@name", text);
	job_params_text(&action.undo_params, "@name", text);
	action_run(screen->app, &action);
	free(done);
	free(undo);
}

static void create_folder(struct screen *screen)
{
	app_ask(screen->app, screen, "Folder name: ", "", false, folder_named);
}

static void environment_named(struct screen *screen, const char *text)
{
	struct node *folder = node_up(current(self_of(screen)), NODE_FOLDER);
	struct action action = { .title = "Create Environment", .batch =
		"EXEC [SSISDB].[catalog].[create_environment] @folder_name=@folder, @environment_name=@name",
		.undo_batch = "EXEC [SSISDB].[catalog].[delete_environment] @folder_name=@folder, @environment_name=@name" };
	char *done, *undo;

	if (!text || !*text || !folder)
		return;
	done = xasprintf("environment %s created in %s", text, folder->label);
	undo = xasprintf("delete environment %s of %s again", text, folder->label);
	action.done = done;
	action.undo = undo;
	job_params_text(&action.params, "@folder", folder->name);
	job_params_text(&action.params, "@name", text);
	job_params_text(&action.undo_params, "@folder", folder->name);
	job_params_text(&action.undo_params, "@name", text);
	action_run(screen->app, &action);
	free(done);
	free(undo);
}

static void create_environment(struct screen *screen)
{
	app_ask(screen->app, screen, "Environment name: ", "", false, environment_named);
}

static bool move(struct screen *screen, enum command command)
{
	struct tree_screen *s = self_of(screen);

	return cursor_command(&s->cursor, command, s->tree.visible.len);
}

static const char *filter(const struct screen *screen)
{
	return ((const struct tree_screen *)screen)->tree.filter;
}

static void set_filter(struct screen *screen, const char *text)
{
	struct tree_screen *s = self_of(screen);
	struct node *keep = current(s);

	tree_set_filter(&s->tree, text);
	update(s, keep);
}

static void click(struct screen *screen, int y, int x, bool twice)
{
	struct tree_screen *s = self_of(screen);

	(void)x;
	cursor_move_to(&s->cursor, s->cursor.top + (size_t)y, s->tree.visible.len);
	if (twice)
		open_node(screen);
}

static void title(const struct screen *screen, struct buf *ret)
{
	(void)screen;
	buf_adds(ret, "Object Explorer");
}

static void free_screen(struct screen *screen)
{
	struct tree_screen *s = self_of(screen);

	jobs_cancel(screen->app->jobs, &s->load);
	details_release(&s->details);
	tree_release(&s->tree);
	free(s);
}

static const struct screen_handler handlers[] = {
	{ CMD_OPEN, open_node },
	{ CMD_RIGHT, expand },
	{ CMD_LEFT, collapse },
	{ CMD_ACTIONS, actions },
	{ CMD_EXECUTE_SCALE_OUT, execute_scale_out },
	{ CMD_EXECUTE, execute },
	{ CMD_SHOW_EXECUTIONS, show_executions },
	{ CMD_CREATE_FOLDER, create_folder },
	{ CMD_CREATE_ENVIRONMENT, create_environment },
	{ CMD_PROPERTIES, properties },
	{ CMD_VALIDATE, validate },
	{ CMD_PANE, toggle_properties },
	{ CMD_ENABLE, enable },
	{ CMD_DISABLE, disable },
	{ CMD_DRAIN, drain },
};

const struct screen_ops tree_screen_ops = {
	.context = CTX_TREE,
	.list = true,
	.free = free_screen,
	.title = title,
	.draw = draw,
	.handlers = handlers,
	.handler_count = ARRAY_LEN(handlers),
	.move = move,
	.enabled = enabled,
	.tick = tick,
	.refresh = refresh,
	.filter = filter,
	.set_filter = set_filter,
	.click = click,
};

struct screen *tree_screen_new(struct app *app)
{
	struct tree_screen *s = xcalloc(1, sizeof(*s));
	struct node *catalogs, *scale_out, *ssisdb, *workers;

	const char *pane = state_get(&app->state, "explorer.pane");

	s->screen = (struct screen){ &tree_screen_ops, app };
	s->hide_properties = pane && strcmp(pane, "hidden") == 0;
	tree_init(&s->tree);
	catalogs = node_add_virtual(s->tree.root, NODE_CATALOGS, "Integration Services Catalogs");
	ssisdb = node_add_virtual(catalogs, NODE_SSISDB, "SSISDB");
	scale_out = node_add_virtual(s->tree.root, NODE_SCALE_OUT, "Scale Out");
	node_add_virtual(scale_out, NODE_MASTER, "Master");
	node_add_virtual(scale_out, NODE_QUEUE, "Queue");
	workers = node_add_virtual(scale_out, NODE_WORKERS, "Workers");
	catalogs->expanded = ssisdb->expanded = scale_out->expanded = workers->expanded = true;
	tree_update(&s->tree);
	s->cursor.page = 1;
	return &s->screen;
}
