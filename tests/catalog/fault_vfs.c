/* SPDX-License-Identifier: MIT */
/*
 * Every method passes its call on; those that change a file count down first.
 * The wrapped file lies behind ours in the room SQLite gives.
 */
#include "tests/catalog/fault_vfs.h"

#include <assert.h>
#include <sqlite3.h>

struct fault_file {
	sqlite3_file base;
	sqlite3_file *real;
	bool log;
};

static struct {
	int countdown; /* changes until the failure; 0 = none */
	int code;
	bool lasting, failed, read_only;
	bool (*about_to_sync)(void *ctx);
	void *ctx;
} faults;

static sqlite3_vfs vfs;
static sqlite3_vfs *real_vfs;

static sqlite3_file *real_of(sqlite3_file *file)
{
	return ((struct fault_file *)file)->real;
}

/* SQLITE_OK, or the failure whose turn it is. A full disk fails writes only. */
static int turn(bool writing)
{
	if (faults.code == SQLITE_FULL && !writing)
		return SQLITE_OK;
	if (faults.failed && faults.lasting)
		return faults.code;
	if (faults.countdown == 0 || --faults.countdown > 0)
		return SQLITE_OK;
	faults.failed = true;
	return faults.code;
}

static int f_write(sqlite3_file *file, const void *data, int len, sqlite3_int64 at)
{
	int rc = turn(true);

	/* Half of it arrives, as when a disk fills up. */
	if (rc != SQLITE_OK && len > 1)
		real_of(file)->pMethods->xWrite(real_of(file), data, len / 2, at);
	return rc != SQLITE_OK ? rc : real_of(file)->pMethods->xWrite(real_of(file), data, len, at);
}

static int f_sync(sqlite3_file *file, int flags)
{
	int rc = turn(false);

	if (((struct fault_file *)file)->log && faults.about_to_sync && !faults.about_to_sync(faults.ctx))
		return SQLITE_IOERR_FSYNC;
	return rc != SQLITE_OK ? SQLITE_IOERR_FSYNC : real_of(file)->pMethods->xSync(real_of(file), flags);
}

static int f_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	int rc = turn(false);

	return rc != SQLITE_OK ? SQLITE_IOERR_TRUNCATE : real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int f_close(sqlite3_file *file)
{
	return real_of(file)->pMethods->xClose(real_of(file));
}

static int f_read(sqlite3_file *file, void *data, int len, sqlite3_int64 at)
{
	return real_of(file)->pMethods->xRead(real_of(file), data, len, at);
}

static int f_size(sqlite3_file *file, sqlite3_int64 *size)
{
	return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int f_lock(sqlite3_file *file, int level)
{
	return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int f_unlock(sqlite3_file *file, int level)
{
	return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int f_reserved(sqlite3_file *file, int *ret)
{
	return real_of(file)->pMethods->xCheckReservedLock(real_of(file), ret);
}

static int f_control(sqlite3_file *file, int op, void *arg)
{
	return real_of(file)->pMethods->xFileControl(real_of(file), op, arg);
}

static int f_sector(sqlite3_file *file)
{
	return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int f_device(sqlite3_file *file)
{
	return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int f_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **ret)
{
	return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, ret);
}

static int f_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
	return real_of(file)->pMethods->xShmLock(real_of(file), offset, n, flags);
}

static void f_shm_barrier(sqlite3_file *file)
{
	real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int f_shm_unmap(sqlite3_file *file, int remove)
{
	return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

static const sqlite3_io_methods methods = { .iVersion = 2,
	.xClose = f_close,
	.xRead = f_read,
	.xWrite = f_write,
	.xTruncate = f_truncate,
	.xSync = f_sync,
	.xFileSize = f_size,
	.xLock = f_lock,
	.xUnlock = f_unlock,
	.xCheckReservedLock = f_reserved,
	.xFileControl = f_control,
	.xSectorSize = f_sector,
	.xDeviceCharacteristics = f_device,
	.xShmMap = f_shm_map,
	.xShmLock = f_shm_lock,
	.xShmBarrier = f_shm_barrier,
	.xShmUnmap = f_shm_unmap };

static int f_open(sqlite3_vfs *self, const char *name, sqlite3_file *file, int flags, int *ret_flags)
{
	struct fault_file *f = (struct fault_file *)file;
	int rc;

	(void)self;
	f->base.pMethods = NULL;
	f->real = (sqlite3_file *)&f[1];
	f->log = flags & SQLITE_OPEN_WAL;
	if (faults.read_only && (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)))
		flags = (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) | SQLITE_OPEN_READONLY;
	rc = real_vfs->xOpen(real_vfs, name, f->real, flags, ret_flags);
	if (rc == SQLITE_OK)
		f->base.pMethods = &methods;
	return rc;
}

void fault_vfs_install(void)
{
	if (real_vfs)
		return;
	real_vfs = sqlite3_vfs_find(NULL);
	vfs = *real_vfs;
	vfs.zName = "faults";
	vfs.pNext = NULL;
	vfs.szOsFile = (int)sizeof(struct fault_file) + real_vfs->szOsFile;
	vfs.xOpen = f_open;
	assert(sqlite3_vfs_register(&vfs, 1) == SQLITE_OK);
}

void fault_vfs_fail(int nth, int code, bool lasting)
{
	faults.countdown = nth;
	faults.code = code;
	faults.lasting = lasting;
	faults.failed = false;
}

void fault_vfs_watch_log(bool (*about_to_sync)(void *ctx), void *ctx)
{
	faults.about_to_sync = about_to_sync;
	faults.ctx = ctx;
}

void fault_vfs_read_only(bool on)
{
	faults.read_only = on;
}

bool fault_vfs_heal(void)
{
	bool failed = faults.failed;

	faults.countdown = 0;
	faults.failed = false;
	faults.lasting = false;
	return failed;
}
