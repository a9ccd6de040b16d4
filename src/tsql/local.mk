# src/tsql: the T-SQL language over SQLite. Uses base and SQLite only.
noinst_LIBRARIES += libtsql.a
libtsql_a_SOURCES = \
	src/tsql/client.h \
	src/tsql/datetime.c src/tsql/datetime.h \
	src/tsql/decimal.c src/tsql/decimal.h \
	src/tsql/server.h \
	src/tsql/split.c src/tsql/split.h \
	src/tsql/sqlerr.c src/tsql/sqlerr.h \
	src/tsql/sqlite_ext.c src/tsql/sqlite_ext.h \
	src/tsql/store.h \
	src/tsql/types.h \
	src/tsql/value.c src/tsql/value.h \
	src/tsql/value_convert.c \
	src/tsql/value_format.c \
	src/tsql/value_store.c
