# src/catalog: SSISDB over SQLite. Uses base, tsql, package, SQLite and libcrypto.
noinst_LIBRARIES += libcatalog.a
libcatalog_a_SOURCES = \
	src/catalog/alone.c src/catalog/alone.h \
	src/catalog/backup.c src/catalog/backup.h \
	src/catalog/binding.c src/catalog/binding.h \
	src/catalog/catalog.h \
	src/catalog/cell.c src/catalog/cell.h \
	src/catalog/content.c src/catalog/content.h \
	src/catalog/datatype.c src/catalog/datatype.h \
	src/catalog/deploy.c src/catalog/deploy.h \
	src/catalog/deploy_operation.c src/catalog/deploy_operation.h \
	src/catalog/dictionary.c src/catalog/dictionary.h \
	src/catalog/errors.c src/catalog/errors.h \
	src/catalog/events.c src/catalog/events.h \
	src/catalog/fingerprint.c src/catalog/fingerprint.h \
	src/catalog/maintenance.c src/catalog/maintenance.h \
	src/catalog/operation.c src/catalog/operation.h \
	src/catalog/places.h \
	src/catalog/principals.c \
	src/catalog/proc.c src/catalog/proc.h \
	src/catalog/procs_admin.c \
	src/catalog/procs_dump.c \
	src/catalog/procs_environments.c \
	src/catalog/procs_executions.c \
	src/catalog/procs_folders.c \
	src/catalog/procs_maintenance.c \
	src/catalog/procs_packages.c \
	src/catalog/procs_parameters.c \
	src/catalog/procs_permissions.c \
	src/catalog/procs_projects.c \
	src/catalog/procs_queue.c \
	src/catalog/procs_references.c \
	src/catalog/procs_scaleout.c \
	src/catalog/procs_start.c \
	src/catalog/procs_taps.c \
	src/catalog/procs_validation.c \
	src/catalog/queue.c src/catalog/queue.h \
	src/catalog/queue_impl.h \
	src/catalog/queue_requests.c \
	src/catalog/queue_run.c \
	src/catalog/queue_task.c \
	src/catalog/queue_workers.c \
	src/catalog/registry.c src/catalog/registry.h \
	src/catalog/rekey.c src/catalog/rekey.h \
	src/catalog/replace.c src/catalog/replace.h \
	src/catalog/rights.c \
	src/catalog/schema.c src/catalog/schema.h \
	src/catalog/secrets.c src/catalog/secrets.h \
	src/catalog/session.c src/catalog/session.h \
	src/catalog/store.c src/catalog/store.h \
	src/catalog/typed.c src/catalog/typed.h \
	src/catalog/visibility.c \
	src/catalog/views_admin.c \
	src/catalog/views_objects.c \
	src/catalog/views_operations.c \
	src/catalog/views_scaleout.c \
	src/catalog/views_statistics.c \
	src/catalog/views_sys.c
