/* SPDX-License-Identifier: MIT */
/*
 * libFuzzer target: any script through the in-script layer of scaleout sql,
 * with a host that runs, reads and writes nothing. The first byte chooses the
 * switches.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/sqlcmd_script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_nothing(void *ctx, const char *batch, struct sqlcmd_result *result, struct err *err)
{
	(void)ctx;
	(void)err;
	/* A batch is never empty, and what it says is taken as it comes. */
	assert(batch[strspn(batch, " \t\r\n\f")]);
	*result = (struct sqlcmd_result){ .cell = SQLCMD_CELL_NUMBER, .cell_value = (int)strlen(batch) };
	return 0;
}

static int read_fixed(void *ctx, const char *path, struct buf *ret, struct err *err)
{
	(void)ctx;
	if (path[0] == 'x')
		return err_set(err, ERR_NOT_FOUND, "no file");
	buf_adds(ret, "included '$(a)'\n:r x\nGO\n");
	return 0;
}

static int redirect_nothing(void *ctx, enum sqlcmd_stream stream, const char *target, struct err *err)
{
	(void)ctx;
	(void)stream;
	(void)err;
	assert(target);
	return 0;
}

static int edit_nothing(void *ctx, struct buf *text, struct err *err)
{
	(void)ctx;
	(void)err;
	buf_clear(text);
	return 0;
}

static int connect_nothing(void *ctx, const char *server, struct err *err)
{
	(void)ctx;
	(void)err;
	assert(server);
	return 0;
}

static int64_t stopped_clock(void)
{
	return 0;
}

static void print_nothing(void *ctx, enum sqlcmd_stream stream, const char *text)
{
	(void)ctx;
	(void)stream;
	assert(strlen(text) < SIZE_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct sqlcmd_host host = { NULL, run_nothing, read_fixed, redirect_nothing, edit_nothing,
		connect_nothing, print_nothing };
	struct sqlcmd_script script;
	unsigned flags = size ? data[0] : 0;

	if (!size)
		return 0;
	struct sqlcmd_vars *vars = sqlcmd_vars_new(false);
	sqlcmd_script_init(&script, &host, vars);
	script.stop_on_error = flags & 1;
	script.echo = flags & 2;
	script.keep_references = flags & 4;
	script.interactive = flags & 8;
	script.no_system = flags & 16;
	script.no_system_ends = flags & 32;
	script.statistics = (enum sqlcmd_statistics)(flags >> 6 & 1);
	script.clock_us = stopped_clock;
	sqlcmd_script_text(&script, (const char *)data + 1, size - 1);
	assert(sqlcmd_script_batch_line(&script) >= 1);
	sqlcmd_script_end(&script);
	sqlcmd_script_release(&script);
	sqlcmd_vars_free(vars);
	return 0;
}
