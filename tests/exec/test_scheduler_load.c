/* SPDX-License-Identifier: MIT */
/*
 * Properties of the scheduler over invented workers and an invented clock.
 *
 * A world is workers, lanes and executions that arrive, run for a while and
 * end, all drawn from one printed seed (SO_SEED repeats it). It keeps its own
 * books and judges every pick by them, without asking the scheduler. The
 * small worlds compare each pick with the rule applied by brute force; the
 * large one (10,000 workers, 1,000,000 executions) does so for a sample.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/heap.h"
#include "base/mem.h"
#include "exec/master/scheduler.h"
#include "tests/harness.h"

#define TAG_COUNT 8
#define NOBODY SIZE_MAX

#if defined(__SANITIZE_ADDRESS__)
#define LARGE_WORKERS 1000
#define LARGE_EXECUTIONS 50000
#else
#define LARGE_WORKERS 10000
#define LARGE_EXECUTIONS 1000000
#endif

struct run {
	struct heap_node node;
	int64_t end_ms;
	int64_t execution_id;
	size_t lane, worker;
};

/* What one lane's books say. */
struct book {
	struct scheduler_lane facts;
	unsigned tag_mask;
	VEC(size_t) listed;
	VEC(int64_t) waiting; /* ids, oldest first */
	size_t first;
	int64_t since_ms;     /* since when it has got nothing, while something waits */
	int64_t passes, older, members; /* while overdue: others were preferred so often; lanes that were before it */
	bool overdue;
};

struct world {
	uint64_t random;
	struct scheduler *s;
	struct scheduler_rules rules;
	struct scheduler_worker *workers;
	unsigned *tag_masks;
	size_t worker_count;
	struct book *lanes;
	size_t lane_count, folder_count;
	int *folder_running;
	struct heap runs;
	int64_t now_ms, next_id, started, ended;
	int64_t checked, overdue_starts;
	uint64_t digest; /* of all picks */
};

static uint64_t first_seed;

static uint64_t next_random(struct world *w)
{
	/* splitmix64 */
	uint64_t x = (w->random += UINT64_C(0x9E3779B97F4A7C15));

	x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
	return x ^ (x >> 31);
}

static size_t below(struct world *w, size_t n)
{
	return (size_t)(next_random(w) % n);
}

static bool run_before(const struct heap_node *a, const struct heap_node *b)
{
	const struct run *x = heap_const_entry(a, struct run, node), *y = heap_const_entry(b, struct run, node);

	return x->end_ms != y->end_ms ? x->end_ms < y->end_ms : x->execution_id < y->execution_id;
}

/* --- making a world --- */

static char *tag_text(unsigned mask)
{
	struct buf text = BUF_INIT;

	for (unsigned t = 0; t < TAG_COUNT; t++) {
		if (mask & (1u << t))
			buf_addf(&text, "%stag%u", text.len ? "," : "", t);
	}
	return buf_detach(&text);
}

static void make_workers(struct world *w)
{
	for (size_t i = 0; i < w->worker_count; i++) {
		struct scheduler_worker *worker = &w->workers[i];
		uint64_t id = next_random(w) | 1;
		memcpy(worker->id.bytes, &id, sizeof(id));
		memcpy(worker->id.bytes + 8, &i, sizeof(i));
		w->tag_masks[i] = (unsigned)(next_random(w) & next_random(w)) & ((1u << TAG_COUNT) - 1);
		worker->tags = tag_text(w->tag_masks[i]);
		worker->slots = 1 + (int)below(w, 10);
		worker->ready = below(w, 20) != 0;
		worker->cpu_percent = -1;
		worker->memory_kb = -1;
		worker->local = i == 0;
	}
}

