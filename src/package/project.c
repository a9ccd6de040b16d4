/* SPDX-License-Identifier: MIT */
/*
 * Reading a project. The archive is walked once: manifest and parameters are
 * kept as bytes, packages and connection managers are only looked at (is it
 * well-formed, is it what its name says, is it encrypted as a whole). Then the
 * manifest, which is the catalog's source for everything, is taken apart.
 */
#include "package/project.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "package/dtsx.h"
#include "package/protect.h"
#include "package/xml.h"

#define MANIFEST "@Project.manifest"
#define PARAMS "Project.params"
#define PARAMS_MAX 100000
#define WARNINGS_MAX 1000
#define PROJECT_FORMAT 1

struct part_seen {
	char *name;
	bool encrypted;
	bool listed; /* the manifest names it */
};

struct reader {
	struct project *project;
	const char *password;
	struct err *err;
	char *manifest, *params; /* bytes of the parts, NULL when absent */
	size_t manifest_len, params_len;
	VEC(struct part_seen) parts; /* packages and connection managers */
};

static void warn(struct reader *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void warn(struct reader *r, const char *fmt, ...)
{
	struct project *p = r->project;
	struct buf text = BUF_INIT;
	va_list args;

	if (p->warning_count == WARNINGS_MAX)
		return;
	va_start(args, fmt);
	buf_vaddf(&text, fmt, args);
	va_end(args);
	p->warnings = xreallocarray(p->warnings, p->warning_count + 1, sizeof(*p->warnings));
	p->warnings[p->warning_count++] = buf_detach(&text);
}

/* The archive. */

static bool has_suffix(const char *name, const char *suffix)
{
	size_t len = strlen(name), end = strlen(suffix);

	return len > end && utf8_casecmp(name + len - end, suffix) == 0;
}

static int look_at_part(struct reader *r, const char *name, const char *bytes, size_t size,
    const char *root)
{
	struct xml_doc *doc = NULL;
	struct part_seen part = { 0 };
	int result = xml_parse(bytes, size, name, &doc, r->err);

	if (result < 0)
		return result;
	part.encrypted = xml_is(doc->root, XML_NS_XMLENC, "EncryptedData");
	if (!part.encrypted && !xml_is(doc->root, XML_NS_DTS, root))
		result = err_set(r->err, ERR_INVALID, "%s: the top element is %.60s instead of DTS:%s", name,
		    doc->root->name, root);
	xml_free(doc);
	if (result < 0)
		return result;
	part.name = xstrdup(name);
	vec_push(&r->parts, part);
	return 0;
}

static int on_part(void *ctx, const char *name, const char *bytes, size_t size, struct err *err)
{
	struct reader *r = ctx;

	(void)err;
	if (utf8_casecmp(name, MANIFEST) == 0) {
		r->manifest = xmemdup(bytes, size + 1);
		r->manifest_len = size;
	} else if (utf8_casecmp(name, PARAMS) == 0) {
		r->params = xmemdup(bytes, size + 1);
		r->params_len = size;
	} else if (has_suffix(name, ".dtsx")) {
		return look_at_part(r, name, bytes, size, "Executable");
	} else if (has_suffix(name, ".conmgr")) {
		return look_at_part(r, name, bytes, size, "ConnectionManager");
	} else if (strcmp(name, "[Content_Types].xml") != 0) {
		warn(r, "%s: unknown part, ignored", name);
	}
	return 0;
}

static struct part_seen *find_part(struct reader *r, const char *name)
{
	for (size_t i = 0; i < r->parts.len; i++) {
		if (utf8_casecmp(r->parts.items[i].name, name) == 0)
			return &r->parts.items[i];
	}
	return NULL;
}

/* SSIS:Properties. */

static const struct xml_node *prop_node(const struct xml_node *owner, const char *name)
{
	const struct xml_node *list = xml_child(owner, XML_NS_SSIS, "Properties");
	const struct xml_node *p = xml_child(list, XML_NS_SSIS, "Property");

	for (; p; p = xml_next(p, XML_NS_SSIS, "Property")) {
		const char *given = xml_attr(p, XML_NS_SSIS, "Name");
		if (given && strcmp(given, name) == 0)
			return p;
	}
	return NULL;
}

static const char *prop_text(const struct xml_node *owner, const char *name)
{
	return xml_text(prop_node(owner, name));
}

static int prop_int(const struct xml_node *owner, const char *name, int fallback)
{
	int64_t n = dtsx_int(prop_text(owner, name), fallback);

	return n < 0 || n > INT32_MAX ? fallback : (int)n;
}

static void prop_uuid(struct reader *r, const struct xml_node *owner, const char *name,
    const char *whose, struct uuid *ret)
{
	const char *text = prop_text(owner, name);

	if (!uuid_parse(text, strlen(text), ret))
		warn(r, "%s: %s is not a GUID", whose, name);
}

/* Parameters. */

static const struct {
	int code;
	const char *name;
} type_codes[] = {
	{ 3, "Boolean" },
	{ 5, "SByte" },
	{ 6, "Byte" },
	{ 7, "Int16" },
	{ 8, "UInt16" },
	{ 9, "Int32" },
	{ 10, "UInt32" },
	{ 11, "Int64" },
	{ 12, "UInt64" },
	{ 13, "Single" },
	{ 14, "Double" },
	{ 15, "Decimal" },
	{ 16, "DateTime" },
	{ 18, "String" },
};

static const char *type_name(int64_t code)
{
	for (size_t i = 0; i < ARRAY_LEN(type_codes); i++) {
		if (type_codes[i].code == code)
			return type_codes[i].name;
	}
	return NULL;
}

int project_type_code(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(type_codes); i++) {
		if (strcmp(type_codes[i].name, name) == 0)
			return type_codes[i].code;
	}
	return 18;
}

