/* SPDX-License-Identifier: MIT */
/*
 * The archive is copied part by part; only the packages given and the manifest
 * are other parts than before. A package's metadata element is written as text
 * and parsed into the manifest's tree, so that names and values are escaped by
 * the one writer that there is.
 */
#include "package/put_packages.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "package/connstr.h"
#include "package/dtsx.h"
#include "package/ispac_write.h"
#include "package/project.h"
#include "package/xml.h"

#define MANIFEST "@Project.manifest"
#define NAME_MAX_UNITS 260

struct putter {
	const struct package_file *files;
	size_t count;
	struct dtsx **packages; /* of the files, loaded */
	bool *written;
	bool manifest_seen;
	struct ispac_writer *writer;
	VEC(struct xml_doc *) fragments; /* live as long as the manifest's tree */
};

/* --- the packages --- */

static bool name_fits(const char *name)
{
	size_t len = strlen(name);

	if (len <= 5 || utf8_casecmp(name + len - 5, ".dtsx") != 0 || utf8_utf16_len(name, len) > NAME_MAX_UNITS)
		return false;
	for (; *name; name++) {
		if ((unsigned char)*name < 32 || strchr("/\\:*?\"<>|", *name))
			return false;
	}
	return true;
}

static int load_packages(struct putter *p, struct buf *warnings, struct err *err)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct package_file *file = &p->files[i];
		int r;

		if (!name_fits(file->name))
			return err_set(err, ERR_INVALID, "\"%.300s\" is not the name of a package (name.dtsx)", file->name);
		for (size_t k = 0; k < i; k++)
			if (utf8_casecmp(p->files[k].name, file->name) == 0)
				return err_set(err, ERR_INVALID, "the package %s is given twice", file->name);
		r = dtsx_load(file->data, file->len, file->name, NULL, &p->packages[i], err);
		if (r < 0)
			return r;
		for (size_t k = 0; k < p->packages[i]->warning_count; k++)
			buf_addf(warnings, "%s%s", warnings->len ? "\n" : "", p->packages[i]->warnings[k]);
	}
	return 0;
}

/* --- what the manifest says of one --- */

static void add_escaped(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("<>&\"'", *text) || (unsigned char)*text < 32)
			buf_addf(out, "&#%d;", (unsigned char)*text);
		else
			buf_addc(out, *text);
	}
}

static void add_property(struct buf *out, const char *name, const char *value)
{
	buf_addf(out, "<SSIS:Property SSIS:Name=\"%s\">", name);
	add_escaped(out, value);
	buf_adds(out, "</SSIS:Property>");
}

static void add_number(struct buf *out, const char *name, int value)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", value);
	add_property(out, name, text);
}

/* value NULL: none. type: an SSIS type name. */
static void add_parameter(struct buf *out, const char *name, const char *id, const char *description, const char *type,
    bool required, bool sensitive, const char *value)
{
	buf_adds(out, "<SSIS:Parameter SSIS:Name=\"");
	add_escaped(out, name);
	buf_adds(out, "\"><SSIS:Properties>");
	add_property(out, "ID", id);
	add_property(out, "CreationName", "");
	add_property(out, "Description", description);
	add_number(out, "IncludeInDebugDump", 0);
	add_number(out, "Required", required);
	add_number(out, "Sensitive", sensitive);
	if (value)
		add_property(out, "Value", value);
	add_number(out, "DataType", project_type_code(type));
	buf_adds(out, "</SSIS:Properties></SSIS:Parameter>");
}

static void add_own_parameters(struct buf *out, const struct dtsx *d)
{
	for (size_t i = 0; i < d->param_count; i++) {
		const struct dtsx_param *p = &d->params[i];
		const char *type = dtsx_type_name(p->data_type), *value = p->value;

		if (value && type && strcmp(type, "Boolean") == 0)
			value = dtsx_bool(value, false) ? "True" : "False";
		/* A sensitive value stays in the package, where it is protected or is not. */
		add_parameter(out, p->name, p->id, p->description, type ? type : "String", p->required, p->sensitive,
		    p->sensitive ? NULL : value);
	}
}