static void make_lane(struct world *w, size_t number)
{
	struct book *lane = &w->lanes[number];
	struct buf listed = BUF_INIT;
	char text[UUID_TEXT_LEN + 1];
	size_t kind = below(w, 10);

	lane->facts = (struct scheduler_lane){ .lane_id = (int64_t)number + 1,
		.folder_id = (int64_t)(number % w->folder_count), .priority = (int)below(w, 3) - 1,
		.any_worker = kind < 8, .local = kind == 0 };
	if (kind == 6 || kind == 7)
		lane->tag_mask = 1u << below(w, TAG_COUNT);
	for (size_t n = lane->facts.any_worker ? 0 : 1 + below(w, 5); n > 0; n--) {
		size_t one = 1 + below(w, w->worker_count - 1);
		uuid_format(&w->workers[one].id, true, text);
		buf_addf(&listed, "%s%s", listed.len ? "," : "", text);
		vec_push(&lane->listed, one);
	}
	lane->facts.workers = buf_detach(&listed);
	lane->facts.tags = tag_text(lane->tag_mask);
}

static void world_init(struct world *w, uint64_t seed, size_t workers, size_t lanes, size_t folders)
{
	*w = (struct world){ .random = seed, .worker_count = workers, .lane_count = lanes,
		.folder_count = folders, .next_id = 1,
		.rules = { .patience_ms = 60000, .max_cpu_percent = 70, .min_memory_kb = 100 * 1024 } };
	w->workers = xcalloc(workers, sizeof(*w->workers));
	w->tag_masks = xcalloc(workers, sizeof(*w->tag_masks));
	w->lanes = xcalloc(lanes, sizeof(*w->lanes));
	w->folder_running = xcalloc(folders, sizeof(*w->folder_running));
	w->runs.before = run_before;
	make_workers(w);
	for (size_t i = 0; i < lanes; i++)
		make_lane(w, i);
	w->s = scheduler_new(&w->rules);
	scheduler_set_workers(w->s, w->workers, w->worker_count);
	for (size_t i = 0; i < lanes; i++)
		scheduler_set_lane(w->s, &w->lanes[i].facts, NULL, 0, 0);
}

static void world_release(struct world *w)
{
	for (struct heap_node *node; (node = heap_top(&w->runs));) {
		heap_drop(&w->runs, node);
		free(heap_entry(node, struct run, node));
	}
	heap_release(&w->runs);
	for (size_t i = 0; i < w->lane_count; i++) {
		free((char *)w->lanes[i].facts.tags);
		free((char *)w->lanes[i].facts.workers);
		vec_release(&w->lanes[i].listed);
		vec_release(&w->lanes[i].waiting);
	}
	for (size_t i = 0; i < w->worker_count; i++)
		free((char *)w->workers[i].tags);
	scheduler_free(w->s);
	free(w->workers);
	free(w->tag_masks);
	free(w->lanes);
	free(w->folder_running);
}

/* --- the rule, by brute force --- */

static bool empty(const struct book *lane)
{
	return lane->first == lane->waiting.len;
}

static bool open_to_all(const struct world *w, size_t i)
{
	const struct scheduler_worker *worker = &w->workers[i];

	return worker->ready && worker->used < worker->slots &&
	    (worker->local || (worker->cpu_percent <= w->rules.max_cpu_percent &&
				  (worker->memory_kb < 0 || worker->memory_kb >= w->rules.min_memory_kb)));
}

static bool satisfies(const struct world *w, const struct book *lane, size_t i)
{
	if (lane->facts.local || w->workers[i].local)
		return lane->facts.local && w->workers[i].local;
	if ((w->tag_masks[i] & lane->tag_mask) != lane->tag_mask)
		return false;
	for (size_t n = 0; !lane->facts.any_worker && n < lane->listed.len; n++) {
		if (lane->listed.items[n] == i)
			return true;
	}
	return lane->facts.any_worker;
}

static bool placeable(const struct world *w, const struct book *lane)
{
	if (empty(lane))
		return false;
	for (size_t i = 0; i < w->worker_count; i++) {
		if (open_to_all(w, i) && satisfies(w, lane, i))
			return true;
	}
	return false;
}

