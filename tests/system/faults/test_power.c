/* SPDX-License-Identifier: MIT */
/*
 * Fault test 25: a power cut at every moment between the first claim and the
 * last result. One real agent runs four tasks (folders are used again, one is
 * cancelled) while journal.c notes what is done to its spool. Then, for each
 * operation of the journal and each thing that a disk may make of it, the spool
 * is built anew as the machine would find it, and another agent, under another
 * boot id, is asked what became of the tasks.
 *
 * What a disk may make of it:
 *   all      everything is there (the agent and all supervisors were killed)
 *   strict   only names whose folder was synced and contents that were synced themselves
 *   journal  names and sizes as of the last sync of anything, contents that were synced
 *            themselves (a journalling file system right after its commit)
 *   names    names and sizes as of now, contents that were synced themselves (the same, committed just now)
 *   late     everything but the contents of event logs that were not synced themselves (written back last)
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "tests/exec/client.h"
#include "tests/system/faults/journal.h"

enum disk { DISK_ALL, DISK_STRICT, DISK_JOURNAL, DISK_NAMES, DISK_LATE, DISK_COUNT };
static const char *const disk_names[DISK_COUNT] = { "all", "strict", "journal", "names", "late" };

struct entry {
	char name[80];
	size_t node;
};

struct folder {
	VEC(struct entry) entries;
};

/* A file or folder: as it is now, as it was synced, and as of the last sync of anything. Contents are hexadecimal. */
struct node {
	unsigned long inode;
	char type;
	char *now, *synced;
	size_t journal_size;
	struct folder entries, synced_entries, journal_entries;
};

struct world {
	VEC(struct node) nodes; /* later ones first when an inode was used again; 0 is the spool's folder */
};

/* What is true of a task, and when it became so (index into the journal). */
struct truth {
	const char *key;
	enum task_outcome outcome;
	int exit_code, events;
	char *lines;
	size_t started, synced, done;
	unsigned long result_inode;
};

static char *dir, *spool;
static struct truth truths[] = {
	{ .key = "1-1", .outcome = TASK_EXITED, .exit_code = 0, .events = 3 },
	{ .key = "2-1", .outcome = TASK_EXITED, .exit_code = 1, .events = 2 },
	{ .key = "3-1", .outcome = TASK_CANCELLED, .exit_code = 3, .events = 4 },
	{ .key = "4-1", .outcome = TASK_EXITED, .exit_code = 0, .events = 5 },
};

/* --- the agent --- */

static void start_agent(struct client *c, const char *folder)
{
	int pair[2];

	*c = (struct client){ .in = FRAME_READER_INIT, .events = BUF_INIT, .spool = xstrdup(folder) };
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	c->pid = fork();
	ck_assert_int_ge(c->pid, 0);
	if (c->pid == 0) {
		dup2(pair[1], 0);
		dup2(pair[1], 1);
		execl(SO_BUILD_DIR "/power_worker", "scaleout-worker", "serve", "--allow-root", "--spool", folder,
		    "--runtime", SO_BUILD_DIR "/power_dtexec", (char *)NULL);
		_exit(127);
	}
	close(pair[1]);
	c->fd = pair[0];
}

static json_t *hello(struct client *c, int64_t epoch, bool durable)
{
	json_t *head = frame_head(MESSAGE_HELLO);

	json_object_set_new(head, "v", json_integer(PROTOCOL_VERSION));
	json_object_set_new(head, "catalog", json_string(CATALOG_ID));
	json_object_set_new(head, "worker", json_string(WORKER_ID));
	json_object_set_new(head, "epoch", json_integer((json_int_t)epoch));
	json_object_set_new(head, "session", json_integer(1));
	json_object_set_new(head, "durable", json_boolean(durable));
	client_send(c, head, NULL, 0);
	struct frame frame = client_expect(c, MESSAGE_TASKS);
	json_t *tasks = json_incref(json_object_get(frame.head, "tasks"));
	frame_release(&frame);
	return tasks;
}

static void tail(struct client *c, const char *key, int from)
{
	json_t *head = frame_head(MESSAGE_TAIL);

	json_object_set_new(head, "key", json_string(key));
	json_object_set_new(head, "from", json_integer(from));
	client_send(c, head, NULL, 0);
}

