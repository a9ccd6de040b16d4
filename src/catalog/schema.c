/* SPDX-License-Identifier: MIT */
/*
 * The schema, with a comment for every table and column: SQLite keeps the
 * text, so ".schema" in any SQLite shell explains the file. Names compare by
 * the collation TSQL (tsql/sqlite_ext.h), times are ticks of base/clock.h,
 * GUIDs are upper-case text, values are sql_variants in the stored form of
 * tsql/value.h, and "sealed" columns hold what catalog/secrets.h encrypted.
 *
 * Sized for 1,000,000 executions and 50,000,000 messages: the texts that
 * repeat in every message live once in source, and every documented report
 * has an index whose order it can page through by key.
 *
 * Never edit a migration that has been released: append one.
 */
#include "catalog/schema.h"

#include <sqlite3.h>
#include <stddef.h>

#include "base/mem.h"
#include "catalog/store.h"

static const char *const version_1[] = {
	"CREATE TABLE meta ( -- one row: what this file is\n"
	"  id INTEGER PRIMARY KEY CHECK (id = 1), -- always 1\n"
	"  catalog_id TEXT NOT NULL, -- identity of the catalog; names the spool on workers\n"
	"  epoch INTEGER NOT NULL, -- of the master that took over last\n"
	"  created_time INTEGER NOT NULL -- when the catalog was made\n"
	")",

	/* --- who --- */
	"CREATE TABLE login ( -- a server login: an account of the operating system\n"
	"  login_id INTEGER PRIMARY KEY AUTOINCREMENT, -- server principal id\n"
	"  name TEXT NOT NULL UNIQUE COLLATE TSQL, -- account name\n"
	"  sid BLOB NOT NULL, -- security identifier, made from the uid where there is one\n"
	"  is_sysadmin INTEGER NOT NULL DEFAULT 0, -- member of the server role sysadmin\n"
	"  created_time INTEGER NOT NULL -- when it was added\n"
	")",
	"CREATE TABLE principal ( -- a user or role of the database\n"
	"  principal_id INTEGER PRIMARY KEY AUTOINCREMENT, -- 0 public, 1 dbo, 5-8 the fixed ssis roles\n"
	"  name TEXT NOT NULL UNIQUE COLLATE TSQL, -- unique among users and roles\n"
	"  kind TEXT NOT NULL CHECK (kind IN ('U', 'R')), -- user or role\n"
	"  login_name TEXT UNIQUE COLLATE TSQL, -- the login a user belongs to; NULL for roles\n"
	"  is_fixed INTEGER NOT NULL DEFAULT 0, -- came with the catalog, cannot be dropped\n"
	"  created_time INTEGER NOT NULL -- when it was added\n"
	")",
	"CREATE TABLE role_member ( -- who is in which role\n"
	"  role_id INTEGER NOT NULL REFERENCES principal ON DELETE CASCADE, -- the role\n"
	"  member_id INTEGER NOT NULL REFERENCES principal ON DELETE CASCADE, -- user or role inside it\n"
	"  PRIMARY KEY (role_id, member_id)\n"
	") WITHOUT ROWID",
	"CREATE INDEX role_member_member ON role_member (member_id)",
	"CREATE TABLE permission ( -- an explicit grant or denial on an object\n"
	"  object_type INTEGER NOT NULL, -- 1 folder, 2 project, 3 environment, 4 operation\n"
	"  object_id INTEGER NOT NULL, -- key in the table of that type\n"
	"  principal_id INTEGER NOT NULL REFERENCES principal ON DELETE CASCADE, -- user or role\n"
	"  permission_type INTEGER NOT NULL, -- 1-4, 100-104 of the contract\n"
	"  is_deny INTEGER NOT NULL, -- 1 denies, 0 grants\n"
	"  grantor_id INTEGER NOT NULL REFERENCES principal, -- who gave it\n"
	"  PRIMARY KEY (object_type, object_id, principal_id, permission_type)\n"
	") WITHOUT ROWID",
	"CREATE INDEX permission_principal ON permission (principal_id, object_type, permission_type)",
	"CREATE INDEX permission_grantor ON permission (grantor_id)",

	/* --- settings --- */
	"CREATE TABLE property ( -- catalog properties\n"
	"  name TEXT PRIMARY KEY COLLATE TSQL, -- as documented\n"
	"  value TEXT NOT NULL -- in text form\n"
	")",
	"CREATE TABLE master_property ( -- what the Scale Out master says about itself\n"
	"  name TEXT PRIMARY KEY COLLATE TSQL, -- as documented\n"
	"  value TEXT NOT NULL -- in text form\n"
	")",
	"CREATE TABLE logging_level ( -- customized logging levels\n"
	"  level_id INTEGER PRIMARY KEY AUTOINCREMENT, -- key\n"
	"  name TEXT NOT NULL UNIQUE COLLATE TSQL, -- unique\n"
	"  description TEXT, -- free text\n"
	"  profile_value INTEGER NOT NULL, -- mask of statistics kinds\n"
	"  events_value INTEGER NOT NULL, -- mask of event kinds\n"
	"  created_by_sid BLOB, -- who made it\n"
	"  created_by_name TEXT, -- who made it\n"
	"  created_time INTEGER NOT NULL -- when\n"
	")",

	/* --- objects --- */
	"CREATE TABLE folder ( -- folders of SSISDB\n"
	"  folder_id INTEGER PRIMARY KEY AUTOINCREMENT, -- key\n"
	"  name TEXT NOT NULL UNIQUE COLLATE TSQL, -- unique in the catalog\n"
	"  description TEXT, -- free text\n"
	"  created_by_sid BLOB, -- who made it\n"
	"  created_by_name TEXT, -- who made it\n"
	"  created_time INTEGER NOT NULL -- when\n"
	")",
	"CREATE TABLE project ( -- deployed projects, current version\n"
	"  project_id INTEGER PRIMARY KEY AUTOINCREMENT, -- key, kept over redeployments\n"
	"  folder_id INTEGER NOT NULL REFERENCES folder, -- where it lies\n"
	"  name TEXT NOT NULL COLLATE TSQL, -- unique in its folder\n"
	"  description TEXT, -- from the project file\n"
	"  format_version INTEGER, -- from the project file\n"
	"  version_lsn INTEGER NOT NULL, -- current row of project_version\n"
	"  deployed_by_sid BLOB, -- who deployed it last\n"
	"  deployed_by_name TEXT, -- who deployed it last\n"
	"  last_deployed_time INTEGER NOT NULL, -- last deployment\n"
	"  created_time INTEGER NOT NULL, -- first deployment\n"
	"  validation_status TEXT NOT NULL DEFAULT 'N', -- N never, S passed, F failed\n"
	"  last_validation_time INTEGER, -- when it was validated\n"
	"  UNIQUE (folder_id, name)\n"
	")",
	"CREATE TABLE project_content ( -- project files, each content once\n"
	"  hash TEXT PRIMARY KEY, -- SHA-256 of the file, lower-case hex\n"
	"  size INTEGER NOT NULL, -- bytes of the file\n"
	"  sealed BLOB NOT NULL -- the encrypted file\n"
	")",
	"CREATE TABLE project_version ( -- every deployment that is still kept, also of deleted projects\n"
	"  version_lsn INTEGER PRIMARY KEY AUTOINCREMENT, -- key\n"
	"  project_id INTEGER NOT NULL, -- the project, which may be gone\n"
	"  project_name TEXT NOT NULL COLLATE TSQL, -- name when it was deployed\n"
	"  description TEXT, -- from the project file\n"
	"  hash TEXT NOT NULL REFERENCES project_content, -- the file\n"
	"  created_by TEXT, -- who deployed it\n"
	"  created_time INTEGER NOT NULL, -- when\n"
	"  restored_by TEXT, -- who made it current again\n"
	"  last_restored_time INTEGER -- when\n"
	")",
	"CREATE INDEX project_version_project ON project_version (project_id, version_lsn)",
	"CREATE INDEX project_version_hash ON project_version (hash)",
	"CREATE TABLE package ( -- packages of the current versions\n"
	"  package_id INTEGER PRIMARY KEY AUTOINCREMENT, -- key, kept while the name stays in the project\n"
	"  project_id INTEGER NOT NULL REFERENCES project ON DELETE CASCADE, -- its project\n"
	"  name TEXT NOT NULL COLLATE TSQL, -- with .dtsx\n"
	"  package_guid TEXT, -- from the package\n"
	"  description TEXT, -- from the package\n"
	"  format_version INTEGER, -- from the package\n"
	"  version_major INTEGER, -- from the package\n"
	"  version_minor INTEGER, -- from the package\n"
	"  version_build INTEGER, -- from the package\n"
	"  version_comments TEXT, -- from the package\n"
	"  version_guid TEXT, -- from the package\n"
	"  entry_point INTEGER NOT NULL, -- 1 = may be started directly\n"
	"  validation_status TEXT NOT NULL DEFAULT 'N', -- N never, S passed, F failed\n"
	"  last_validation_time INTEGER, -- when it was validated\n"
	"  UNIQUE (project_id, name)\n"
	")",
	"CREATE TABLE parameter ( -- parameters of the current versions, with their server values\n"
	"  parameter_id INTEGER PRIMARY KEY AUTOINCREMENT, -- key, kept while name and type stay\n"
	"  project_id INTEGER NOT NULL REFERENCES project ON DELETE CASCADE, -- its project\n"
	"  object_type INTEGER NOT NULL, -- 20 project, 30 package\n"
	"  object_name TEXT NOT NULL COLLATE TSQL, -- project or package name\n"
	"  name TEXT NOT NULL COLLATE TSQL, -- CM.manager.property for connection managers\n"
	"  data_type TEXT NOT NULL, -- SSIS name\n"
	"  required INTEGER NOT NULL, -- a value must be set before a run\n"
	"  sensitive INTEGER NOT NULL, -- values are sealed\n"
	"  description TEXT, -- from the project file\n"
	"  design_value TEXT, -- from the project file, NULL when sensitive\n"
	"  design_sealed BLOB, -- the same, sensitive\n"
	"  default_value TEXT, -- server value, NULL when sensitive or not set\n"
	"  default_sealed BLOB, -- the same, sensitive\n"
	"  value_type TEXT NOT NULL DEFAULT 'V', -- V literal, R environment variable\n"
	"  value_set INTEGER NOT NULL DEFAULT 0, -- a server value or variable was assigned\n"
	"  referenced_variable TEXT, -- for R\n"
	"  UNIQUE (project_id, object_type, object_name, name)\n"
	")",
	"CREATE TABLE environment ( -- environments\n"
	"  environment_id INTEGER PRIMARY KEY AUTOINCREMENT, -- key\n"
	"  folder_id INTEGER NOT NULL REFERENCES folder, -- where it lies\n"
	"  name TEXT NOT NULL COLLATE TSQL, -- unique in its folder\n"
	"  description TEXT, -- free text\n"
	"  created_by_sid BLOB, -- who made it\n"
	"  created_by_name TEXT, -- who made it\n"
	"  created_time INTEGER NOT NULL, -- when\n"
	"  UNIQUE (folder_id, name)\n"
	")",
	"CREATE TABLE environment_variable ( -- variables of environments\n"
	"  variable_id INTEGER PRIMARY KEY AUTOINCREMENT, -- key\n"
	"  environment_id INTEGER NOT NULL REFERENCES environment ON DELETE CASCADE, -- its environment\n"
	"  name TEXT NOT NULL COLLATE TSQL, -- unique in its environment\n"
	"  description TEXT, -- free text\n"
	"  data_type TEXT NOT NULL, -- SSIS name\n"
	"  sensitive INTEGER NOT NULL, -- the value is sealed\n"
	"  value TEXT, -- NULL when sensitive\n"
	"  sealed BLOB, -- the same, sensitive\n"
	"  UNIQUE (environment_id, name)\n"
	")",
	"CREATE TABLE environment_reference ( -- environments a project may run with, by name\n"
	"  reference_id INTEGER PRIMARY KEY AUTOINCREMENT, -- key\n"
	"  project_id INTEGER NOT NULL REFERENCES project ON DELETE CASCADE, -- the project\n"
	"  reference_type TEXT NOT NULL CHECK (reference_type IN ('R', 'A')), -- relative, absolute\n"
	"  environment_folder_name TEXT COLLATE TSQL, -- NULL for R\n"
	"  environment_name TEXT NOT NULL COLLATE TSQL, -- by name, so it may dangle\n"
	"  validation_status TEXT NOT NULL DEFAULT 'N', -- N never, S passed, F failed\n"
	"  last_validation_time INTEGER -- when it was validated\n"
	")",
	"CREATE INDEX environment_reference_project ON environment_reference (project_id)",

	/* --- operations --- */
	"CREATE TABLE operation ( -- everything the catalog was asked to do that leaves a record\n"
	"  operation_id INTEGER PRIMARY KEY AUTOINCREMENT, -- key, shared with execution and validation\n"
	"  operation_type INTEGER NOT NULL, -- 1-1000 of the contract\n"
	"  created_time INTEGER NOT NULL, -- when it was asked for\n"
	"  object_type INTEGER, -- 10 folder, 20 project, 30 package, 40 environment, 50 execution\n"
	"  object_id INTEGER, -- key of that object\n"
	"  object_name TEXT COLLATE TSQL, -- its name\n"
	"  status INTEGER NOT NULL, -- 1-9 of the contract\n"
	"  start_time INTEGER, -- when it began\n"
	"  end_time INTEGER, -- when it was over\n"
	"  caller_sid BLOB, -- who asked\n"
	"  caller_name TEXT COLLATE TSQL, -- who asked; this login may read and change the operation\n"
	"  process_id INTEGER, -- of the process that does it\n"
	"  stopped_by_sid BLOB, -- who asked to stop\n"
	"  stopped_by_name TEXT, -- who asked to stop\n"
	"  server_name TEXT, -- host of the catalog\n"
	"  machine_name TEXT, -- host that did it\n"
	"  folder_name TEXT COLLATE TSQL, -- executions and validations: at creation\n"
	"  project_name TEXT COLLATE TSQL, -- executions and validations: at creation\n"
	"  package_name TEXT COLLATE TSQL -- executions: the package that is started first\n"
	")",
	"CREATE INDEX operation_status ON operation (status)",
	"CREATE INDEX operation_start ON operation (start_time)",
	"CREATE INDEX operation_created ON operation (created_time)",
	"CREATE INDEX operation_caller ON operation (caller_name)",
	"CREATE INDEX operation_folder ON operation (folder_name) WHERE folder_name IS NOT NULL",
	"CREATE INDEX operation_project ON operation (project_name, folder_name)"
	" WHERE project_name IS NOT NULL",
	"CREATE INDEX operation_package ON operation (package_name, project_name, folder_name)"
	" WHERE package_name IS NOT NULL",
	"CREATE INDEX operation_other ON operation (operation_type) WHERE operation_type <> 200",
	"CREATE TABLE status_count ( -- executions per status, kept by triggers for cheap counters\n"
	"  status INTEGER PRIMARY KEY, -- 1-9\n"
	"  executions INTEGER NOT NULL -- how many are in it now\n"
	")",
	"CREATE TRIGGER operation_count_insert AFTER INSERT ON operation WHEN new.operation_type = 200 BEGIN\n"
	"  UPDATE status_count SET executions = executions + 1 WHERE status = new.status;\n"
	"END",
	"CREATE TRIGGER operation_count_update AFTER UPDATE OF status ON operation\n"
	"WHEN new.operation_type = 200 AND new.status <> old.status BEGIN\n"
	"  UPDATE status_count SET executions = executions - 1 WHERE status = old.status;\n"
	"  UPDATE status_count SET executions = executions + 1 WHERE status = new.status;\n"
	"END",
	"CREATE TRIGGER operation_count_delete AFTER DELETE ON operation WHEN old.operation_type = 200 BEGIN\n"
	"  UPDATE status_count SET executions = executions - 1 WHERE status = old.status;\n"
	"END",
	"CREATE TABLE execution ( -- runs of packages, and of validations, that the master hands to workers\n"
	"  execution_id INTEGER PRIMARY KEY REFERENCES operation, -- the operation\n"
	"  project_lsn INTEGER NOT NULL, -- version bound at creation\n"
	"  project_hash TEXT NOT NULL, -- its file\n"
	"  reference_id INTEGER, -- environment reference, if any\n"
	"  reference_type TEXT, -- R or A\n"
	"  environment_folder_name TEXT, -- of the reference\n"
	"  environment_name TEXT, -- of the reference\n"
	"  executed_as_sid BLOB, -- who started it\n"
	"  executed_as_name TEXT, -- who started it\n"
	"  use32bitruntime INTEGER NOT NULL DEFAULT 0, -- asked for, of no effect here\n"
	"  scale_out INTEGER NOT NULL, -- 1 = workers, 0 = the built-in local worker\n"
	"  any_worker INTEGER NOT NULL DEFAULT 1, -- 0 = only those of execution_worker\n"
	"  retry_count INTEGER NOT NULL DEFAULT 0, -- further tries after a failure\n"
	"  next_attempt INTEGER NOT NULL DEFAULT 1, -- number of the try to start next\n"
	"  not_before INTEGER NOT NULL DEFAULT 0, -- that try waits until then\n"
	"  queued INTEGER NOT NULL DEFAULT 0, -- 1 = pending without an open try: the queue\n"
	"  executed_count INTEGER NOT NULL DEFAULT 0, -- tries that were started\n"
	"  worker_agent_id TEXT, -- worker of the last try, NULL for the local one\n"
	"  dump_id TEXT, -- set when a dump was fetched\n"
	"  total_physical_memory_kb INTEGER, -- of the machine at start\n"
	"  available_physical_memory_kb INTEGER, -- of the machine at start\n"
	"  total_page_file_kb INTEGER, -- of the machine at start\n"
	"  available_page_file_kb INTEGER, -- of the machine at start\n"
	"  cpu_count INTEGER -- of the machine\n"
	")",
	"CREATE INDEX execution_queue ON execution (execution_id) WHERE queued = 1",
	"CREATE INDEX execution_lsn ON execution (project_lsn)",
	"CREATE TABLE execution_value ( -- parameter values bound to an execution\n"
	"  execution_parameter_id INTEGER PRIMARY KEY, -- key\n"
	"  execution_id INTEGER NOT NULL REFERENCES operation, -- the execution\n"
	"  object_type INTEGER NOT NULL, -- 20 project, 30 package, 50 system\n"
	"  name TEXT NOT NULL COLLATE TSQL, -- parameter\n"
	"  data_type TEXT NOT NULL, -- SSIS name\n"
	"  value TEXT, -- NULL when sensitive\n"
	"  sealed BLOB, -- the same, sensitive\n"
	"  sensitive INTEGER NOT NULL, -- the value is sealed\n"
	"  required INTEGER NOT NULL, -- must be set before the start\n"
	"  value_set INTEGER NOT NULL, -- not the design default\n"
	"  runtime_override INTEGER NOT NULL DEFAULT 0, -- changed between creation and start\n"
	"  UNIQUE (execution_id, object_type, name)\n"
	")",
	"CREATE TABLE property_override ( -- property overrides of an execution\n"
	"  property_id INTEGER PRIMARY KEY, -- key\n"
	"  execution_id INTEGER NOT NULL REFERENCES operation, -- the execution\n"
	"  path TEXT NOT NULL, -- \\Package\\Task.Properties[Name]\n"
	"  value TEXT, -- plain text, NULL when sensitive\n"
	"  sealed BLOB, -- the same, sensitive\n"
	"  sensitive INTEGER NOT NULL -- the value is sealed\n"
	")",
	"CREATE INDEX property_override_execution ON property_override (execution_id)",
	"CREATE TABLE data_tap ( -- data taps of an execution\n"
	"  data_tap_id INTEGER PRIMARY KEY, -- key\n"
	"  execution_id INTEGER NOT NULL REFERENCES operation, -- the execution\n"
	"  package_path TEXT, -- the data flow task, by path\n"
	"  dataflow_path_id_string TEXT NOT NULL, -- the path inside it\n"
	"  dataflow_task_guid TEXT, -- the data flow task, by GUID\n"
	"  max_rows INTEGER, -- NULL = all\n"
	"  filename TEXT NOT NULL -- where the rows go\n"
	")",
	"CREATE INDEX data_tap_execution ON data_tap (execution_id)",
	"CREATE TABLE execution_worker ( -- workers an execution may run on\n"
	"  execution_id INTEGER NOT NULL REFERENCES execution, -- the execution\n"
	"  worker_id TEXT NOT NULL, -- the worker\n"
	"  PRIMARY KEY (execution_id, worker_id)\n"
	") WITHOUT ROWID",
	"CREATE TABLE execution_try ( -- the runs of an execution: assigned, started, ended\n"
	"  execution_id INTEGER NOT NULL REFERENCES execution, -- the execution\n"
	"  attempt INTEGER NOT NULL, -- 1, 2, ...\n"
	"  worker_id TEXT NOT NULL, -- the worker; zero GUID for the local one\n"
	"  worker_name TEXT NOT NULL, -- its name then\n"
	"  epoch INTEGER NOT NULL, -- of the master that assigned it\n"
	"  assigned_time INTEGER NOT NULL, -- committed before START was sent\n"
	"  start_time INTEGER, -- by the worker's clock\n"
	"  end_time INTEGER, -- NULL = open\n"
	"  outcome INTEGER, -- enum queue_outcome\n"
	"  exit_code INTEGER, -- of the runtime\n"
	"  reason TEXT, -- in words\n"
	"  committed_seq INTEGER NOT NULL DEFAULT 0, -- last event stored\n"
	"  last_message_id INTEGER, -- the message that context records belong to\n"
	"  dump_path TEXT, -- file on the master\n"
	"  process_id INTEGER, -- on the worker\n"
	"  machine_name TEXT, -- of the worker\n"
	"  PRIMARY KEY (execution_id, attempt)\n"
	") WITHOUT ROWID",
	"CREATE INDEX execution_try_open ON execution_try (worker_id) WHERE end_time IS NULL",

	/* --- what happened --- */
	"CREATE TABLE source ( -- where messages and statistics come from; each combination once\n"
	"  source_id INTEGER PRIMARY KEY, -- key\n"
	"  package_path TEXT NOT NULL, -- place in the package, '' = none\n"
	"  name TEXT NOT NULL, -- task, container or package\n"
	"  event_name TEXT NOT NULL, -- OnError ..., '' for statistics\n"
	"  package_name TEXT NOT NULL, -- with .dtsx\n"
	"  guid TEXT NOT NULL, -- of the task, in braces\n"
	"  subcomponent_name TEXT NOT NULL, -- data flow component, '' = none\n"
	"  UNIQUE (package_path, name, event_name, package_name, guid, subcomponent_name)\n"
	")",
	"CREATE TABLE message ( -- messages of operations\n"
	"  message_id INTEGER PRIMARY KEY, -- key\n"
	"  operation_id INTEGER NOT NULL REFERENCES operation, -- the operation\n"
	"  attempt INTEGER, -- the try it came from\n"
	"  message_time INTEGER NOT NULL, -- when it was reported\n"
	"  message_type INTEGER NOT NULL, -- 10-400 of the contract\n"
	"  source_type INTEGER NOT NULL, -- 10-60 of the contract\n"
	"  message TEXT NOT NULL, -- text\n"
	"  extended_info_id INTEGER, -- row of extended_info\n"
	"  source_id INTEGER, -- row of source; NULL = not from a run\n"
	"  execution_path TEXT, -- NULL = the same as the package path\n"
	"  thread_id INTEGER, -- of the runtime\n"
	"  message_code INTEGER -- of the message\n"
	")",
	"CREATE INDEX message_operation ON message (operation_id)",
	"CREATE INDEX message_error ON message (operation_id) WHERE message_type = 120",
	"CREATE INDEX message_extended ON message (extended_info_id) WHERE extended_info_id IS NOT NULL",
	"CREATE TABLE message_context ( -- properties captured with a message\n"
	"  context_id INTEGER PRIMARY KEY, -- key\n"
	"  message_id INTEGER NOT NULL REFERENCES message, -- the message\n"
	"  depth INTEGER, -- 0 before the run, 1 at the error, larger farther out\n"
	"  package_path TEXT, -- of the object\n"
	"  context_type INTEGER, -- 10-80 of the contract\n"
	"  source_name TEXT, -- of the object\n"
	"  source_guid TEXT, -- of the object\n"
	"  property_name TEXT, -- property\n"
	"  property_value TEXT -- sql_variant\n"
	")",
	"CREATE INDEX message_context_message ON message_context (message_id)",
	"CREATE TABLE extended_info ( -- several objects of one operation\n"
	"  info_id INTEGER PRIMARY KEY, -- key\n"
	"  operation_id INTEGER NOT NULL REFERENCES operation, -- the operation\n"
	"  object_name TEXT, -- object\n"
	"  object_type INTEGER, -- 10-50 of the contract\n"
	"  reference_id INTEGER, -- environment reference\n"
	"  status INTEGER, -- 1-9\n"
	"  start_time INTEGER, -- when it began\n"
	"  end_time INTEGER -- when it was over\n"
	")",
	"CREATE INDEX extended_info_operation ON extended_info (operation_id)",
	"CREATE TABLE executable ( -- tasks and containers of an execution\n"
	"  executable_id INTEGER PRIMARY KEY, -- key\n"
	"  execution_id INTEGER NOT NULL REFERENCES operation, -- the execution\n"
	"  source_id INTEGER NOT NULL, -- name, GUID and path: row of source\n"
	"  UNIQUE (execution_id, source_id)\n"
	")",
	"CREATE TABLE executable_statistics ( -- runs of executables\n"
	"  statistics_id INTEGER PRIMARY KEY, -- key\n"
	"  execution_id INTEGER NOT NULL REFERENCES operation, -- the execution\n"
	"  executable_id INTEGER NOT NULL, -- row of executable\n"
	"  execution_path TEXT, -- iterations included\n"
	"  start_time INTEGER, -- enters pre-execute\n"
	"  end_time INTEGER, -- leaves post-execute\n"
	"  duration_ms INTEGER, -- by a monotonic clock\n"
	"  result INTEGER, -- 0-3 of the contract\n"
	"  value TEXT -- sql_variant of ExecutionValue\n"
	")",
	"CREATE INDEX executable_statistics_execution ON executable_statistics (execution_id)",
	"CREATE TABLE component_phase ( -- phases of data flow components\n"
	"  phase_id INTEGER PRIMARY KEY, -- key\n"
	"  execution_id INTEGER NOT NULL REFERENCES operation, -- the execution\n"
	"  source_id INTEGER NOT NULL, -- package, task and component: row of source\n"
	"  phase TEXT, -- Validate, PreExecute, ...\n"
	"  start_time INTEGER, -- when it began\n"
	"  end_time INTEGER, -- when it was over\n"
	"  execution_path TEXT -- iterations included\n"
	")",
	"CREATE INDEX component_phase_execution ON component_phase (execution_id)",
	"CREATE TABLE data_statistics ( -- rows handed over on data flow paths\n"
	"  data_stats_id INTEGER PRIMARY KEY, -- key\n"
	"  execution_id INTEGER NOT NULL REFERENCES operation, -- the execution\n"
	"  source_id INTEGER NOT NULL, -- package and task: row of source\n"
	"  path_id TEXT, -- Paths[...]\n"
	"  path_name TEXT, -- name of the path\n"
	"  source_component TEXT, -- where rows come from\n"
	"  dest_component TEXT, -- where rows go\n"
	"  rows_sent INTEGER, -- in this buffer\n"
	"  created_time INTEGER, -- when\n"
	"  execution_path TEXT -- iterations included\n"
	")",
	"CREATE INDEX data_statistics_execution ON data_statistics (execution_id)",
	"CREATE TABLE validation ( -- what a validation was asked to look at\n"
	"  validation_id INTEGER PRIMARY KEY REFERENCES operation, -- the operation\n"
	"  environment_scope TEXT NOT NULL, -- A all, S one, D none\n"
	"  validate_type TEXT NOT NULL, -- F full\n"
	"  project_lsn INTEGER NOT NULL, -- its version\n"
	"  use32bitruntime INTEGER NOT NULL DEFAULT 0, -- asked for, of no effect here\n"
	"  reference_id INTEGER, -- for scope S\n"
	"  dump_id TEXT -- set when a dump was fetched\n"
	")",

	/* --- machines --- */
	"CREATE TABLE worker ( -- registered Scale Out workers\n"
	"  worker_id TEXT PRIMARY KEY, -- WorkerAgentId\n"
	"  name TEXT NOT NULL UNIQUE COLLATE TSQL, -- DisplayName\n"
	"  description TEXT NOT NULL DEFAULT '', -- free text\n"
	"  tags TEXT NOT NULL DEFAULT '', -- free text\n"
	"  host TEXT NOT NULL, -- address for SSH\n"
	"  port INTEGER NOT NULL DEFAULT 22, -- of sshd\n"
	"  user_name TEXT NOT NULL DEFAULT '', -- account; '' = the master's\n"
	"  identity TEXT NOT NULL DEFAULT '', -- private key file; '' = ssh-agent only\n"
	"  host_keys TEXT NOT NULL DEFAULT '', -- accepted keys, one OpenSSH line each\n"
	"  program TEXT NOT NULL DEFAULT '', -- scaleout-worker on the machine; '' = search\n"
	"  spool TEXT NOT NULL DEFAULT '', -- spool folder on the machine; '' = default\n"
	"  slots INTEGER NOT NULL DEFAULT 10, -- executions at once\n"
	"  enabled INTEGER NOT NULL DEFAULT 0, -- gets work\n"
	"  blocked INTEGER NOT NULL DEFAULT 0, -- its host key changed\n"
	"  block_reason TEXT NOT NULL DEFAULT '', -- both fingerprints\n"
	"  online INTEGER NOT NULL DEFAULT 0, -- the master is connected to it\n"
	"  machine_name TEXT, -- from HELLO\n"
	"  user_account TEXT, -- from HELLO\n"
	"  version TEXT, -- of scaleout-worker, from HELLO\n"
	"  os TEXT, -- from HELLO\n"
	"  cpu_count INTEGER, -- from HELLO\n"
	"  memory_kb INTEGER, -- from HELLO\n"
	"  running INTEGER NOT NULL DEFAULT 0, -- tasks\n"
	"  last_online_time INTEGER, -- heartbeat\n"
	"  last_error TEXT NOT NULL DEFAULT '', -- why it is offline\n"
	"  created_time INTEGER NOT NULL -- when it was registered\n"
	")",

	/* --- what a new catalog holds --- */
	"INSERT INTO meta VALUES (1, new_guid(), 0, now_ticks())",
	"INSERT INTO principal (principal_id, name, kind, is_fixed, created_time) VALUES\n"
	"  (0, 'public', 'R', 1, now_ticks()), (1, 'dbo', 'U', 1, now_ticks()),\n"
	"  (5, 'ssis_admin', 'R', 1, now_ticks()), (6, 'ssis_logreader', 'R', 1, now_ticks()),\n"
	"  (7, 'ssis_cluster_executor', 'R', 1, now_ticks()),\n"
	"  (8, 'ssis_cluster_worker', 'R', 1, now_ticks()), (9, 'db_owner', 'R', 1, now_ticks())",
	"INSERT INTO property VALUES\n"
	"  ('DEFAULT_EXECUTION_MODE', '0'), ('ENCRYPTION_ALGORITHM', 'AES_256'),\n"
	"  ('IS_SCALEOUT_ENABLED', 'True'), ('MAX_PROJECT_VERSIONS', '10'),\n"
	"  ('OPERATION_CLEANUP_ENABLED', 'TRUE'), ('RETENTION_WINDOW', '365'),\n"
	"  ('SCHEMA_BUILD', '16.0.0.0'), ('SCHEMA_VERSION', '9'), ('SERVER_LOGGING_LEVEL', '1'),\n"
	"  ('SERVER_OPERATION_ENCRYPTION_LEVEL', '2'), ('VALIDATION_TIMEOUT', '300'),\n"
	"  ('VERSION_CLEANUP_ENABLED', 'TRUE')",
	"INSERT INTO status_count VALUES (1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (6, 0), (7, 0), (8, 0), (9, 0)",
	NULL
};

