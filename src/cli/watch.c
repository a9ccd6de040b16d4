/* SPDX-License-Identifier: MIT */
/* Polls catalog.executions; 50 ms at first, slower the longer it takes, so that a fast package is seen at once. */
#include "cli/watch.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

static void pause_ms(long ms)
{
	struct timespec wait = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&wait, NULL);
}

void cli_print_errors(struct tsql_client *client, int64_t execution_id, FILE *out, int max)
{
	struct tsql_param params[] = { cli_param_int("@id", execution_id), cli_param_int("@max", max) };
	struct tsql_rowset rows;

	if (tsql_client_query(client,
	        "SELECT TOP (@max) message FROM [SSISDB].[catalog].[event_messages] "
	        "WHERE operation_id = @id AND message_type = 120 ORDER BY event_message_id",
	        params, 2, 10000, &rows, NULL) == 0) {
		for (size_t i = 0; i < rows.row_count; i++) {
			char *text = cli_cell(&rows, i, "message");
			fputs("  ", out);
			cli_print_text(out, text, strlen(text));
			fputc('\n', out);
			free(text);
		}
		tsql_rowset_release(&rows);
	}
	cli_release_params(params, 2);
}

static void show(int64_t id, int64_t status, int64_t tries, int64_t elapsed_ms, bool terminal)
{
	fprintf(stderr, "%sexecution %lld: %s", terminal ? "\r\033[K" : "", (long long)id,
	    cli_status_name(status));
	if (tries > 1)
		fprintf(stderr, " (try %lld)", (long long)tries);
	fprintf(stderr, " %lld.%01lld s%s", (long long)(elapsed_ms / 1000), (long long)(elapsed_ms % 1000 / 100),
	    terminal && !cli_status_is_final(status) ? "" : "\n");
	fflush(stderr);
}

static int read_state(struct tsql_client *client, int64_t id, int64_t *ret_status, int64_t *ret_tries,
    struct err *err)
{
	struct tsql_param param = cli_param_int("@id", id);
	struct tsql_rowset rows;

	int r = tsql_client_query(client,
	    "SELECT status, executed_count FROM [SSISDB].[catalog].[executions] WHERE execution_id = @id",
	    &param, 1, 2, &rows, err);
	if (r < 0)
		return r;
	if (!rows.row_count) {
		tsql_rowset_release(&rows);
		return err_set(err, ERR_NOT_FOUND, "there is no execution %lld, or you may not see it", (long long)id);
	}
	*ret_status = cli_cell_int(&rows, 0, "status", 0);
	*ret_tries = cli_cell_int(&rows, 0, "executed_count", 0);
	tsql_rowset_release(&rows);
	return 0;
}

int cli_watch(struct cli *cli, struct tsql_client *client, int64_t execution_id, long timeout_s)
{
	int64_t began = clock_mono_ms();
	int64_t shown_status = -1, shown_tries = -1, shown_at = 0;
	int64_t status = 0, tries = 0;
	bool terminal = isatty(2);
	struct err err;
	long wait_ms = 20;

	for (;;) {
		if (read_state(client, execution_id, &status, &tries, &err) < 0)
			return cli_fail(&err);
		int64_t elapsed = clock_mono_ms() - began;
		bool changed = status != shown_status || tries != shown_tries;
		if (!cli->json && (changed || (terminal && elapsed - shown_at >= 500))) {
			show(execution_id, status, tries, elapsed, terminal);
			shown_status = status;
			shown_tries = tries;
			shown_at = elapsed;
		}
		if (cli_status_is_final(status))
			break;
		if (timeout_s && elapsed > timeout_s * 1000) {
			err_set(&err, ERR_TIMEOUT, "execution %lld is still %s after %ld s", (long long)execution_id,
			    cli_status_name(status), timeout_s);
			err_hint(&err, "it goes on; look with: scaleout messages %lld", (long long)execution_id);
			return cli_fail(&err);
		}
		pause_ms(wait_ms);
		wait_ms = wait_ms < 500 ? wait_ms + wait_ms / 2 : 500;
	}
	if (status == 7 || status == 9)
		return CLI_OK;
	cli_print_errors(client, execution_id, stderr, 20);
	return CLI_FAILED;
}
