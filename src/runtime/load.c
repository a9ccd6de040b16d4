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

static int load_package(struct package *package, const char *folder, const char *file, struct err *err)
{
	struct buf bytes = BUF_INIT;
	int r;

	package->name = xstrdup(path_basename(file));
	if (folder && strchr(file, '/'))
		return err_set(err, ERR_INVALID, "package name \"%s\" is a path", file);
	r = read_part(folder, file, &bytes, err);
	if (!r)
		r = dtsx_load(bytes.data, bytes.len, package->name, package->run->options->password,
		    &package->dtsx, err);
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

static void add_param(struct package *package, const char *space, const char *name, int vt, const char *value,
    bool sensitive, bool required)
{
	struct var *param = &package->params[package->param_count++];

	*param = (struct var){ .space = space, .name = name, .description = "", .id = "",
		.read_only = true, .sensitive = sensitive, .required = required };
	param->type = value_type_of(dt_from_variant(vt));
	if (value_from_variant(vt, value, &param->value, NULL))
		value_set_null(&param->value, &param->type);
	else
		param->type = param->value.type;
}

static void add_project_param(struct package *package, const struct xml_node *param)
{
	const struct xml_node *type = param_property(param, "DataType");
	const struct xml_node *value = param_property(param, "Value");
	const char *name = xml_attr(param, XML_NS_SSIS, "Name");
	bool sensitive = param_flag(param, "Sensitive");
	bool locked = sensitive && value && xml_attr(value, NULL, "Salt");

	if (name)
		add_param(package, "$Project", name, variant_of_typecode(dtsx_int(type ? xml_text(type) : NULL, 18)),
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

static int load_params(struct package *package, const char *folder, struct err *err)
{
	struct buf bytes = BUF_INIT;
	char *path = folder ? path_join(folder, "Project.params") : NULL;
	const struct xml_node *root = NULL;
	int r = 0;

	if (path && file_exists(path)) {
		r = file_read(path, PART_MAX, &bytes, err);
		if (!r)
			r = xml_parse(bytes.data, bytes.len, "Project.params", &package->project_params, err);
		if (!r)
			root = package->project_params->root;
	}
	package->params = xcalloc(package->dtsx->param_count + count_params(root) + 1, sizeof(*package->params));
	for (size_t i = 0; i < package->dtsx->param_count; i++) {
		const struct dtsx_param *p = &package->dtsx->params[i];
		add_param(package, "$Package", p->name, p->data_type, p->value, p->sensitive, p->required);
	}
	for (const struct xml_node *p = xml_child(root, XML_NS_SSIS, "Parameter"); p;
	     p = xml_next(p, XML_NS_SSIS, "Parameter"))
		add_project_param(package, p);
	buf_release(&bytes);
	free(path);
	return r;
}

/* ---- *.conmgr ---- */

static int load_conmgr(struct package *package, const char *folder, const char *name, struct err *err)
{
	struct buf bytes = BUF_INIT;
	struct dtsx_conmgr *conmgr = NULL;
	int r = read_part(folder, name, &bytes, err);

	if (!r)
		r = dtsx_conmgr_load(bytes.data, bytes.len, name, package->run->options->password, &conmgr, err);
	if (!r) {
		package->conmgrs = xreallocarray(package->conmgrs, package->conmgr_count + 1, sizeof(*package->conmgrs));
		package->conmgrs[package->conmgr_count++] = conmgr;
	}
	buf_release(&bytes);
	return r;
}

static bool is_conmgr(const char *name)
{
	size_t len = strlen(name);

	return len > 7 && !utf8_casecmp(name + len - 7, ".conmgr");
}

static int load_conmgrs(struct package *package, const char *folder, struct err *err)
{
	DIR *dir = folder ? opendir(folder) : NULL;
	const struct dirent *entry;
	int r = 0;

	while (dir && !r && (entry = readdir(dir))) {
		if (is_conmgr(entry->d_name))
			r = load_conmgr(package, folder, entry->d_name, err);
	}
	if (dir)
		closedir(dir);
	return r;
}

int package_load(struct package *package, const char *folder, const char *file, struct err *err)
{
	int r = load_package(package, folder, file, err);

	if (!r)
		r = load_params(package, folder, err);
	if (!r)
		r = load_conmgrs(package, folder, err);
	if (!r)
		connections_load(package);
	return r;
}

void package_release(struct package *package)
{
	connections_release(package);
	for (size_t i = 0; i < package->param_count; i++)
		var_release(&package->params[i]);
	free(package->params);
	for (size_t i = 0; i < package->overrides.len; i++) {
		struct unit_override *o = &package->overrides.items[i];
		free((char *)(uintptr_t)o->variable);
		free(o->property);
		mem_wipe(o->value, strlen(o->value));
		free(o->value);
	}
	vec_release(&package->overrides);
	for (size_t i = 0; i < package->conmgr_count; i++)
		dtsx_conmgr_free(package->conmgrs[i]);
	free(package->conmgrs);
	xml_free(package->project_params);
	dtsx_free(package->dtsx);
	free(package->name);
}