static const char *const version_2[] = {
	"CREATE TABLE key_check ( -- one row: tells whether a key belongs to this file\n"
	"  id INTEGER PRIMARY KEY CHECK (id = 1), -- always 1\n"
	"  sealed BLOB NOT NULL -- a known text under the catalog key\n"
	")",
	NULL
};

/* A plain user sees only the operations it called: each order and filter of the reports by that user's own index. */
static const char *const version_3[] = {
	"CREATE INDEX operation_caller_start ON operation (caller_name, start_time)",
	"CREATE INDEX operation_caller_status ON operation (caller_name, status)",
	"CREATE INDEX operation_caller_project ON operation (caller_name, folder_name, project_name, package_name)",
	NULL
};

static const char *const version_4[] = {
	"CREATE TABLE version_secret ( -- sensitive values that were taken out of a project file\n"
	"  version_lsn INTEGER NOT NULL REFERENCES project_version ON DELETE CASCADE, -- whose file\n"
	"  package TEXT NOT NULL COLLATE TSQL, -- package, empty for the project's own\n"
	"  name TEXT NOT NULL COLLATE TSQL, -- of the parameter, or CM.manager.property\n"
	"  sealed BLOB NOT NULL, -- the value's text, encrypted\n"
	"  PRIMARY KEY (version_lsn, package, name)\n"
	")",
	NULL
};

