/* SPDX-License-Identifier: MIT */
/* The schema [scaleout]: views of ours that the documented ones have no place for (doc/extensions.md). */
#include "base/mem.h"
#include "catalog/registry.h"
#include "catalog/session.h"

static const struct tsql_view_column workers[] = {
	{ "WorkerAgentId", T_GUID, "key", NULL },
	{ "DisplayName", T_NVARCHAR(256), "name", NULL },
	{ "Description", T_NVARCHAR(256), "free text", NULL },
	{ "Tags", T_TEXT, "free text", NULL },
	{ "Host", T_NVARCHAR(256), "address for SSH", NULL },
	{ "Port", T_INT, "port of sshd", NULL },
	{ "UserName", T_NVARCHAR(256), "account on the machine; empty = the master's", NULL },
	{ "IdentityFile", T_NVARCHAR(4000), "private key file; empty = ssh-agent only", NULL },
	{ "HostKeys", T_TEXT, "accepted host keys, one OpenSSH line each", NULL },
	{ "Fingerprints", T_TEXT, "SHA256 fingerprints of these keys", NULL },
	{ "ProgramPath", T_NVARCHAR(4000), "scaleout-worker on the machine; empty = search", NULL },
	{ "SpoolPath", T_NVARCHAR(4000), "spool folder; empty = default", NULL },
	{ "Slots", T_INT, "executions at once", NULL },
	{ "IsEnabled", T_BIT, "gets work", NULL },
	{ "IsOnline", T_BIT, "the master is connected to it", NULL },
	{ "IsBlocked", T_BIT, "its host key changed", NULL },
	{ "BlockReason", T_TEXT, "both fingerprints", NULL },
	{ "MachineName", T_NVARCHAR(256), "host name, from the worker", NULL },
	{ "UserAccount", T_NVARCHAR(256), "account under which packages run", NULL },
	{ "Version", T_NVARCHAR(64), "of scaleout-worker", NULL },
	{ "OperatingSystem", T_NVARCHAR(256), "of the machine", NULL },
	{ "CpuCount", T_INT, "of the machine", NULL },
	{ "MemoryKb", T_BIGINT, "of the machine", NULL },
	{ "Running", T_INT, "executions now", NULL },
	{ "LastOnlineTime", T_TIME, "last heartbeat", NULL },
	{ "LastError", T_TEXT, "why it is offline", NULL },
	{ "JumpHosts", T_TEXT, "hops on the way, a line each: [user@]host:port type base64 [identity]", NULL },
	{ "AllowRoot", T_BIT, "may serve as root", NULL },
	{ "UseCgroup", T_BIT, "each task in a control group of its own", NULL },
	{ "MemoryMaxMb", T_INT, "memory of a task's group; 0 = no limit", NULL },
	{ "CpuMaxPercent", T_INT, "of one CPU for a task's group; 0 = no limit", NULL },
	{ "State", T_NVARCHAR(16), "blocked, draining, disabled, online or offline", NULL },
	{ "CpuPercent", T_INT, "how busy its processors were when it said so last", NULL },
	{ "MemoryFreeKb", T_BIGINT, "memory available when it said so last", NULL },
	{ "HeldBackBy", T_NVARCHAR(16), "CPU or memory: the master's limit that keeps new work from it", NULL },
};

static const struct tsql_view_column queue[] = {
	{ "execution_id", T_BIGINT, "the execution", NULL },
	{ "attempt", T_INT, "number of the try that waits", NULL },
	{ "priority", T_INT, "higher ones first; 0 = usual", NULL },
	{ "folder_name", T_SYSNAME, "whose share of the slots it takes", NULL },
	{ "project_name", T_SYSNAME, "project", NULL },
	{ "package_name", T_NVARCHAR(260), "package", NULL },
	{ "caller_name", T_SYSNAME, "who created it", NULL },
	{ "tags", T_TEXT, "words its worker must have", NULL },
	{ "time_limit_s", T_INT, "of each try, in seconds; 0 = none", NULL },
	{ "retry_delay_s", T_INT, "before a further try, in seconds", NULL },
	{ "queued_time", T_TIME, "when it was started", NULL },
	{ "not_before", T_TIME, "a retry waits until then", NULL },
	{ "waits_for", T_NVARCHAR(64), "in words", NULL },
};

static const struct tsql_view_column queue_state[] = {
	{ "is_paused", T_BIT, "nothing new is given to workers", NULL },
	{ "reason", T_NVARCHAR(1024), "in the words of who paused it", NULL },
	{ "changed_by", T_SYSNAME, "who paused or resumed it last", NULL },
	{ "changed_time", T_TIME, "when", NULL },
};

