/* SPDX-License-Identifier: MIT */
/*
 * Connection strings "Data Source=.;User ID=x;Password=\"a;b\"": reading and
 * setting single keywords (spec/package.md §7). Keywords compare without
 * regard to case; values may be in " or ' quotes with the quote doubled
 * inside, or in {braces} (ODBC), which belong to the value. Everything that
 * is not touched stays as it was written, but for a value whose quote never
 * closes: it is quoted, or it would swallow what is appended.
 */
#ifndef SO_PACKAGE_CONNSTR_H
#define SO_PACKAGE_CONNSTR_H

#include <stdbool.h>
#include <stddef.h>

/* One keyword of a string, as places in it. */
struct connstr_item {
	const char *start, *end;     /* the whole item, without its ";" */
	const char *key, *value;     /* trimmed; value with its quotes */
	size_t key_len, value_len;
	bool unclosed;               /* the value's quote never closes: it takes the rest of the string */
};
/* Read the item at *cursor and move it past the ";". False at the end. Items without "=" have no value (length 0). */
bool connstr_next(const char **cursor, struct connstr_item *ret);

/* Value of a keyword without its quotes, or NULL when absent; caller frees. The last one counts, as in OLE DB. */
char *connstr_get(const char *string, const char *keyword);
/* The string with a keyword's value replaced, or appended; value NULL removes it. Caller frees. */
char *connstr_set(const char *string, const char *keyword, const char *value);

/*
 * Properties of connection managers that are parts of the string: ServerName,
 * InitialCatalog, UserName, Password, ExcelFilePath, SmtpServer and so on.
 * type is the creation name ("OLEDB", "ADO.NET:SQL"). False for a property
 * that is not kept there (its own attribute, then).
 */
bool connstr_has_property(const char *type, const char *property);
/* Value of the property, or NULL; caller frees. */
char *connstr_get_property(const char *type, const char *string, const char *property);
/*
 * The string after setting a property (connstr_has_property), or the property
 * ConnectionString itself: that replaces all, but keeps the password when the
 * new string has none. Caller frees (mem_wipe first when it may hold a password).
 */
char *connstr_set_property(const char *type, const char *string, const char *property, const char *value);

#endif
