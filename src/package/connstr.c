/* SPDX-License-Identifier: MIT */
/* Connection strings are edited in place of the text, so that what we do not understand survives. */
#include "package/connstr.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void trim(const char **start, const char **end)
{
	while (*start < *end && is_blank(**start))
		++*start;
	while (*end > *start && is_blank((*end)[-1]))
		--*end;
}

/* Behind the closing quote of a text that starts with one; NULL when it never closes. */
static const char *skip_quoted(const char *p)
{
	char close = *p == '{' ? '}' : *p;

	for (p++; *p; p++) {
		if (*p != close)
			continue;
		if (p[1] != close)
			return p + 1;
		p++;
	}
	return NULL;
}

bool connstr_next(const char **cursor, struct connstr_item *ret)
{
	const char *p = *cursor + strspn(*cursor, "; \t\r\n");

	if (!*p)
		return false;
	struct connstr_item item = { .start = p };
	const char *key_end = p + strcspn(p, "=;");
	const char *value = *key_end == '=' ? key_end + 1 : key_end;
	value += strspn(value, " \t\r\n");
	const char *end = *value && strchr("\"'{", *value) ? skip_quoted(value) : value;
	item.unclosed = !end;
	end = end ? end + strcspn(end, ";") : value + strlen(value);
	*cursor = *end ? end + 1 : end;
	item.end = end;
	trim(&p, &key_end);
	item.key = p;
	item.key_len = (size_t)(key_end - p);
	if (value > end)
		value = end;
	trim(&value, &end);
	item.value = value;
	item.value_len = (size_t)(end - value);
	*ret = item;
	return true;
}

static bool key_is(const struct connstr_item *item, const char *keyword)
{
	return utf8_ncasecmp(item->key, item->key_len, keyword, strlen(keyword)) == 0;
}

static char *unquote(const char *value, size_t len)
{
	char *text = xmalloc(len + 1), *out = text, quote = *value;

	if (len < 2 || (quote != '"' && quote != '\'') || value[len - 1] != quote) {
		memcpy(text, value, len);
		text[len] = '\0';
		return text;
	}
	for (size_t i = 1; i + 1 < len; i++) {
		*out++ = value[i];
		if (value[i] == quote && i + 2 < len)
			i++;
	}
	*out = '\0';
	return text;
}

static bool needs_quotes(const char *value)
{
	size_t len = strlen(value);
	bool braces = len >= 2 && value[0] == '{' && value[len - 1] == '}';

	if (!len || braces)
		return false;
	return strpbrk(value, ";\"'") || is_blank(value[0]) || is_blank(value[len - 1]) || value[0] == '{'
	    || value[0] == '=';
}

static void add_value(struct buf *out, const char *value)
{
	char quote = strchr(value, '"') && !strchr(value, '\'') ? '\'' : '"';

	if (!needs_quotes(value)) {
		buf_adds(out, value);
		return;
	}
	buf_addc(out, quote);
	for (; *value; value++) {
		if (*value == quote)
			buf_addc(out, quote);
		buf_addc(out, *value);
	}
	buf_addc(out, quote);
}

char *connstr_get(const char *string, const char *keyword)
{
	struct connstr_item item;
	char *found = NULL;

	while (connstr_next(&string, &item)) {
		if (!key_is(&item, keyword))
			continue;
		free(found);
		found = unquote(item.value, item.value_len);
	}
	return found;
}

char *connstr_set(const char *string, const char *keyword, const char *value)
{
	struct buf out = BUF_INIT;
	struct connstr_item item;
	bool done = !value;

	while (connstr_next(&string, &item)) {
		bool ours = key_is(&item, keyword);
		if (ours && done)
			continue;
		char *closed = item.unclosed && !ours ? xstrndup(item.value, item.value_len) : NULL;
		if (ours || closed) {
			buf_add(&out, item.start, (size_t)(item.value - item.start));
			add_value(&out, ours ? value : closed);
		} else {
			buf_add(&out, item.start, (size_t)(item.end - item.start));
		}
		done = done || ours;
		if (closed)
			mem_wipe(closed, item.value_len);
		free(closed);
		buf_addc(&out, ';');
	}
	if (!done) {
		buf_addf(&out, "%s=", keyword);
		add_value(&out, value);
		buf_addc(&out, ';');
	}
	return buf_detach(&out);
}

