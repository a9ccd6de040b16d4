/* SPDX-License-Identifier: MIT */
/* Bytes as a project file: whatever they are, reading them ends with a project or with an error that says why. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "package/project.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct project *project = NULL;
	struct err err = { 0 };

	int r = project_read(data, size, NULL, &project, &err);
	assert((r == 0) == (project != NULL));
	assert(r == 0 || err.primary[0]);
	project_free(project);
	return 0;
}
