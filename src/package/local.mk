# src/package: .ispac and .dtsx as documents, and the records rooms exchange.
# libpackage.a needs expat, minizip and jansson; libpackage_protect.a needs
# libcrypto on top and is left out of what starts for every execution.
noinst_LIBRARIES += libpackage.a libpackage_protect.a
libpackage_a_SOURCES = \
	src/package/connstr.c src/package/connstr.h \
	src/package/dtsx.c src/package/dtsx.h \
	src/package/dtsx_names.c \
	src/package/dtsx_parts.c src/package/dtsx_parts.h \
	src/package/event.c src/package/event.h \
	src/package/fields.c src/package/fields.h \
	src/package/flat.c src/package/flat.h \
	src/package/ispac.c \
	src/package/ispac_write.c src/package/ispac_write.h \
	src/package/project.c src/package/project.h \
	src/package/put_packages.c src/package/put_packages.h \
	src/package/protect.c src/package/protect.h \
	src/package/taskspec.c src/package/taskspec.h \
	src/package/unlock.c src/package/unlock.h \
	src/package/xml.c src/package/xml.h \
	src/package/xml_write.c
PACKAGE_LIBS = libpackage.a libbase.a $(EXPAT_LIBS) $(MINIZIP_LIBS) $(ZLIB_LIBS) $(JANSSON_LIBS)
libpackage_protect_a_SOURCES = src/package/protect_crypto.c