static bool goes_before(const struct world *w, const struct book *a, const struct book *b)
{
	int x = w->folder_running[a->facts.folder_id], y = w->folder_running[b->facts.folder_id];

	if (a->facts.priority != b->facts.priority)
		return a->facts.priority > b->facts.priority;
	return x != y ? x < y : a->waiting.items[a->first] < b->waiting.items[b->first];
}

static bool more_free(const struct scheduler_worker *a, const struct scheduler_worker *b)
{
	long long x = a->slots - a->used, y = b->slots - b->used;

	return x * b->slots != y * a->slots ? x * b->slots > y * a->slots : x > y;
}

/* The pick must be what the rule says, or (overdue) the lane that waits longest of those that may run there. */
static void judge_by_rule(struct world *w, const struct scheduler_pick *pick)
{
	const struct book *lane = &w->lanes[pick->lane_id - 1];

	w->checked++;
	for (size_t i = 0; i < w->lane_count; i++) {
		const struct book *other = &w->lanes[i];
		if (other == lane || empty(other))
			continue;
		if (pick->overdue && satisfies(w, other, pick->worker))
			ck_assert_int_ge(other->since_ms, lane->since_ms);
		if (!pick->overdue && goes_before(w, other, lane))
			ck_assert_msg(!placeable(w, other), "seed %" PRIu64 ": execution %" PRId64 " of lane %" PRId64
			    " was started before %" PRId64 " of lane %zu", first_seed, pick->item.execution_id,
			    pick->lane_id, other->waiting.items[other->first], i + 1);
	}
	for (size_t i = 0; !pick->overdue && i < w->worker_count; i++) {
		if (i != pick->worker && open_to_all(w, i) && satisfies(w, lane, i))
			ck_assert_msg(!more_free(&w->workers[i], &w->workers[pick->worker]),
			    "worker %zu has a larger free share than %zu", i, pick->worker);
	}
}

/* Nobody is passed over without end: see the count in scheduler.h's rule of turns. */
static void judge_patience(struct world *w, const struct scheduler_pick *pick)
{
	for (size_t i = 0; i < w->lane_count; i++) {
		struct book *lane = &w->lanes[i];
		bool now_overdue = !empty(lane) && w->now_ms - lane->since_ms >= w->rules.patience_ms;
		if (now_overdue && !lane->overdue) {
			lane->passes = lane->older = lane->members = 0;
			for (size_t n = 0; n < w->lane_count; n++)
				lane->older += n != i && !empty(&w->lanes[n]) && w->lanes[n].since_ms <= lane->since_ms;
			for (size_t n = 0; n < w->worker_count; n++)
				lane->members += satisfies(w, lane, n);
		}
		lane->overdue = now_overdue;
		if (!now_overdue || pick->lane_id == (int64_t)i + 1 || !satisfies(w, lane, pick->worker))
			continue;
		lane->passes++;
		ck_assert_msg(lane->passes <= SCHEDULER_TURNS * lane->older + (SCHEDULER_TURNS - 1) * lane->members,
		    "seed %" PRIu64 ": lane %zu was passed over %" PRId64 " times, with %" PRId64 " before it and %" PRId64
		    " workers", first_seed, i + 1, lane->passes, lane->older, lane->members);
	}
}

/* --- what happens --- */

enum judge { JUDGE_ALWAYS, JUDGE_SAMPLE };

static void judge(struct world *w, const struct scheduler_pick *pick, enum judge how)
{
	struct book *lane = &w->lanes[pick->lane_id - 1];

	ck_assert(open_to_all(w, pick->worker));
	ck_assert(satisfies(w, lane, pick->worker));
	ck_assert(!empty(lane));
	ck_assert_int_eq(pick->item.execution_id, lane->waiting.items[lane->first]);
	ck_assert(!pick->overdue || w->now_ms - lane->since_ms >= w->rules.patience_ms);
	if (how == JUDGE_ALWAYS || w->started % 20011 == 0)
		judge_by_rule(w, pick);
	if (how == JUDGE_ALWAYS)
		judge_patience(w, pick);
}

