/* SPDX-License-Identifier: MIT */
/* Enumerators of the Foreach Loop (spec/package.md §3.2): files, items, and what is in a variable. */
#include "runtime/enumerate.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/utf8.h"

#define FOLDER_DEPTH 200

void rows_release(struct rows *rows)
{
	for (size_t i = 0; i < rows->list.len; i++) {
		for (size_t j = 0; j < rows->list.items[i].count; j++)
			value_release(&rows->list.items[i].values[j]);
		free(rows->list.items[i].values);
	}
	vec_release(&rows->list);
}

static struct row *add_row(struct rows *rows, size_t columns)
{
	struct row row = { xcalloc(columns + 1, sizeof(struct value)), columns };

	for (size_t i = 0; i < columns; i++)
		value_init(&row.values[i]);
	vec_push(&rows->list, row);
	return &rows->list.items[rows->list.len - 1];
}

static void add_text(struct rows *rows, const char *text, size_t len)
{
	value_set_text_len(&add_row(rows, 1)->values[0], DT_WSTR, text, len);
}

/* ---- files ---- */

struct file_settings {
	char *folder, *spec;
	int retrieval; /* 0 full name, 1 name and extension, 2 name only */
	bool recurse;
};

static const char *const retrieval_names[] = { "FullyQualified", "NameAndExtension", "NameOnly", NULL };

#define SET(member) offsetof(struct file_settings, member)
static const struct property file_properties[] = {
	{ "Directory", "Folder", PROP_TEXT, SET(folder), "", NULL, 0 },
	{ "FileSpec", "FileSpec", PROP_TEXT, SET(spec), "*.*", NULL, 0 },
	{ "FileNameRetrieval", "FileNameRetrievalType", PROP_ENUM, SET(retrieval), "0", retrieval_names, 0 },
	{ "Recurse", "Recurse", PROP_BOOL, SET(recurse), "0", NULL, 0 },
};

