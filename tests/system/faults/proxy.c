/* SPDX-License-Identifier: MIT */
/*
 * A TCP proxy that does harm on demand, for the fault tests: it stands between
 * the master and one sshd.
 *
 *   proxy PORT-FILE COMMAND-FIFO COUNT-FILE HOST-PORT
 *
 * listens on a free loopback port, writes its number into PORT-FILE, forwards
 * to 127.0.0.1:HOST-PORT and reads commands, one a line, from the FIFO:
 *
 *   cut              end all connections now, by RST
 *   after up N       end all connections when N more bytes have gone up (to the sshd);
 *                    "down" for those that come back. What is beyond N is not forwarded.
 *   first N          each new connection ends after its first N bytes down; 0 = no longer
 *   stall | go       forward nothing, but keep every connection open (a dead link)
 *   refuse | accept  end new connections at once
 *   delay MS         wait so long before each forwarding
 *   seed N           each new connection ends after a random number of bytes below 20000; 0 = no longer
 *
 * After each command, and when one takes effect, COUNT-FILE says
 * "COMMANDS CUTS UP DOWN": how many were read, how many cuts were made, bytes forwarded.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PAIRS_MAX 64
#define PIECE 4096
#define RANDOM_BYTES_MAX 20000

enum side { UP, DOWN };

struct pair {
	int client, server; /* -1 = free */
	long down;          /* bytes so far */
	long limit;         /* of down; 0 = none */
};

struct proxy {
	struct pair pairs[PAIRS_MAX];
	const char *count_file;
	int listener, commands, port;
	long left[2]; /* bytes until the cut; -1 = none */
	long total[2];
	long first;
	unsigned long random; /* 0 = off */
	int delay_ms;
	bool stalled, refusing;
	int read_count, cuts;
};

static void tell(const struct proxy *p)
{
	char name[4096];
	snprintf(name, sizeof(name), "%s.new", p->count_file);
	FILE *f = fopen(name, "w");

	if (!f)
		return;
	fprintf(f, "%d %d %ld %ld\n", p->read_count, p->cuts, p->total[UP], p->total[DOWN]);
	fclose(f);
	rename(name, p->count_file);
}

/* RST instead of FIN: the peer learns it at once, and nothing that waits is delivered. */
static void drop(struct pair *pair)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(pair->client, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	setsockopt(pair->server, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(pair->client);
	close(pair->server);
	pair->client = pair->server = -1;
}

static void cut(struct proxy *p)
{
	for (int i = 0; i < PAIRS_MAX; i++) {
		if (p->pairs[i].client >= 0)
			drop(&p->pairs[i]);
	}
	p->left[UP] = p->left[DOWN] = -1;
	p->cuts++;
	tell(p);
}

static int connect_to(int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((unsigned short)port) };
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0) {
		close(fd);
		return -1;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

static long next_random(struct proxy *p)
{
	p->random = p->random * 6364136223846793005UL + 1442695040888963407UL;
	return (long)((p->random >> 33) % RANDOM_BYTES_MAX) + 1;
}

static void take(struct proxy *p)
{
	int on = 1, i = 0, client = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC);

	if (client < 0)
		return;
	while (i < PAIRS_MAX && p->pairs[i].client >= 0)
		i++;
	int server = p->refusing || i == PAIRS_MAX ? -1 : connect_to(p->port);
	if (server < 0) {
		close(client);
		return;
	}
	setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	p->pairs[i] = (struct pair){ .client = client, .server = server,
		.limit = p->random ? next_random(p) : p->first };
}

static bool write_all(int fd, const char *data, ssize_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, data, (size_t)len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		data += n;
		len -= n;
	}
	return true;
}

