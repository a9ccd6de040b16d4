# src/cli: sub-commands of scaleout. Sees the catalog as a T-SQL client.
noinst_LIBRARIES += libcli.a
libcli_a_SOURCES = \
	src/cli/args.c src/cli/args.h \
	src/cli/command.c src/cli/command.h \
	src/cli/commands.h \
	src/cli/deploy.c \
	src/cli/executions.c \
	src/cli/init.c \
	src/cli/mdoc.c \
	src/cli/run.c \
	src/cli/sql.c \
	src/cli/sqlcmd.c src/cli/sqlcmd.h \
	src/cli/status.c \
	src/cli/watch.c src/cli/watch.h \
	src/cli/worker.c
