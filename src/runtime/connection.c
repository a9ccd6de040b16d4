/* SPDX-License-Identifier: MIT */
/* Connection managers: their strings, what sets them from outside, their expressions (spec/package.md §1.5, §2.4). */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "package/connstr.h"
#include "runtime/engine.h"

/* What can be used here today. */
static const char *const available[] = { "FILE" };

/* Keywords and properties whose values are secrets. */
static const char *const secret_words[] = { "password", "pwd", "secret", "token", "accountkey",
	"sharedaccesssignature", "passphrase" };

bool connection_available(const struct dtsx_connection *def)
{
	for (size_t i = 0; i < ARRAY_LEN(available); i++) {
		if (!utf8_casecmp(available[i], def->creation_name))
			return true;
	}
	return false;
}

static bool is_secret(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(secret_words); i++) {
		size_t n = strlen(secret_words[i]);
		for (size_t at = 0; at + n <= len; at++) {
			if (!utf8_ncasecmp(name + at, n, secret_words[i], n))
				return true;
		}
	}
	return false;
}

void connection_mask(const char *text, struct buf *out)
{
	const char *cursor = text, *copied = text;
	struct connstr_item item;

	while (connstr_next(&cursor, &item)) {
		if (!item.key || !item.value_len || !is_secret(item.key, item.key_len))
			continue;
		buf_add(out, copied, (size_t)(item.value - copied));
		buf_adds(out, "********");
		copied = item.value + item.value_len;
	}
	buf_adds(out, copied);
}

static void connection_init(struct connection *connection, const struct dtsx_connection *def)
{
	*connection = (struct connection){ .def = def };
	connection->connection_string = xstrdup(def->connection_string);
	expressions_load(def->expressions, def->expression_count, &connection->expressions,
	    &connection->expression_count);
}

void connections_load(struct package *package)
{
	size_t total = package->dtsx->connection_count + package->conmgr_count;

	package->connections = xcalloc(total + 1, sizeof(*package->connections));
	for (size_t i = 0; i < package->dtsx->connection_count; i++)
		connection_init(&package->connections[package->connection_count++], &package->dtsx->connections[i]);
	for (size_t i = 0; i < package->conmgr_count; i++)
		connection_init(&package->connections[package->connection_count++], &package->conmgrs[i]->connection);
}

static void secret_free(char *text)
{
	if (text)
		mem_wipe(text, strlen(text));
	free(text);
}

void connections_release(struct package *package)
{
	for (size_t i = 0; i < package->connection_count; i++) {
		struct connection *c = &package->connections[i];
		for (size_t j = 0; j < c->property_count; j++) {
			free(c->properties[j].name);
			secret_free(c->properties[j].value);
		}
		free(c->properties);
		secret_free(c->connection_string);
		expressions_release(c->expressions, c->expression_count);
	}
	free(package->connections);
}

struct connection *connection_find(struct package *package, const char *ref)
{
	for (int by_name = 0; by_name < 2; by_name++) {
		for (size_t i = 0; i < package->connection_count; i++) {
			const struct dtsx_connection *def = package->connections[i].def;
			if (!utf8_casecmp(by_name ? def->name : def->id, ref))
				return &package->connections[i];
		}
	}
	return NULL;
}

static void set_own(struct connection *connection, const char *property, const char *value,
    bool sensitive)
{
	for (size_t i = 0; i < connection->property_count; i++) {
		if (!utf8_casecmp(connection->properties[i].name, property)) {
			secret_free(connection->properties[i].value);
			connection->properties[i].value = xstrdup(value);
			return;
		}
	}
	connection->properties = xreallocarray(connection->properties, connection->property_count + 1,
	    sizeof(*connection->properties));
	connection->properties[connection->property_count++] =
	    (struct connection_property){ xstrdup(property), xstrdup(value), sensitive };
}

int connection_set(struct connection *connection, const char *property, const char *value,
    bool sensitive, struct fault *fault)
{
	const char *type = connection->def->creation_name;

	(void)fault;
	if (!utf8_casecmp(property, "ConnectionString"))
		connection->secret_string = sensitive;
	if (!utf8_casecmp(property, "ConnectionString") || connstr_has_property(type, property)) {
		char *changed = connstr_set_property(type, connection->connection_string, property, value);
		secret_free(connection->connection_string);
		connection->connection_string = changed;
	} else {
		set_own(connection, property, value, sensitive);
	}
	return 0;
}

void connection_copy(struct connection *to, const struct connection *from)
{
	secret_free(to->connection_string);
	to->connection_string = xstrdup(from->connection_string);
	to->secret_string = from->secret_string;
	for (size_t i = 0; i < from->property_count; i++)
		set_own(to, from->properties[i].name, from->properties[i].value, from->properties[i].sensitive);
}

int connection_string(struct package *package, struct connection *connection, struct buf *out,
    struct fault *fault)
{
	int r = 0;

	if (connection->evaluating)
		return fault_set(fault, DTS_PROPERTY_EXPRESSION_EVAL,
		    "An expression of connection manager \"%s\" refers to itself.", connection->def->name);
	connection->evaluating = true;
	for (size_t i = 0; !r && i < connection->expression_count; i++) {
		struct unit_expression *expression = &connection->expressions[i];
		struct fault inner;
		struct value value;
		struct buf text = BUF_INIT;
		if (expression_evaluate(expression, package->root,
			is_secret(expression->property, strlen(expression->property)), &value, &inner)) {
			r = fault_set(fault, DTS_PROPERTY_EXPRESSION_EVAL,
			    "The expression on property \"%s\" of connection manager \"%s\" cannot be evaluated "
			    "(0x%08X): %s",
			    expression->property, connection->def->name, (unsigned)inner.code, inner.text);
			continue;
		}
		value_text(&value, &text);
		r = connection_set(connection, expression->property, text.data, false, fault);
		value_release(&value);
		buf_wipe(&text);
	}
	connection->evaluating = false;
	if (!r)
		buf_adds(out, connection->connection_string);
	return r;
}
