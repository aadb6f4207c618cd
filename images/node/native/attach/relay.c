#include "attach/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

/* One piece on its way. Never more than one each way is held, so that whoever does not read holds up whoever writes. */
struct piece {
    size_t start, end;
    int to;
};

static uint8_t sending[MOST_SENT], received[MOST_RECEIVED];

static bool waits(const struct piece *p) {
    return p->start < p->end;
}

/* Not now, but later. */
static bool later(void) {
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* False: the input has ended. */
static bool take_input(const struct relay *r, struct piece *up) {
    ssize_t got = read(r->in, sending, sizeof sending);
    if (got < 0 && later()) return true;
    if (got <= 0) return false;
    *up = (struct piece){.end = (size_t)got};
    return true;
}

/* A packet goes as a whole or not at all. A socket that takes no more input (EPIPE) may still have output. */
static void send_input(const struct relay *r, struct piece *up) {
    if (send(r->socket, sending, up->end, MSG_NOSIGNAL) >= 0 || !later()) up->start = up->end;
}

/* False: the container has ended. */
static bool take_packet(const struct relay *r, struct piece *down) {
    ssize_t got = recv(r->socket, received, sizeof received, 0);
    if (got < 0) return later();
    if (got == 0) return false;
    if (received[0] == PACKET_STDOUT) *down = (struct piece){1, (size_t)got, r->out};
    if (received[0] == PACKET_STDERR) *down = (struct piece){1, (size_t)got, r->err};
    return true;
}

static void write_output(struct piece *down) {
    ssize_t wrote = write(down->to, received + down->start, down->end - down->start);
    if (wrote >= 0) down->start += (size_t)wrote;
    /* Whoever has closed one of the two streams may still read the other. */
    else if (!later()) down->start = down->end;
}

/* A descriptor from which nothing is wanted is left out: poll would report its hang-up again and again. */
static struct pollfd interest(int fd, bool reading, bool writing) {
    short events = (short)((reading ? POLLIN : 0) | (writing ? POLLOUT : 0));
    return (struct pollfd){.fd = events ? fd : -1, .events = events};
}

static bool unblock(int fd) {
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) >= 0;
}

bool relay_run(const struct relay *r) {
    struct piece up = {0}, down = {0};
    bool open = true;
    if (!unblock(r->socket) || !unblock(r->in) || !unblock(r->out) || !unblock(r->err)) return false;
    for (;;) {
        struct pollfd p[4] = {
            interest(r->socket, !waits(&down), waits(&up)),
            interest(r->in, open && !waits(&up), false),
            interest(r->err, false, waits(&down) && down.to == r->err),
            /* Always, for its hang-up. */
            {.fd = r->out, .events = waits(&down) && down.to == r->out ? POLLOUT : 0},
        };
        if (poll(p, 4, -1) < 0 && errno != EINTR) return false;
        if (p[3].revents & (POLLERR | POLLHUP | POLLNVAL)) return true;
        if (p[2].revents || p[3].revents) write_output(&down);
        if (!waits(&down) && (p[0].revents & (POLLIN | POLLHUP | POLLERR)) && !take_packet(r, &down)) return true;
        if (waits(&up) && p[0].revents) send_input(r, &up);
        if (!waits(&up) && p[1].revents) open = take_input(r, &up);
        if (!open && !waits(&up) && p[1].revents) shutdown(r->socket, SHUT_WR);
    }
}
