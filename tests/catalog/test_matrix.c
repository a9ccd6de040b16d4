/* SPDX-License-Identifier: MIT */
/*
 * Who may do what: every procedure and view of rights.tsv, a table written
 * from the specification, against every kind of caller. The callers are made
 * from the table too: besides nobody, the roles and every single permission,
 * each row is tried with exactly what it needs (granted directly, to a role,
 * to public, on the folder, or as caller of the operation), with one of these
 * missing, and with one of these denied. Each call runs inside a transaction
 * that is rolled back, so that no case sees another.
 */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "catalog/registry.h"
#include "tests/catalog/world.h"

#define USER WORLD_USER

/* --- rights --- */

/* Keys of objects are set apart by these numbers, so that an id in a message can be nothing else.
 */
/* What a caller may have; its place here is its bit in a set. */
static const struct right {
	const char *name;
	int type; /* of the object, 0 = a role */
	int permission;
} rights[] = {
	{ "F1", 1, 1 },
	{ "F2", 1, 2 },
	{ "F4", 1, 4 },
	{ "F100", 1, 100 },
	{ "F101", 1, 101 },
	{ "F102", 1, 102 },
	{ "F103", 1, 103 },
	{ "F104", 1, 104 },
	{ "G1", 5, 1 },
	{ "G2", 5, 2 },
	{ "G4", 5, 4 },
	{ "G100", 5, 100 },
	{ "G101", 5, 101 },
	{ "G102", 5, 102 },
	{ "G103", 5, 103 },
	{ "G104", 5, 104 },
	{ "P1", 2, 1 },
	{ "P2", 2, 2 },
	{ "P3", 2, 3 },
	{ "P4", 2, 4 },
	{ "E1", 3, 1 },
	{ "E2", 3, 2 },
	{ "E4", 3, 4 },
	{ "O1", 4, 1 },
	{ "O2", 4, 2 },
	{ "O4", 4, 4 },
	{ "logreader", 0, 0 },
	{ "executor", 0, 0 },
	{ "worker", 0, 0 },
	{ "admin", 0, 0 },
	{ "owner", 0, 0 },
	{ "sysadmin", 0, 0 },
};
_Static_assert(ARRAY_LEN(rights) <= 32, "a set of rights is 32 bits");
static const char *const role_names[] = { "ssis_logreader", "ssis_cluster_executor",
	"ssis_cluster_worker", "ssis_admin", "db_owner" };
#define FIRST_ROLE (ARRAY_LEN(rights) - ARRAY_LEN(role_names) - 1)
#define SYSADMIN (1u << (ARRAY_LEN(rights) - 1))
#define ADMINS (SYSADMIN | SYSADMIN >> 1 | SYSADMIN >> 2)

/* A letter and a number, or the name of a role; 0 when there is no such right. */
static uint32_t right(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(rights); i++)
		if (strcmp(rights[i].name, name) == 0)
			return 1u << i;
	return 0;
}

static uint32_t of_objects(uint32_t set)
{
	return set & ((1u << FIRST_ROLE) - 1);
}

static uint32_t of_kind(const char *letters)
{
	uint32_t set = 0;

	for (size_t i = 0; i < FIRST_ROLE; i++)
		if (strchr(letters, rights[i].name[0]))
			set |= 1u << i;
	return set;
}

/* What F101 to F104 mean for the project and the environment (spec/catalog.md §6.2). */
static uint32_t with_inherited(uint32_t set)
{
	static const struct {
		const char *folder, *child[2];
	} inherited[] = { { "F101", { "P1", "E1" } }, { "F102", { "P2", "E2" } },
		{ "F103", { "P3", "" } }, { "F104", { "P4", "E4" } } };

	for (size_t i = 0; i < ARRAY_LEN(inherited); i++)
		if (set & right(inherited[i].folder))
			set |= right(inherited[i].child[0]) | right(inherited[i].child[1]);
	return set;
}

enum via { DIRECT, BY_ROLE, BY_PUBLIC, AS_CALLER };
struct caller {
	uint32_t granted, denied;
	enum via via;
};

static uint32_t effective(const struct caller *who)
{
	uint32_t set = with_inherited(who->granted);

	if (who->via == AS_CALLER)
		set |= of_kind("O");
	return set & ~with_inherited(who->denied);
}

