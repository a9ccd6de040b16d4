/* SPDX-License-Identifier: MIT */
/* Views of folders and what lies in them: spec/catalog.md §2.2-2.9. */
#include "base/mem.h"
#include "catalog/registry.h"
#include "catalog/session.h"

static const struct tsql_view_column folders[] = {
	{ "folder_id", T_BIGINT, "key", NULL },
	{ "name", T_SYSNAME, "unique in the catalog", NULL },
	{ "description", T_NVARCHAR(1024), "free text", NULL },
	{ "created_by_sid", T_SID, "who made it", NULL },
	{ "created_by_name", T_SYSNAME, "who made it", NULL },
	{ "created_time", T_TIME, "when", NULL },
	{ "id", T_BIGINT, "folder_id by its documented name", "folder_id" },
};

static const struct tsql_view_column projects[] = {
	{ "project_id", T_BIGINT, "key", NULL },
	{ "folder_id", T_BIGINT, "where it lies", NULL },
	{ "name", T_SYSNAME, "unique in its folder", NULL },
	{ "description", T_NVARCHAR(1024), "from the project file", NULL },
	{ "project_format_version", T_INT, "from the project file", NULL },
	{ "deployed_by_sid", T_SID, "who deployed it last", NULL },
	{ "deployed_by_name", T_SYSNAME, "who deployed it last", NULL },
	{ "last_deployed_time", T_TIME, "last deployment", NULL },
	{ "created_time", T_TIME, "first deployment", NULL },
	{ "object_version_lsn", T_BIGINT, "current version", NULL },
	{ "validation_status", T_CHAR1, "N never, S passed, F failed", NULL },
	{ "last_validation_time", T_TIME, "when it was validated", NULL },
};

static const struct tsql_view_column packages[] = {
	{ "package_id", T_BIGINT, "key", NULL },
	{ "name", T_NVARCHAR(256), "with .dtsx", NULL },
	{ "package_guid", T_GUID, "from the package", NULL },
	{ "description", T_NVARCHAR(1024), "from the package", NULL },
	{ "package_format_version", T_INT, "from the package", NULL },
	{ "version_major", T_INT, "from the package", NULL },
	{ "version_minor", T_INT, "from the package", NULL },
	{ "version_build", T_INT, "from the package", NULL },
	{ "version_comments", T_NVARCHAR(1024), "from the package", NULL },
	{ "version_guid", T_GUID, "from the package", NULL },
	{ "project_id", T_BIGINT, "its project", NULL },
	{ "entry_point", T_BIT, "1 = may be started directly", NULL },
	{ "validation_status", T_CHAR1, "N never, S passed, F failed", NULL },
	{ "last_validation_time", T_TIME, "when it was validated", NULL },
};

static const struct tsql_view_column environments[] = {
	{ "environment_id", T_BIGINT, "key", NULL },
	{ "name", T_SYSNAME, "unique in its folder", NULL },
	{ "folder_id", T_BIGINT, "where it lies", NULL },
	{ "description", T_NVARCHAR(1024), "free text", NULL },
	{ "created_by_sid", T_SID, "who made it", NULL },
	{ "created_by_name", T_SYSNAME, "who made it", NULL },
	{ "created_time", T_TIME, "when", NULL },
};

static const struct tsql_view_column environment_variables[] = {
	{ "variable_id", T_BIGINT, "key", NULL },
	{ "environment_id", T_BIGINT, "its environment", NULL },
	{ "name", T_SYSNAME, "unique in its environment", NULL },
	{ "description", T_NVARCHAR(1024), "free text", NULL },
	{ "type", T_SYSNAME, "data type", NULL },
	{ "sensitive", T_BIT, "1 = encrypted", NULL },
	{ "value", T_VARIANT, "NULL when sensitive", NULL },
};

static const struct tsql_view_column environment_references[] = {
	{ "reference_id", T_BIGINT, "key", NULL },
	{ "project_id", T_BIGINT, "the project", NULL },
	{ "reference_type", T_CHAR1, "R relative, A absolute", NULL },
	{ "environment_folder_name", T_SYSNAME, "NULL for R", NULL },
	{ "environment_name", T_SYSNAME, "the environment, by name", NULL },
	{ "validation_status", T_CHAR1, "N never, S passed, F failed", NULL },
	{ "last_validation_time", T_TIME, "when it was validated", NULL },
};

