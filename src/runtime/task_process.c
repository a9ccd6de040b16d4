/* SPDX-License-Identifier: MIT */
/*
 * The Execute Process task (spec/package.md §3.4): a child in its own process
 * group, watched by a pidfd, its three streams by non-blocking pipes. Never a
 * shell: the command line is split by the Windows rules and given to execve.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/utf8.h"
#include "runtime/engine.h"
#include "runtime/spawn.h"

/* From asking a process group to end until it is killed. */
#define GRACE_MS 5000
/* Most that a stream may bring into a variable. */
#define OUTPUT_MAX ((size_t)64 * 1024 * 1024)
#define TIMEOUT_MAX 2147483

enum ending { ENDING_NONE, ENDING_TIMEOUT, ENDING_CANCEL };

/* One of the child's output streams, read into a variable. */
struct stream {
	int fd; /* -1 when closed */
	struct buf text;
};

struct process_task {
	/* properties */
	bool require_full_name, fail_on_code, terminate;
	char *executable, *arguments, *directory;
	char *in_variable, *out_variable, *err_variable;
	int success_value, timeout_s;
	char *window_style;
	/* the running child */
	pid_t pid; /* 0 when none */
	int pidfd, in_fd;
	struct buf input;
	struct stream out, err;
	enum ending ending;
	bool asked; /* the group was asked to end; next it is killed */
};

#define TASK(member) offsetof(struct process_task, member)

static const struct property properties[] = {
	{ "Arguments", "Arguments", PROP_TEXT, TASK(arguments), "", NULL, 0 },
	{ "Executable", "Executable", PROP_TEXT, TASK(executable), "", NULL, 0 },
	{ "FailTaskIfReturnCodeIsNotSuccessValue", "FailTaskIfReturnCodeIsNotSuccessValue", PROP_BOOL,
	    TASK(fail_on_code), "True", NULL, 0 },
	{ "RequireFullFileName", "RequireFullFileName", PROP_BOOL, TASK(require_full_name), "True", NULL, 0 },
	{ "StandardErrorVariable", "StandardErrorVariable", PROP_TEXT, TASK(err_variable), "", NULL, 0 },
	{ "StandardInputVariable", "StandardInputVariable", PROP_TEXT, TASK(in_variable), "", NULL, 0 },
	{ "StandardOutputVariable", "StandardOutputVariable", PROP_TEXT, TASK(out_variable), "", NULL, 0 },
	{ "SuccessValue", "SuccessValue", PROP_INT, TASK(success_value), "0", NULL, 0 },
	{ "TerminateProcessAfterTimeOut", "TerminateAfterTimeout", PROP_BOOL, TASK(terminate), "True", NULL,
	    0 },
	{ "TimeOut", "TimeOut", PROP_INT, TASK(timeout_s), "0", NULL, 0 },
	{ "WindowStyle", "WindowStyle", PROP_TEXT, TASK(window_style), "Normal", NULL, 0 },
	{ "WorkingDirectory", "WorkingDirectory", PROP_TEXT, TASK(directory), "", NULL, 0 },
};

/* ---- validation ---- */

static int check_variables(struct unit *unit)
{
	const struct process_task *task = unit->task;
	struct fault fault;
	struct value value;
	int r = 0;

	if (*task->out_variable && var_check_writable(unit, task->out_variable, &fault)) {
		unit_error(unit, DTS_PROC_STDOUT_READ_ONLY, "The standard output variable: %s", fault.text);
		r = -1;
	}
	if (*task->err_variable && var_check_writable(unit, task->err_variable, &fault)) {
		unit_error(unit, DTS_PROC_STDERR_READ_ONLY, "The standard error variable: %s", fault.text);
		r = -1;
	}
	if (*task->in_variable) {
		if (var_read_qualified(unit, task->in_variable, &value, &fault)) {
			unit_fault(unit, &fault);
			r = -1;
		} else {
			value_release(&value);
		}
	}
	return r;
}

