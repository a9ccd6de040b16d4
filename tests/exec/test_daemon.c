/* SPDX-License-Identifier: MIT */
/*
 * scaleoutd as a service: what it tells the service manager and the journal,
 * its signals, and the metrics, also while clients do their worst. The daemon
 * is the real one over a new catalog without workers.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/service.h"
#include "tests/harness.h"

#define DEADLINE_MS 60000

static char *dir, *catalog, *conf;
static int notify_fd;
static pid_t daemon_pid;
static int64_t start_ms; /* what one command takes here and now: times that are promised are for a quiet machine */
static struct buf heard; /* what the service manager heard */

static char *in_dir(const char *name)
{
	return path_join(dir, name);
}

static int datagram_socket(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char *path = in_dir(name);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	free(path);
	return fd;
}

static pid_t spawn(char *const argv[])
{
	pid_t pid = fork();

	if (pid == 0) {
		execv(argv[0], argv);
		_exit(127);
	}
	return pid;
}

static int wait_status(pid_t pid)
{
	int64_t deadline = clock_mono_ms() + DEADLINE_MS;
	int status;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		poll(NULL, 0, 5);
		ck_assert_msg(clock_mono_ms() < deadline, "process %d does not end", (int)pid);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void setup(void)
{
	signal(SIGPIPE, SIG_IGN);
	dir = test_tmpdir();
	catalog = in_dir("c.db");
	conf = in_dir("scaleout.conf");
	setenv("HOME", dir, 1);
	setenv("XDG_STATE_HOME", dir, 1);
	char *argv[] = { (char *)SO_BUILD_DIR "/scaleout", (char *)"--catalog", catalog, (char *)"init", (char *)"--quiet", NULL };
	start_ms = clock_mono_ms();
	ck_assert_int_eq(wait_status(spawn(argv)), 0);
	start_ms = clock_mono_ms() - start_ms;
	notify_fd = datagram_socket("notify");
	buf_init(&heard);
}

static void teardown(void)
{
	if (daemon_pid > 0)
		kill(daemon_pid, SIGKILL);
	free(catalog);
	free(conf);
	free(dir);
	buf_release(&heard);
}

static void start_daemon(const char *metrics)
{
	char *argv[] = { (char *)SO_BUILD_DIR "/scaleoutd", (char *)"--catalog", catalog, (char *)"--config", conf,
		(char *)"--foreground", (char *)"--log", in_dir("log"), (char *)"--metrics", (char *)metrics, NULL };
	char *notify = in_dir("notify");

	setenv("NOTIFY_SOCKET", notify, 1);
	setenv("WATCHDOG_USEC", "200000", 1);
	if (!file_exists(conf))
		ck_assert_int_eq(file_write_atomic(conf, "", 0, 0600, false, NULL), 0);
	daemon_pid = spawn(argv);
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	free(notify);
	free(argv[7]);
}

/* Wait until the service manager hears this, count times in all. */
static void hear(const char *what, int count)
{
	int64_t deadline = clock_mono_ms() + DEADLINE_MS;

	for (;;) {
		int n = 0;
		for (const char *at = heard.data; (at = strstr(at, what)); at += strlen(what))
			n++;
		if (n >= count)
			return;
		struct pollfd wait = { .fd = notify_fd, .events = POLLIN };
		ck_assert_msg(clock_mono_ms() < deadline, "not heard %d times: %s; but:\n%s", count, what, heard.data);
		if (poll(&wait, 1, 100) > 0) {
			char text[512];
			ssize_t got = recv(notify_fd, text, sizeof(text), 0);
			buf_add(&heard, text, got > 0 ? (size_t)got : 0);
			buf_addc(&heard, '\n');
		}
	}
}

static void end_daemon(void)
{
	int64_t began = clock_mono_ms();

	kill(daemon_pid, SIGTERM);
	hear("STOPPING=1", 1);
	ck_assert_int_eq(wait_status(daemon_pid), 0);
	ck_assert_int_lt(clock_mono_ms() - began, 5000 + 10 * start_ms);
	daemon_pid = 0;
}

START_TEST(the_service_manager_hears_ready_alive_reloading_and_stopping)
{
	start_daemon("");
	hear("READY=1", 1);
	hear("WATCHDOG=1", 3);
	ck_assert_int_eq(file_write_atomic(conf, "lease = 5m\nlog_keep = 2\n", 24, 0600, false, NULL), 0);
	kill(daemon_pid, SIGHUP);
	hear("RELOADING=1\nMONOTONIC_USEC=", 1);
	hear("READY=1", 2);
	ck_assert_int_eq(file_write_atomic(conf, "leese = 5m\n", 11, 0600, false, NULL), 0);
	kill(daemon_pid, SIGHUP);
	hear("READY=1", 3);
	end_daemon();
	char *log = in_dir("log");
	struct buf text = BUF_INIT;
	ck_assert_int_eq(file_read(log, 1 << 20, &text, NULL), 0);
	ck_assert_ptr_nonnull(strstr(text.data, "lease is now 5m (was 10m)"));
	ck_assert_ptr_nonnull(strstr(text.data, "log_keep = 2 needs a restart of the master; it stays 4"));
	ck_assert_ptr_nonnull(strstr(text.data, "line 1: there is no setting 'leese' (did you mean lease?)"));
	buf_release(&text);
	free(log);
}
END_TEST

START_TEST(a_wrong_setting_is_told_before_anything_is_started)
{
	char *argv[] = { (char *)SO_BUILD_DIR "/scaleoutd", (char *)"--catalog", catalog, (char *)"--set",
		(char *)"lease=never", NULL };

	freopen("/dev/null", "w", stderr);
	ck_assert_int_eq(wait_status(spawn(argv)), 2);
	argv[4] = (char *)"metrics=0.0.0.0:9469";
	char *foreground[] = { argv[0], argv[1], argv[2], argv[3], argv[4], (char *)"--foreground", NULL };
	ck_assert_int_eq(wait_status(spawn(foreground)), 1);
}
END_TEST

/* --- metrics --- */

static int connect_unix(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Everything the server says to a request, until it hangs up or the time is over. */
static void exchange(const char *path, const char *request, struct buf *answer)
{
	int64_t deadline = clock_mono_ms() + DEADLINE_MS;
	int fd = connect_unix(path);
	char text[4096];

	buf_clear(answer);
	ck_assert_int_ge(fd, 0);
	(void)!send(fd, request, strlen(request), MSG_NOSIGNAL);
	for (;;) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		ck_assert_msg(clock_mono_ms() < deadline, "no answer");
		if (poll(&wait, 1, 100) <= 0)
			continue;
		ssize_t n = read(fd, text, sizeof(text));
		if (n <= 0)
			break;
		buf_add(answer, text, (size_t)n);
	}
	close(fd);
}

static bool is_name(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!isalpha((unsigned char)text[i]) && text[i] != '_' && text[i] != ':' &&
		    !(i && isdigit((unsigned char)text[i])))
			return false;
	}
	return len > 0;
}