static bool contains_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (; strlen(text) >= len; text++) {
		if (utf8_ncasecmp(text, len, word, len) == 0)
			return true;
	}
	return false;
}

/* Makers of connection managers forget to mark secrets; their names give them away (spec/package.md §1.5). */
static bool secret_by_name(const char *param)
{
	const char *property = strrchr(param, '.');

	if (strncmp(param, "CM.", 3) != 0 || !property)
		return false;
	return contains_word(property, "Password") || contains_word(property, "Secret")
	    || contains_word(property, "Token") || has_suffix(property, "Key");
}

static void param_release(struct project_param *p)
{
	free(p->name);
	free(p->data_type);
	free(p->description);
	if (p->value && p->sensitive)
		mem_wipe(p->value, strlen(p->value));
	free(p->value);
}

static void read_value(struct reader *r, const struct xml_node *node, const char *owner,
    struct project_param *p)
{
	const struct xml_node *value = prop_node(node, "Value");

	if (protect_is_secret(value)) {
		p->unreadable = p->sensitive = true;
		warn(r, "%s: the value of parameter %s is encrypted and was left out", owner, p->name);
	} else if (value) {
		p->value = xstrdup(xml_text(value));
	}
	if (!p->sensitive && strcmp(p->data_type, "String") == 0 && secret_by_name(p->name)) {
		p->sensitive = true;
		if (p->value && *p->value)
			warn(r, "%s: parameter %s is not marked sensitive, but is kept as if it were", owner,
			    p->name);
	}
}

static int read_param(struct reader *r, const struct xml_node *node, const char *owner,
    struct project_param *ret)
{
	struct project_param p = { 0 };
	const char *name = xml_attr(node, XML_NS_SSIS, "Name");
	const char *code = prop_text(node, "DataType");

	if (!name || !*name)
		return err_set(r->err, ERR_INVALID, "%s: line %d: a parameter has no name", owner, node->line);
	const char *type = type_name(*code ? dtsx_int(code, -1) : 18);
	if (!type)
		return err_set(r->err, ERR_INVALID, "%s: parameter %.200s has the unknown data type %.20s",
		    owner, name, code);
	p.name = xstrdup(name);
	p.data_type = xstrdup(type);
	p.description = xstrdup(prop_text(node, "Description"));
	p.required = dtsx_bool(prop_text(node, "Required"), false);
	p.sensitive = dtsx_bool(prop_text(node, "Sensitive"), false);
	read_value(r, node, owner, &p);
	*ret = p;
	return 0;
}