/* The properties that designers show of a connection manager, as far as they are in its string. */
static void add_connection(struct buf *out, const struct dtsx_connection *c)
{
	static const struct {
		const char *name;
		bool sensitive;
	} properties[] = { { "ServerName", false }, { "InitialCatalog", false }, { "UserName", false },
		{ "Password", true }, { "SmtpServer", false }, { "ExcelFilePath", false } };
	char *bare = connstr_set(c->connection_string, "Password", NULL);
	char *shown = connstr_set(bare, "Pwd", NULL);
	char *name = xasprintf("CM.%s.ConnectionString", c->name);

	add_parameter(out, name, "{00000000-0000-0000-0000-000000000000}", "", "String", false, false, shown);
	free(name);
	for (size_t i = 0; i < ARRAY_LEN(properties); i++) {
		char *value;

		if (!connstr_has_property(c->creation_name, properties[i].name))
			continue;
		value = connstr_get_property(c->creation_name, shown, properties[i].name);
		name = xasprintf("CM.%s.%s", c->name, properties[i].name);
		add_parameter(out, name, "{00000000-0000-0000-0000-000000000000}", "", "String", false,
		    properties[i].sensitive, properties[i].sensitive ? NULL : value ? value : "");
		free(name);
		free(value);
	}
	free(shown);
	free(bare);
}

static void add_metadata(struct buf *out, const char *file, const struct dtsx *d)
{
	buf_adds(out, "<SSIS:PackageMetaData xmlns:SSIS=\"" XML_NS_SSIS "\" SSIS:Name=\"");
	add_escaped(out, file);
	buf_adds(out, "\"><SSIS:Properties>");
	add_property(out, "ID", d->package->id);
	add_property(out, "Name", d->package->name);
	add_number(out, "VersionMajor", d->version_major);
	add_number(out, "VersionMinor", d->version_minor);
	add_number(out, "VersionBuild", d->version_build);
	add_property(out, "VersionComments", dtsx_prop(d->package, "VersionComments", ""));
	add_property(out, "VersionGUID", d->version_guid);
	add_number(out, "PackageFormatVersion", d->format_version);
	add_property(out, "Description", d->package->description);
	add_number(out, "ProtectionLevel", d->protection_level);
	buf_adds(out, "</SSIS:Properties><SSIS:Parameters>");
	add_own_parameters(out, d);
	for (size_t i = 0; i < d->connection_count; i++)
		add_connection(out, &d->connections[i]);
	buf_adds(out, "</SSIS:Parameters></SSIS:PackageMetaData>");
}

/* --- the manifest --- */

static struct xml_node *child(const struct xml_node *node, const char *name)
{
	return (struct xml_node *)(uintptr_t)xml_child(node, XML_NS_SSIS, name);
}

static struct xml_node *named(const struct xml_node *list, const char *element, const char *name)
{
	const struct xml_node *n = xml_child(list, XML_NS_SSIS, element);

	for (; n; n = xml_next(n, XML_NS_SSIS, element)) {
		const char *given = xml_attr(n, XML_NS_SSIS, "Name");
		if (given && utf8_casecmp(given, name) == 0)
			return (struct xml_node *)(uintptr_t)n;
	}
	return NULL;
}

/* Parse text and put its root in the place of old, or behind the last of list. */
static int insert(struct putter *p, struct xml_node *list, struct xml_node *old, const struct buf *text, struct err *err)
{
	struct xml_doc *doc = NULL;
	struct xml_node *node, *before = NULL;
	int r = xml_parse(text->data, text->len, MANIFEST, &doc, err);

	if (r < 0)
		return r;
	vec_push(&p->fragments, doc);
	node = doc->root;
	node->parent = list;
	for (struct xml_node *n = list->first; n && n != old; n = n->next)
		before = n;
	node->next = old ? old->next : NULL;
	if (before)
		before->next = node;
	else
		list->first = node;
	if (!node->next)
		list->last = node;
	return 0;
}