static void start_all(struct world *w, enum judge how)
{
	struct scheduler_pick pick;

	while (scheduler_next(w->s, w->now_ms, &pick)) {
		struct book *lane = &w->lanes[pick.lane_id - 1];
		judge(w, &pick, how);
		lane->first++;
		lane->since_ms = w->now_ms;
		lane->overdue = false; /* another wait begins: its passes are counted anew */
		w->workers[pick.worker].used++;
		w->folder_running[lane->facts.folder_id]++;
		w->started++;
		w->overdue_starts += pick.overdue;
		w->digest = (w->digest ^ (uint64_t)pick.item.execution_id ^ (pick.worker << 32)) * UINT64_C(1099511628211);
		struct run *run = xcalloc(1, sizeof(*run));
		*run = (struct run){ .end_ms = w->now_ms + 1000 + (int64_t)below(w, 60000),
			.execution_id = pick.item.execution_id, .lane = (size_t)pick.lane_id - 1, .worker = pick.worker };
		heap_put(&w->runs, &run->node);
	}
	/* Nothing is left lying: what waits has no free worker it may use. */
	for (size_t i = 0; how == JUDGE_ALWAYS && i < w->lane_count; i++)
		ck_assert_msg(!placeable(w, &w->lanes[i]), "seed %" PRIu64 ": lane %zu could start", first_seed, i + 1);
}

static void enqueue(struct world *w, size_t number, int64_t id)
{
	struct book *lane = &w->lanes[number];
	struct scheduler_item item = { .execution_id = id };
	size_t at;

	if (empty(lane))
		lane->since_ms = w->now_ms;
	vec_push(&lane->waiting, id);
	for (at = lane->waiting.len - 1; at > lane->first && lane->waiting.items[at - 1] > id; at--)
		lane->waiting.items[at] = lane->waiting.items[at - 1];
	lane->waiting.items[at] = id;
	scheduler_push(w->s, (int64_t)number + 1, &item, w->now_ms);
}

/* One execution ends; now and then it failed and comes again. */
static void end_one(struct world *w)
{
	struct run *run = heap_entry(heap_top(&w->runs), struct run, node);

	heap_drop(&w->runs, &run->node);
	w->now_ms = run->end_ms;
	w->folder_running[w->lanes[run->lane].facts.folder_id]--;
	scheduler_folder_runs(w->s, w->lanes[run->lane].facts.folder_id, -1);
	scheduler_set_used(w->s, run->worker, --w->workers[run->worker].used);
	if (below(w, 50) == 0)
		enqueue(w, run->lane, run->execution_id);
	else
		w->ended++;
	free(run);
}

/* Some workers come, go, get busy or calm. */
static void change_workers(struct world *w, size_t count)
{
	for (size_t n = 0; n < count; n++) {
		struct scheduler_worker *worker = &w->workers[below(w, w->worker_count)];
		worker->ready = below(w, 10) != 0;
		worker->cpu_percent = (int)below(w, 90);
		worker->memory_kb = below(w, 20) ? 1024 * 1024 : 1024;
	}
	scheduler_set_workers(w->s, w->workers, w->worker_count);
}

/* In the end everyone is well, so that everything that waits can run. */
static void calm_workers(struct world *w)
{
	for (size_t i = 0; i < w->worker_count; i++) {
		w->workers[i].ready = true;
		w->workers[i].cpu_percent = -1;
		w->workers[i].memory_kb = -1;
	}
	scheduler_set_workers(w->s, w->workers, w->worker_count);
}