static const struct tsql_view_column execution_tries[] = {
	{ "execution_id", T_BIGINT, "the execution", NULL },
	{ "attempt", T_INT, "1, 2, ...", NULL },
	{ "worker_agent_id", T_GUID, "the worker; NULL for the local one", NULL },
	{ "worker_name", T_NVARCHAR(256), "its name then", NULL },
	{ "state", T_NVARCHAR(16), "assigned, running or ended", NULL },
	{ "assigned_time", T_TIME, "when it got the work", NULL },
	{ "start_time", T_TIME, "when it began", NULL },
	{ "end_time", T_TIME, "when it was over", NULL },
	{ "outcome", T_NVARCHAR(16), "succeeded, completed, failed, stopped, lost", NULL },
	{ "exit_code", T_INT, "of the runtime", NULL },
	{ "reason", T_TEXT, "in words", NULL },
	{ "committed_seq", T_BIGINT, "events stored", NULL },
	{ "dump_path", T_NVARCHAR(4000), "dump on the master", NULL },
};

static const struct tsql_view_column execution_counts[] = {
	{ "status", T_INT, "1-9", NULL },
	{ "executions", T_BIGINT, "how many are in it", NULL },
};

static const struct tsql_view_column execution_errors[] = {
	{ "execution_id", T_BIGINT, "the execution", NULL },
	{ "event_message_id", T_BIGINT, "its first error", NULL },
	{ "errors", T_BIGINT, "how many errors it has", NULL },
	{ "message_time", T_TIME, "when", NULL },
	{ "package_name", T_NVARCHAR(260), "package", NULL },
	{ "message_source_name", T_NVARCHAR(4000), "task", NULL },
	{ "execution_path", T_TEXT, "place with iterations", NULL },
	{ "message_code", T_INT, "code of the message", NULL },
	{ "message", T_TEXT, "text", NULL },
};

static const struct tsql_view_column execution_names[] = {
	{ "column_name", T_SYSNAME, "folder_name, project_name or package_name", NULL },
	{ "name", T_NVARCHAR(260), "a name in that column of catalog.executions or validations, once", NULL },
};

/* The different names of a column, each found behind the one before it in an index: of all rows, or the login's own. */
#define NAME_WALK(column, when, rows) \
	"SELECT '" column "', v FROM (WITH RECURSIVE n(v) AS (SELECT (SELECT " column " FROM operation WHERE " rows \
	" " column " IS NOT NULL ORDER BY " column " LIMIT 1) WHERE " when " UNION ALL SELECT (SELECT " column \
	" FROM operation WHERE " rows " " column " > n.v ORDER BY " column " LIMIT 1) FROM n WHERE n.v IS NOT NULL)" \
	" SELECT v FROM n WHERE v IS NOT NULL)"
/* Of operations that the login did not call, but was granted. */
#define NAMES_GRANTED(column) \
	"SELECT '" column "', " column " FROM operation WHERE NOT so_logreader() AND " column " IS NOT NULL AND" \
	" operation_id IN (" SQL_HAS("4", "1", "0") " EXCEPT " SQL_HAS("4", "1", "1") ")"
#define NAMES(column) \
	NAME_WALK(column, "so_logreader()", "") " UNION " \
	NAME_WALK(column, "NOT so_logreader()", "caller_name = so_login() AND") " UNION " NAMES_GRANTED(column)

#define SAME_ERRORS "FROM message x WHERE x.operation_id = m.operation_id AND x.message_type = 120"
#define SOURCE(column) "(SELECT nullif(s." column ", '') FROM source s WHERE s.source_id = m.source_id)"

/* Those that could take the execution e if they had a slot. */
#define ALLOWED_WORKERS \
	"SELECT 1 FROM worker w WHERE w.enabled AND w.online AND NOT w.blocked" \
	" AND (e.any_worker OR EXISTS (SELECT 1 FROM execution_worker x WHERE x.execution_id = e.execution_id" \
	" AND x.worker_id = w.worker_id))"

