/* SPDX-License-Identifier: MIT */
/*
 * One request per connection, but for nudges, which come one after the other;
 * a client that says nothing sensible is hung up on.
 */
#include "exec/master/control_server.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "exec/control_private.h"

#define BACKLOG 128
#define CLIENTS_MAX 256

struct client;

struct control_server {
	uv_pipe_t listener;
	struct master *master;
	char *socket_path;
	dev_t socket_dev; /* of the socket file that we made */
	ino_t socket_ino;
	VEC(struct client *) clients;
};

struct client {
	uv_pipe_t stream;
	struct control_server *server;
	bool nudged; /* it keeps its connection for the next nudge */
	size_t len;
	char line[CONTROL_LINE_MAX];
	uv_write_t write;
	char *answer;
};

static void on_client_closed(uv_handle_t *handle)
{
	struct client *client = handle->data;

	free(client->answer);
	free(client);
}

static void hang_up(struct client *client)
{
	struct control_server *server = client->server;

	if (uv_is_closing((uv_handle_t *)&client->stream))
		return;
	for (size_t i = 0; i < server->clients.len; i++) {
		if (server->clients.items[i] == client)
			server->clients.items[i] = server->clients.items[--server->clients.len];
	}
	uv_close((uv_handle_t *)&client->stream, on_client_closed);
}

static void on_answered(uv_write_t *write, int status)
{
	(void)status;
	hang_up(write->data);
}

static void answer(struct client *client, char *text)
{
	uv_buf_t bytes;

	client->answer = text;
	client->write.data = client;
	bytes = uv_buf_init(text, (unsigned)strlen(text));
	if (uv_write(&client->write, (uv_stream_t *)&client->stream, &bytes, 1, on_answered) < 0)
		hang_up(client);
}

static void do_nudge(struct client *client)
{
	client->nudged = true;
	master_nudge(client->server->master);
}

static void do_ping(struct client *client)
{
	answer(client, xstrdup("ok\n"));
}

static void do_status(struct client *client)
{
	char *json = master_status(client->server->master);

	answer(client, xasprintf("%s\n", json));
	free(json);
}

static void do_stop(struct client *client)
{
	struct master *master = client->server->master;

	answer(client, xasprintf("%d\n", (int)getpid()));
	master_stop(master);
}

static const struct {
	const char *name;
	void (*run)(struct client *client);
} requests[] = { { "nudge", do_nudge }, { "ping", do_ping }, { "status", do_status }, { "stop", do_stop } };

/* NULL: no request that we know. */
static void (*request_of(const char *line))(struct client *client)
{
	for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
		if (strcmp(line, requests[i].name) == 0)
			return requests[i].run;
	}
	return NULL;
}

static void give_space(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
	struct client *client = handle->data;

	(void)suggested;
	*ret = uv_buf_init(client->line + client->len, (unsigned)(sizeof(client->line) - client->len));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *space)
{
	struct client *client = stream->data;

	(void)space;
	if (n < 0) {
		hang_up(client);
		return;
	}
	client->len += (size_t)n;
	for (char *end; (end = memchr(client->line, '\n', client->len));) {
		*end = '\0';
		void (*run)(struct client *) = request_of(client->line);
		if (run != do_nudge) {
			uv_read_stop(stream);
			if (run)
				run(client);
			else
				hang_up(client);
			return;
		}
		run(client);
		client->len -= (size_t)(end + 1 - client->line);
		memmove(client->line, end + 1, client->len);
	}
	if (client->len == sizeof(client->line))
		hang_up(client);
}

/* A connection too many: one that is only kept for its next nudge goes first; its client makes another. */
static void make_room(struct control_server *server)
{
	for (size_t i = 0; i < server->clients.len; i++) {
		if (server->clients.items[i]->nudged) {
			hang_up(server->clients.items[i]);
			return;
		}
	}
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct control_server *server = listener->data;

	if (status < 0)
		return;
	if (server->clients.len >= CLIENTS_MAX)
		make_room(server);
	struct client *client = xcalloc(1, sizeof(*client));
	client->server = server;
	uv_pipe_init(listener->loop, &client->stream, 0);
	client->stream.data = client;
	vec_push(&server->clients, client);
	if (uv_accept(listener, (uv_stream_t *)&client->stream) < 0 || server->clients.len > CLIENTS_MAX ||
	    uv_read_start((uv_stream_t *)&client->stream, give_space, on_read) < 0)
		hang_up(client);
}

static int listen_on(const char *path, int *ret_fd, struct err *err)
{
	struct sockaddr_un address;
	int folder;

	int r = control_address(path, &address, &folder, err);
	if (r < 0)
		return r;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t before = umask(0177);
	unlink(address.sun_path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, BACKLOG) < 0) {
		r = err_set_errno(err, errno, "cannot listen on %s.sock", path);
		if (fd >= 0)
			close(fd);
	} else {
		*ret_fd = fd;
	}
	umask(before);
	if (folder >= 0)
		close(folder);
	return r;
}

/* Whether the socket is still the one we made: a master that has taken over puts its own in the same place. */
static bool socket_ours(const struct control_server *server)
{
	struct stat st;

	return stat(server->socket_path, &st) == 0 && st.st_dev == server->socket_dev &&
	    st.st_ino == server->socket_ino;
}

static void remember_socket(struct control_server *server)
{
	struct stat st;

	if (stat(server->socket_path, &st) == 0) {
		server->socket_dev = st.st_dev;
		server->socket_ino = st.st_ino;
	}
}

int control_server_new(uv_loop_t *loop, const char *path, struct master *master,
    struct control_server **ret, struct err *err)
{
	int fd = -1;

	int r = listen_on(path, &fd, err);
	if (r < 0)
		return r;
	struct control_server *server = xcalloc(1, sizeof(*server));
	server->master = master;
	server->socket_path = xasprintf("%s.sock", path);
	remember_socket(server);
	uv_pipe_init(loop, &server->listener, 0);
	server->listener.data = server;
	uv_pipe_open(&server->listener, fd);
	uv_listen((uv_stream_t *)&server->listener, BACKLOG, on_connection);
	*ret = server;
	return 0;
}

static void on_server_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void control_server_free(struct control_server *server)
{
	if (!server)
		return;
	if (socket_ours(server))
		unlink(server->socket_path);
	free(server->socket_path);
	while (server->clients.len)
		hang_up(server->clients.items[0]);
	vec_release(&server->clients);
	uv_close((uv_handle_t *)&server->listener, on_server_closed);
}
