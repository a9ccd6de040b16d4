# Benchmarks: run by hand; each prints "figure" and "ratio" lines.
noinst_PROGRAMS += bench/spawn
bench_spawn_SOURCES = bench/spawn.c
bench_spawn_LDADD = libbase.a
EXTRA_DIST += bench/dispatch bench/cold bench/latency bench/lib.sh
# The console on a million executions; needs libvterm.
if HAVE_VTERM
noinst_PROGRAMS += bench/console
bench_console_SOURCES = bench/console.c tests/tui/pty.c tests/tui/pty.h
bench_console_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
bench_console_CFLAGS = $(AM_CFLAGS) $(VTERM_CFLAGS)
bench_console_LDFLAGS = $(AM_LDFLAGS) $(TUI_WRAP)
bench_console_LDADD = $(TUI_LINK) libcatalog.a libtsql.a $(PACKAGE_LIBS) $(SQLITE_LIBS) $(CRYPTO_LIBS) -lm $(VTERM_LIBS) -lutil
endif
noinst_PROGRAMS += bench/runtime
bench_runtime_SOURCES = bench/runtime.c
bench_runtime_LDADD = libbase.a
noinst_PROGRAMS += bench/start
bench_start_SOURCES = bench/start.c
bench_start_LDADD = libexec_protocol.a libbase.a $(CRYPTO_LIBS) $(JANSSON_LIBS)
# The catalog against hand-written SQLite; samples/ gives the packages.
noinst_PROGRAMS += bench/catalog
bench_catalog_SOURCES = bench/catalog.c bench/catalog.h bench/catalog_messages.c bench/catalog_pages.c bench/catalog_read.c \
	bench/catalog_write.c \
	tests/catalog/pages.c tests/catalog/pages.h tests/package/zipper.c tests/package/zipper.h
bench_catalog_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir) -DSO_SAMPLES='"$(abs_top_srcdir)/samples"'
bench_catalog_LDADD = libcatalog.a libpackage.a libtsql.a libbase.a $(SQLITE_LIBS) $(CRYPTO_LIBS) \
	$(EXPAT_LIBS) $(MINIZIP_LIBS) $(ZLIB_LIBS) $(JANSSON_LIBS) -lm
EXTRA_DIST += bench/scale bench/Talk/@Project.manifest bench/Talk/Project.params bench/Talk/Talk.dtsx
