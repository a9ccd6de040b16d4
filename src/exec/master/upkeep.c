/* SPDX-License-Identifier: MIT */
/*
 * The maintenance job (catalog/maintenance.h): at start and then every
 * upkeep_ms a round of small batches with pauses between, each a transaction
 * of its own. The size of a batch follows the time the last one took, so that
 * no turn of the loop waits longer than a few milliseconds for it.
 */
#include "base/clock.h"
#include "base/log.h"
#include "catalog/maintenance.h"
#include "exec/master/master_private.h"

#define PAUSE_MS 50
#define LONG_MS 4 /* a batch that took longer is halved, one below half of it doubled */
#define BATCH_MAX 200

static void on_upkeep(uv_timer_t *timer)
{
	struct master *master = timer->data;
	int64_t begin = clock_mono_ms(), took;
	struct err err = { 0 };
	bool more = false;

	if (master->stopping || master->ended)
		return;
	/* Inside the turn's transaction a failure of the catalog would be found twice. */
	if (master->writing || master_resting(master)) {
		uv_timer_start(timer, on_upkeep, PAUSE_MS, 0);
		return;
	}
	if (maintenance_run(master->options.catalog, &master->maintenance, master->upkeep_batch, &more, &err) < 0) {
		log_catalog(LOG_LEVEL_ERROR, err.code, "maintenance: %s", err.primary);
		more = false;
	}
	took = clock_mono_ms() - begin;
	if (took > LONG_MS && master->upkeep_batch > 1)
		master->upkeep_batch /= 2;
	else if (took < LONG_MS / 2 && master->upkeep_batch < BATCH_MAX)
		master->upkeep_batch *= 2;
	uv_timer_start(timer, on_upkeep, more ? PAUSE_MS : (uint64_t)master->options.upkeep_ms, 0);
}

void upkeep_again(struct master *master)
{
	uv_timer_start(&master->upkeep, on_upkeep, (uint64_t)master->options.upkeep_ms, 0);
}

void upkeep_start(struct master *master)
{
	master->upkeep_batch = 1;
	uv_timer_init(master->options.loop, &master->upkeep);
	master->upkeep.data = master;
	uv_timer_start(&master->upkeep, on_upkeep, PAUSE_MS, 0);
}
