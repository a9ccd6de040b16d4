/* SPDX-License-Identifier: MIT */
/*
 * Every part is opened, its secrets are taken out and it is written again;
 * parts that held none go over byte by byte. What is taken out: values of
 * sensitive parameters (manifest, Project.params, package), and what is marked
 * sensitive inside connection managers. Anything else that is marked is
 * cleared with a warning, for there is no way to hand it to the runtime.
 */
#include "package/unlock.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "package/dtsx.h"
#include "package/ispac_write.h"
#include "package/protect.h"
#include "package/xml.h"

struct unlocker {
	const char *password;
	struct project_unlocked *out;
	struct ispac_writer *writer;
	const char *part;    /* being read */
	const char *package; /* the same when it is a package, else NULL */
	bool changed;
};

static void take(struct unlocker *u, char *name, const char *value)
{
	struct project_unlocked *out = u->out;

	out->secrets = xreallocarray(out->secrets, out->secret_count + 1, sizeof(*out->secrets));
	out->secrets[out->secret_count++] = (struct project_secret){
		.package = xstrdup_or_null(u->package), .name = name, .value = xstrdup(value) };
	u->changed = true;
}

static void warn(struct unlocker *u, const struct xml_node *node)
{
	struct project_unlocked *out = u->out;

	out->warnings = xreallocarray(out->warnings, out->warning_count + 1, sizeof(*out->warnings));
	out->warnings[out->warning_count++] = xasprintf("%s: line %d: the sensitive value of %.100s is neither a "
	    "parameter's nor a connection manager's and was left out", u->part, node->line, node->name);
	u->changed = true;
}

static void unlink_node(struct xml_node *node)
{
	struct xml_node *parent = node->parent, *before = NULL;

	for (struct xml_node *n = parent->first; n != node; n = n->next)
		before = n;
	if (before)
		before->next = node->next;
	else
		parent->first = node->next;
	if (parent->last == node)
		parent->last = before;
}

static void set_text(struct xml_node *node, const char *text)
{
	node->text = text;
	node->text_len = strlen(text);
	node->first = node->last = NULL;
}

static bool is_marked(const struct xml_node *node)
{
	return dtsx_bool(xml_attr(node, NULL, "Sensitive"), false);
}

static bool is_named(const struct xml_node *node, const char *ns, const char *name)
{
	const char *given = xml_is(node, ns, "Property") ? xml_attr(node, ns, "Name") : NULL;

	return given && strcmp(given, name) == 0;
}

/* Next in document order within top; a node that was unlinked keeps its next. */
static struct xml_node *walk(const struct xml_node *top, struct xml_node *node, bool into)
{
	if (into && node->first)
		return node->first;
	while (node != top && !node->next)
		node = node->parent;
	return node == top ? NULL : node->next;
}

static bool holds_locked(struct xml_node *root)
{
	for (struct xml_node *n = root; n; n = walk(root, n, true)) {
		if (xml_is(n, XML_NS_XMLENC, "EncryptedData") || xml_attr(n, XML_NS_SSIS, "Salt"))
			return true;
	}
	return false;
}

static void set_attr(struct xml_node *node, const char *name, const char *value)
{
	for (struct xml_attr *a = node->attrs; a; a = a->next) {
		if (strcmp(a->name, name) == 0)
			a->value = value;
	}
}

/* --- manifest and Project.params --- */

/* A property of SSIS:Properties. */
static struct xml_node *ssis_prop(const struct xml_node *owner, const char *name)
{
	const struct xml_node *list = xml_child(owner, XML_NS_SSIS, "Properties");

	for (struct xml_node *p = list ? list->first : NULL; p; p = p->next) {
		if (is_named(p, XML_NS_SSIS, name))
			return p;
	}
	return NULL;
}

/* Values of parameters are not collected here: project_read gives them with the same password. */
static void strip_manifest(struct xml_node *root)
{
	struct xml_node *next;

	set_attr(root, "ProtectionLevel", "DontSaveSensitive");
	for (struct xml_node *n = root; n; n = next) {
		struct xml_node *sensitive = NULL, *value = NULL;
		bool into = true;

		if (xml_is(n, XML_NS_SSIS, "Parameter") && (sensitive = ssis_prop(n, "Sensitive")) &&
		    dtsx_bool(xml_text(sensitive), false) && (value = ssis_prop(n, "Value")))
			unlink_node(value);
		if (is_named(n, XML_NS_SSIS, "ProtectionLevel"))
			set_text(n, "0");
		next = walk(root, n, true);
		if (n != root && (is_named(n, XML_NS_SSIS, "PasswordVerifier") || is_marked(n))) {
			into = false;
			next = walk(root, n, into);
			unlink_node(n);
		}
	}
}

/* --- packages and connection managers --- */

static void strip_connection(struct unlocker *u, struct xml_node *manager)
{
	const char *name = xml_dts_prop(manager, "ObjectName");

	for (struct xml_node *n = manager; n; n = walk(manager, n, true)) {
		const char *property = xml_attr(n, NULL, "Name");

		if (!is_marked(n) || !*xml_text(n))
			continue;
		take(u, xasprintf("CM.%s.%s", name ? name : "", property ? property : n->name), xml_text(n));
		set_text(n, "");
	}
}