static void forward(struct proxy *p, struct pair *pair, enum side side)
{
	char data[PIECE];
	int from = side == UP ? pair->client : pair->server, to = side == UP ? pair->server : pair->client;
	ssize_t n = read(from, data, sizeof(data));

	if (n <= 0) {
		drop(pair);
		return;
	}
	if (p->delay_ms)
		poll(NULL, 0, p->delay_ms);
	bool over = p->left[side] >= 0 && n >= p->left[side];
	if (over)
		n = (ssize_t)p->left[side];
	bool ended = side == DOWN && pair->limit && pair->down + n >= pair->limit;
	if (ended)
		n = (ssize_t)(pair->limit - pair->down);
	p->total[side] += n;
	if (side == DOWN)
		pair->down += n;
	if (p->left[side] >= 0)
		p->left[side] -= n;
	if (!write_all(to, data, n))
		drop(pair);
	else if (over)
		cut(p);
	else if (ended) {
		drop(pair);
		p->cuts++;
		tell(p);
	}
}

static void obey(struct proxy *p, char *line)
{
	long number = 0;
	char word[16] = "", way[16] = "";

	if (sscanf(line, "after %15s %ld", way, &number) == 2)
		p->left[strcmp(way, "down") == 0 ? DOWN : UP] = number;
	else if (sscanf(line, "%15s %ld", word, &number) < 1)
		return;
	else if (strcmp(word, "cut") == 0)
		cut(p);
	else if (strcmp(word, "first") == 0)
		p->first = number;
	else if (strcmp(word, "seed") == 0)
		p->random = (unsigned long)number;
	else if (strcmp(word, "delay") == 0)
		p->delay_ms = (int)number;
	else if (strcmp(word, "stall") == 0 || strcmp(word, "go") == 0)
		p->stalled = *word == 's';
	else if (strcmp(word, "refuse") == 0 || strcmp(word, "accept") == 0)
		p->refusing = *word == 'r';
	p->read_count++;
	tell(p);
}

static void read_commands(struct proxy *p)
{
	char text[1024];
	char *rest = NULL;
	ssize_t n = read(p->commands, text, sizeof(text) - 1);

	if (n <= 0)
		return;
	text[n] = '\0';
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		obey(p, line);
}

static int listen_somewhere(const char *port_file)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t size = sizeof(at);
	char name[4096];
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, size) < 0 || listen(fd, 128) < 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &size) < 0)
		return -1;
	snprintf(name, sizeof(name), "%s.new", port_file);
	FILE *f = fopen(name, "w");
	if (!f)
		return -1;
	fprintf(f, "%d\n", ntohs(at.sin_port));
	fclose(f);
	return rename(name, port_file) < 0 ? -1 : fd;
}

static void turn(struct proxy *p)
{
	struct pollfd fds[2 + 2 * PAIRS_MAX] = { { .fd = p->commands, .events = POLLIN },
		{ .fd = p->stalled ? -1 : p->listener, .events = POLLIN } };

	for (int i = 0; i < PAIRS_MAX; i++) {
		fds[2 + 2 * i] = (struct pollfd){ .fd = p->stalled ? -1 : p->pairs[i].client, .events = POLLIN };
		fds[3 + 2 * i] = (struct pollfd){ .fd = p->stalled ? -1 : p->pairs[i].server, .events = POLLIN };
	}
	if (poll(fds, 2 + 2 * PAIRS_MAX, -1) < 0)
		return;
	for (int i = 0; i < PAIRS_MAX; i++) {
		struct pair *pair = &p->pairs[i];
		if (fds[2 + 2 * i].revents && pair->client >= 0)
			forward(p, pair, UP);
		if (fds[3 + 2 * i].revents && pair->client >= 0)
			forward(p, pair, DOWN);
	}
	if (fds[1].revents)
		take(p);
	if (fds[0].revents)
		read_commands(p);
}

int main(int argc, char **argv)
{
	static struct proxy p = { .left = { -1, -1 } };

	if (argc != 5) {
		fputs("usage: proxy PORT-FILE COMMAND-FIFO COUNT-FILE PORT\n", stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	for (int i = 0; i < PAIRS_MAX; i++)
		p.pairs[i].client = p.pairs[i].server = -1;
	p.count_file = argv[3];
	p.port = (int)strtol(argv[4], NULL, 10);
	p.commands = open(argv[2], O_RDWR | O_CLOEXEC); /* also for writing: then it never ends */
	p.listener = listen_somewhere(argv[1]);
	if (p.commands < 0 || p.listener < 0) {
		perror("proxy");
		return 1;
	}
	tell(&p);
	for (;;)
		turn(&p);
}
