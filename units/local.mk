# systemd units, with the path of the installed master. The user's unit has the same name in its own folder.
systemunitdir = $(prefix)/lib/systemd/system
userunitdir = $(prefix)/lib/systemd/user
systemunit_DATA = units/system/scaleoutd.service
userunit_DATA = units/user/scaleoutd.service
EXTRA_DIST += units/scaleoutd.service.in units/scaleoutd-user.service.in
CLEANFILES += $(systemunit_DATA) $(userunit_DATA)
UNIT = $(AM_V_GEN)$(MKDIR_P) $(@D) && sed 's|@scaleoutd[@]|$(bindir)/scaleoutd|' $< >$@.tmp && mv $@.tmp $@
units/system/scaleoutd.service: units/scaleoutd.service.in Makefile
	$(UNIT)
units/user/scaleoutd.service: units/scaleoutd-user.service.in Makefile
	$(UNIT)