static const char *const version_5[] = {
	"CREATE TABLE validation_value ( -- values of single packages for the validation of their project\n"
	"  validation_id INTEGER NOT NULL REFERENCES operation, -- the validation\n"
	"  package TEXT NOT NULL COLLATE TSQL, -- the package\n"
	"  name TEXT NOT NULL COLLATE TSQL, -- its parameter\n"
	"  data_type TEXT NOT NULL, -- SSIS name\n"
	"  value TEXT, -- NULL when sensitive\n"
	"  sealed BLOB, -- the same, sensitive\n"
	"  sensitive INTEGER NOT NULL, -- the value is sealed\n"
	"  PRIMARY KEY (validation_id, package, name)\n"
	")",
	"CREATE TABLE performance_counter ( -- counters of running executions that are not 0\n"
	"  execution_id INTEGER NOT NULL REFERENCES operation, -- the execution\n"
	"  name TEXT NOT NULL, -- 'Rows read' ...\n"
	"  value INTEGER NOT NULL, -- as the runtime last reported it\n"
	"  PRIMARY KEY (execution_id, name)\n"
	") WITHOUT ROWID",
	"CREATE TABLE dump_request ( -- dumps of running executions that somebody asked for\n"
	"  execution_id INTEGER PRIMARY KEY REFERENCES operation, -- the execution\n"
	"  requested_time INTEGER NOT NULL, -- when\n"
	"  requested_by TEXT NOT NULL, -- login\n"
	"  state INTEGER NOT NULL DEFAULT 0 -- 0 asked for, 1 written on the worker, 2 fetched\n"
	")",
	NULL
};