/* Keywords of a property, the one to write first; for ODBC the second column is written. */
static const struct {
	const char *property, *types; /* types: " " around each, "" = any with keywords */
	const char *keyword, *odbc_keyword;
	const char *synonyms[4];
} properties[] = {
	{ "ServerName", " WMI DQS ", "ServerName", "ServerName", { NULL } },
	{ "ServerName", "", "Data Source", "server", { "Server", "Address", "Addr", "Network Address" } },
	{ "InitialCatalog", "", "Initial Catalog", "Database", { "Database" } },
	{ "UserName", " SMOServer ", "UserName", "UserName", { NULL } },
	{ "UserName", " WMI ", "UserName", "UserName", { NULL } },
	{ "UserName", "", "User ID", "uid", { "UID", "User" } },
	{ "Password", "", "Password", "pwd", { "PWD" } },
	{ "ExcelFilePath", " EXCEL ", "Data Source", "Data Source", { NULL } },
	{ "SmtpServer", " SMTP ", "SmtpServer", "SmtpServer", { NULL } },
	{ "UseWindowsAuthentication", " SMTP SMOServer ", "UseWindowsAuthentication",
	    "UseWindowsAuthentication", { NULL } },
	{ "EnableSsl", " SMTP ", "EnableSsl", "EnableSsl", { NULL } },
	{ "SqlServerName", " SMOServer ", "SqlServerName", "SqlServerName", { NULL } },
	{ "Namespace", " WMI ", "Namespace", "Namespace", { NULL } },
	{ "UseWindowsAuth", " WMI ", "UseNtAuth", "UseNtAuth", { NULL } },
};

/* Types whose string is a path, a URL or something else without keywords. */
static const char no_keywords[] = " FLATFILE MULTIFLATFILE FILE MULTIFILE CACHE FTP HTTP MSMQ ";

/* "ADO.NET:SQL" is of the type "ADO.NET". */
static bool type_listed(const char *list, const char *type)
{
	size_t len = strcspn(type, ":");

	for (const char *p = list; (p = strchr(p, ' ')) && p[1]; p++) {
		if (utf8_ncasecmp(p + 1, strcspn(p + 1, " "), type, len) == 0)
			return true;
	}
	return false;
}

static int find_property(const char *type, const char *property)
{
	if (type_listed(no_keywords, type))
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(properties); i++) {
		if (strcmp(properties[i].property, property) == 0
		    && (!*properties[i].types || type_listed(properties[i].types, type)))
			return (int)i;
	}
	return -1;
}

/* The keyword of the property that the string uses, or the one to add. */
static const char *keyword_in(const char *type, const char *string, int property)
{
	const char *preferred = type_listed(" ODBC ", type) ? properties[property].odbc_keyword
							    : properties[property].keyword;
	struct connstr_item item;

	while (connstr_next(&string, &item)) {
		if (key_is(&item, preferred))
			return preferred;
		if (key_is(&item, properties[property].keyword))
			return properties[property].keyword;
		for (size_t i = 0; i < ARRAY_LEN(properties[0].synonyms); i++) {
			const char *name = properties[property].synonyms[i];
			if (name && key_is(&item, name))
				return name;
		}
	}
	return preferred;
}

bool connstr_has_property(const char *type, const char *property)
{
	return find_property(type, property) >= 0;
}

char *connstr_get_property(const char *type, const char *string, const char *property)
{
	int found = find_property(type, property);

	return found < 0 ? NULL : connstr_get(string, keyword_in(type, string, found));
}

static char *replace_string(const char *type, const char *old, const char *fresh)
{
	char *password = connstr_get_property(type, old, "Password");
	char *has = connstr_get_property(type, fresh, "Password");
	char *result = password && !has ? connstr_set_property(type, fresh, "Password", password)
					: xstrdup(fresh);

	if (password)
		mem_wipe(password, strlen(password));
	if (has)
		mem_wipe(has, strlen(has));
	free(password);
	free(has);
	return result;
}

char *connstr_set_property(const char *type, const char *string, const char *property, const char *value)
{
	int found = find_property(type, property);

	if (strcmp(property, "ConnectionString") == 0)
		return replace_string(type, string, value ? value : "");
	return found < 0 ? xstrdup(string) : connstr_set(string, keyword_in(type, string, found), value);
}