/* --- the table --- */

enum { F_KIND, F_NAME, F_NEEDS, F_ERRORS, F_CALL, FIELDS };
struct row {
	char *field[FIELDS];
	int line;
};
static VEC(struct row) table;
static struct buf table_text, differences;

static bool is_view(const struct row *row)
{
	return strcmp(row->field[F_KIND], "view") == 0;
}

static void read_table(void)
{
	char *path = test_source_path("tests/catalog/rights.tsv"), *lines, *text;
	struct err err;
	int line = 0;

	fixture_ok(file_read(path, 1 << 20, &table_text, &err), &err);
	free(path);
	for (lines = table_text.data; (text = strsep(&lines, "\n"));) {
		struct row row = { .line = ++line };

		if (!*text || *text == '#')
			continue;
		for (size_t i = 0; i < FIELDS; i++)
			row.field[i] = strsep(&text, "\t");
		ck_assert_msg(
		    row.field[is_view(&row) ? F_NEEDS : F_CALL] && !text, "rights.tsv:%d", line);
		vec_push(&table, row);
	}
}

static void differ(const struct row *row, const struct caller *who, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static void differ(const struct row *row, const struct caller *who, const char *fmt, ...)
{
	static const char *const vias[] = { "", "by a role", "by public", "as caller" };
	va_list args;

	buf_addf(
	    &differences, "rights.tsv:%d: %s, %s", row->line, row->field[F_NAME], vias[who->via]);
	for (size_t i = 0; i < ARRAY_LEN(rights); i++)
		if ((who->granted | who->denied) & 1u << i)
			buf_addf(&differences, " %s%s", who->denied & 1u << i ? "denied " : "",
			    rights[i].name);
	buf_adds(&differences, ": ");
	va_start(args, fmt);
	buf_vaddf(&differences, fmt, args);
	va_end(args);
	buf_addc(&differences, '\n');
}

/* The rights named in one alternative. */
static uint32_t named(const char *words, size_t len)
{
	char *copy = xstrndup(words, len), *rest = copy, *word;
	uint32_t set = 0;

	while ((word = strsep(&rest, " ")))
		if (*word && strcmp(word, "adm") != 0) {
			ck_assert_msg(right(word), "rights.tsv: no right %s", word);
			set |= right(word);
		}
	free(copy);
	return set;
}

static bool may(const struct row *row, const struct caller *who)
{
	const char *needs = row->field[F_NEEDS];
	uint32_t has = effective(who);

	if (strcmp(needs, "public") == 0)
		return true;
	if (has & ADMINS)
		return strcmp(needs, "sysadmin") != 0 || (has & SYSADMIN);
	if (strcmp(needs, "own") == 0)
		return of_objects(who->granted | who->denied) != 0;
	if (strcmp(needs, "effective") == 0)
		return of_objects(has) != 0;
	for (size_t len; *needs; needs += len + (needs[len] == '|')) {
		uint32_t wanted;

		len = strcspn(needs, "|");
		wanted = named(needs, len);
		if (wanted && (has & wanted) == wanted)
			return true;
	}
	return false;
}

/* --- what is there --- */

static struct catalog *c;
static struct tsql_client *admin;
static char *path;

static void setup(void)
{
	read_table();
	c = world_open(&path, &admin);
	fixture_exec(c, "INSERT INTO operation (operation_id, operation_type, created_time, status, caller_name) VALUES"
			" (540009, 200, now_ticks(), 2, 'root')");
}

static void teardown(void)
{
	tsql_client_close(admin);
	catalog_close(c);
	free(path);
	vec_release(&table);
	buf_release(&table_text);
	buf_release(&differences);
}

/* --- callers --- */

static const int64_t objects[][7] = {
	[1] = { 510001 },
	[2] = { 520001, 520002 },
	[3] = { 530001 },
	[4] = { 540003, 540004, 540005, 540006, 540007, 540009 },
	[5] = { 510002 },
};

static void add_entries(
    struct buf *b, const struct right *r, const char *verb, const char *principal)
{
	for (const int64_t *id = objects[r->type]; *id; id++)
		buf_addf(b,
		    "SET @p = DATABASE_PRINCIPAL_ID(N'%s'); EXEC catalog.%s_permission %d, %lld, "
		    "@p, %d;",
		    principal, verb, r->type == 5 ? 1 : r->type, (long long)*id, r->permission);
}

static void add_role(struct buf *b, size_t index)
{
	if (1u << index == SYSADMIN)
		buf_adds(b, "EXEC sp_addsrvrolemember N'" USER "', N'sysadmin';");
	else
		buf_addf(b, "ALTER ROLE %s ADD MEMBER [" USER "];", role_names[index - FIRST_ROLE]);
}

/* The statements that give the caller its rights. A right that is granted and denied is so by two
 * principals of it. */
static void add_rights(struct buf *b, const struct caller *who)
{
	static const char *const principals[] = { USER, "crew", "public", USER };

	buf_adds(b, "DECLARE @p int;");
	for (size_t i = 0; i < ARRAY_LEN(rights); i++) {
		if (who->granted & 1u << i && i >= FIRST_ROLE)
			add_role(b, i);
		else if (who->granted & 1u << i)
			add_entries(b, &rights[i], "grant", principals[who->via]);
		if (who->denied & 1u << i)
			add_entries(b, &rights[i], "deny",
			    who->granted & 1u << i && who->via == DIRECT ? "crew" : USER);
	}
}

/* Open a transaction in which the caller has its rights, as that caller. */
static void become(const struct caller *who)
{
	struct buf b = BUF_INIT;

	if (who->via == AS_CALLER)
		fixture_exec(
		    c, "UPDATE operation SET caller_name = '" USER "' WHERE operation_id > 540000");
	buf_adds(&b, "BEGIN TRANSACTION;");
	add_rights(&b, who);
	buf_adds(&b, "EXECUTE AS LOGIN = '" USER "'");
	t_run(admin, "%s", b.data);
	buf_release(&b);
}

static void unbecome(const struct caller *who)
{
	t_run(admin, "IF @@TRANCOUNT > 0 ROLLBACK; REVERT");
	if (who->via == AS_CALLER)
		fixture_exec(
		    c, "UPDATE operation SET caller_name = 'root' WHERE operation_id > 540000");
}

/* --- one call --- */

/* The number of the error, 0 for none; its text (caller frees). */
static int outcome(struct tsql_client *client, const char *call, char **ret_text)
{
	struct err err = { 0 };
	int r = tsql_client_run(client, call, NULL, 0, NULL, &err);

	ck_assert_msg(r == 0 || r == -ERR_SQL, "%.200s: %d %s", call, r, err.primary);
	*ret_text = xstrdup(r ? err.primary : "");
	return r ? err.sql_number : 0;
}

/* Errors with a + are not about rights: who may do the thing can get them. */
static bool is_listed(const char *errors, int number, bool plus)
{
	char text[16];
	const char *at;

	snprintf(text, sizeof(text), "%d", number);
	at = strstr(errors, text);
	return at && plus == (at > errors && at[-1] == '+');
}

/* Without any right the first error; with some, one of them. */
static void judge(const struct row *row, const struct caller *who, int number, const char *text)
{
	if (may(row, who)) {
		if (number != 0 && !is_listed(row->field[F_ERRORS], number, true))
			differ(row, who, "may, but gets %d %s", number, text);
		return;
	}
	if (number == 0)
		differ(row, who, "may not, but it worked");
	else if (!is_listed(row->field[F_ERRORS], number, false))
		differ(row, who, "%d is not listed: %s", number, text);
	else if (!who->granted && who->via != AS_CALLER &&
		 number != strtol(row->field[F_ERRORS], NULL, 10))
		differ(row, who, "the first error is %d", number);
}

static void try_procedure(const struct row *row, const struct caller *who)
{
	char *call = world_fill(row->field[F_CALL], ""), *text;
	int number;

	become(who);
	number = outcome(admin, call, &text);
	unbecome(who);
	judge(row, who, number, text);
	free(text);
	free(call);
}

static void try_view(const struct row *row, const struct caller *who)
{
	const char *arguments = strncmp(row->field[F_NAME], "dm_", 3) == 0 ? "(NULL)" : "";
	size_t rows;

	become(who);
	rows = t_rows(admin, "SELECT * FROM SSISDB.catalog.[%s]%s", row->field[F_NAME], arguments);
	unbecome(who);
	if ((rows > 0) != may(row, who))
		differ(row, who, "sees %zu rows", rows);
}

static void try_row(const struct row *row, const struct caller *who)
{
	(is_view(row) ? try_view : try_procedure)(row, who);
}

/* --- which callers --- */

static void try_common(const struct row *row)
{
	const uint32_t all = (1u << FIRST_ROLE) - 1;

	try_row(row, &(struct caller){ 0 });
	for (size_t i = 0; i < ARRAY_LEN(rights); i++)
		try_row(row, &(struct caller){ .granted = 1u << i });
	try_row(row, &(struct caller){ .granted = all });
	try_row(row, &(struct caller){ .granted = of_kind("G") });
	try_row(row, &(struct caller){ .denied = all });
	try_row(row, &(struct caller){ .granted = right("admin"), .denied = all });
	try_row(row, &(struct caller){ .granted = right("logreader"), .denied = all });
	try_row(row, &(struct caller){ .via = AS_CALLER });
	try_row(row, &(struct caller){ .via = AS_CALLER, .granted = of_kind("FPE") });
	try_row(row, &(struct caller){ .via = AS_CALLER, .denied = right("O1") });
	try_row(row, &(struct caller){ .via = AS_CALLER, .denied = right("O2") });
}

/* Rights on the project and the environment, had from the folder. */
static uint32_t by_folder(uint32_t set)
{
	uint32_t result = set & ~of_kind("PE");

	for (size_t i = 0; i < FIRST_ROLE; i++) {
		char name[16];

		if (!(set & of_kind("PE") & 1u << i))
			continue;
		snprintf(name, sizeof(name), "F%d", 100 + rights[i].permission);
		result |= right(name);
	}
	return result;
}

/* Exactly what one alternative needs, in every way to have it; then with each part missing or
 * denied. */
static void try_exact(const struct row *row, uint32_t needs)
{
	for (enum via via = DIRECT; via <= BY_PUBLIC; via++)
		try_row(row, &(struct caller){ .granted = needs, .via = via });
	try_row(row, &(struct caller){ .granted = by_folder(needs) });
	for (size_t i = 0; i < FIRST_ROLE; i++) {
		uint32_t one = 1u << i;

		if (!(needs & one))
			continue;
		try_row(row, &(struct caller){ .granted = needs & ~one });
		for (enum via via = DIRECT; via <= BY_PUBLIC; via++)
			try_row(
			    row, &(struct caller){ .granted = needs, .denied = one, .via = via });
		try_row(row, &(struct caller){ .granted = needs, .denied = by_folder(one) });
		try_row(row, &(struct caller){ .granted = by_folder(needs), .denied = one });
		try_row(
		    row, &(struct caller){ .granted = by_folder(needs), .denied = by_folder(one) });
	}
}

static bool names_rights(const char *needs)
{
	static const char *const words[] = { "adm", "sysadmin", "public", "own", "effective" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(words[i], needs) == 0)
			return false;
	return true;
}

static void each_alternative(
    const struct row *row, void (*try)(const struct row *row, uint32_t needs))
{
	const char *needs = row->field[F_NEEDS];

	for (size_t len; names_rights(row->field[F_NEEDS]) && *needs;
	     needs += len + (needs[len] == '|')) {
		len = strcspn(needs, "|");
		try(row, named(needs, len));
	}
}

static bool is_registered(const struct row *row)
{
	const char *name = row->field[F_NAME];

	if (is_view(row)) {
		for (const struct tsql_view *const *v = catalog_registry()->views; *v; v++)
			if (strcmp((*v)->name, name) == 0)
				return true;
		return false;
	}
	for (const struct tsql_proc *const *p = catalog_registry()->procs; *p; p++)
		if (strcmp((*p)->schema, "catalog") == 0 && strcmp((*p)->name, name) == 0)
			return true;
	return false;
}

static void no_differences(void)
{
	/* check's messages have an end. */
	ck_assert_msg(differences.len == 0, "\n%.3500s", differences.data);
}

static void check_rows(bool views)
{
	for (size_t i = 0; i < table.len; i++) {
		const struct row *row = &table.items[i];

		if (is_view(row) != views || !is_registered(row))
			continue;
		try_common(row);
		each_alternative(row, try_exact);
	}
	no_differences();
}

START_TEST(every_procedure_does_what_the_table_says_for_every_caller)
{
	check_rows(false);
}
END_TEST

START_TEST(every_view_shows_its_rows_to_whom_the_table_says)
{
	check_rows(true);
}
END_TEST

/* --- effective permissions, one by one --- */

/* The rights that effective_object_permissions tells of the first object of each type. */
static uint32_t told_rights(void)
{
	struct tsql_rowset rows = { 0 };
	struct err err = { 0 };
	uint32_t set = 0;

	fixture_ok(
	    tsql_client_query(admin, "SELECT * FROM SSISDB.catalog.effective_object_permissions",
		NULL, 0, 10000, &rows, &err),
	    &err);
	for (size_t k = 0; k < rows.row_count; k++)
		for (size_t i = 0; i < FIRST_ROLE; i++) {
			const struct tsql_value *row = &rows.cells[k * rows.column_count];
			int type = rights[i].type == 5 ? 1 : rights[i].type;

			if (row[0].i == type && row[1].i == objects[rights[i].type][0] &&
			    row[2].i == rights[i].permission)
				set |= 1u << i;
		}
	tsql_rowset_release(&rows);
	return set;
}

static void try_effective(const struct caller *who)
{
	const struct row row = { .field = {
				     [F_NAME] = (char[]){ "effective_object_permissions" } } };
	uint32_t told;

	become(who);
	told = told_rights();
	unbecome(who);
	if (told != effective(who))
		differ(&row, who, "%08x instead of %08x", told, effective(who));
}

START_TEST(effective_permissions_follow_grants_roles_folders_and_denials)
{
	const uint32_t all = (1u << FIRST_ROLE) - 1;

	for (uint32_t one = 1; one < all; one <<= 1) {
		for (enum via via = DIRECT; via <= AS_CALLER; via++) {
			try_effective(&(struct caller){ .granted = one, .via = via });
			try_effective(
			    &(struct caller){ .granted = one, .denied = one, .via = via });
			try_effective(&(struct caller){ .denied = one, .via = via });
		}
		try_effective(&(struct caller){ .granted = all, .denied = one });
		try_effective(&(struct caller){ .granted = all & ~one });
	}
	no_differences();
}
END_TEST

/* --- through a connection of the caller's own --- */

static void try_connected(const struct row *row, uint32_t needs)
{
	struct caller who = { .granted = needs };
	struct tsql_client *user;
	struct buf b = BUF_INIT;
	char *call = world_fill(row->field[F_CALL], ""), *text;
	int number;

	add_rights(&b, &who);
	t_run(admin, "%s", b.data);
	user = t_connect(path, USER);
	t_run(user, "BEGIN TRANSACTION");
	number = outcome(user, call, &text);
	t_run(user, "IF @@TRANCOUNT > 0 ROLLBACK");
	judge(row, &who, number, text);
	tsql_client_close(user);
	fixture_exec(c, "DELETE FROM permission; DELETE FROM role_member WHERE role_id < 10");
	free(text);
	free(call);
	buf_release(&b);
}

START_TEST(a_connection_has_the_rights_of_its_login)
{
	for (size_t i = 0; i < table.len; i++)
		if (!is_view(&table.items[i]) && is_registered(&table.items[i])) {
			try_connected(&table.items[i], 0);
			each_alternative(&table.items[i], try_connected);
		}
	no_differences();
}
END_TEST

/* --- hidden is as missing --- */

/* The inside of N'name', 'name' or a number. */
static void bare(const char *name, struct buf *ret)
{
	const char *from = strchr(name, '\'');
	size_t len = from ? strcspn(from + 1, "'") : strlen(name);

	buf_clear(ret);
	buf_add(ret, from ? from + 1 : name, len);
}

static char *replace(char *text, const char *old, const char *new)
{
	struct buf b = BUF_INIT;
	char *at, *rest = text;

	for (; (at = strcasestr(rest, old)); rest = at + strlen(old)) {
		buf_add(&b, rest, (size_t)(at - rest));
		buf_adds(&b, new);
	}
	buf_adds(&b, rest);
	free(text);
	return buf_detach(&b);
}

/* A message about things there, as it is about things missing. */
static char *as_missing(char *text, const char *call, const char *missing)
{
	struct buf old = BUF_INIT, new = BUF_INIT;

	for (const char *at = call; (at = strchr(at, '{')); at++) {
		const struct world_name *name = world_name(at + 1, strcspn(at + 1, "}"));

		if (!strchr(missing, name->kind) || !name->there)
			continue;
		bare(name->there, &old);
		bare(name->missing, &new);
		if (old.len > 1)
			text = replace(text, old.data, new.data);
	}
	buf_release(&old);
	buf_release(&new);
	return text;
}

static void check_hidden(const struct row *row, const struct caller *who, const char *kinds)
{
	char *there = world_fill(row->field[F_CALL], ""),
	     *missing = world_fill(row->field[F_CALL], kinds);
	char *hidden_text, *missing_text;
	int hidden, none;

	become(who);
	hidden = outcome(admin, there, &hidden_text);
	unbecome(who);
	become(who);
	none = outcome(admin, missing, &missing_text);
	unbecome(who);
	hidden_text = as_missing(hidden_text, row->field[F_CALL], kinds);
	if (hidden != none || strcmp(hidden_text, missing_text) != 0)
		differ(row, who, "tells what is hidden: %d %s | %d %s", hidden, hidden_text, none,
		    missing_text);
	free(hidden_text);
	free(missing_text);
	free(there);
	free(missing);
}

START_TEST(nobody_learns_from_an_error_that_something_hidden_exists)
{
	for (size_t i = 0; i < table.len; i++) {
		const struct row *row = &table.items[i];

		if (is_view(row) || !is_registered(row) || strcmp(row->field[F_NEEDS], "adm") == 0)
			continue;
		check_hidden(row, &(struct caller){ 0 }, "FPEOLW");
		check_hidden(row, &(struct caller){ .granted = of_kind("G") }, "FPEOLW");
		check_hidden(row, &(struct caller){ .granted = right("worker") }, "FPEOLW");
		check_hidden(row, &(struct caller){ .granted = of_kind("P") }, "EO");
		check_hidden(row, &(struct caller){ .granted = right("F1") }, "PEO");
		check_hidden(row,
		    &(struct caller){ .granted = right("F1") | right("F2") | of_kind("O") }, "PE");
	}
	no_differences();
}
END_TEST

START_TEST(every_procedure_and_view_has_a_row)
{
	struct buf missing = BUF_INIT;
	size_t found;

	for (const struct tsql_proc *const *p = catalog_registry()->procs; *p; p++) {
		found = !(*p)->database || strcmp((*p)->schema, "catalog") != 0 ||
			strcmp((*p)->name, "clear_object_parameter") == 0 ||
			strcmp((*p)->name, "set_environment_reference_location") == 0;
		for (size_t i = 0; i < table.len && !found; i++)
			found = !is_view(&table.items[i]) &&
				strcmp(table.items[i].field[F_NAME], (*p)->name) == 0;
		if (!found)
			buf_addf(&missing, " %s", (*p)->name);
	}
	for (const struct tsql_view *const *v = catalog_registry()->views; *v; v++) {
		found = strcmp((*v)->schema, "catalog") != 0;
		for (size_t i = 0; i < table.len && !found; i++)
			found = is_view(&table.items[i]) &&
				strcmp(table.items[i].field[F_NAME], (*v)->name) == 0;
		if (!found)
			buf_addf(&missing, " %s", (*v)->name);
	}
	ck_assert_msg(missing.len == 0, "rights.tsv does not say who may use%s", missing.data);
	buf_release(&missing);
}
END_TEST

static Suite *matrix_suite(void)
{
	Suite *s = suite_create("catalog rights matrix");
	TCase *t = tcase_create("matrix");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 120);
	tcase_add_test(t, every_procedure_and_view_has_a_row);
	tcase_add_test(t, every_procedure_does_what_the_table_says_for_every_caller);
	tcase_add_test(t, every_view_shows_its_rows_to_whom_the_table_says);
	tcase_add_test(t, effective_permissions_follow_grants_roles_folders_and_denials);
	tcase_add_test(t, a_connection_has_the_rights_of_its_login);
	tcase_add_test(t, nobody_learns_from_an_error_that_something_hidden_exists);
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(matrix_suite)
