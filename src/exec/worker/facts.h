/* SPDX-License-Identifier: MIT */
/* What a worker machine says about itself. */
#ifndef SO_EXEC_WORKER_FACTS_H
#define SO_EXEC_WORKER_FACTS_H

#include <jansson.h>
#include <stdint.h>

struct facts {
	char machine[256], user[128], os[160], boot[40];
	int cpus;
	int64_t memory_kb, memory_free_kb, swap_kb, swap_free_kb;
	int cpu_percent;              /* how busy the processors were between the last two looks; -1 = not known yet */
	int64_t cpu_busy, cpu_total;  /* at the last look, in the kernel's ticks */
	int load; /* of the last minute, times 100 */
};

void facts_read(struct facts *ret);
/* Only what changes: memory and load. */
void facts_refresh(struct facts *facts);
/* The kernel's boot id, "" when unknown. */
void facts_boot_id(char *text, size_t size);
/* Add machine, cpus and memory members, as HELLO and STARTED carry them. */
void facts_add(const struct facts *facts, json_t *object);

#endif
