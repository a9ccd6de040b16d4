/* SPDX-License-Identifier: MIT */
/* Polls the operation; 50 ms at first, slower the longer it takes, so that a fast package is seen at once. */
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

struct state {
	int64_t type, status, tries;
};

/* What the operation is called. */
static const char *noun(const struct state *state)
{
	return state->type == 300 || state->type == 301 ? "validation" : "execution";
}

static void show(int64_t id, const struct state *state, int64_t elapsed_ms, bool terminal)
{
	fprintf(stderr, "%s%s %lld: %s", terminal ? "\r\033[K" : "", noun(state), (long long)id,
	    cli_status_name(state->status));
	if (state->tries > 1)
		fprintf(stderr, " (try %lld)", (long long)state->tries);
	fprintf(stderr, " %lld.%01lld s%s", (long long)(elapsed_ms / 1000), (long long)(elapsed_ms % 1000 / 100),
	    terminal && !cli_status_is_final(state->status) ? "" : "\n");
	fflush(stderr);
}

static int read_state(struct tsql_client *client, int64_t id, struct state *ret, struct err *err)
{
	struct tsql_param param = cli_param_int("@id", id);
	struct tsql_rowset rows;

	int r = tsql_client_query(client,
	    "SELECT operation_type, status, (SELECT executed_count FROM [SSISDB].[catalog].[executions] "
	    "WHERE execution_id = @id) AS executed_count "
	    "FROM [SSISDB].[catalog].[operations] WHERE operation_id = @id",
	    &param, 1, 2, &rows, err);
	if (r < 0)
		return r;
	if (!rows.row_count) {
		tsql_rowset_release(&rows);
		return err_set(err, ERR_NOT_FOUND, "there is no execution %lld, or you may not see it", (long long)id);
	}
	*ret = (struct state){ cli_cell_int(&rows, 0, "operation_type", 0),
		cli_cell_int(&rows, 0, "status", 0), cli_cell_int(&rows, 0, "executed_count", 0) };
	tsql_rowset_release(&rows);
	return 0;
}

int cli_wait(struct cli *cli, struct tsql_client *client, int64_t id, long timeout_s, int64_t *ret_status)
{
	int64_t began = clock_mono_ms();
	struct state shown = { .status = -1 }, state = { 0 };
	int64_t shown_at = 0;
	bool terminal = isatty(2);
	struct err err;
	long wait_ms = 20;

	for (;;) {
		if (read_state(client, id, &state, &err) < 0)
			return cli_fail(&err);
		int64_t elapsed = clock_mono_ms() - began;
		bool changed = state.status != shown.status || state.tries != shown.tries;
		if (!cli->json && (changed || (terminal && elapsed - shown_at >= 500))) {
			show(id, &state, elapsed, terminal);
			shown = state;
			shown_at = elapsed;
		}
		*ret_status = state.status;
		if (cli_status_is_final(state.status))
			return CLI_OK;
		if (timeout_s && elapsed > timeout_s * 1000) {
			err_set(&err, ERR_TIMEOUT, "%s %lld is still %s after %ld s", noun(&state), (long long)id,
			    cli_status_name(state.status), timeout_s);
			err_hint(&err, "it goes on; look with: scaleout messages %lld", (long long)id);
			return cli_fail(&err);
		}
		pause_ms(wait_ms);
		wait_ms = wait_ms < 500 ? wait_ms + wait_ms / 2 : 500;
	}
}

int cli_watch(struct cli *cli, struct tsql_client *client, int64_t execution_id, long timeout_s)
{
	int64_t status = 0;

	if (cli_wait(cli, client, execution_id, timeout_s, &status) != CLI_OK)
		return CLI_FAILED;
	if (status == 7 || status == 9)
		return CLI_OK;
	cli_print_errors(client, execution_id, stderr, 20);
	return CLI_FAILED;
}