static int check_folder(struct unit *unit)
{
	const struct process_task *task = unit->task;
	struct buf folder = BUF_INIT;
	struct stat st;
	int r = 0;

	if (!*task->directory)
		return 0;
	path_map(task->directory, &folder);
	if (stat(folder.data, &st) || !S_ISDIR(st.st_mode)) {
		unit_error(unit, DTS_PROC_NO_WORKING_DIR, "The working directory \"%s\" does not exist.",
		    folder.data);
		r = -1;
	}
	buf_release(&folder);
	return r;
}

static int check_program(struct unit *unit)
{
	const struct process_task *task = unit->task;
	struct buf program = BUF_INIT;
	int r = 0;

	if (!*task->executable) {
		unit_error(unit, DTS_PROC_NOT_SPECIFIED, "The executable is not specified.");
		return -1;
	}
	if (task->require_full_name && !spawn_find(task->executable, task->directory, &program)) {
		if (strpbrk(task->executable, "/\\"))
			unit_error(unit, DTS_PROC_NO_FILE, "The program \"%s\" does not exist or cannot be executed.",
			    task->executable);
		else
			unit_error(unit, DTS_PROC_NOT_IN_PATH, "The program \"%s\" is not in the path.",
			    task->executable);
		r = -1;
	}
	buf_release(&program);
	return r;
}

static int validate(struct unit *unit)
{
	const struct process_task *task = unit->task;
	int r = check_program(unit);

	if (check_folder(unit) || check_variables(unit))
		r = -1;
	if (task->timeout_s < 0 || task->timeout_s > TIMEOUT_MAX) {
		unit_error(unit, DTS_PROC_INVALID_TIMEOUT, "The time-out %d is not valid; it must be 0 to %d seconds.",
		    task->timeout_s, TIMEOUT_MAX);
		r = -1;
	}
	if (task->timeout_s && !task->terminate &&
	    (*task->in_variable || *task->out_variable || *task->err_variable)) {
		unit_error(unit, DTS_PROC_CANNOT_REDIRECT,
		    "The streams cannot be redirected when the process may go on after the time-out.");
		r = -1;
	}
	return r;
}

/* ---- start ---- */

static void close_fd(struct unit *unit, int *fd)
{
	if (*fd < 0)
		return;
	loop_unwatch(unit->run, *fd);
	close(*fd);
	*fd = -1;
}

/* A pipe whose end ours is non-blocking; -1 with errno. */
static int make_pipe(int *ret_ours, int *ret_theirs, bool to_child)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return -1;
	*ret_ours = ends[to_child ? 1 : 0];
	*ret_theirs = ends[to_child ? 0 : 1];
	return fd_set_nonblock(*ret_ours, true);
}

/* The child's ends of the streams, -1 = as is. */
struct ends {
	int in, out, err;
};

static int open_streams(struct process_task *task, struct ends *ends)
{
	int r = 0;

	*ends = (struct ends){ -1, -1, -1 };
	if (*task->in_variable)
		r = make_pipe(&task->in_fd, &ends->in, true);
	else
		ends->in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (!r && *task->out_variable)
		r = make_pipe(&task->out.fd, &ends->out, false);
	if (!r && *task->err_variable)
		r = make_pipe(&task->err.fd, &ends->err, false);
	return r;
}

static void close_ends(const struct ends *ends)
{
	if (ends->in >= 0)
		close(ends->in);
	if (ends->out >= 0)
		close(ends->out);
	if (ends->err >= 0)
		close(ends->err);
}

/* Text for the child's standard input. */
static int read_input(struct unit *unit, struct fault *fault)
{
	struct process_task *task = unit->task;
	struct value value;

	if (!*task->in_variable)
		return 0;
	if (var_read_qualified(unit, task->in_variable, &value, fault))
		return -1;
	value_text(&value, &task->input);
	value_release(&value);
	return 0;
}

static void begin_waiting(struct unit *unit)
{
	struct process_task *task = unit->task;

	task->pidfd = (int)syscall(SYS_pidfd_open, task->pid, 0);
	loop_watch(unit, task->pidfd, POLLIN);
	if (task->in_fd >= 0)
		loop_watch(unit, task->in_fd, POLLOUT);
	if (task->out.fd >= 0)
		loop_watch(unit, task->out.fd, POLLIN);
	if (task->err.fd >= 0)
		loop_watch(unit, task->err.fd, POLLIN);
	if (task->timeout_s)
		unit->deadline_ms = clock_mono_ms() + task->timeout_s * INT64_C(1000);
	unit_wait(unit);
}