static void set_boot_id(const char *id)
{
	char *path = path_join(dir, "boot");

	ck_assert_int_eq(file_write_atomic(path, id, strlen(id), 0600, false, NULL), 0);
	setenv(JOURNAL_BOOT, path, 1);
	free(path);
}

/* --- the model --- */

static struct node *node_of(struct world *w, size_t index)
{
	return &w->nodes.items[index];
}

static size_t find_inode(const struct world *w, unsigned long inode)
{
	for (size_t i = w->nodes.len; i-- > 0;) {
		if (w->nodes.items[i].inode == inode)
			return i;
	}
	return SIZE_MAX;
}

static size_t add_node(struct world *w, unsigned long inode, char type)
{
	struct node node = { .inode = inode, .type = type, .now = xstrdup(""), .synced = xstrdup("") };

	vec_push(&w->nodes, node);
	return w->nodes.len - 1;
}

static struct entry *find_entry(const struct folder *folder, const char *name)
{
	for (size_t i = 0; i < folder->entries.len; i++) {
		if (strcmp(folder->entries.items[i].name, name) == 0)
			return &folder->entries.items[i];
	}
	return NULL;
}

static void set_entry(struct folder *folder, const char *name, size_t node)
{
	struct entry *entry = find_entry(folder, name), made = { .node = node };

	if (entry) {
		entry->node = node;
		return;
	}
	snprintf(made.name, sizeof(made.name), "%s", name);
	vec_push(&folder->entries, made);
}

static void drop_entry(struct folder *folder, const char *name)
{
	struct entry *entry = find_entry(folder, name);

	if (entry)
		*entry = folder->entries.items[--folder->entries.len];
}

static void copy_folder(struct folder *to, const struct folder *from)
{
	to->entries.len = 0;
	for (size_t i = 0; i < from->entries.len; i++)
		vec_push(&to->entries, from->entries.items[i]);
}

static void set_text(char **to, const char *text)
{
	free(*to);
	*to = xstrdup(text);
}

static void sync_node(struct node *node)
{
	set_text(&node->synced, node->now);
	copy_folder(&node->synced_entries, &node->entries);
}

static void commit(struct world *w)
{
	for (size_t i = 0; i < w->nodes.len; i++) {
		struct node *node = node_of(w, i);
		node->journal_size = strlen(node->now);
		copy_folder(&node->journal_entries, &node->entries);
	}
}

/* The spool as it is on the disk now becomes the world, all of it synced. */
static size_t scan(struct world *w, const char *path)
{
	struct stat st;

	ck_assert_int_eq(lstat(path, &st), 0);
	size_t index = add_node(w, st.st_ino, S_ISDIR(st.st_mode) ? 'd' : S_ISFIFO(st.st_mode) ? 'p' : 'f');
	if (S_ISREG(st.st_mode)) {
		char *text = slurp(path), *hex = xcalloc(1, 2 * (size_t)st.st_size + 1);
		for (size_t i = 0; i < (size_t)st.st_size; i++)
			snprintf(hex + 2 * i, 3, "%02x", (unsigned char)text[i]);
		set_text(&node_of(w, index)->now, hex);
		free(text);
		free(hex);
	}
	DIR *open_dir = S_ISDIR(st.st_mode) ? opendir(path) : NULL;
	for (struct dirent *e; open_dir && (e = readdir(open_dir));) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		char *below = path_join(path, e->d_name);
		size_t child = scan(w, below);
		set_entry(&node_of(w, index)->entries, e->d_name, child);
		free(below);
	}
	if (open_dir)
		closedir(open_dir);
	sync_node(node_of(w, index));
	return index;
}

/* The task whose folder that is now, or NULL. */
static struct truth *truth_of_folder(struct world *w, unsigned long inode)
{
	struct entry *tasks = find_entry(&node_of(w, 0)->entries, "tasks");

	for (size_t i = 0; tasks && i < ARRAY_LEN(truths); i++) {
		struct entry *entry = find_entry(&node_of(w, tasks->node)->entries, truths[i].key);
		if (entry && node_of(w, entry->node)->inode == inode)
			return &truths[i];
	}
	return NULL;
}

static struct truth *truth_of_key(const char *key)
{
	for (size_t i = 0; i < ARRAY_LEN(truths); i++) {
		if (strncmp(truths[i].key, key, strlen(truths[i].key)) == 0)
			return &truths[i];
	}
	return NULL;
}

