/* SPDX-License-Identifier: MIT */
/*
 * libFuzzer: whole batches through the language, against the fake catalog:
 * lexer, parser, translator, evaluator, temporary tables. WAITFOR is left out,
 * because it sleeps, and a batch is cancelled after some thousand rows.
 */
#include <string.h>

#include "base/mem.h"
#include "tests/tsql/fake.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static int count_row(void *ctx, const struct tsql_value *values, size_t count)
{
	(void)values;
	(void)count;
	return ++*(int *)ctx > 1000;
}

static int count_message(void *ctx, const struct tsql_message *message)
{
	(void)message;
	return ++*(int *)ctx > 1000;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct tsql_client *client;
	int n = 0;
	struct tsql_sink sink = { .ctx = &n, .row = count_row, .message = count_message };
	char *text;

	if (size > 4096 || memmem(data, size, "aitfor", 6) || memmem(data, size, "AITFOR", 6) || memmem(data, size, "hile", 4) ||
	    memmem(data, size, "HILE", 4))
		return 0;
	text = xstrndup((const char *)data, size);
	client = fake_open();
	tsql_client_run(client, text, NULL, 0, &sink, NULL);
	tsql_client_close(client);
	free(text);
	return 0;
}
