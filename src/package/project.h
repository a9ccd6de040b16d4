/* SPDX-License-Identifier: MIT */
/*
 * A project as the catalog needs it: read from the bytes of an .ispac
 * (spec/package.md §1) without trusting a single one of them.
 *
 * Limits (hostile archives; each refused with one clear error): archive
 * 256 MiB, 10,000 parts, one part 128 MiB unpacked, all parts 1 GiB, ratio
 * 1:1000 beyond the first 16 MiB, XML depth 200, one attribute or text 64 MiB;
 * part names with "/", "\" or control characters, absolute or with ".."; the
 * same name twice; entity declarations.
 */
#ifndef SO_PACKAGE_PROJECT_H
#define SO_PACKAGE_PROJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/uuid.h"

/* One parameter of a project or package; connection-manager properties are "CM.manager.property". */
struct project_param {
	char *name;
	char *data_type;   /* "String", "Boolean", "Int32" ... (spec/package.md §1.4) */
	char *description; /* never NULL */
	bool required, sensitive;
	char *value; /* design default as invariant text; NULL = NULL or left out because unreadable */
	bool unreadable; /* the file holds an encrypted value that we could not decrypt */
};

struct project_package {
	char *name; /* "Load.dtsx", decoded */
	struct uuid id, version_guid;
	char *description, *version_comments; /* never NULL */
	int version_major, version_minor, version_build;
	int format_version; /* 2, 3, 6, 8 */
	int protection_level;
	bool entry_point;
	bool encrypted; /* the whole package is encrypted (levels 3, 4) */
	struct project_param *params;
	size_t param_count;
};

struct project {
	char *name, *description; /* name as in the file */
	struct uuid id;
	int version_major, version_minor, version_build;
	char *version_comments;
	int format_version;      /* 1 */
	int target_server_version; /* 110 ... 160, 0 when absent */
	char *protection_level;  /* "DontSaveSensitive" ... */
	struct project_param *params; /* project parameters, then CM.* of project connection managers */
	size_t param_count;
	struct project_package *packages;
	size_t package_count;
	char **connections; /* "name.conmgr" */
	size_t connection_count;
	char **warnings; /* one line each: values left out, unknown things */
	size_t warning_count;
};

/*
 * Read a project from the bytes of an .ispac. password may be NULL; when given
 * it opens protection levels 2 and 3. On failure err names the part and what is
 * wrong. Release with project_free.
 */
int project_read(const void *data, size_t len, const char *password, struct project **ret,
    struct err *err);
void project_free(struct project *project);
/* Number of a type name ("String") in manifests; 18 (String) for what is none. */
int project_type_code(const char *name);

/* Call for every part of an archive: name decoded, bytes borrowed. A negative return stops and is returned. */
int ispac_each(const void *data, size_t len,
    int (*part)(void *ctx, const char *name, const char *bytes, size_t size, struct err *err),
    void *ctx, struct err *err);
/* Write all parts as files into an existing empty folder (the worker's cache). */
int ispac_unpack(const void *data, size_t len, const char *folder, struct err *err);

#endif
