/* SPDX-License-Identifier: MIT */
/* Enable, disable and drain a worker; see worker_actions.h. */
#include "tui/screens/worker_actions.h"

#include <stdlib.h>
#include <string.h>

#include "base/uuid.h"
#include "tui/app.h"

#define ENABLE "EXEC [SSISDB].[catalog].[enable_worker_agent] @WorkerAgentId=@id"
#define DISABLE "EXEC [SSISDB].[catalog].[disable_worker_agent] @WorkerAgentId=@id"
/* It waits for nothing; @left is what still runs. */
#define DRAIN \
	"DECLARE @left int\n" \
	"EXEC [SSISDB].[scaleout].[drain_worker] @WorkerAgentId=@id, @timeout_ms=0, @running=@left OUTPUT\n" \
	"SELECT @left AS running"

struct worker_change {
	const char *title, *button, *batch, *undo_batch;
	const char *question, *done, *undo; /* formats of the name */
	void (*took)(struct app *app, const struct job_result *result);
};

static void change(struct app *app, const struct worker_ref *worker, const struct worker_change *how)
{
	struct action action = { .title = how->title, .button = how->button, .batch = how->batch,
		.undo_batch = how->undo_batch, .took = how->took };
	char *question, *done, *undo;
	struct buf runs = BUF_INIT;
	struct uuid id;

	if (!uuid_parse(worker->id, strlen(worker->id), &id))
		return;
	if (worker->running > 0 && !strstr(how->batch, "enable_worker_agent"))
		buf_addf(&runs, "\nWhat runs there (%lld) runs on.", (long long)worker->running);
	question = xasprintf("%s worker %s?\n%s%s", how->button, worker->name, how->question, runs.data);
	done = xasprintf("%s %s", worker->name, how->done);
	undo = xasprintf("%s worker %s", how->undo, worker->name);
	action.question = question;
	action.done = done;
	action.undo = undo;
	job_params_add(&action.params, "@id", tsql_uuid(&id));
	job_params_add(&action.undo_params, "@id", tsql_uuid(&id));
	action_run(app, &action);
	free(question);
	free(done);
	free(undo);
	buf_release(&runs);
}

void worker_enable(struct app *app, const struct worker_ref *worker)
{
	static const struct worker_change how = { .title = "Enable Worker", .button = "Enable", .batch = ENABLE,
		.undo_batch = DISABLE, .question = "It gets new executions from now on.", .done = "is enabled",
		.undo = "disable" };

	change(app, worker, &how);
}

void worker_disable(struct app *app, const struct worker_ref *worker)
{
	static const struct worker_change how = { .title = "Disable Worker", .button = "Disable", .batch = DISABLE,
		.undo_batch = ENABLE, .question = "It gets no new executions until it is enabled again.",
		.done = "is disabled", .undo = "enable" };

	change(app, worker, &how);
}

/* How much is left there is known only afterwards. */
static void drained(struct app *app, const struct job_result *result)
{
	int64_t left = result->rows.row_count ? cell_int(&result->rows, 0, "running", 0) : 0;
	char *text = left ? xasprintf("%s; %lld still run there", app->action.done, (long long)left)
			  : xasprintf("%s: nothing runs there", app->action.done);

	action_say(app, text);
	free(text);
}

void worker_drain(struct app *app, const struct worker_ref *worker)
{
	static const struct worker_change how = { .title = "Drain Worker", .button = "Drain", .batch = DRAIN,
		.undo_batch = ENABLE, .question = "Before maintenance: it gets no new executions until it is enabled "
		"again; when its slots show 0 it is idle.", .done = "gets nothing new", .undo = "enable", .took = drained };

	change(app, worker, &how);
}