/* Until now the account root was enough to serve as root; workers registered so keep that. */
static const char *const version_6[] = {
	"CREATE TABLE worker_setting ( -- how a worker is reached and serves, beside its row in worker\n"
	"  worker_id TEXT PRIMARY KEY REFERENCES worker ON DELETE CASCADE, -- whose\n"
	"  jump_hosts TEXT NOT NULL DEFAULT '', -- hops on the way, first one first: [user@]host:port type base64 [identity]\n"
	"  allow_root INTEGER NOT NULL DEFAULT 0, -- may serve as root\n"
	"  cgroup INTEGER NOT NULL DEFAULT 0, -- each task in a control group of its own\n"
	"  memory_max_mb INTEGER NOT NULL DEFAULT 0, -- of a task's group, 0 = no limit\n"
	"  cpu_max INTEGER NOT NULL DEFAULT 0 -- percent of one CPU for a task's group, 0 = no limit\n"
	")",
	"INSERT INTO worker_setting (worker_id, allow_root) SELECT worker_id, user_name IN ('', 'root') FROM worker",
	NULL
};

/*
 * The queue in lanes: a lane is what asks for the same, so the master needs to look only at the head of each. The
 * lane of an execution is found whenever it enters the queue or changes its wishes there, by whichever way.
 */
