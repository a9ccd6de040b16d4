# src/base: strings, errors, clock, uuid, log, files. Uses libc only.
noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	src/base/account.c src/base/account.h \
	src/base/arena.c src/base/arena.h \
	src/base/banned.h \
	src/base/buf.c src/base/buf.h \
	src/base/clock.c src/base/clock.h \
	src/base/err.c src/base/err.h \
	src/base/file.c src/base/file.h \
	src/base/heap.c src/base/heap.h \
	src/base/log.c src/base/log.h \
	src/base/mem.c src/base/mem.h \
	src/base/path.c src/base/path.h \
	src/base/service.c src/base/service.h \
	src/base/utf8.c src/base/utf8.h \
	src/base/uuid.c src/base/uuid.h
