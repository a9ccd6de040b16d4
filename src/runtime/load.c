/* SPDX-License-Identifier: MIT */
/* Reading what a run needs: the package, and beside it Project.params and the project's connection managers. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/utf8.h"
#include "runtime/engine.h"

#define PART_MAX ((size_t)128 * 1024 * 1024)

static int read_part(const char *folder, const char *name, struct buf *ret, struct err *err)
{
	char *path = folder ? path_join(folder, name) : xstrdup(name);
	int r = file_read(path, PART_MAX, ret, err);

	free(path);
	return r;
}

/* The catalog knows packages by their file names; "A" stands for "A.dtsx" too. */
static int load_package(struct run *run, struct err *err)
{
	const struct run_options *o = run->options;
	struct buf bytes = BUF_INIT;
	int r;

	run->package_name = xstrdup(path_basename(o->project_dir ? o->package_name : o->package_path));
	if (o->project_dir && strchr(o->package_name, '/'))
		return err_set(err, ERR_INVALID, "package name \"%s\" is a path", o->package_name);
	r = read_part(o->project_dir, o->project_dir ? o->package_name : o->package_path, &bytes, err);
	if (!r)
		r = dtsx_load(bytes.data, bytes.len, run->package_name, o->password, &run->dtsx, err);
	buf_release(&bytes);
	return r;
}

/* ---- Project.params ---- */

static const struct xml_node *param_property(const struct xml_node *param, const char *name)
{
	const struct xml_node *list = xml_child(param, XML_NS_SSIS, "Properties");
	const struct xml_node *p = xml_child(list, XML_NS_SSIS, "Property");

	for (; p; p = xml_next(p, XML_NS_SSIS, "Property")) {
		const char *found = xml_attr(p, XML_NS_SSIS, "Name");
		if (found && !strcmp(found, name))
			return p;
	}
	return NULL;
}

/* System.TypeCode to the VARIANT code (spec/package.md §1.4). */
static int variant_of_typecode(int64_t code)
{
	static const int codes[] = { 0, 13, 1, 11, 18, 16, 17, 2, 18, 3, 19, 20, 21, 4, 5, 14, 7, 8, 8 };

	return code >= 0 && code < (int64_t)ARRAY_LEN(codes) ? codes[code] : 8;
}

static bool param_flag(const struct xml_node *param, const char *name)
{
	const struct xml_node *p = param_property(param, name);

	return p && dtsx_bool(xml_text(p), false);
}

static void add_param(struct run *run, const char *space, const char *name, int vt, const char *value,
    bool sensitive, bool required)
{
	struct var *param = &run->params[run->param_count++];

	*param = (struct var){ .space = space, .name = name, .description = "", .id = "",
		.read_only = true, .sensitive = sensitive, .required = required };
	param->type = value_type_of(dt_from_variant(vt));
	if (value_from_variant(vt, value, &param->value, NULL))
		value_set_null(&param->value, &param->type);
	else
		param->type = param->value.type;
}

static void add_project_param(struct run *run, const struct xml_node *param)
{
	const struct xml_node *type = param_property(param, "DataType");
	const struct xml_node *value = param_property(param, "Value");
	const char *name = xml_attr(param, XML_NS_SSIS, "Name");
	bool sensitive = param_flag(param, "Sensitive");
	bool locked = sensitive && value && xml_attr(value, NULL, "Salt");

	if (name)
		add_param(run, "$Project", name, variant_of_typecode(dtsx_int(type ? xml_text(type) : NULL, 18)),
		    value && !locked ? xml_text(value) : NULL, sensitive, param_flag(param, "Required"));
}

static size_t count_params(const struct xml_node *root)
{
	size_t n = 0;

	for (const struct xml_node *p = xml_child(root, XML_NS_SSIS, "Parameter"); p;
	     p = xml_next(p, XML_NS_SSIS, "Parameter"))
		n++;
	return n;
}

static int load_params(struct run *run, struct err *err)
{
	const char *folder = run->options->project_dir;
	struct buf bytes = BUF_INIT;
	char *path = folder ? path_join(folder, "Project.params") : NULL;
	const struct xml_node *root = NULL;
	int r = 0;

	if (path && file_exists(path)) {
		r = file_read(path, PART_MAX, &bytes, err);
		if (!r)
			r = xml_parse(bytes.data, bytes.len, "Project.params", &run->project_params, err);
		if (!r)
			root = run->project_params->root;
	}
	run->params = xcalloc(run->dtsx->param_count + count_params(root) + 1, sizeof(*run->params));
	for (size_t i = 0; i < run->dtsx->param_count; i++) {
		const struct dtsx_param *p = &run->dtsx->params[i];
		add_param(run, "$Package", p->name, p->data_type, p->value, p->sensitive, p->required);
	}
	for (const struct xml_node *p = xml_child(root, XML_NS_SSIS, "Parameter"); p;
	     p = xml_next(p, XML_NS_SSIS, "Parameter"))
		add_project_param(run, p);
	buf_release(&bytes);
	free(path);
	return r;
}

/* ---- *.conmgr ---- */

static int load_conmgr(struct run *run, const char *name, struct err *err)
{
	struct buf bytes = BUF_INIT;
	struct dtsx_conmgr *conmgr = NULL;
	int r = read_part(run->options->project_dir, name, &bytes, err);

	if (!r)
		r = dtsx_conmgr_load(bytes.data, bytes.len, name, run->options->password, &conmgr, err);
	if (!r) {
		run->conmgrs = xreallocarray(run->conmgrs, run->conmgr_count + 1, sizeof(*run->conmgrs));
		run->conmgrs[run->conmgr_count++] = conmgr;
	}
	buf_release(&bytes);
	return r;
}

static bool is_conmgr(const char *name)
{
	size_t len = strlen(name);

	return len > 7 && !utf8_casecmp(name + len - 7, ".conmgr");
}

static int load_conmgrs(struct run *run, struct err *err)
{
	const char *folder = run->options->project_dir;
	DIR *dir = folder ? opendir(folder) : NULL;
	const struct dirent *entry;
	int r = 0;

	while (dir && !r && (entry = readdir(dir))) {
		if (is_conmgr(entry->d_name))
			r = load_conmgr(run, entry->d_name, err);
	}
	if (dir)
		closedir(dir);
	return r;
}

int run_load(struct run *run, struct err *err)
{
	int r = load_package(run, err);

	if (!r)
		r = load_params(run, err);
	if (!r)
		r = load_conmgrs(run, err);
	return r ? r : connections_load(run);
}