/* Only the last star ever needs to be tried again, so this is quick for any pattern. */
bool wildcard_fits(const char *pattern, const char *name)
{
	const char *star = NULL, *retry = NULL;
	size_t used_p, used_n = 1;

	if (!strcmp(pattern, "*.*"))
		return true;
	while (*name) {
		uint32_t want = *pattern ? utf8_fold(utf8_decode(pattern, strlen(pattern), &used_p)) : 0;
		uint32_t have = utf8_fold(utf8_decode(name, strlen(name), &used_n));
		if (want == '*') {
			star = ++pattern;
			retry = name;
		} else if (want == '?' || (want && want == have)) {
			pattern += used_p;
			name += used_n;
		} else if (star) {
			pattern = star;
			utf8_decode(retry, strlen(retry), &used_n);
			name = retry += used_n;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

struct listing {
	VEC(char *) paths;
};

static int by_name(const void *a, const void *b)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b;
	int order = utf8_casecmp(x, y);

	return order ? order : strcmp(x, y);
}

/* All files below folder that fit; a folder that cannot be read is as an empty one. */
static void list_folder(const struct file_settings *set, const char *folder, int depth,
    struct listing *ret)
{
	const struct dirent *entry;
	DIR *dir = depth < FOLDER_DEPTH ? opendir(folder) : NULL;

	while (dir && (entry = readdir(dir))) {
		char *path = path_join(folder, entry->d_name);
		struct stat st;
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") || lstat(path, &st)) {
			free(path);
		} else if (S_ISDIR(st.st_mode)) {
			if (set->recurse)
				list_folder(set, path, depth + 1, ret);
			free(path);
		} else if (wildcard_fits(set->spec, entry->d_name)) {
			vec_push(&ret->paths, path);
		} else {
			free(path);
		}
	}
	if (dir)
		closedir(dir);
}

static void add_file(struct rows *rows, const struct file_settings *set, const char *path)
{
	const char *name = path_basename(path), *dot = strrchr(name, '.');

	if (set->retrieval == 0)
		add_text(rows, path, strlen(path));
	else if (set->retrieval == 1 || !dot)
		add_text(rows, name, strlen(name));
	else
		add_text(rows, name, (size_t)(dot - name));
}

/* The four FEFEProperty elements have one attribute each. */
static void load_file_settings(const struct xml_node *data, struct file_settings *ret)
{
	const struct xml_node *p = xml_child(data, NULL, "FEFEProperty");

	properties_load(file_properties, ARRAY_LEN(file_properties), NULL, ret);
	for (; p; p = xml_next(p, NULL, "FEFEProperty")) {
		for (const struct xml_attr *a = p->attrs; a; a = a->next) {
			for (size_t i = 0; i < ARRAY_LEN(file_properties); i++) {
				struct value text;
				if (strcmp(a->name, file_properties[i].attribute))
					continue;
				value_set_text(&text, a->value);
				property_assign(&file_properties[i], ret, &text, NULL);
				value_release(&text);
			}
		}
	}
}

static int evaluate_expressions(struct unit *loop, struct file_settings *set, struct fault *fault)
{
	const struct dtsx_foreach *def = loop->def->foreach_loop;
	int r = 0;

	for (size_t i = 0; i < def->expression_count && !r; i++) {
		struct unit_expression expression = { def->expressions[i].property,
			def->expressions[i].expression, NULL };
		const struct property *property = NULL;
		struct value value;
		for (size_t j = 0; j < ARRAY_LEN(file_properties); j++) {
			if (!utf8_casecmp(file_properties[j].name, expression.property))
				property = &file_properties[j];
		}
		if (!property)
			continue;
		r = expression_evaluate(&expression, loop, false, &value, fault);
		if (!r) {
			r = property_assign(property, set, &value, fault);
			value_release(&value);
		}
		expr_free(expression.expr);
	}
	return r;
}

static int enumerate_files(struct unit *loop, struct rows *ret, struct fault *fault)
{
	struct file_settings set = { 0 };
	struct listing listing = { 0 };
	struct buf folder = BUF_INIT;
	int r;

	load_file_settings(loop->def->foreach_loop->object_data, &set);
	r = evaluate_expressions(loop, &set, fault);
	if (!r) {
		path_map(set.folder, &folder);
		while (folder.len > 1 && folder.data[folder.len - 1] == '/')
			buf_truncate(&folder, folder.len - 1);
		list_folder(&set, folder.data, 0, &listing);
		if (listing.paths.len)
			qsort(listing.paths.items, listing.paths.len, sizeof(char *), by_name);
		else
			unit_warning(loop, DTS_W_FILE_ENUM_EMPTY,
			    "The enumerator is empty: no file fits \"%s\" in folder \"%s\".", set.spec, folder.data);
	}
	for (size_t i = 0; i < listing.paths.len; i++) {
		add_file(ret, &set, listing.paths.items[i]);
		free(listing.paths.items[i]);
	}
	vec_release(&listing.paths);
	properties_release(file_properties, ARRAY_LEN(file_properties), &set);
	buf_release(&folder);
	return r;
}

/* ---- items ---- */

static int add_item(const struct xml_node *item, struct rows *ret, struct fault *fault)
{
	const struct xml_node *v;
	size_t n = 0;

	for (v = xml_child(item, NULL, "FEIEItemValue"); v; v = xml_next(v, NULL, "FEIEItemValue"))
		n++;
	struct row *row = add_row(ret, n);
	n = 0;
	for (v = xml_child(item, NULL, "FEIEItemValue"); v; v = xml_next(v, NULL, "FEIEItemValue"), n++) {
		int vt = (int)dtsx_int(xml_attr(v, NULL, "Type"), DTSX_VT_BSTR);
		if (value_from_variant(vt, xml_attr(v, NULL, "Value"), &row->values[n], fault)) {
			value_init(&row->values[n]);
			return -1;
		}
	}
	return 0;
}

static int enumerate_items(struct unit *loop, struct rows *ret, struct fault *fault)
{
	const struct xml_node *data = loop->def->foreach_loop->object_data;
	const struct xml_node *item = xml_child(data, NULL, "FEIEItem");

	for (; item; item = xml_next(item, NULL, "FEIEItem")) {
		if (add_item(item, ret, fault))
			return -1;
	}
	return 0;
}

/* ---- what is in a variable ---- */

static void add_characters(const struct value *text, struct rows *ret)
{
	size_t used;

	for (size_t at = 0; at < text->s.len; at += used) {
		utf8_decode(text->s.data + at, text->s.len - at, &used);
		add_text(ret, text->s.data + at, used);
	}
}

static int enumerate_variable(struct unit *loop, struct rows *ret, struct fault *fault)
{
	const char *name = xml_attr(loop->def->foreach_loop->object_data, NULL, "VariableName");
	struct value value;
	int r = 0;

	if (!name)
		return fault_set(fault, DTS_ELEMENT_NOT_FOUND, "The enumerator names no variable.");
	if (var_read_qualified(loop, name, &value, fault))
		return -1;
	if (dt_family(value.type.dt) == FAMILY_STRING && !value.null) {
		add_characters(&value, ret);
	} else if (value.type.dt == DT_OBJECT && !value.null && value.object) {
		for (size_t i = 0; i < value.object->count; i++)
			value_copy(&value.object->items[i], &add_row(ret, 1)->values[0]);
	} else {
		r = fault_set(fault, DTS_INVALID_VARIABLE_VALUE,
		    "The variable \"%s\" holds nothing that can be enumerated.", name);
	}
	value_release(&value);
	return r;
}

int enumerate(struct unit *loop, struct rows *ret, struct fault *fault)
{
	switch (loop->def->foreach_loop->kind) {
	case DTSX_FOREACH_FILE:
		return enumerate_files(loop, ret, fault);
	case DTSX_FOREACH_ITEM:
		return enumerate_items(loop, ret, fault);
	case DTSX_FOREACH_VARIABLE:
		return enumerate_variable(loop, ret, fault);
	default:
		return fault_set(fault, DTS_INVALID_TASK_MONIKER, "The enumerator type \"%s\" is not available.",
		    loop->def->foreach_loop->creation_name);
	}
}
