# Manual pages (mdoc). The page of each sub-command, and the options of
# scaleout-dtexec, are written by the programs themselves from their tables,
# so that page and --help cannot differ.
dist_man_MANS += man/scaleout.1 man/scaleoutd.8 man/scaleout-worker.1 man/scaleout.conf.5
COMMAND_PAGES = man/scaleout-console.1 man/scaleout-init.1 man/scaleout-deploy.1 \
	man/scaleout-run.1 man/scaleout-executions.1 man/scaleout-messages.1 man/scaleout-stop.1 \
	man/scaleout-status.1 man/scaleout-sql.1 man/scaleout-worker-add.1 \
	man/scaleout-worker-list.1 man/scaleout-worker-check.1 man/scaleout-worker-trust.1 man/scaleout-worker-enable.1 \
	man/scaleout-worker-disable.1 man/scaleout-worker-drain.1 man/scaleout-queue-list.1 \
	man/scaleout-queue-set.1 man/scaleout-queue-pause.1 man/scaleout-queue-resume.1 man/scaleout-worker-remove.1 man/scaleout-conf.1 man/scaleout-master-start.1 \
	man/scaleout-master-stop.1 man/scaleout-backup.1 man/scaleout-restore.1 man/scaleout-rekey.1 man/scaleout-completion.1
nodist_man_MANS = $(COMMAND_PAGES) man/scaleout-dtexec.1
CLEANFILES += $(nodist_man_MANS)
EXTRA_DIST += man/scaleout-dtexec.1.in man/options.awk
$(COMMAND_PAGES): scaleout$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) man && ./scaleout --mdoc "$$(basename $@ .1 | sed 's/^scaleout-//')" >$@.tmp && mv $@.tmp $@
man/scaleout-dtexec.1: man/scaleout-dtexec.1.in man/options.awk scaleout-dtexec$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) man && ./scaleout-dtexec /Help | $(AWK) -f $(srcdir)/man/options.awk >$@.options && \
	sed -e '/@OPTIONS@/{' -e 'r $@.options' -e 'd' -e '}' $(srcdir)/man/scaleout-dtexec.1.in >$@ && rm -f $@.options