static void apply_rename(struct world *w, unsigned long from_inode, const char *from, unsigned long to_inode,
    const char *to)
{
	size_t source = find_inode(w, from_inode), target = find_inode(w, to_inode);
	struct entry *entry = source == SIZE_MAX ? NULL : find_entry(&node_of(w, source)->entries, from);

	if (!entry || target == SIZE_MAX)
		return;
	size_t node = entry->node;
	drop_entry(&node_of(w, source)->entries, from);
	set_entry(&node_of(w, target)->entries, to, node);
	struct truth *truth = truth_of_folder(w, to_inode);
	if (!truth || strcmp(to, "result") != 0)
		return;
	/* The file was the result of another task before. */
	for (size_t i = 0; i < ARRAY_LEN(truths); i++) {
		if (truths[i].result_inode == node_of(w, node)->inode)
			truths[i].result_inode = 0;
	}
	truth->result_inode = node_of(w, node)->inode;
}

static void apply_sync(struct world *w, unsigned long inode, size_t at)
{
	size_t index = find_inode(w, inode);

	if (index != SIZE_MAX)
		sync_node(node_of(w, index));
	for (size_t i = 0; i < ARRAY_LEN(truths); i++) {
		if (truths[i].result_inode == inode && at < truths[i].synced)
			truths[i].synced = at;
	}
	commit(w);
}

static void apply_mark(const char *text, size_t at)
{
	struct truth *truth = truth_of_key(strncmp(text, "done ", 5) == 0 ? text + 5 : text);

	if (truth && strstr(text, " start"))
		truth->started = at;
	else if (truth && strncmp(text, "done ", 5) == 0)
		truth->done = at;
}

static void apply(struct world *w, char *line, size_t at)
{
	char name[256], other[256], type;
	unsigned long a, b;

	if (sscanf(line, "C %lu %255s %lu %c", &a, name, &b, &type) == 4) {
		size_t parent = find_inode(w, a), node = add_node(w, b, type);
		if (parent != SIZE_MAX)
			set_entry(&node_of(w, parent)->entries, name, node);
	} else if (sscanf(line, "R %lu %255s %lu %255s", &a, name, &b, other) == 4) {
		apply_rename(w, a, name, b, other);
	} else if (sscanf(line, "U %lu %255s", &a, name) == 2) {
		size_t parent = find_inode(w, a);
		if (parent != SIZE_MAX)
			drop_entry(&node_of(w, parent)->entries, name);
	} else if (sscanf(line, "W %lu", &a) == 1) {
		size_t node = find_inode(w, a);
		if (node != SIZE_MAX)
			set_text(&node_of(w, node)->now, strchr(line + 2, ' ') + 1);
	} else if (sscanf(line, "S %lu", &a) == 1) {
		apply_sync(w, a, at);
	} else if (*line == 'A') {
		for (size_t i = 0; i < w->nodes.len; i++)
			sync_node(node_of(w, i));
		commit(w);
	} else if (*line == 'E' || *line == 'M') {
		apply_mark(line + 2, at);
	}
}

/* --- what the machine finds --- */

static const struct folder *entries_on(const struct node *node, enum disk disk)
{
	return disk == DISK_STRICT ? &node->synced_entries : disk == DISK_JOURNAL ? &node->journal_entries : &node->entries;
}

/* The content, as bytes; caller frees. */
static char *content_on(const struct node *node, const char *name, enum disk disk, size_t *ret_len)
{
	bool kept = disk == DISK_ALL || (disk == DISK_LATE && strcmp(name, "events") != 0);
	const char *hex = kept ? node->now : node->synced;
	size_t len = strlen(hex), size = disk == DISK_JOURNAL ? node->journal_size : strlen(node->now);

	if (disk != DISK_STRICT && size < len)
		len = size;
	char *bytes = xcalloc(1, len / 2 + 1);
	for (size_t i = 0; i < len / 2; i++) {
		unsigned byte = 0;
		sscanf(hex + 2 * i, "%2x", &byte);
		bytes[i] = (char)byte;
	}
	*ret_len = len / 2;
	return bytes;
}

