/* SPDX-License-Identifier: MIT */
/* A very small HTTP server: one GET per connection, everything bounded. */
#include "exec/master/metrics.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "exec/master/master.h"

#define BACKLOG 16
#define CLIENTS_MAX 16
#define REQUEST_MAX 8192
#define CLIENT_MS 5000   /* from its first byte to our last */
#define FRESH_MS 1000    /* how old a text may be that is given out again */

struct client;

union listener {
	uv_handle_t handle;
	uv_stream_t stream;
	uv_tcp_t tcp;
	uv_pipe_t pipe;
};

struct metrics_server {
	union listener listener;
	struct master *master;
	char *path; /* of a Unix socket that is ours to remove, or NULL */
	VEC(struct client *) clients;
	struct buf text;
	int64_t text_ms;
};

struct client {
	union listener stream;
	uv_timer_t timer;
	struct metrics_server *server;
	int closing; /* handles that are still to be closed */
	size_t len;
	char request[REQUEST_MAX];
	uv_write_t write;
	char *answer;
};

static void on_client_closed(uv_handle_t *handle)
{
	struct client *client = handle->data;

	if (--client->closing)
		return;
	free(client->answer);
	free(client);
}

static void hang_up(struct client *client)
{
	struct metrics_server *server = client->server;

	if (client->closing)
		return;
	for (size_t i = 0; i < server->clients.len; i++) {
		if (server->clients.items[i] == client)
			server->clients.items[i] = server->clients.items[--server->clients.len];
	}
	client->closing = 2;
	uv_close(&client->stream.handle, on_client_closed);
	uv_close((uv_handle_t *)&client->timer, on_client_closed);
}

static void on_written(uv_write_t *write, int status)
{
	(void)status;
	hang_up(write->data);
}

static void on_too_slow(uv_timer_t *timer)
{
	hang_up(timer->data);
}

/* --- answers --- */

static const struct buf *fresh_text(struct metrics_server *server)
{
	int64_t now = clock_mono_ms();

	if (!server->text.len || now - server->text_ms >= FRESH_MS) {
		buf_clear(&server->text);
		master_metrics(server->master, &server->text);
		server->text_ms = now;
	}
	return &server->text;
}

static void answer(struct client *client, const char *status, const char *body, size_t len)
{
	struct buf out = BUF_INIT;

	buf_addf(&out,
	    "HTTP/1.1 %s\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: %zu\r\n"
	    "Connection: close\r\n\r\n",
	    status, len);
	buf_add(&out, body, len);
	uv_buf_t bytes = uv_buf_init(out.data, (unsigned)out.len);
	client->answer = buf_detach(&out);
	bytes.base = client->answer;
	client->write.data = client;
	if (uv_write(&client->write, &client->stream.stream, &bytes, 1, on_written) < 0)
		hang_up(client);
}

static bool asks_for(const char *request, const char *what)
{
	return strncmp(request, what, strlen(what)) == 0;
}

static void answer_request(struct client *client)
{
	static const char only_get[] = "only GET is offered\n", nothing[] = "metrics are at /metrics\n";
	const char *request = client->request;

	if (!asks_for(request, "GET ")) {
		answer(client, "405 Method Not Allowed", only_get, strlen(only_get));
	} else if (!asks_for(request, "GET /metrics ") && !asks_for(request, "GET /metrics?")) {
		answer(client, "404 Not Found", nothing, strlen(nothing));
	} else {
		const struct buf *text = fresh_text(client->server);
		answer(client, "200 OK", text->data, text->len);
	}
}

/* --- requests --- */

static void give_space(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
	struct client *client = handle->data;

	(void)suggested;
	*ret = uv_buf_init(client->request + client->len, (unsigned)(sizeof(client->request) - 1 - client->len));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *space)
{
	struct client *client = stream->data;

	(void)space;
	if (n < 0) { /* also a request that is too long: there is no room */
		hang_up(client);
		return;
	}
	client->len += (size_t)n;
	client->request[client->len] = '\0';
	if (!strstr(client->request, "\r\n\r\n") && !strstr(client->request, "\n\n"))
		return;
	uv_read_stop(stream);
	answer_request(client);
}

