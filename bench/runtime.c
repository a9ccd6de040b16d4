/* SPDX-License-Identifier: MIT */
/*
 * What an execution costs by itself: scaleout-dtexec in the worker's mode on a
 * package without tasks, started by posix_spawn in a loop, beside /bin/true.
 *
 *   bench/runtime [COUNT]      environment: SO_BUILD_DIR (default: .)
 *
 * Prints medians: figure dtexec_donothing_ms, ..._cpu_ms, ..._rss_kb (the largest), spawn_true_ms.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"

extern char **environ;

static const char package[] =
    "<?xml version=\"1.0\"?><DTS:Executable xmlns:DTS=\"www.microsoft.com/SqlServer/Dts\" DTS:refId=\"Package\" "
    "DTS:CreationName=\"Microsoft.Package\" DTS:DTSID=\"{5D1B4C60-9B6A-4B0C-8D0E-0A3E7F1C2B11}\" "
    "DTS:ExecutableType=\"Microsoft.Package\" DTS:ObjectName=\"Nothing\">"
    "<DTS:Property DTS:Name=\"PackageFormatVersion\">8</DTS:Property></DTS:Executable>";
static const char spec[] = "{\"v\":1,\"execution_id\":1,\"attempt\":1,\"package\":\"nothing.dtsx\","
			   "\"logging_level\":1,\"values\":[],\"overrides\":[]}";

struct sample {
	double wall_ms, cpu_ms;
	long rss_kb;
};

static int by_number(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(const struct sample *samples, size_t count, size_t offset)
{
	double *values = xcalloc(count, sizeof(*values));

	for (size_t i = 0; i < count; i++)
		memcpy(&values[i], (const char *)&samples[i] + offset, sizeof(double));
	qsort(values, count, sizeof(*values), by_number);
	double result = values[count / 2];
	free(values);
	return result;
}

static double ms_of(struct timeval t)
{
	return (double)t.tv_sec * 1000.0 + (double)t.tv_usec / 1000.0;
}

/* One process with the descriptors a worker gives it; 0 when it ended well. */
static int run_once(char *const *argv, const char *folder, struct sample *ret)
{
	char *spec_path = path_join(folder, "spec"), *log_path = path_join(folder, "events");
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	int status = -1;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 3, spec_path, O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 4, log_path, O_WRONLY | O_CREAT | O_APPEND | O_TRUNC, 0600);
	int64_t began = clock_mono_us();
	int r = posix_spawn(&pid, argv[0], &actions, NULL, argv, environ);
	while (!r && wait4(pid, &status, 0, &usage) < 0 && errno == EINTR)
		continue;
	ret->wall_ms = (double)(clock_mono_us() - began) / 1000.0;
	posix_spawn_file_actions_destroy(&actions);
	free(spec_path);
	free(log_path);
	if (r || !WIFEXITED(status) || WEXITSTATUS(status))
		return -1;
	ret->cpu_ms = ms_of(usage.ru_utime) + ms_of(usage.ru_stime);
	ret->rss_kb = usage.ru_maxrss;
	return 0;
}

static int measure(char *const *argv, const char *folder, size_t count, struct sample *samples)
{
	for (size_t i = 0; i < count; i++) {
		if (run_once(argv, folder, &samples[i])) {
			fprintf(stderr, "runtime: %s failed\n", argv[0]);
			return -1;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	size_t count = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 200;
	const char *build = getenv("SO_BUILD_DIR");
	char folder[] = "/tmp/scaleout-bench.XXXXXX", flag[] = "--task", option[] = "--project-dir", true_path[] = "/bin/true";
	char *program = path_join(build ? build : ".", "scaleout-dtexec"), *file;
	char *runtime[] = { program, flag, option, folder, NULL }, *nothing[] = { true_path, NULL };
	struct sample *samples;
	int r = 1;

	if (!count || !mkdtemp(folder))
		return 2;
	samples = xcalloc(count, sizeof(*samples));
	file = path_join(folder, "nothing.dtsx");
	file_write_atomic(file, package, sizeof(package) - 1, 0600, false, NULL);
	free(file);
	file = path_join(folder, "spec");
	file_write_atomic(file, spec, sizeof(spec) - 1, 0600, false, NULL);
	free(file);
	if (measure(nothing, folder, count, samples))
		goto out;
	double base = median(samples, count, offsetof(struct sample, wall_ms));
	if (measure(runtime, folder, count, samples))
		goto out;
	long rss = 0;
	for (size_t i = 0; i < count; i++)
		rss = samples[i].rss_kb > rss ? samples[i].rss_kb : rss;
	printf("figure spawn_true_ms %.3f ms\n", base);
	printf("figure dtexec_donothing_ms %.3f ms\n", median(samples, count, offsetof(struct sample, wall_ms)));
	printf("figure dtexec_donothing_cpu_ms %.3f ms\n", median(samples, count, offsetof(struct sample, cpu_ms)));
	printf("figure dtexec_donothing_rss_kb %ld kB\n", rss);
	r = 0;
out:
	dir_remove(folder, NULL);
	free(samples);
	free(program);
	return r;
}