/* Build it below path; with path NULL only its description is added to text. */
static void build(struct world *w, size_t index, const char *name, enum disk disk, const char *path, struct buf *text)
{
	const struct node *node = node_of(w, index);
	size_t len;

	buf_addf(text, "%c", node->type);
	if (node->type == 'p') {
		ck_assert(!path || mkfifo(path, 0600) == 0);
	} else if (node->type == 'f') {
		char *bytes = content_on(node, name, disk, &len);
		buf_addf(text, "%zu:", len);
		buf_add(text, bytes, len);
		ck_assert(!path || file_write_atomic(path, bytes, len, 0600, false, NULL) == 0);
		free(bytes);
	} else {
		const struct folder *folder = entries_on(node, disk);
		ck_assert(!path || mkdir(path, 0700) == 0);
		for (size_t i = 0; i < folder->entries.len; i++) {
			char *below = path ? path_join(path, folder->entries.items[i].name) : NULL;
			buf_addf(text, "(%s ", folder->entries.items[i].name);
			build(w, folder->entries.items[i].node, folder->entries.items[i].name, disk, below, text);
			buf_adds(text, ")");
			free(below);
		}
	}
}

static bool listed(json_t *tasks, const char *key)
{
	json_t *entry;
	size_t i;

	json_array_foreach(tasks, i, entry) {
		if (strcmp(json_string_value(json_object_get(entry, "key")), key) == 0)
			return true;
	}
	return false;
}

struct moment {
	size_t at;
	enum disk disk;
	bool durable;
	const char *line;
};

#define HOLDS(condition, ...) \
	ck_assert_msg(condition, "power cut after operation %zu (%.60s), disk \"%s\", %s, task %s: " __VA_ARGS__)
#define WHERE(m) (m)->at, (m)->line, disk_names[(m)->disk], (m)->durable ? "durable" : "fast"

static void check_result(struct client *c, const struct moment *m, const struct truth *t)
{
	c->events.len = 0;
	buf_adds(&c->events, "");
	tail(c, t->key, 1);
	struct frame frame = client_expect(c, MESSAGE_RESULT);
	enum task_outcome outcome = task_outcome_parse(frame_text(&frame, "outcome", ""));
	int exit_code = (int)frame_int(&frame, "exit", -9);
	bool safe = m->durable && m->disk != DISK_STRICT && t->synced <= m->at;

	HOLDS(strcmp(frame_key(&frame), t->key) == 0, "the result of another", WHERE(m), t->key);
	HOLDS(!safe || outcome == t->outcome, "its result was on the disk, and the outcome is %s (%s)", WHERE(m), t->key,
	    frame_text(&frame, "outcome", ""), frame_text(&frame, "reason", ""));
	HOLDS(outcome != TASK_REFUSED || t->started > m->at, "it had started, and is said never to have", WHERE(m), t->key);
	HOLDS(outcome == TASK_LOST || outcome == TASK_REFUSED || outcome == TASK_CANCELLED || outcome == t->outcome,
	    "outcome %s", WHERE(m), t->key, frame_text(&frame, "outcome", ""));
	HOLDS(outcome != TASK_CANCELLED || t->outcome == TASK_CANCELLED, "cancelled", WHERE(m), t->key);
	HOLDS(outcome != TASK_EXITED || exit_code == t->exit_code, "exit code %d", WHERE(m), t->key, exit_code);
	HOLDS(outcome != TASK_EXITED || strcmp(c->events.data, t->lines) == 0, "messages %s", WHERE(m), t->key,
	    c->events.data);
	HOLDS(strncmp(c->events.data, t->lines, c->events.len) == 0, "messages of another task: %s", WHERE(m), t->key,
	    c->events.data);
	frame_release(&frame);
	/* A master that has committed more than the disk kept must get its result, too. */
	tail(c, t->key, t->events + 1);
	frame = client_expect(c, MESSAGE_RESULT);
	HOLDS(task_outcome_parse(frame_text(&frame, "outcome", "")) == outcome, "another outcome", WHERE(m), t->key);
	frame_release(&frame);
}