static void strip_parameter(struct unlocker *u, struct xml_node *param)
{
	const char *name = xml_dts_prop(param, "ObjectName");

	for (struct xml_node *p = param->first; p; p = p->next) {
		if (!is_named(p, XML_NS_DTS, "ParameterValue"))
			continue;
		take(u, xstrdup(name ? name : ""), xml_text(p));
		unlink_node(p);
	}
}

static void strip_package(struct unlocker *u, struct xml_node *root)
{
	set_attr(root, "ProtectionLevel", "0");
	for (struct xml_node *n = root; n; n = walk(root, n, true)) {
		if (xml_is(n, XML_NS_DTS, "ConnectionManager") && xml_dts_prop(n, "ObjectName")) {
			strip_connection(u, n);
		} else if (xml_is(n, XML_NS_DTS, "PackageParameter") &&
		    dtsx_bool(xml_dts_prop(n, "Sensitive"), false)) {
			strip_parameter(u, n);
		} else if (is_named(n, XML_NS_DTS, "ProtectionLevel") && n->parent == root) {
			set_text(n, "0");
		} else if (is_marked(n) && *xml_text(n)) {
			warn(u, n);
			set_text(n, "");
		}
	}
}

/* --- the archive --- */

static bool has_suffix(const char *name, const char *suffix)
{
	size_t len = strlen(name), end = strlen(suffix);

	return len > end && utf8_casecmp(name + len - end, suffix) == 0;
}

static void strip(struct unlocker *u, struct xml_node *root)
{
	if (u->package)
		strip_package(u, root);
	else if (has_suffix(u->part, ".conmgr"))
		strip_connection(u, root);
	else
		strip_manifest(root);
}

static int on_part(void *ctx, const char *name, const char *bytes, size_t size, struct err *err)
{
	struct unlocker *u = ctx;
	bool is_manifest = utf8_casecmp(name, "@Project.manifest") == 0 || utf8_casecmp(name, "Project.params") == 0;
	struct buf text = BUF_INIT;
	struct xml_doc *doc = NULL;
	int r;

	u->part = name;
	u->package = has_suffix(name, ".dtsx") ? name : NULL;
	if (!u->package && !is_manifest && !has_suffix(name, ".conmgr"))
		return ispac_writer_add(u->writer, name, bytes, size, err);
	r = xml_parse(bytes, size, name, &doc, err);
	if (r < 0)
		return r;
	u->changed = is_manifest || holds_locked(doc->root);
	r = protect_open(doc, u->password, name, err);
	if (r == 0) {
		strip(u, doc->root);
		buf_adds(&text, "<?xml version=\"1.0\"?>\n");
		xml_write(doc->root, &text);
		r = u->changed ? ispac_writer_add(u->writer, name, text.data, text.len, err)
			       : ispac_writer_add(u->writer, name, bytes, size, err);
	}
	buf_release(&text);
	xml_free(doc);
	return r;
}

int project_unlock(const void *data, size_t len, const char *password, struct project_unlocked *ret,
    struct err *err)
{
	struct project_unlocked out = { .file = BUF_INIT };
	struct unlocker u = { .password = password, .out = &out };
	int r = ispac_writer_new(&u.writer, err);

	if (r == 0)
		r = ispac_each(data, len, on_part, &u, err);
	r = ispac_writer_finish(u.writer, r, &out.file, err);
	if (r < 0)
		project_unlocked_release(&out);
	else
		*ret = out;
	return r;
}

void project_unlocked_release(struct project_unlocked *out)
{
	for (size_t i = 0; i < out->secret_count; i++) {
		free(out->secrets[i].package);
		free(out->secrets[i].name);
		mem_wipe(out->secrets[i].value, strlen(out->secrets[i].value));
		free(out->secrets[i].value);
	}
	for (size_t i = 0; i < out->warning_count; i++)
		free(out->warnings[i]);
	free(out->secrets);
	free(out->warnings);
	if (out->file.data)
		buf_release(&out->file);
	*out = (struct project_unlocked){ .file = BUF_INIT };
}

/* --- giving them back --- */

static void give(struct project_param **params, size_t *count, const struct project_secret *secret)
{
	struct project_param *param = NULL;

	for (size_t i = 0; i < *count && !param; i++) {
		if (utf8_casecmp((*params)[i].name, secret->name) == 0)
			param = &(*params)[i];
	}
	if (!param) {
		if (strncmp(secret->name, "CM.", 3) != 0)
			return;
		*params = xreallocarray(*params, *count + 1, sizeof(**params));
		param = &(*params)[(*count)++];
		*param = (struct project_param){ .name = xstrdup(secret->name),
			.data_type = xstrdup("String"), .description = xstrdup("") };
	}
	param->sensitive = true;
	param->unreadable = false;
	if (!param->value || (!*param->value && strncmp(secret->name, "CM.", 3) == 0)) {
		free(param->value);
		param->value = xstrdup(secret->value);
	}
}

void project_give_secrets(struct project *project, const struct project_secret *secrets, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!secrets[i].package)
			give(&project->params, &project->param_count, &secrets[i]);
		for (size_t k = 0; secrets[i].package && k < project->package_count; k++) {
			struct project_package *package = &project->packages[k];

			if (utf8_casecmp(package->name, secrets[i].package) == 0)
				give(&package->params, &package->param_count, &secrets[i]);
		}
	}
}