static int compare_params(const void *a, const void *b)
{
	const struct project_param *const *x = a, *const *y = b;
	int order = utf8_casecmp((*x)->name, (*y)->name);

	return order ? order : (*x > *y) - (*x < *y);
}

/* The first of equal names stays, the others go with a warning. */
static void drop_duplicates(struct reader *r, const char *owner, struct project_param *params,
    size_t *count)
{
	struct project_param **sorted = xmalloc((*count + 1) * sizeof(*sorted));
	size_t kept = 0, total = *count;

	for (size_t i = 0; i < total; i++)
		sorted[i] = &params[i];
	qsort(sorted, total, sizeof(*sorted), compare_params);
	for (size_t i = 1, first = 0; i < total; i++) {
		if (utf8_casecmp(sorted[first]->name, sorted[i]->name) != 0) {
			first = i;
			continue;
		}
		warn(r, "%s: parameter %s is declared twice, the second is ignored", owner, sorted[i]->name);
		sorted[i]->name[0] = '\0';
	}
	for (size_t i = 0; i < total; i++) {
		if (params[i].name[0])
			params[kept++] = params[i];
		else
			param_release(&params[i]);
	}
	*count = kept;
	free(sorted);
}

/* Append the SSIS:Parameter children of list (may be NULL). */
static int read_params(struct reader *r, const struct xml_node *list, const char *owner,
    struct project_param **params, size_t *count)
{
	const struct xml_node *node = xml_child(list, XML_NS_SSIS, "Parameter");
	size_t cap = *count;

	for (; node; node = xml_next(node, XML_NS_SSIS, "Parameter")) {
		if (*count == PARAMS_MAX)
			return err_set(r->err, ERR_LIMIT, "%s: more than %d parameters", owner, PARAMS_MAX);
		if (*count == cap) {
			cap = cap ? cap * 2 : 16;
			*params = xreallocarray(*params, cap, sizeof(**params));
		}
		int result = read_param(r, node, owner, &(*params)[*count]);
		if (result < 0)
			return result;
		++*count;
	}
	drop_duplicates(r, owner, *params, count);
	return 0;
}

/* The manifest. */

static int read_properties(struct reader *r, const struct xml_node *root)
{
	struct project *p = r->project;
	const char *level = xml_attr(root, XML_NS_SSIS, "ProtectionLevel");

	int format = prop_int(root, "FormatVersion", PROJECT_FORMAT);
	if (format != PROJECT_FORMAT)
		return err_set(r->err, ERR_UNSUPPORTED, MANIFEST ": project format %d is not known, only %d",
		    format, PROJECT_FORMAT);
	p->format_version = format;
	p->protection_level = xstrdup(level ? level : "EncryptSensitiveWithUserKey");
	p->name = xstrdup(prop_text(root, "Name"));
	p->description = xstrdup(prop_text(root, "Description"));
	p->version_comments = xstrdup(prop_text(root, "VersionComments"));
	p->version_major = prop_int(root, "VersionMajor", 0);
	p->version_minor = prop_int(root, "VersionMinor", 0);
	p->version_build = prop_int(root, "VersionBuild", 0);
	p->target_server_version = prop_int(root, "TargetServerVersion", 0);
	prop_uuid(r, root, "ID", MANIFEST, &p->id);
	return 0;
}

static const struct xml_node *find_metadata(const struct xml_node *root, const char *package)
{
	const struct xml_node *info = xml_child(root, XML_NS_SSIS, "DeploymentInfo");

	info = xml_child(info, XML_NS_SSIS, "PackageInfo");
	info = xml_child(info, XML_NS_SSIS, "PackageMetaData");
	for (; info; info = xml_next(info, XML_NS_SSIS, "PackageMetaData")) {
		const char *name = xml_attr(info, XML_NS_SSIS, "Name");
		if (name && utf8_casecmp(name, package) == 0)
			return info;
	}
	return NULL;
}