/* Behind {: name="value" pairs, then }. Returns what follows, or NULL when it is not that. */
static const char *skip_labels(const char *at)
{
	while (*at != '}') {
		size_t len = strcspn(at, "=");
		if (!is_name(at, len) || at[len + 1] != '"')
			return NULL;
		for (at += len + 2; *at && *at != '"'; at++) {
			if (*at == '\\' && !strchr("\\\"n", *++at))
				return NULL;
		}
		if (!*at)
			return NULL;
		at++;
		at += *at == ',';
	}
	return at + 1;
}

/* One line of the exposition format 0.0.4. family: the one whose TYPE was said last. */
static void check_line(const char *line, char family[128], struct buf *seen)
{
	char name[128], type[32];

	if (strncmp(line, "# HELP ", 7) == 0) {
		ck_assert_msg(sscanf(line + 7, "%127s", name) == 1 && is_name(name, strlen(name)), "%s", line);
	} else if (strncmp(line, "# TYPE ", 7) == 0) {
		ck_assert_msg(sscanf(line + 7, "%127s %31s", name, type) == 2, "%s", line);
		ck_assert_msg(!strcmp(type, "gauge") || !strcmp(type, "counter"), "%s", line);
		ck_assert_msg(strcmp(type, "counter") != 0 || strstr(name, "_total"), "a counter ends in _total: %s", line);
		char *entry = xasprintf("\n%s\n", name);
		ck_assert_msg(!strstr(seen->data, entry), "the family %s is there twice", name);
		buf_adds(seen, entry);
		free(entry);
		snprintf(family, 128, "%s", name);
	} else {
		size_t len = strcspn(line, "{ ");
		const char *rest = line + len;
		char *end;
		ck_assert_msg(len == strlen(family) && strncmp(line, family, len) == 0, "%s under %s", line, family);
		if (*rest == '{')
			rest = skip_labels(rest + 1);
		ck_assert_msg(rest && *rest == ' ', "%s", line);
		strtod(rest + 1, &end);
		ck_assert_msg(end != rest + 1 && !*end, "%s", line);
	}
}