#define LANE_COLUMNS "(folder_id, priority, scale_out, any_worker, tags, workers)"
#define LANE_KEY \
	"SELECT r.folder_id, r.priority, e.scale_out, e.any_worker OR NOT e.scale_out, r.tags," \
	" CASE WHEN e.scale_out AND NOT e.any_worker THEN coalesce((SELECT group_concat(w.worker_id)" \
	" FROM execution_worker w WHERE w.execution_id = e.execution_id), '') ELSE '' END" \
	" FROM execution e JOIN execution_request r ON r.execution_id = e.execution_id" \
	" WHERE e.execution_id = new.execution_id"
#define LANE_REQUEST \
	"  INSERT OR IGNORE INTO execution_request (execution_id) VALUES (new.execution_id);\n" \
	"  UPDATE execution_request SET queued_time = coalesce(queued_time, now_ticks())," \
	" folder_id = coalesce((SELECT f.folder_id FROM operation o JOIN folder f ON f.name = o.folder_name" \
	" WHERE o.operation_id = new.execution_id), 0) WHERE execution_id = new.execution_id;\n"
#define LANE_FIND \
	"  INSERT OR IGNORE INTO queue_lane " LANE_COLUMNS " " LANE_KEY ";\n" \
	"  UPDATE execution_request SET lane_id = (SELECT lane_id FROM queue_lane WHERE " LANE_COLUMNS \
	" = (" LANE_KEY ")) WHERE execution_id = new.execution_id;\n"

