# Sample projects: sources here, packed into .ispac by samples/pack.
SAMPLES = samples/DailyReport.ispac samples/Flaky.ispac samples/LogCare.ispac samples/project1.ispac
samplesdir = $(pkgdatadir)/samples
nodist_samples_DATA = $(SAMPLES)
dist_samples_DATA = samples/README
CLEANFILES += $(SAMPLES)
SAMPLE_PARTS = \
	samples/DailyReport/@Project.manifest samples/DailyReport/Project.params \
	samples/DailyReport/Report.dtsx \
	samples/Flaky/@Project.manifest samples/Flaky/Project.params \
	samples/Flaky/DoNothing.dtsx samples/Flaky/Flaky.dtsx samples/Flaky/Sleep.dtsx \
	samples/LogCare/@Project.manifest samples/LogCare/Project.params samples/LogCare/LogCare.dtsx \
	samples/project1/@Project.manifest samples/project1/Project.params \
	samples/project1/package1.dtsx samples/project1/package2.dtsx
EXTRA_DIST += samples/pack $(SAMPLE_PARTS)

# All are packed again when any source changed: it takes no time, and no list can go stale.
$(SAMPLES): samples/pack $(SAMPLE_PARTS)
	$(AM_V_GEN)$(MKDIR_P) samples && name=$$(basename $@ .ispac) && \
	$(srcdir)/samples/pack "$(srcdir)/samples/$$name" $@
