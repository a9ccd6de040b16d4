/* SPDX-License-Identifier: MIT */
/*
 * A journal of everything that the worker's programs do to a spool, for the
 * power cut test: built into power_worker and power_dtexec by the linker's
 * --wrap. It lies beside the spool's folder, as FOLDER.journal, one line an operation:
 *
 *   C PARENT NAME INODE TYPE   a name was made; TYPE is f, d or p (a FIFO)
 *   R PARENT NAME PARENT NAME  renamed
 *   U PARENT NAME              removed
 *   W INODE HEX                a file's whole content has become this
 *   S INODE                    a file or folder was synced
 *   A                          everything was synced
 *   E TEXT                     a line of FOLDER.effects was written
 *   M TEXT                     a mark of the test
 *
 * Parents and inodes are inode numbers. Order in the journal is the order in which things happened.
 */
#ifndef SO_TESTS_FAULTS_JOURNAL_H
#define SO_TESTS_FAULTS_JOURNAL_H

/* In the path of every file of the spool: the catalog's id (tests/exec/client.h). */
#define JOURNAL_INSIDE "/11111111-2222-4333-8444-555555555555"
/* Environment: a file to read instead of the machine's boot id. */
#define JOURNAL_BOOT "SO_TEST_BOOT_ID"

/* The functions that are wrapped, for the Makefile too: open openat mkdir mkdirat mkfifoat mkostemp posix_fallocate
 * ftruncate pwrite write rename renameat rmdir unlink unlinkat fsync fdatasync syncfs. */

#endif