/* A burst now and then: one folder wants much more than the others. */
static void arrive(struct world *w, size_t count)
{
	size_t favourite = below(w, w->lane_count);

	for (size_t n = 0; n < count; n++)
		enqueue(w, below(w, 3) ? favourite : below(w, w->lane_count), w->next_id++);
}

static void live(struct world *w, int64_t executions, size_t burst, enum judge how)
{
	while (w->next_id <= executions) {
		int64_t left = executions - w->next_id + 1;
		arrive(w, (int64_t)burst < left ? burst : (size_t)left);
		change_workers(w, 1 + w->worker_count / 50);
		start_all(w, how);
		for (size_t n = 0; n < burst && w->runs.len; n++) {
			end_one(w);
			start_all(w, how);
		}
	}
	calm_workers(w);
	for (start_all(w, how); w->runs.len; start_all(w, how))
		end_one(w);
	for (size_t i = 0; i < w->lane_count; i++) {
		bool possible = false;
		for (size_t n = 0; n < w->worker_count && !possible; n++)
			possible = satisfies(w, &w->lanes[i], n);
		ck_assert_msg(empty(&w->lanes[i]) || !possible, "seed %" PRIu64 ": lane %zu was never served", first_seed, i + 1);
	}
}

START_TEST(every_pick_is_what_the_rule_says_and_nobody_starves)
{
	uint64_t seed = first_seed + (uint64_t)_i;
	struct world w;

	world_init(&w, seed, 3 + (size_t)(seed % 30), 5 + (size_t)(seed % 40), 1 + (size_t)(seed % 7));
	live(&w, 1500, 1 + (size_t)(seed % 90), JUDGE_ALWAYS);
	ck_assert_int_gt(w.checked, 500);
	world_release(&w);
}
END_TEST

START_TEST(the_same_seed_gives_the_same_picks)
{
	uint64_t digests[3];

	for (size_t i = 0; i < 3; i++) {
		struct world w;
		world_init(&w, first_seed + i / 2, 40, 60, 9);
		live(&w, 20000, 500, JUDGE_SAMPLE);
		digests[i] = w.digest;
		world_release(&w);
	}
	ck_assert_uint_eq(digests[0], digests[1]);
	ck_assert_uint_ne(digests[0], digests[2]);
}
END_TEST

START_TEST(a_million_executions_on_ten_thousand_workers_take_less_than_a_minute)
{
	int64_t began = clock_mono_ms();
	struct timespec cpu;
	struct world w;

	world_init(&w, first_seed, LARGE_WORKERS, 1000, 200);
	live(&w, LARGE_EXECUTIONS, LARGE_EXECUTIONS / 20, JUDGE_SAMPLE);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
	printf("scheduler: %d workers, %" PRId64 " starts (%" PRId64 " overdue turns, %" PRId64
	       " checked by brute force) in %.1f s, %.1f s of CPU\n",
	    LARGE_WORKERS, w.started, w.overdue_starts, w.checked, (double)(clock_mono_ms() - began) / 1e3,
	    (double)cpu.tv_sec + (double)cpu.tv_nsec / 1e9);
	ck_assert_int_lt(cpu.tv_sec, 60);
	ck_assert_int_ge(w.ended, LARGE_EXECUTIONS * 9 / 10);
	world_release(&w);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("exec_scheduler_load");
	TCase *tcase = tcase_create("properties");
	const char *given = getenv("SO_SEED");

	first_seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	printf("scheduler: seed %" PRIu64 " (SO_SEED=%" PRIu64 " repeats it)\n", first_seed, first_seed);
	tcase_set_timeout(tcase, 300);
	tcase_add_loop_test(tcase, every_pick_is_what_the_rule_says_and_nobody_starves, 0, 40);
	tcase_add_test(tcase, the_same_seed_gives_the_same_picks);
	tcase_add_test(tcase, a_million_executions_on_ten_thousand_workers_take_less_than_a_minute);
	suite_add_tcase(suite, tcase);
	return suite;
}

TEST_MAIN(make_suite)