static int read_package(struct reader *r, const struct xml_node *root, const struct xml_node *node,
    const struct part_seen *part)
{
	struct project *project = r->project;
	size_t n = project->package_count;
	project->packages = xreallocarray(project->packages, n + 1, sizeof(*project->packages));
	struct project_package *p = &project->packages[project->package_count++];
	const struct xml_node *info = find_metadata(root, part->name);

	*p = (struct project_package){ .name = xstrdup(xml_attr(node, XML_NS_SSIS, "Name")) };
	p->encrypted = part->encrypted;
	p->entry_point = dtsx_bool(xml_attr(node, XML_NS_SSIS, "EntryPoint"), true);
	p->description = xstrdup(prop_text(info, "Description"));
	p->version_comments = xstrdup(prop_text(info, "VersionComments"));
	if (!info) {
		warn(r, "%s: the manifest describes no parameters and versions of it", p->name);
		return 0;
	}
	p->version_major = prop_int(info, "VersionMajor", 0);
	p->version_minor = prop_int(info, "VersionMinor", 0);
	p->version_build = prop_int(info, "VersionBuild", 0);
	p->format_version = prop_int(info, "PackageFormatVersion", 0);
	p->protection_level = prop_int(info, "ProtectionLevel", 1);
	prop_uuid(r, info, "ID", p->name, &p->id);
	prop_uuid(r, info, "VersionGUID", p->name, &p->version_guid);
	return read_params(r, xml_child(info, XML_NS_SSIS, "Parameters"), p->name, &p->params,
	    &p->param_count);
}

/*
 * The part that a list entry (SSIS:Package, SSIS:ConnectionManager) names, in
 * *ret; NULL there when the entry repeats an earlier one.
 */
static int listed_part(struct reader *r, const struct xml_node *node, const struct part_seen **ret)
{
	const char *name = xml_attr(node, XML_NS_SSIS, "Name");

	if (!name || !*name)
		return err_set(r->err, ERR_INVALID, MANIFEST ": line %d: an entry has no name", node->line);
	struct part_seen *part = find_part(r, name);
	if (!part) {
		err_set(r->err, ERR_INVALID, "the manifest names %.300s, but the archive does not hold it", name);
		err_hint(r->err, "build the project again");
		return -ERR_INVALID;
	}
	*ret = part->listed ? NULL : part;
	if (part->listed)
		warn(r, "%s: the manifest names it twice", name);
	part->listed = true;
	return 0;
}

static int read_packages(struct reader *r, const struct xml_node *root)
{
	const struct xml_node *node = xml_child(root, XML_NS_SSIS, "Packages");

	node = xml_child(node, XML_NS_SSIS, "Package");
	for (; node; node = xml_next(node, XML_NS_SSIS, "Package")) {
		const struct part_seen *part = NULL;
		int result = listed_part(r, node, &part);
		if (result == 0 && part)
			result = read_package(r, root, node, part);
		if (result < 0)
			return result;
	}
	return 0;
}

static int read_connections(struct reader *r, const struct xml_node *root)
{
	struct project *p = r->project;
	const struct xml_node *node = xml_child(root, XML_NS_SSIS, "ConnectionManagers");

	node = xml_child(node, XML_NS_SSIS, "ConnectionManager");
	for (; node; node = xml_next(node, XML_NS_SSIS, "ConnectionManager")) {
		const struct part_seen *part = NULL;
		int result = listed_part(r, node, &part);
		if (result < 0)
			return result;
		if (!part)
			continue;
		p->connections = xreallocarray(p->connections, p->connection_count + 1, sizeof(char *));
		p->connections[p->connection_count++] = xstrdup(part->name);
	}
	return 0;
}

