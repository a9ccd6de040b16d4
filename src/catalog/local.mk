# src/catalog: SSISDB over SQLite. Uses base, tsql, package, SQLite and libcrypto.
noinst_LIBRARIES += libcatalog.a
libcatalog_a_SOURCES = \
	src/catalog/catalog.h \
	src/catalog/cell.c src/catalog/cell.h \
	src/catalog/content.c src/catalog/content.h \
	src/catalog/datatype.c src/catalog/datatype.h \
	src/catalog/events.c src/catalog/events.h \
	src/catalog/places.h \
	src/catalog/queue.c src/catalog/queue.h \
	src/catalog/queue_task.c \
	src/catalog/queue_workers.c \
	src/catalog/schema.c src/catalog/schema.h \
	src/catalog/secrets.c src/catalog/secrets.h \
	src/catalog/store.c src/catalog/store.h