static const char *const version_7[] = {
	"CREATE TABLE queue_lane ( -- kinds of waiting executions: a folder's, of one priority, for the same workers\n"
	"  lane_id INTEGER PRIMARY KEY, -- key; rows nothing waits in go when a master takes over\n"
	"  folder_id INTEGER NOT NULL, -- whose share of the slots it is; 0 = its folder has gone\n"
	"  priority INTEGER NOT NULL, -- higher ones first\n"
	"  scale_out INTEGER NOT NULL, -- 1 = workers, 0 = the built-in local worker\n"
	"  any_worker INTEGER NOT NULL, -- 0 = only the listed workers\n"
	"  tags TEXT NOT NULL, -- words a worker must have, sorted, comma between\n"
	"  workers TEXT NOT NULL, -- ids of the listed workers, comma between\n"
	"  UNIQUE (folder_id, priority, scale_out, any_worker, tags, workers)\n"
	")",
	"CREATE TABLE execution_request ( -- what an execution asks of the queue, and its place there\n"
	"  execution_id INTEGER PRIMARY KEY REFERENCES execution ON DELETE CASCADE, -- the execution\n"
	"  priority INTEGER NOT NULL DEFAULT 0, -- higher ones first\n"
	"  tags TEXT NOT NULL DEFAULT '', -- words a worker must have, sorted, comma between\n"
	"  time_limit_s INTEGER NOT NULL DEFAULT 0, -- of each try; 0 = none\n"
	"  retry_delay_s INTEGER NOT NULL DEFAULT 0, -- at least, before a further try; 0 = a moment\n"
	"  folder_id INTEGER NOT NULL DEFAULT 0, -- whose share of the slots it is; 0 = its folder has gone\n"
	"  queued_time INTEGER, -- when it entered the queue first\n"
	"  lane_id INTEGER -- where it waits; NULL = it does not\n"
	")",
	"CREATE INDEX execution_request_lane ON execution_request (lane_id, execution_id) WHERE lane_id IS NOT NULL",
	"CREATE INDEX execution_delayed ON execution (not_before) WHERE queued = 1 AND not_before > 0",
	"CREATE TABLE queue_state ( -- one row: whether the queue gives out work\n"
	"  id INTEGER PRIMARY KEY CHECK (id = 1), -- always 1\n"
	"  paused INTEGER NOT NULL, -- 1 = nothing new is given to workers\n"
	"  reason TEXT NOT NULL, -- in the words of who paused it\n"
	"  changed_by TEXT, -- who paused or resumed it last\n"
	"  changed_time INTEGER -- when\n"
	")",
	"INSERT INTO queue_state VALUES (1, 0, '', NULL, NULL)",
	"CREATE TABLE worker_load ( -- how busy workers are, as they said last\n"
	"  worker_id TEXT PRIMARY KEY REFERENCES worker ON DELETE CASCADE, -- the worker\n"
	"  cpu_percent INTEGER, -- of all processors together, over the last seconds\n"
	"  memory_free_kb INTEGER, -- available without swapping\n"
	"  reported_time INTEGER NOT NULL -- when\n"
	")",
	"CREATE TRIGGER execution_queued AFTER UPDATE OF queued ON execution WHEN new.queued = 1 BEGIN\n"
	LANE_REQUEST LANE_FIND "END",
	"CREATE TRIGGER execution_queued_insert AFTER INSERT ON execution WHEN new.queued = 1 BEGIN\n"
	LANE_REQUEST LANE_FIND "END",
	"CREATE TRIGGER execution_unqueued AFTER UPDATE OF queued ON execution WHEN new.queued = 0 BEGIN\n"
	"  UPDATE execution_request SET lane_id = NULL WHERE execution_id = new.execution_id;\n"
	"END",
	"CREATE TRIGGER execution_request_changed AFTER UPDATE OF priority, tags ON execution_request\n"
	"WHEN new.lane_id IS NOT NULL BEGIN\n" LANE_FIND "END",
	"UPDATE execution SET queued = 1 WHERE queued = 1",
	NULL
};