static const struct tsql_view views[] = {
	VIEW_IN("scaleout", "workers", workers,
	    "SELECT worker_id, name, description, tags, host, port, user_name, identity, host_keys,"
	    " so_fingerprints(host_keys), program, spool, slots, enabled, online, blocked,"
	    " block_reason, machine_name, user_account, version, os, cpu_count, memory_kb, running,"
	    " last_online_time, last_error, ifnull(s.jump_hosts, ''), ifnull(s.allow_root, 0),"
	    " ifnull(s.cgroup, 0), ifnull(s.memory_max_mb, 0), ifnull(s.cpu_max, 0),"
	    " CASE WHEN blocked THEN 'blocked' WHEN enabled THEN CASE WHEN online THEN 'online' ELSE 'offline' END"
	    "  WHEN EXISTS (SELECT 1 FROM execution_try t WHERE t.worker_id = worker.worker_id"
	    "  AND t.end_time IS NULL) THEN 'draining' ELSE 'disabled' END,"
	    " CASE WHEN online THEN l.cpu_percent END, CASE WHEN online THEN l.memory_free_kb END,"
	    " CASE WHEN online THEN l.held_back END"
	    " FROM worker LEFT JOIN worker_setting s USING (worker_id)"
	    " LEFT JOIN worker_load l USING (worker_id) WHERE so_executor()"),
	/* What waits, and for what: the reason is told from the farthest away to the nearest. */
	VIEW_IN("scaleout", "queue", queue,
	    "SELECT r.execution_id, e.next_attempt, r.priority, o.folder_name, o.project_name, o.package_name,"
	    " o.caller_name, r.tags, r.time_limit_s, r.retry_delay_s, r.queued_time, nullif(e.not_before, 0),"
	    " CASE WHEN (SELECT paused FROM queue_state) THEN 'the queue is paused'"
	    "  WHEN e.not_before > now_ticks() THEN 'its time'"
	    "  WHEN e.scale_out AND NOT EXISTS (" ALLOWED_WORKERS ") THEN 'an allowed worker that is enabled and online'"
	    "  WHEN e.scale_out AND NOT EXISTS (" ALLOWED_WORKERS " AND NOT EXISTS (SELECT 1 FROM worker_load l"
	    "   WHERE l.worker_id = w.worker_id AND l.held_back IS NOT NULL)) THEN 'a worker with CPU and memory to spare'"
	    "  WHEN r.tags <> '' THEN 'a free slot of a worker with its tags' ELSE 'a free slot' END"
	    " FROM execution_request r JOIN execution e ON e.execution_id = r.execution_id"
	    " JOIN operation o ON o.operation_id = r.execution_id"
	    " WHERE r.lane_id IS NOT NULL AND " SQL_SEE_OPERATION("o")),
	VIEW_IN("scaleout", "queue_state", queue_state,
	    "SELECT paused, reason, changed_by, changed_time FROM queue_state"),
	VIEW_IN("scaleout", "execution_tries", execution_tries,
	    "SELECT t.execution_id, t.attempt,"
	    " nullif(t.worker_id, '00000000-0000-0000-0000-000000000000'), t.worker_name,"
	    " CASE WHEN t.end_time IS NOT NULL THEN 'ended' WHEN t.start_time IS NULL THEN 'assigned'"
	    "  ELSE 'running' END, t.assigned_time, t.start_time, t.end_time,"
	    " CASE t.outcome WHEN 0 THEN 'succeeded' WHEN 1 THEN 'completed' WHEN 2 THEN 'failed'"
	    "  WHEN 3 THEN 'stopped' WHEN 4 THEN 'lost' END, t.exit_code, t.reason, t.committed_seq,"
	    " t.dump_path FROM execution_try t WHERE " SQL_SEE_OPERATION_ID("t.execution_id")),
	/* Counts of all executions for those who see all; a user's own are counted. */
	VIEW_IN("scaleout", "execution_counts", execution_counts,
	    "SELECT s.status, CASE WHEN so_logreader() THEN s.executions ELSE (SELECT count(*)"
	    " FROM operation o WHERE o.operation_id IN " SQL_OWN_OPERATIONS
	    " AND +o.status = s.status AND o.operation_type = 200) END FROM status_count s"),
	/* To know at once that no execution has a name like that, however many executions there are. */
	VIEW_IN("scaleout", "execution_names", execution_names,
	    NAMES("folder_name") " UNION " NAMES("project_name") " UNION " NAMES("package_name")),
	/* One table, so that SQLite can flatten it even behind a LEFT JOIN. */
	VIEW_IN("scaleout", "execution_errors", execution_errors,
	    "SELECT m.operation_id, m.message_id, (SELECT count(*) " SAME_ERRORS "), m.message_time,"
	    " " SOURCE("package_name") ", " SOURCE("name") ","
	    " coalesce(m.execution_path, " SOURCE("package_path") "), m.message_code, m.message"
	    " FROM message m WHERE m.message_type = 120"
	    " AND m.message_id = (SELECT min(x.message_id) " SAME_ERRORS ")"
	    " AND EXISTS (SELECT 1 FROM operation o WHERE o.operation_id = m.operation_id"
	    " AND o.operation_type >= 200 AND " SQL_SEE_OPERATION("o") ")"),
};

const struct view_family views_scaleout = { views, ARRAY_LEN(views) };