static void power_on(struct world *w, const struct moment *m)
{
	struct buf text = BUF_INIT;
	struct client c;
	char *base = xasprintf("%s/found", dir), *folder = xasprintf("%s/" CATALOG_ID, base),
	     *inner = path_join(folder, WORKER_ID);

	if (getenv("SO_SHOW"))
		fprintf(stderr, "after %zu (%.60s), disk %s\n", m->at, m->line, disk_names[m->disk]);
	ck_assert_int_eq(dir_remove(base, NULL), 0);
	ck_assert_int_eq(dir_make(folder, 0700, NULL), 0);
	build(w, 0, "", m->disk, inner, &text);
	start_agent(&c, base);
	json_t *tasks = hello(&c, 99, m->durable);
	for (size_t i = 0; i < ARRAY_LEN(truths); i++) {
		const struct truth *t = &truths[i];
		if (listed(tasks, t->key))
			check_result(&c, m, t);
		else
			HOLDS(!m->durable || t->started > m->at || t->done <= m->at, "it had started and is not listed",
			    WHERE(m), t->key);
	}
	json_decref(tasks);
	client_close(&c);
	buf_release(&text);
	free(base);
	free(folder);
	free(inner);
}

/* --- the recording --- */

static void start_task(struct client *c, const struct truth *t, const char *last_step)
{
	char *events = xasprintf("events %d", t->events), *effect = xasprintf("effect %s.effects start", spool);

	client_start_task(c, t->key, 0, 100, effect, events, last_step, NULL);
	free(events);
	free(effect);
}

static void take_result(struct client *c, struct truth *t)
{
	struct frame frame = client_result(c, t->outcome);

	ck_assert_int_eq(frame_int(&frame, "events", 0), t->events);
	t->lines = xstrdup(c->events.data);
	c->events.len = 0;
	frame_release(&frame);
}

static void forget(struct client *c, const struct truth *t)
{
	char *path = xasprintf("%s.journal", spool), *line = xasprintf("M done %s\n", t->key);
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

	ck_assert_int_eq(fd_write_full(fd, line, strlen(line)), 0);
	close(fd);
	client_ask(c, MESSAGE_DONE, t->key);
	struct frame frame = client_expect(c, MESSAGE_GONE);
	frame_release(&frame);
	free(line);
	free(path);
}

/* Nobody takes the result of a task: it must come to the disk. from: how long the journal was when the task began. */
static void wait_for_sync(const char *journal, size_t from, const char *inner, const char *key)
{
	char *path = xasprintf("%s/tasks/%s/result", inner, key);
	struct timespec pause = { .tv_nsec = 5000000 };
	struct stat st;
	bool synced = false;

	ck_assert_int_eq(stat(path, &st), 0);
	char *line = xasprintf("\nS %lu\n", (unsigned long)st.st_ino);
	for (int tries = 0; !synced && tries < 4000; tries++) {
		nanosleep(&pause, NULL);
		char *text = slurp(journal);
		synced = strstr(text + from, line);
		free(text);
	}
	ck_assert_msg(synced, "the result of %s is not synced", key);
	free(line);
	free(path);
}

/*
 * Four tasks on one agent; the journal begins when the spool is there. The result of the first is taken at once, as
 * a master in reach does. Returns the journal's text.
 */
static char *record(struct world *w, bool durable)
{
	struct client c;
	char *journal = xasprintf("%s.journal", spool), *inner = xasprintf("%s/" CATALOG_ID "/" WORKER_ID, spool),
	     *gate = path_join(dir, "gate"), *until = xasprintf("wait %s", gate), *text;

	set_boot_id("11111111-aaaa-4aaa-8aaa-aaaaaaaaaaaa\n");
	start_agent(&c, spool);
	json_decref(hello(&c, 1, durable));
	client_put_project(&c, PROJECT_HASH, PROJECT_BYTES);
	struct frame frame = client_expect(&c, MESSAGE_HAVE);
	frame_release(&frame);
	scan(w, inner);
	commit(w);
	ck_assert_int_eq(file_write_atomic(journal, "", 0, 0600, false, NULL), 0);
	for (size_t i = 0; i < 2; i++) {
		struct stat st;
		ck_assert_int_eq(stat(journal, &st), 0);
		start_task(&c, &truths[i], i ? "exit 1" : "exit 0");
		take_result(&c, &truths[i]);
		if (i && durable)
			wait_for_sync(journal, (size_t)st.st_size, inner, truths[i].key);
		forget(&c, &truths[i]);
	}
	start_task(&c, &truths[2], until);
	frame = client_expect(&c, MESSAGE_STARTED);
	frame_release(&frame);
	while (c.events.len == 0 || strstr(c.events.data, "event 4") == NULL) {
		frame = client_expect(&c, MESSAGE_EVENTS);
		frame_release(&frame);
	}
	client_ask(&c, MESSAGE_CANCEL, truths[2].key);
	take_result(&c, &truths[2]);
	start_task(&c, &truths[3], "exit 0");
	take_result(&c, &truths[3]);
	client_close(&c);
	/* Supervisors sync their result after it was told. */
	while (waitpid(-1, NULL, 0) > 0)
		;
	text = slurp(journal);
	free(journal);
	free(inner);
	free(gate);
	free(until);
	return text;
}

