# src/runtime: running one package. Uses base and package only; no SQLite, no curses.
noinst_LIBRARIES += libruntime.a
libruntime_a_SOURCES = \
	src/runtime/date.c src/runtime/date.h \
	src/runtime/decimal.c src/runtime/decimal.h \
	src/runtime/expr.h src/runtime/expr_node.h \
	src/runtime/expr_eval.c \
	src/runtime/expr_functions.c \
	src/runtime/expr_lexer.c \
	src/runtime/expr_ops.c \
	src/runtime/expr_parser.c \
	src/runtime/fault.c src/runtime/fault.h \
	src/runtime/run.h \
	src/runtime/value.c src/runtime/value.h \
	src/runtime/value_cast.c
