/* SPDX-License-Identifier: MIT */
/* Bytes as a package: the tree that comes out is whole, can be searched, and can be written and parsed again. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "package/connstr.h"
#include "package/dtsx.h"
#include "package/protect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Decryption that leaves the bytes as they are, so that protected documents are walked into. */
static int no_cipher(const struct protect_secret *secret, const char *password, struct buf *plain, struct err *err)
{
	(void)password, (void)err;
	buf_add(plain, secret->data, secret->data_len);
	return 0;
}

static void check_executable(const struct dtsx *d, const struct dtsx_executable *e)
{
	assert(e->name && e->ref_id && e->id && e->creation_name && e->description && e->event_name);
	assert(e->parent || e == d->package);
	assert(dtsx_find(d, e->ref_id));
	for (size_t i = 0; i < e->constraint_count; i++)
		assert(e->constraints[i].from->parent == e && e->constraints[i].to->parent == e);
	for (size_t i = 0; i < e->variable_count; i++)
		assert(e->variables[i].name && e->variables[i].ns && e->variables[i].ref_id);
}

static void check_connection(const struct dtsx_connection *c)
{
	char *edited = connstr_set_property("OLEDB", c->connection_string, "Password", "a;\"b");
	char *back = connstr_get_property("OLEDB", edited, "Password");

	assert(back && strcmp(back, "a;\"b") == 0);
	free(edited);
	free(back);
}

static void check_writing(const struct dtsx *d)
{
	struct buf once = BUF_INIT, twice = BUF_INIT;
	struct xml_doc *again = NULL;

	xml_write(d->doc->root, &once);
	assert(xml_parse(once.data, once.len, "again", &again, NULL) == 0);
	xml_write(again->root, &twice);
	assert(strcmp(once.data, twice.data) == 0);
	xml_free(again);
	buf_release(&once);
	buf_release(&twice);
}

static void load(const uint8_t *data, size_t size, const char *password)
{
	struct dtsx *d = NULL;
	struct err err = { 0 };
	size_t n = 0;

	int r = dtsx_load((const char *)data, size, "fuzz.dtsx", password, &d, &err);
	assert((r == 0) == (d != NULL));
	assert(r == 0 || err.primary[0]);
	if (!d)
		return;
	for (struct dtsx_executable *e = dtsx_walk(d, NULL); e; e = dtsx_walk(d, e), n++)
		check_executable(d, e);
	assert(n == d->executable_count);
	for (size_t i = 0; i < d->connection_count; i++)
		check_connection(&d->connections[i]);
	check_writing(d);
	dtsx_free(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dtsx_conmgr *conmgr = NULL;

	protect_set(no_cipher);
	load(data, size, NULL);
	load(data, size, "password");
	if (dtsx_conmgr_load((const char *)data, size, "fuzz.conmgr", NULL, &conmgr, NULL) == 0)
		check_connection(&conmgr->connection);
	dtsx_conmgr_free(conmgr);
	return 0;
}
