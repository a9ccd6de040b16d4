# src/runtime: running one package. Uses base and package only; no SQLite, no curses.
noinst_LIBRARIES += libruntime.a
libruntime_a_SOURCES = \
	src/runtime/connection.c \
	src/runtime/container.c \
	src/runtime/date.c src/runtime/date.h \
	src/runtime/decimal.c src/runtime/decimal.h \
	src/runtime/dtexec.c src/runtime/dtexec.h \
	src/runtime/core_file.c src/runtime/core_file.h \
	src/runtime/dump.c \
	src/runtime/engine.h \
	src/runtime/enumerate.c src/runtime/enumerate.h \
	src/runtime/event_log.c \
	src/runtime/expr.h src/runtime/expr_node.h \
	src/runtime/expr_eval.c \
	src/runtime/expr_functions.c \
	src/runtime/expr_lexer.c \
	src/runtime/expr_ops.c \
	src/runtime/expr_parser.c \
	src/runtime/fault.c src/runtime/fault.h \
	src/runtime/file_ops.c src/runtime/file_ops.h \
	src/runtime/functions_date.c \
	src/runtime/functions_number.c \
	src/runtime/functions_text.c \
	src/runtime/load.c \
	src/runtime/loop.c \
	src/runtime/loop_for.c \
	src/runtime/loop_foreach.c \
	src/runtime/needs.c \
	src/runtime/override.c \
	src/runtime/property.c \
	src/runtime/raise.c \
	src/runtime/run.c src/runtime/run.h \
	src/runtime/spawn.c src/runtime/spawn.h \
	src/runtime/system_variables.c \
	src/runtime/task_expression.c \
	src/runtime/task_file_system.c \
	src/runtime/task_mode.c src/runtime/task_mode.h \
	src/runtime/task_package.c \
	src/runtime/task_process.c \
	src/runtime/unit.c \
	src/runtime/value.c src/runtime/value.h \
	src/runtime/value_cast.c \
	src/runtime/variables.c \
	src/runtime/winpath.c