static void on_connection(uv_stream_t *stream, int status)
{
	struct metrics_server *server = stream->data;
	struct client *client;

	if (status < 0)
		return;
	client = xcalloc(1, sizeof(*client));
	client->server = server;
	if (server->path)
		uv_pipe_init(stream->loop, &client->stream.pipe, 0);
	else
		uv_tcp_init(stream->loop, &client->stream.tcp);
	uv_timer_init(stream->loop, &client->timer);
	client->stream.handle.data = client->timer.data = client;
	vec_push(&server->clients, client);
	if (uv_accept(stream, &client->stream.stream) < 0 || server->clients.len > CLIENTS_MAX ||
	    uv_timer_start(&client->timer, on_too_slow, CLIENT_MS, 0) < 0 ||
	    uv_read_start(&client->stream.stream, give_space, on_read) < 0)
		hang_up(client);
}

/* --- life --- */

static int listen_tcp(uv_loop_t *loop, struct metrics_server *server, const char *host, const char *port, struct err *err)
{
	struct sockaddr_storage address;
	char *end;
	long number = strtol(port, &end, 10);
	int code;

	if (!*port || *end || number < 1 || number > 65535)
		return err_set(err, ERR_INVALID, "'%s' is not a port", port);
	if (strcmp(host, "127.0.0.1") == 0)
		code = uv_ip4_addr(host, (int)number, (struct sockaddr_in *)&address);
	else if (strcmp(host, "[::1]") == 0)
		code = uv_ip6_addr("::1", (int)number, (struct sockaddr_in6 *)&address);
	else
		return err_set(err, ERR_INVALID, "metrics are for 127.0.0.1 or [::1] only, not %s", host);
	uv_tcp_init(loop, &server->listener.tcp);
	if (code == 0)
		code = uv_tcp_bind(&server->listener.tcp, (struct sockaddr *)&address, 0);
	if (code == 0)
		code = uv_listen(&server->listener.stream, BACKLOG, on_connection);
	return code < 0 ? err_set(err, ERR_IO, "cannot listen on %s port %s: %s", host, port, uv_strerror(code)) : 0;
}

static int listen_unix(uv_loop_t *loop, struct metrics_server *server, const char *path, struct err *err)
{
	struct stat st;
	mode_t before = umask(0177);
	int code;

	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
		unlink(path);
	server->path = xstrdup(path);
	uv_pipe_init(loop, &server->listener.pipe, 0);
	code = strlen(path) >= sizeof(((struct sockaddr_un *)0)->sun_path)
	    ? UV_ENAMETOOLONG
	    : uv_pipe_bind(&server->listener.pipe, path);
	if (code == 0)
		code = uv_listen(&server->listener.stream, BACKLOG, on_connection);
	umask(before);
	return code < 0 ? err_set(err, ERR_IO, "cannot listen on %s: %s", path, uv_strerror(code)) : 0;
}

static int listen_at(uv_loop_t *loop, struct metrics_server *server, const char *address, struct err *err)
{
	const char *colon = strrchr(address, ':');

	if (address[0] == '/')
		return listen_unix(loop, server, address, err);
	char *host = colon ? xstrndup(address, (size_t)(colon - address)) : xstrdup("127.0.0.1");
	int r = listen_tcp(loop, server, host, colon ? colon + 1 : address, err);
	free(host);
	return r;
}

static void on_server_closed(uv_handle_t *handle)
{
	struct metrics_server *server = handle->data;

	buf_release(&server->text);
	vec_release(&server->clients);
	free(server->path);
	free(server);
}

int metrics_server_new(uv_loop_t *loop, const char *address, struct master *master, struct metrics_server **ret,
    struct err *err)
{
	struct metrics_server *server = xcalloc(1, sizeof(*server));

	server->master = master;
	buf_init(&server->text);
	int r = listen_at(loop, server, address, err);
	server->listener.handle.data = server;
	if (r < 0) {
		if (server->listener.handle.loop) {
			uv_close(&server->listener.handle, on_server_closed);
		} else {
			free(server->path);
			free(server);
		}
		return r;
	}
	*ret = server;
	return 0;
}

void metrics_server_free(struct metrics_server *server)
{
	if (!server)
		return;
	if (server->path)
		unlink(server->path);
	while (server->clients.len)
		hang_up(server->clients.items[0]);
	uv_close(&server->listener.handle, on_server_closed);
}