static void clear_state(struct unit *unit)
{
	struct process_task *task = unit->task;

	close_fd(unit, &task->pidfd);
	close_fd(unit, &task->in_fd);
	close_fd(unit, &task->out.fd);
	close_fd(unit, &task->err.fd);
	buf_wipe(&task->input);
	buf_release(&task->out.text);
	buf_release(&task->err.text);
	task->pid = 0;
	task->asked = false;
	task->ending = ENDING_NONE;
}

static void start(struct unit *unit)
{
	struct process_task *task = unit->task;
	struct buf program = BUF_INIT, folder = BUF_INIT;
	struct ends ends = { -1, -1, -1 };
	struct fault fault;
	int r;

	task->pidfd = task->in_fd = task->out.fd = task->err.fd = -1;
	buf_init(&task->input);
	buf_init(&task->out.text);
	buf_init(&task->err.text);
	buf_set_limit(&task->out.text, OUTPUT_MAX);
	buf_set_limit(&task->err.text, OUTPUT_MAX);
	path_map(task->directory, &folder);
	if (!spawn_find(task->executable, task->directory, &program)) {
		fault_set(&fault, DTS_PROC_NOT_IN_PATH, "The program \"%s\" was not found.", task->executable);
		goto fail;
	}
	if (read_input(unit, &fault))
		goto fail;
	if (open_streams(task, &ends)) {
		fault_set(&fault, DTS_TASK_EXECUTE_FAILED, "No pipe for the process: %s.", strerror(errno));
		goto fail;
	}
	unit_custom(unit, "ExecuteProcessExecutingProcess", "Executing process \"%s\".", program.data);
	event_log_flush(&unit->run->log);
	struct spawn how = { program.data, task->arguments, folder.data, ends.in, ends.out, ends.err,
		&unit->run->old_mask };
	r = program_spawn(&how, &task->pid);
	if (r) {
		task->pid = 0;
		fault_set(&fault, DTS_TASK_EXECUTE_FAILED, "The program \"%s\" cannot be started: %s.",
		    program.data, strerror(r));
		goto fail;
	}
	begin_waiting(unit);
	goto out;
fail:
	unit_fault(unit, &fault);
	clear_state(unit);
	unit_finish(unit, UNIT_FAILURE);
out:
	close_ends(&ends);
	buf_release(&program);
	buf_release(&folder);
}

/* ---- while it runs ---- */

/* Take what is there; the stream is closed at its end. */
static void read_stream(struct unit *unit, struct stream *stream)
{
	char chunk[16384];
	ssize_t n;

	while (stream->fd >= 0) {
		n = read(stream->fd, chunk, sizeof(chunk));
		if (n > 0)
			buf_add(&stream->text, chunk, (size_t)n);
		else if (n == 0 || (errno != EAGAIN && errno != EINTR))
			close_fd(unit, &stream->fd);
		else if (errno == EAGAIN)
			return;
	}
}