/* Parse a part and open what the password opens. */
static int open_document(struct reader *r, const char *bytes, size_t len, const char *what,
    const char *root, struct xml_doc **ret)
{
	struct xml_doc *doc = NULL;
	int result = xml_parse(bytes, len, what, &doc, r->err);

	if (result == 0)
		result = protect_open(doc, r->password, what, r->err);
	if (result == 0 && xml_is(doc->root, XML_NS_XMLENC, "EncryptedData")) {
		result = err_set(r->err, ERR_DENIED, "%s is encrypted as a whole", what);
		err_hint(r->err, "give the password of the project");
	} else if (result == 0 && !xml_is(doc->root, XML_NS_SSIS, root)) {
		result = err_set(r->err, ERR_INVALID, "%s: the top element is %.60s instead of SSIS:%s", what,
		    doc->root->name, root);
	}
	if (result < 0)
		xml_free(doc);
	else
		*ret = doc;
	return result;
}

static int read_project_params(struct reader *r, const struct xml_node *root)
{
	struct project *p = r->project;
	const struct xml_node *info = xml_child(root, XML_NS_SSIS, "DeploymentInfo");
	struct xml_doc *doc = NULL;
	int result = 0;

	if (!r->params) {
		warn(r, PARAMS " is missing: the project has no parameters");
	} else {
		result = open_document(r, r->params, r->params_len, PARAMS, "Parameters", &doc);
		if (result == 0)
			result = read_params(r, doc->root, PARAMS, &p->params, &p->param_count);
		xml_free(doc);
	}
	if (result == 0)
		result = read_params(r, xml_child(info, XML_NS_SSIS, "ProjectConnectionParameters"), MANIFEST,
		    &p->params, &p->param_count);
	return result;
}

static int read_manifest(struct reader *r)
{
	struct xml_doc *doc = NULL;

	if (!r->manifest) {
		err_set(r->err, ERR_INVALID, "not a project file: the archive has no " MANIFEST);
		err_hint(r->err, "deploy the .ispac that building the project made");
		return -ERR_INVALID;
	}
	int result = open_document(r, r->manifest, r->manifest_len, MANIFEST, "Project", &doc);
	if (result == 0)
		result = read_properties(r, doc->root);
	if (result == 0)
		result = read_project_params(r, doc->root);
	if (result == 0)
		result = read_packages(r, doc->root);
	if (result == 0)
		result = read_connections(r, doc->root);
	xml_free(doc);
	for (size_t i = 0; result == 0 && i < r->parts.len; i++) {
		if (!r->parts.items[i].listed)
			warn(r, "%s: the manifest does not name this part, ignored", r->parts.items[i].name);
	}
	return result;
}

int project_read(const void *data, size_t len, const char *password, struct project **ret,
    struct err *err)
{
	struct reader r = { .password = password, .err = err };

	r.project = xcalloc(1, sizeof(*r.project));
	int result = ispac_each(data, len, on_part, &r, err);
	if (result == 0)
		result = read_manifest(&r);
	for (size_t i = 0; i < r.parts.len; i++)
		free(r.parts.items[i].name);
	vec_release(&r.parts);
	free(r.manifest);
	free(r.params);
	if (result < 0)
		project_free(r.project);
	else
		*ret = r.project;
	return result;
}

static void package_release(struct project_package *p)
{
	free(p->name);
	free(p->description);
	free(p->version_comments);
	for (size_t i = 0; i < p->param_count; i++)
		param_release(&p->params[i]);
	free(p->params);
}

static void strings_free(char **strings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(strings[i]);
	free(strings);
}

void project_free(struct project *p)
{
	if (!p)
		return;
	free(p->name);
	free(p->description);
	free(p->version_comments);
	free(p->protection_level);
	for (size_t i = 0; i < p->param_count; i++)
		param_release(&p->params[i]);
	free(p->params);
	for (size_t i = 0; i < p->package_count; i++)
		package_release(&p->packages[i]);
	free(p->packages);
	strings_free(p->connections, p->connection_count);
	strings_free(p->warnings, p->warning_count);
	free(p);
}