/*
 * Every order and every single filter of the reports pages by an index that ends in the key; each also
 * behind caller_name, for those who see only their own. There are no statistics (they would be of skewed
 * data), so of two indexes that suit equally SQLite takes the younger one: the most selective come last.
 */
static const char *const version_8[] = {
	"DROP INDEX operation_package",
	"DROP INDEX operation_caller_project",
	"DROP INDEX message_error",
	"CREATE INDEX operation_end ON operation (end_time)",
	"CREATE INDEX operation_object ON operation (object_id)",
	"CREATE INDEX operation_project_name ON operation (project_name) WHERE project_name IS NOT NULL",
	"CREATE INDEX operation_package ON operation (package_name) WHERE package_name IS NOT NULL",
	"CREATE INDEX operation_caller_created ON operation (caller_name, created_time)",
	"CREATE INDEX operation_caller_end ON operation (caller_name, end_time)",
	"CREATE INDEX operation_caller_object ON operation (caller_name, object_id)",
	"CREATE INDEX operation_caller_folder ON operation (caller_name, folder_name)"
	" WHERE folder_name IS NOT NULL",
	"CREATE INDEX operation_caller_project ON operation (caller_name, project_name)"
	" WHERE project_name IS NOT NULL",
	"CREATE INDEX operation_caller_package ON operation (caller_name, package_name)"
	" WHERE package_name IS NOT NULL",
	"CREATE INDEX message_operation_time ON message (operation_id, message_time)",
	"CREATE INDEX message_operation_type ON message (operation_id, message_type)",
	NULL
};

