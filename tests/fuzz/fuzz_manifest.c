/* SPDX-License-Identifier: MIT */
/* Bytes as manifest and as parameters of a project whose archive is sound. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "package/project.h"
#include "tests/package/zipper.h"

#define DTS "xmlns:DTS='www.microsoft.com/SqlServer/Dts'"
#define PARAMS "<SSIS:Parameters xmlns:SSIS='www.microsoft.com/SqlServer/SSIS'/>"
#define MANIFEST "<SSIS:Project xmlns:SSIS='www.microsoft.com/SqlServer/SSIS'/>"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_archive(struct zipper *z)
{
	struct buf archive = BUF_INIT;
	struct project *project = NULL;
	struct err err = { 0 };

	zipper_adds(z, "Report.dtsx", "<DTS:Executable " DTS "/>");
	zipper_adds(z, "db.conmgr", "<DTS:ConnectionManager " DTS "/>");
	zipper_finish(z, &archive);
	int r = project_read(archive.data, archive.len, NULL, &project, &err);
	assert((r == 0) == (project != NULL));
	assert(r == 0 || err.primary[0]);
	for (size_t i = 0; project && i < project->param_count; i++)
		assert(project->params[i].name[0] && project->params[i].data_type);
	project_free(project);
	buf_release(&archive);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct zipper z = ZIPPER_INIT;

	zipper_add(&z, "@Project.manifest", data, size, NULL);
	zipper_adds(&z, "Project.params", PARAMS);
	read_archive(&z);
	zipper_adds(&z, "@Project.manifest", MANIFEST);
	zipper_add(&z, "Project.params", data, size, NULL);
	read_archive(&z);
	return 0;
}
