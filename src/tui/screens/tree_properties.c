/* SPDX-License-Identifier: MIT */
/* The pane beside the tree: labels in a column as wide as the section needs, values wrapped beside them. */
#include "tui/screens/tree_properties.h"

#include <string.h>

#include "tui/details.h"
#include "tui/text.h"
#include "tui/tree.h"
#include "tui/view.h"

struct property_pen {
	struct view view;
	int y;
};

static void put_property_line(void *ctx, const char *clean)
{
	struct property_pen *pen = ctx;

	view_text(&pen->view, pen->y++, 0, pen->view.w, ROLE_NORMAL, clean);
}

/*
 * A label and its value at y, the value wrapped; returns the next free line. A label that is longer than the
 * others may be takes the room it needs, and a line of its own where the value would not fit beside it.
 */
static int draw_property(const struct view *view, int y, int label, const char *name, const char *value)
{
	int need = text_width(name);

	if (need > label && need + 2 + text_width(value) <= view->w) {
		label = need;
	} else if (need > label) {
		view_text(view, y++, 0, view->w, ROLE_DIM, name);
		name = "";
		label = 0;
	}
	struct property_pen pen = { view_part(view, 0, label + 2, view->h, view->w - label - 2), y };
	view_text(view, y, 0, label, ROLE_DIM, name);
	text_wrap(value, strlen(value), pen.view.w, put_property_line, &pen);
	return pen.y > y ? pen.y : y + 1;
}

static int draw_section(const struct view *view, int y, const struct details *details, size_t *at)
{
	size_t end = *at + 1, from = end;
	int label = 0;

	for (; end < details->lines.len && !details->lines.items[end].heading; end++) {
		int width = text_width(details->lines.items[end].label);

		label = width > label ? width : label;
	}
	if (label > view->w * 2 / 3)
		label = view->w * 2 / 3;
	view_text(view, y++, 0, view->w, ROLE_HEADER, details->lines.items[*at].label);
	for (; from < end && y < view->h; from++)
		y = draw_property(view, y, label, details->lines.items[from].label, details->lines.items[from].value);
	*at = end;
	return y;
}

void tree_draw_properties(const struct node *node, const struct details *details, const struct view *view)
{
	int label = 0, y = 0;

	for (size_t i = 0; i < node->properties.len; i++) {
		int width = text_width(node->properties.items[i].label);

		label = width > label ? width : label;
	}
	if (label > view->w / 2)
		label = view->w / 2;
	for (size_t i = 0; i < node->properties.len && y < view->h; i++)
		y = draw_property(view, y, label, node->properties.items[i].label, node->properties.items[i].value);
	for (size_t at = 0; at < details->lines.len && y < view->h;)
		y = draw_section(view, y + (y > 0), details, &at);
	if (y == 0 && !details_exist(node->kind))
		view_text(view, 0, 0, view->w, ROLE_DIM, "(no properties)");
}