static void write_input(struct unit *unit)
{
	struct process_task *task = unit->task;
	ssize_t n = write(task->in_fd, task->input.data, task->input.len);

	if (n > 0)
		buf_consume(&task->input, (size_t)n);
	if (task->input.len == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_fd(unit, &task->in_fd);
}

static void signal_group(struct unit *unit)
{
	struct process_task *task = unit->task;

	if (!task->pid)
		return;
	kill(-task->pid, task->asked ? SIGKILL : SIGTERM);
	task->asked = true;
	unit->deadline_ms = clock_mono_ms() + GRACE_MS;
}

static void timer(struct unit *unit)
{
	struct process_task *task = unit->task;

	if (task->ending == ENDING_NONE) {
		task->ending = ENDING_TIMEOUT;
		unit_error(unit, DTS_PROC_TIMED_OUT, "The process timed out after %d seconds.", task->timeout_s);
		if (unit->state != UNIT_RUNNING || !task->pid)
			return; /* it ended while a handler ran */
		if (!task->terminate) { /* it goes on without us */
			clear_state(unit);
			unit_finish(unit, UNIT_FAILURE);
			return;
		}
	}
	signal_group(unit);
}

static void cancel(struct unit *unit)
{
	struct process_task *task = unit->task;

	if (task->ending == ENDING_NONE)
		task->ending = ENDING_CANCEL;
	signal_group(unit);
}

/* A stream's text into its variable, made valid UTF-8. */
static int store(struct unit *unit, const char *variable, struct stream *stream)
{
	struct buf text = BUF_INIT;
	struct fault fault;
	struct value value;
	size_t used;
	int r;

	if (!*variable)
		return 0;
	if (stream->text.overflow)
		unit_warning(unit, DTS_W_GENERIC, "The output for variable \"%s\" was cut at %zu bytes.", variable,
		    OUTPUT_MAX);
	for (size_t at = 0; at < stream->text.len; at += used) {
		char utf8[4];
		uint32_t code = utf8_decode(stream->text.data + at, stream->text.len - at, &used);
		if (code)
			buf_add(&text, utf8, utf8_put(code, utf8));
	}
	value_set_text_len(&value, DT_WSTR, text.data, text.len);
	r = var_write_qualified(unit, variable, &value, &fault);
	if (r)
		unit_fault(unit, &fault);
	value_release(&value);
	buf_release(&text);
	return r;
}

static enum unit_result judge(struct unit *unit, int code)
{
	const struct process_task *task = unit->task;

	if (!task->fail_on_code || code == task->success_value)
		return UNIT_SUCCESS;
	unit_error(unit, DTS_PROC_EXIT_CODE,
	    "Executing \"%s\" \"%s\" at \"%s\": the exit code of the process was \"%d\", while \"%d\" was "
	    "expected.",
	    task->executable,
	    override_is_sensitive(unit, "Arguments") ? "********" : task->arguments,
	    task->directory, code, task->success_value);
	return UNIT_FAILURE;
}

static void ended(struct unit *unit)
{
	struct process_task *task = unit->task;
	enum unit_result result;
	struct value value;
	int status = 0, code;

	while (waitpid(task->pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (task->ending != ENDING_NONE)
		kill(-task->pid, SIGKILL); /* whoever of the group is left */
	/* From here on handlers may run the loop: nothing of this child must wake it. */
	task->pid = 0;
	unit->deadline_ms = 0;
	close_fd(unit, &task->pidfd);
	close_fd(unit, &task->in_fd);
	read_stream(unit, &task->out);
	read_stream(unit, &task->err);
	close_fd(unit, &task->out.fd);
	close_fd(unit, &task->err.fd);
	code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	value_set_int(&value, DT_I4, code);
	unit_set_exec_value(unit, &value);
	if (task->ending == ENDING_CANCEL)
		result = UNIT_CANCELLED;
	else if (task->ending == ENDING_TIMEOUT)
		result = UNIT_FAILURE;
	else
		result = judge(unit, code);
	if (store(unit, task->out_variable, &task->out) || store(unit, task->err_variable, &task->err))
		result = result == UNIT_SUCCESS ? UNIT_FAILURE : result;
	clear_state(unit);
	unit_finish(unit, result);
}

static void ready(struct unit *unit, int fd, short revents)
{
	struct process_task *task = unit->task;

	(void)revents;
	if (fd == task->pidfd)
		ended(unit);
	else if (fd == task->in_fd)
		write_input(unit);
	else if (fd == task->out.fd)
		read_stream(unit, &task->out);
	else if (fd == task->err.fd)
		read_stream(unit, &task->err);
}

const struct unit_ops process_ops = {
	.kind = DTSX_EXECUTE_PROCESS,
	.properties = properties,
	.property_count = ARRAY_LEN(properties),
	.task_size = sizeof(struct process_task),
	.validate = validate,
	.start = start,
	.ready = ready,
	.timer = timer,
	.cancel = cancel,
};