static bool seen_before(const char *text, size_t len)
{
	static VEC(char *) seen;

	for (size_t i = seen.len; i-- > 0;) {
		if (strcmp(seen.items[i], text) == 0)
			return true;
	}
	ck_assert_uint_eq(strlen(text), len);
	vec_push(&seen, xstrdup(text));
	return false;
}

/* Contents may hold zeros: a description of the state without them. */
static bool known_state(struct world *w, const struct moment *m)
{
	struct buf text = BUF_INIT;

	build(w, 0, "", m->disk, NULL, &text);
	for (size_t i = 0; i < text.len; i++) {
		if (!text.data[i])
			text.data[i] = '0';
	}
	/* What must hold changes with these, too. */
	for (size_t i = 0; i < ARRAY_LEN(truths); i++)
		buf_addf(&text, " %d%d%d", truths[i].started <= m->at, truths[i].synced <= m->at, truths[i].done <= m->at);
	buf_addf(&text, " %d", m->disk == DISK_STRICT);
	bool known = seen_before(text.data, text.len);
	buf_release(&text);
	return known;
}

static void cut_everywhere(bool durable)
{
	static struct world w; /* one per process, like the journal: they live as long as it does */
	static char *journal;
	size_t at = 0, states = 0;

	dir = test_tmpdir();
	spool = path_join(dir, "spool");
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (size_t i = 0; i < ARRAY_LEN(truths); i++)
		truths[i].started = truths[i].synced = truths[i].done = SIZE_MAX;
	journal = record(&w, durable);
	set_boot_id("22222222-bbbb-4bbb-8bbb-bbbbbbbbbbbb\n");
	char *rest = journal;
	for (char *line = strtok_r(journal, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		apply(&w, line, ++at);
		for (enum disk disk = 0; disk < DISK_COUNT; disk++) {
			struct moment m = { at, disk, durable, line };
			if (known_state(&w, &m))
				continue;
			power_on(&w, &m);
			states++;
			while (waitpid(-1, NULL, WNOHANG) > 0)
				;
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(truths); i++) {
		ck_assert_msg(truths[i].started != SIZE_MAX, "%s was not seen to start", truths[i].key);
		ck_assert_msg(!durable || i == 0 || truths[i].synced != SIZE_MAX, "the result of %s was not synced",
		    truths[i].key);
	}
	ck_assert_uint_ge(at, 60);
	const char *outcomes = getenv("SCALEOUT_OUTCOMES");
	FILE *table = outcomes ? fopen(outcomes, "a") : NULL;
	fprintf(table ? table : stdout,
	    "%s25%s|power cut after each of %zu operations on a spool, as five kinds of disks keep them, %s|%zu different spools: %s\n",
	    table ? "" : "outcome ", durable ? "" : "f", at, durable ? "with fsync" : "with --fast", states,
	    durable ? "every synced result is there, and one that nobody takes is synced; before that \"ended unexpectedly\"; never a wrong result, never a second start" :
		      "\"ended unexpectedly\" or not listed; never a wrong result");
	if (table)
		fclose(table);
}

START_TEST(a_power_cut_at_any_moment_keeps_every_synced_result_and_makes_up_none)
{
	cut_everywhere(true);
}
END_TEST

START_TEST(without_fsync_a_power_cut_loses_results_but_makes_up_none)
{
	cut_everywhere(false);
}
END_TEST

static Suite *power_suite(void)
{
	Suite *s = suite_create("power");
	TCase *t = tcase_create("power");

	tcase_set_timeout(t, 300);
	tcase_add_test(t, a_power_cut_at_any_moment_keeps_every_synced_result_and_makes_up_none);
	tcase_add_test(t, without_fsync_a_power_cut_loses_results_but_makes_up_none);
	suite_add_tcase(s, t);
	return s;
}

TEST_MAIN(power_suite)
