# src/cli: sub-commands of scaleout. Sees the catalog as a T-SQL client.
noinst_LIBRARIES += libcli.a
libcli_a_SOURCES = \
	src/cli/args.c src/cli/args.h \
	src/cli/backup.c \
	src/cli/command.c src/cli/command.h \
	src/cli/commands.h \
	src/cli/conf.c \
	src/cli/deploy.c \
	src/cli/dumps.c \
	src/cli/executions.c \
	src/cli/init.c \
	src/cli/mdoc.c \
	src/cli/path.c src/cli/path.h \
	src/cli/queue.c src/cli/queue.h \
	src/cli/run.c \
	src/cli/secret.c src/cli/secret.h \
	src/cli/sql.c \
	src/cli/sql_complete.c src/cli/sql_complete.h \
	src/cli/sql_host.c src/cli/sql_host.h \
	src/cli/sql_pager.c src/cli/sql_pager.h \
	src/cli/sql_prompt.c src/cli/sql_prompt.h \
	src/cli/sql_signals.c src/cli/sql_signals.h \
	src/cli/sql_spawn.c src/cli/sql_spawn.h \
	src/cli/sql_unicode.c src/cli/sql_unicode.h \
	src/cli/sqlcmd_commands.c \
	src/cli/sqlcmd_print.c src/cli/sqlcmd_print.h \
	src/cli/sqlcmd_script.c src/cli/sqlcmd_script.h \
	src/cli/sqlcmd_vars.c src/cli/sqlcmd_vars.h \
	src/cli/status.c \
	src/cli/table.c src/cli/table.h \
	src/cli/validate.c \
	src/cli/watch.c src/cli/watch.h \
	src/cli/remote.h \
	src/cli/worker.c src/cli/worker.h \
	src/cli/worker_add.c \
	src/cli/worker_check.c src/cli/worker_check.h \
	src/cli/worker_check_tests.c \
	src/cli/worker_reach.c \
	src/cli/worker_trust.c \
	src/cli/worker_upgrade.c
