/* SPDX-License-Identifier: MIT */
/* Facts about the machine, from /proc and libc. */
#include "exec/worker/facts.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/account.h"
#include "base/file.h"
#include "base/mem.h"

static void read_small(const char *path, struct buf *ret)
{
	buf_clear(ret);
	file_read(path, 64 * 1024, ret, NULL);
}

static int64_t meminfo_kb(const char *text, const char *name)
{
	size_t len = strlen(name);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, len) == 0 && line[len] == ':')
			return strtoll(line + len + 1, NULL, 10);
	}
	return 0;
}

/* From the first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal. */
static void refresh_cpu(struct facts *facts)
{
	char text[512] = "";
	long long t[8] = { 0 };
	int64_t total = 0;
	int fd = open("/proc/stat", O_RDONLY | O_CLOEXEC); /* it is long where there are many processors */

	if (fd < 0 || fd_read_full(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	if (fd >= 0)
		close(fd);
	if (sscanf(text, "cpu %lld %lld %lld %lld %lld %lld %lld %lld", &t[0], &t[1], &t[2], &t[3], &t[4], &t[5],
		&t[6], &t[7]) < 4)
		return;
	for (size_t i = 0; i < ARRAY_LEN(t); i++)
		total += t[i];
	int64_t busy = total - t[3] - t[4], span = total - facts->cpu_total;
	if (facts->cpu_total && span > 0)
		facts->cpu_percent = (int)(100 * (busy - facts->cpu_busy) / span);
	facts->cpu_busy = busy;
	facts->cpu_total = total;
}

void facts_refresh(struct facts *facts)
{
	struct buf text = BUF_INIT;

	read_small("/proc/meminfo", &text);
	facts->memory_kb = meminfo_kb(text.data, "MemTotal");
	facts->memory_free_kb = meminfo_kb(text.data, "MemAvailable");
	facts->swap_kb = meminfo_kb(text.data, "SwapTotal");
	facts->swap_free_kb = meminfo_kb(text.data, "SwapFree");
	read_small("/proc/loadavg", &text);
	facts->load = (int)(strtod(text.data, NULL) * 100);
	refresh_cpu(facts);
	buf_release(&text);
}

void facts_boot_id(char *text, size_t size)
{
	struct buf id = BUF_INIT;

	read_small("/proc/sys/kernel/random/boot_id", &id);
	while (id.len && isspace((unsigned char)id.data[id.len - 1]))
		buf_truncate(&id, id.len - 1);
	snprintf(text, size, "%s", id.data);
	buf_release(&id);
}

/* PRETTY_NAME of os-release without its quotes, then the kernel. */
static void os_name(char *text, size_t size)
{
	struct buf release = BUF_INIT;
	struct utsname kernel;
	char pretty[100] = "Linux";

	read_small("/etc/os-release", &release);
	const char *found = strstr(release.data, "PRETTY_NAME=");
	if (found)
		sscanf(found + strlen("PRETTY_NAME="), "\"%99[^\"\n]", pretty);
	uname(&kernel);
	snprintf(text, size, "%s (%.20s, %.30s)", pretty, kernel.machine, kernel.release);
	buf_release(&release);
}

void facts_read(struct facts *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->cpu_percent = -1;
	if (gethostname(ret->machine, sizeof(ret->machine) - 1) < 0)
		snprintf(ret->machine, sizeof(ret->machine), "localhost");
	snprintf(ret->user, sizeof(ret->user), "%s", account_self()->name);
	os_name(ret->os, sizeof(ret->os));
	facts_boot_id(ret->boot, sizeof(ret->boot));
	ret->cpus = (int)sysconf(_SC_NPROCESSORS_ONLN);
	facts_refresh(ret);
}

void facts_add(const struct facts *facts, json_t *object)
{
	json_object_set_new(object, "machine", json_string(facts->machine));
	json_object_set_new(object, "cpus", json_integer(facts->cpus));
	json_object_set_new(object, "memory_kb", json_integer(facts->memory_kb));
	json_object_set_new(object, "memory_free_kb", json_integer(facts->memory_free_kb));
	json_object_set_new(object, "swap_kb", json_integer(facts->swap_kb));
	json_object_set_new(object, "swap_free_kb", json_integer(facts->swap_free_kb));
}
