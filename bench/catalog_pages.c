/* SPDX-License-Identifier: MIT */
/*
 * Pages of the large catalog: the median and the slowest of a hundred places
 * in each list, against the target of its reader. A place counts as the best of
 * a few tries: what the page costs, not what else the machine did meanwhile.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "bench/catalog.h"
#include "tests/catalog/pages.h"

#define PLACES 100
#define TRIES 5
#define SLOW_MS 100 /* few places are enough to say so */
#define ADMIN_MS 5.0
#define USER_MS 20.0

static int64_t page_key(const struct bench *bench, const struct page *page, size_t i)
{
	return page->key == KEY_BIG ? BENCH_BIG(bench) : bench_spread(bench, i, PLACES);
}

static double best_of(const struct bench *bench, struct tsql_client *client, const struct page *page, size_t place)
{
	struct bench_cells cells;
	double best = bench_query(client, page->batch, page_key(bench, page, place), &cells);

	for (size_t i = 1; i < TRIES; i++) {
		double ms = bench_query(client, page->batch, page_key(bench, page, place), &cells);

		best = ms < best ? ms : best;
	}
	return best;
}

/* Whether the page is fast enough everywhere. */
static bool measure_page(const struct bench *bench, struct tsql_client *client, const struct page *page,
    const char *who, double target)
{
	double times[PLACES], p50, p99;
	size_t count = page->key == KEY_SPREAD ? PLACES : 5;

	for (size_t i = 0; i < count; i++) {
		times[i] = best_of(bench, client, page, i);
		if (times[i] > SLOW_MS)
			count = i + 1;
	}
	p50 = bench_quantile(times, count, 0.5);
	p99 = bench_quantile(times, count, 0.99);
	printf("page %-8s %-32s p50 %8.3f ms  p99 %8.3f ms  target %4.0f ms  %s\n", who, page->name, p50, p99, target,
	    p99 <= target ? "PASS" : "MISS");
	fflush(stdout);
	return p99 <= target;
}

void bench_pages(const struct bench *bench, const char *path, const char *login, const char *who)
{
	struct tsql_client *client = bench_connect(path, login);
	size_t missed = 0;
	char *name;

	for (size_t i = 0; i < catalog_page_count; i++)
		missed += !measure_page(bench, client, &catalog_pages[i], who, login ? USER_MS : ADMIN_MS);
	name = xasprintf("catalog_pages_missed_%s", who);
	bench_figure(name, (double)missed, "pages");
	free(name);
	tsql_client_close(client);
}