static void check_exposition(const char *text)
{
	char family[128] = "";
	struct buf seen = BUF_INIT;
	char *copy = xstrdup(text), *line = copy;

	ck_assert_msg(*text && text[strlen(text) - 1] == '\n', "the last line has no end");
	for (char *next; (next = strchr(line, '\n')); line = next) {
		*next++ = '\0';
		check_line(line, family, &seen);
	}
	free(copy);
	buf_release(&seen);
}

START_TEST(metrics_are_what_prometheus_reads)
{
	char *path = in_dir("metrics"), *db = xasprintf("%s", catalog);
	struct buf answer = BUF_INIT;
	char *argv[] = { (char *)SO_BUILD_DIR "/scaleout", (char *)"--catalog", db, (char *)"sql", (char *)"-Q",
		(char *)"EXEC SSISDB.scaleout.add_worker N'odd \"name\" \\ here', N'127.0.0.1', @port = 1", NULL };
	struct stat st;

	freopen("/dev/null", "w", stdout);
	start_daemon(path);
	hear("READY=1", 1);
	ck_assert_int_eq(wait_status(spawn(argv)), 0);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	/* The worker is read in the first turn after. */
	int64_t deadline = clock_mono_ms() + DEADLINE_MS;
	do {
		ck_assert_int_lt(clock_mono_ms(), deadline);
		exchange(path, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", &answer);
	} while (!strstr(answer.data, "scaleout_worker_up{worker=\"odd"));
	ck_assert(strncmp(answer.data, "HTTP/1.1 200 OK\r\n", 17) == 0);
	ck_assert_ptr_nonnull(strstr(answer.data, "Content-Type: text/plain; version=0.0.4"));
	const char *body = strstr(answer.data, "\r\n\r\n") + 4;
	size_t promised = strtoul(strstr(answer.data, "Content-Length: ") + 16, NULL, 10);
	ck_assert_uint_eq(promised, strlen(body));
	check_exposition(body);
	ck_assert_ptr_nonnull(strstr(body, "scaleout_worker_up{worker=\"odd \\\"name\\\" \\\\ here\"} 0\n"));
	ck_assert_ptr_nonnull(strstr(body, "scaleout_executions{status=\"pending\"} 0\n"));
	exchange(path, "POST /metrics HTTP/1.1\r\n\r\n", &answer);
	ck_assert(strncmp(answer.data, "HTTP/1.1 405 ", 13) == 0);
	exchange(path, "GET /../c.db.key HTTP/1.1\r\n\r\n", &answer);
	ck_assert(strncmp(answer.data, "HTTP/1.1 404 ", 13) == 0);
	end_daemon();
	ck_assert(!file_exists(path));
	buf_release(&answer);
	free(path);
	free(db);
}
END_TEST

START_TEST(hostile_clients_of_the_metrics_hold_nobody_up)
{
	char *path = in_dir("metrics");
	struct buf answer = BUF_INIT, flood = BUF_INIT;
	int silent[100], slow;

	start_daemon(path);
	hear("READY=1", 1);
	/* One that asks and never reads, some that say nothing, one that talks without end. */
	slow = connect_unix(path);
	(void)!send(slow, "GET /metrics HTTP/1.1\r\n\r\n", 25, MSG_NOSIGNAL);
	for (size_t i = 0; i < ARRAY_LEN(silent); i++)
		silent[i] = connect_unix(path);
	for (int i = 0; i < 20000; i++)
		buf_adds(&flood, "GET /metrics but no end of it ");
	int loud = connect_unix(path);
	if (loud >= 0)
		(void)!send(loud, flood.data, flood.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	/* The master goes on. */
	int64_t began = clock_mono_ms();
	char *argv[] = { (char *)SO_BUILD_DIR "/scaleout", (char *)"--catalog", catalog, (char *)"status", (char *)"--json", NULL };
	freopen("/dev/null", "w", stdout);
	ck_assert_int_eq(wait_status(spawn(argv)), 0);
	ck_assert_int_lt(clock_mono_ms() - began, 3000 + 10 * start_ms);
	/* And when they have had their time, the next one is answered. */
	int64_t deadline = clock_mono_ms() + DEADLINE_MS;
	do {
		ck_assert_int_lt(clock_mono_ms(), deadline);
		exchange(path, "GET /metrics HTTP/1.1\r\n\r\n", &answer);
	} while (strncmp(answer.data, "HTTP/1.1 200 ", 13) != 0);
	for (size_t i = 0; i < ARRAY_LEN(silent); i++)
		close(silent[i]);
	close(slow);
	close(loud);
	end_daemon();
	buf_release(&answer);
	buf_release(&flood);
	free(path);
}
END_TEST

/* --- the log --- */

START_TEST(journal_entries_carry_their_fields_and_cannot_be_forged)
{
	int journal = datagram_socket("journal");
	char *path = in_dir("journal"), text[4096] = "";
	struct err err;

	ck_assert_int_eq(log_open_journal(path, LOG_LEVEL_INFO, "test", &err), 0);
	log_journal_always("catalog", "/c.db");
	log_fields(LOG_LEVEL_WARNING,
	    (const struct log_field[]){ { "execution_id", NULL, 7 }, { "worker", "w1\nPRIORITY=0", 0 }, { 0 } },
	    "worker %s\nPRIORITY=0", "w1");
	ssize_t n = recv(journal, text, sizeof(text) - 1, 0);
	ck_assert_int_gt(n, 0);
	ck_assert_str_eq(text, "MESSAGE=worker w1\\x0aPRIORITY=0\nPRIORITY=4\nSYSLOG_IDENTIFIER=test\n"
			       "SCALEOUT_EXECUTION_ID=7\nSCALEOUT_WORKER=w1\\x0aPRIORITY=0\nSCALEOUT_CATALOG=/c.db\n");
	log_journal_always(NULL, NULL);
	log_open(STDERR_FILENO, LOG_LEVEL_INFO, "test");
	close(journal);
	char *gone = in_dir("nothing");
	ck_assert_int_eq(log_open_journal(gone, LOG_LEVEL_INFO, "test", &err), -ERR_NOT_FOUND);
	free(gone);
	free(path);
}
END_TEST

START_TEST(a_log_file_has_the_fields_behind_the_text)
{
	char *path = in_dir("fields");
	struct buf text = BUF_INIT;
	struct err err;

	ck_assert_int_eq(log_open_file(path, 100000, 2, LOG_LEVEL_INFO, "test", &err), 0);
	log_journal_always("catalog", "/c.db");
	log_fields(LOG_LEVEL_WARNING,
	    (const struct log_field[]){ { "execution_id", NULL, 7 }, { "worker", "a \"b\"\n", 0 }, { "error", "network", 0 }, { 0 } },
	    "it ended");
	log_fields(LOG_LEVEL_INFO, (const struct log_field[]){ { 0 } }, "plain");
	log_journal_always(NULL, NULL);
	log_open(STDERR_FILENO, LOG_LEVEL_INFO, "test");
	ck_assert_int_eq(file_read(path, 4096, &text, &err), 0);
	ck_assert_ptr_nonnull(strstr(text.data, "] warning: it ended [execution_id=7 worker=\"a \\\"b\\\"\\\\x0a\" error=network]\n"));
	ck_assert_ptr_nonnull(strstr(text.data, "] info: plain\n"));
	buf_release(&text);
	free(path);
}
END_TEST

START_TEST(a_log_file_is_put_aside_when_it_is_full_and_old_ones_go)
{
	char *path = in_dir("log"), *name;
	struct err err;
	struct stat st;

	ck_assert_int_eq(log_open_file(path, 2000, 2, LOG_LEVEL_INFO, "test", &err), 0);
	for (int i = 0; i < 200; i++)
		log_info("entry %d of a log that is longer than its limit", i);
	log_open(STDERR_FILENO, LOG_LEVEL_INFO, "test");
	for (int i = 1; i <= 3; i++) {
		name = xasprintf("%s.%d", path, i);
		ck_assert_int_eq(stat(name, &st), i <= 2 ? 0 : -1);
		ck_assert(i > 2 || st.st_size < 2300);
		free(name);
	}
	ck_assert_int_eq(stat(path, &st), 0);
	free(path);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("exec_daemon");
	TCase *tcase = tcase_create("daemon");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, the_service_manager_hears_ready_alive_reloading_and_stopping);
	tcase_add_test(tcase, a_wrong_setting_is_told_before_anything_is_started);
	tcase_add_test(tcase, metrics_are_what_prometheus_reads);
	tcase_add_test(tcase, hostile_clients_of_the_metrics_hold_nobody_up);
	tcase_add_test(tcase, journal_entries_carry_their_fields_and_cannot_be_forged);
	tcase_add_test(tcase, a_log_file_has_the_fields_behind_the_text);
	tcase_add_test(tcase, a_log_file_is_put_aside_when_it_is_full_and_old_ones_go);
	suite_add_tcase(suite, tcase);
	return suite;
}

TEST_MAIN(make_suite)