/*
 * Who started an execution stands where its other names are, so that it pages like them. Messages are found by event and package
 * through operation_event: a row for each pair that an operation has, kept by who stores them (events.c). An index on messages, or a
 * trigger, would cost a quarter of the messages that can be stored in a second.
 */
#define SAME_EVENT "(SELECT min(source_id) FROM source WHERE event_name = new.event_name AND package_name = new.package_name)"

static const char *const version_9[] = {
	"ALTER TABLE operation ADD COLUMN executed_as_name /* executions: who started it */ TEXT COLLATE TSQL",
	"UPDATE operation SET executed_as_name = e.executed_as_name FROM execution e WHERE e.execution_id = operation_id"
	" AND operation_type = 200",
	"ALTER TABLE execution DROP COLUMN executed_as_name",
	"CREATE INDEX operation_executed_as ON operation (executed_as_name) WHERE executed_as_name IS NOT NULL",
	"CREATE INDEX operation_caller_executed_as ON operation (caller_name, executed_as_name)"
	" WHERE executed_as_name IS NOT NULL",
	"ALTER TABLE source ADD COLUMN event_id /* the first source of the same event and package */ INTEGER",
	"CREATE INDEX source_event ON source (event_name, package_name)",
	"UPDATE source SET event_id = (SELECT min(source_id) FROM source s WHERE s.event_name = source.event_name"
	" AND s.package_name = source.package_name)",
	"CREATE TRIGGER source_event_id AFTER INSERT ON source BEGIN\n"
	"  UPDATE source SET event_id = " SAME_EVENT " WHERE source_id = new.source_id;\nEND",
	"CREATE TABLE operation_event ( -- which events of which packages an operation has messages of\n"
	"  operation_id INTEGER NOT NULL, -- the operation\n"
	"  event_id INTEGER NOT NULL, -- event and package: event_id of source\n"
	"  first_message_id INTEGER NOT NULL, -- no such message of the operation has a smaller key\n"
	"  PRIMARY KEY (operation_id, event_id)\n"
	") WITHOUT ROWID",
	"INSERT OR IGNORE INTO operation_event SELECT m.operation_id, s.event_id, m.message_id FROM message m"
	" CROSS JOIN source s ON s.source_id = m.source_id ORDER BY m.message_id",
	NULL
};

static const char *const version_10[] = {
	"CREATE TABLE worker_spool ( -- which spool each worker had when it was connected last\n"
	"  worker_id TEXT PRIMARY KEY, -- the worker; zero GUID for the local one\n"
	"  spool_id TEXT NOT NULL -- made with the spool; another one means that the spool was lost\n"
	") WITHOUT ROWID",
	"ALTER TABLE execution_try ADD COLUMN spool_lost /* open, and its worker's spool is another one now */"
	" INTEGER NOT NULL DEFAULT 0",
	NULL
};

static const char *const version_11[] = {
	"ALTER TABLE worker_load ADD COLUMN held_back /* 'CPU' or 'memory': why the master gives it no work; NULL = it does */"
	" TEXT",
	NULL
};

/* Index = user_version before. */
static const char *const *const migrations[] = { version_1, version_2, version_3, version_4, version_5, version_6,
	version_7, version_8, version_9, version_10, version_11 };

int schema_version(void)
{
	return (int)ARRAY_LEN(migrations);
}

static int sql_fail(sqlite3 *db, struct err *err)
{
	return store_db_fail(db, sqlite3_db_filename(db, "main"), err);
}

static int run(sqlite3 *db, const char *sql, struct err *err)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : sql_fail(db, err);
}

static int read_int(sqlite3 *db, const char *sql, int *ret, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int r = 0;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK ||
	    sqlite3_step(stmt) != SQLITE_ROW)
		r = sql_fail(db, err);
	else
		*ret = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	return r;
}

/* One migration; another process may have done it between our look and our lock. */
static int migrate_step(sqlite3 *db, int from, struct err *err)
{
	char *version = NULL;
	int now = 0;
	int r = run(db, "BEGIN IMMEDIATE", err);

	if (r < 0)
		return r;
	r = read_int(db, "PRAGMA user_version", &now, err);
	if (r < 0 || now != from)
		goto out;
	for (const char *const *sql = migrations[from]; *sql; sql++) {
		r = run(db, *sql, err);
		if (r < 0)
			goto out;
	}
	version = xasprintf("PRAGMA user_version = %d; PRAGMA application_id = %d", from + 1,
	    SCHEMA_APPLICATION_ID);
	r = run(db, version, err);
out:
	free(version);
	if (r == 0)
		r = run(db, "COMMIT", err);
	if (r < 0 && !sqlite3_get_autocommit(db))
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return r;
}

int schema_migrate(sqlite3 *db, struct err *err)
{
	int version, application, tables;
	int r;

	r = read_int(db, "PRAGMA user_version", &version, err);
	if (r == 0)
		r = read_int(db, "PRAGMA application_id", &application, err);
	if (r == 0)
		r = read_int(db, "SELECT count(*) FROM sqlite_master", &tables, err);
	if (r < 0)
		return r;
	if (version == 0 ? tables != 0 : application != SCHEMA_APPLICATION_ID)
		return err_set(err, ERR_INVALID, "not a scaleout catalog");
	if (version > schema_version()) {
		err_set(err, ERR_UNSUPPORTED,
		    "the catalog has schema version %d, this program knows up to %d", version,
		    schema_version());
		err_hint(err, "update scaleout on this machine");
		return -ERR_UNSUPPORTED;
	}
	for (; version < schema_version() && r == 0; version++)
		r = migrate_step(db, version, err);
	return r;
}