static int list_package(struct putter *p, const struct xml_node *root, size_t i, struct err *err)
{
	struct xml_node *packages = child(root, "Packages");
	struct xml_node *info = child(child(root, "DeploymentInfo"), "PackageInfo");
	const char *name = p->files[i].name;
	struct buf text = BUF_INIT;
	int r = 0;

	if (!packages || !info)
		return err_set(err, ERR_INVALID, MANIFEST " has no list of packages");
	if (!named(packages, "Package", name)) {
		buf_adds(&text, "<SSIS:Package xmlns:SSIS=\"" XML_NS_SSIS "\" SSIS:Name=\"");
		add_escaped(&text, name);
		buf_adds(&text, "\" SSIS:EntryPoint=\"1\"/>");
		r = insert(p, packages, NULL, &text, err);
	}
	buf_clear(&text);
	add_metadata(&text, name, p->packages[i]);
	if (r == 0)
		r = insert(p, info, named(info, "PackageMetaData", name), &text, err);
	buf_release(&text);
	return r;
}

static int write_manifest(struct putter *p, const char *bytes, size_t size, struct err *err)
{
	struct xml_doc *doc = NULL;
	struct buf text = BUF_INIT;
	int r = xml_parse(bytes, size, MANIFEST, &doc, err);

	p->manifest_seen = true;
	if (r == 0 && !xml_is(doc->root, XML_NS_SSIS, "Project"))
		r = err_set(err, ERR_DENIED, MANIFEST " is encrypted as a whole");
	for (size_t i = 0; i < p->count && r == 0; i++)
		r = list_package(p, doc->root, i, err);
	if (r == 0) {
		buf_adds(&text, "<?xml version=\"1.0\"?>\n");
		xml_write(doc->root, &text);
		r = ispac_writer_add(p->writer, MANIFEST, text.data, text.len, err);
	}
	buf_release(&text);
	for (size_t i = 0; i < p->fragments.len; i++)
		xml_free(p->fragments.items[i]);
	vec_release(&p->fragments);
	xml_free(doc);
	return r;
}

/* --- the archive --- */

static int on_part(void *ctx, const char *name, const char *bytes, size_t size, struct err *err)
{
	struct putter *p = ctx;

	if (utf8_casecmp(name, MANIFEST) == 0)
		return write_manifest(p, bytes, size, err);
	for (size_t i = 0; i < p->count; i++) {
		if (utf8_casecmp(p->files[i].name, name) != 0)
			continue;
		p->written[i] = true;
		return ispac_writer_add(p->writer, name, p->files[i].data, p->files[i].len, err);
	}
	return ispac_writer_add(p->writer, name, bytes, size, err);
}

static int write_archive(struct putter *p, const void *data, size_t len, struct err *err)
{
	int r = ispac_each(data, len, on_part, p, err);

	if (r == 0 && !p->manifest_seen)
		r = err_set(err, ERR_INVALID, "the project's file has no " MANIFEST);
	for (size_t i = 0; i < p->count && r == 0; i++)
		if (!p->written[i])
			r = ispac_writer_add(p->writer, p->files[i].name, p->files[i].data, p->files[i].len, err);
	return r;
}

int project_put_packages(const void *data, size_t len, const struct package_file *files, size_t count, struct buf *ret,
    struct buf *warnings, struct err *err)
{
	struct putter p = { .files = files, .count = count };
	struct buf said = BUF_INIT, file = BUF_INIT;
	int r;

	p.packages = xcalloc(count + 1, sizeof(struct dtsx *));
	p.written = xcalloc(count + 1, sizeof(*p.written));
	r = load_packages(&p, &said, err);
	if (r == 0)
		r = ispac_writer_new(&p.writer, err);
	if (r == 0)
		r = write_archive(&p, data, len, err);
	r = ispac_writer_finish(p.writer, r, &file, err);
	if (r == 0) {
		buf_add(ret, file.data, file.len);
		buf_add(warnings, said.data, said.len);
		buf_release(&file);
	}
	for (size_t i = 0; i < count; i++)
		dtsx_free(p.packages[i]);
	free(p.packages);
	free(p.written);
	buf_release(&said);
	return r;
}