static const struct tsql_view_column object_parameters[] = {
	{ "parameter_id", T_BIGINT, "key", NULL },
	{ "project_id", T_BIGINT, "its project", NULL },
	{ "object_type", T_SMALLINT, "20 project, 30 package", NULL },
	{ "object_name", T_SYSNAME, "project or package", NULL },
	{ "parameter_name", T_SYSNAME, "CM.manager.property for connection managers", NULL },
	{ "data_type", T_SYSNAME, "data type", NULL },
	{ "required", T_BIT, "must be supplied before a run", NULL },
	{ "sensitive", T_BIT, "1 = encrypted", NULL },
	{ "description", T_NVARCHAR(1024), "from the project file", NULL },
	{ "design_default_value", T_VARIANT, "from the project file", NULL },
	{ "default_value", T_VARIANT, "server value", NULL },
	{ "value_type", T_CHAR1, "V literal, R environment variable", NULL },
	{ "value_set", T_BIT, "something was assigned", NULL },
	{ "referenced_variable_name", T_SYSNAME, "for R", NULL },
	{ "validation_status", T_CHAR1, "not used", NULL },
	{ "last_validation_time", T_TIME, "not used", NULL },
};

static const struct tsql_view_column object_versions[] = {
	{ "object_version_lsn", T_BIGINT, "key", NULL },
	{ "object_id", T_BIGINT, "the project", NULL },
	{ "object_type", T_SMALLINT, "always 20", NULL },
	{ "object_name", T_SYSNAME, "name of the project", NULL },
	{ "description", T_NVARCHAR(1024), "from the project file", NULL },
	{ "created_by", T_SYSNAME, "who deployed it", NULL },
	{ "created_time", T_TIME, "when", NULL },
	{ "restored_by", T_SYSNAME, "who restored it", NULL },
	{ "last_restored_time", T_TIME, "when", NULL },
};

static const struct tsql_view views[] = {
	VIEW("folders", folders,
	    "SELECT folder_id, name, description, created_by_sid, created_by_name, created_time"
	    " FROM folder WHERE " SQL_SEE_FOLDER("folder_id")),
	VIEW("projects", projects,
	    "SELECT project_id, folder_id, name, description, format_version, deployed_by_sid,"
	    " deployed_by_name, last_deployed_time, created_time, version_lsn, validation_status,"
	    " last_validation_time FROM project WHERE " SQL_SEE_PROJECT_LOG("project_id")),
	VIEW("packages", packages,
	    "SELECT package_id, name, package_guid, description, format_version, version_major,"
	    " version_minor, version_build, version_comments, version_guid, project_id, entry_point,"
	    " validation_status, last_validation_time FROM package"
	    " WHERE " SQL_SEE_PROJECT_LOG("project_id")),
	VIEW("environments", environments,
	    "SELECT environment_id, name, folder_id, description, created_by_sid, created_by_name,"
	    " created_time FROM environment WHERE " SQL_SEE_ENVIRONMENT("environment_id")),
	VIEW("environment_variables", environment_variables,
	    "SELECT variable_id, environment_id, name, description, data_type, sensitive, value"
	    " FROM environment_variable WHERE " SQL_SEE_ENVIRONMENT("environment_id")),
	VIEW("environment_references", environment_references,
	    "SELECT reference_id, project_id, reference_type, environment_folder_name,"
	    " environment_name, validation_status, last_validation_time FROM environment_reference"
	    " WHERE " SQL_SEE_PROJECT("project_id")),
	VIEW("object_parameters", object_parameters,
	    "SELECT parameter_id, project_id, object_type, object_name, name, data_type, required,"
	    " sensitive, description, design_value, default_value, value_type, value_set,"
	    " referenced_variable, 'N', NULL FROM parameter WHERE " SQL_SEE_PROJECT("project_id")),
	VIEW("object_versions", object_versions,
	    "SELECT version_lsn, project_id, 20, project_name, description, created_by, created_time,"
	    " restored_by, last_restored_time FROM project_version"
	    " WHERE " SQL_SEE_PROJECT("project_id")),
};

const struct view_family views_objects = { views, ARRAY_LEN(views) };
