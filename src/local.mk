# The programs: main_*.c is the only place that sees all rooms.

bin_PROGRAMS += scaleout-worker
scaleout_worker_SOURCES = src/main_worker.c
scaleout_worker_LDFLAGS = $(AM_LDFLAGS) $(WORKER_LDFLAGS)
scaleout_worker_LDADD = libexec_worker.a libexec_protocol.a libruntime.a $(PACKAGE_LIBS) $(MD_LIBS) -lm
bin_PROGRAMS += scaleout-dtexec
scaleout_dtexec_SOURCES = src/main_dtexec.c
scaleout_dtexec_LDADD = libruntime.a $(PACKAGE_LIBS) -lm

bin_PROGRAMS += scaleoutd
scaleoutd_SOURCES = src/main_scaleoutd.c
scaleoutd_LDADD = libexec_master.a libcatalog.a libtsql.a libpackage_protect.a $(PACKAGE_LIBS) $(TRANSPORT_LIBS) $(SQLITE_LIBS) -lm

bin_PROGRAMS += scaleout
scaleout_SOURCES = src/main_scaleout.c src/main_remote.c src/main_remote.h
scaleout_LDFLAGS = $(AM_LDFLAGS) $(TUI_WRAP)
scaleout_LDADD = libcli.a $(TUI_LINK) libcatalog.a libtsql.a libpackage_protect.a $(PACKAGE_LIBS) $(TRANSPORT_LIBS) \
	$(SQLITE_LIBS) $(EDIT_LIBS) -lm
