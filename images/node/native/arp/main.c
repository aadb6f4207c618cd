/*
 * arp-responder: answers ARP for addresses that are on no interface, as MetalLB's speaker does in layer 2 mode. One thread; nothing
 * runs while nothing happens. It ends when stdin does, so that no address outlives the speaker that asked for it.
 */
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "arp/command.h"
#include "arp/links.h"
#include "arp/packet.h"
#include "arp/say.h"
#include "arp/addresses.h"
#include "arp/wire.h"

enum source { COMMANDS, WIRE, LINKS, OUTPUT };

static struct addresses addresses;
static struct links links;
static int wire, poller;

static uint64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void link_changed(const struct link *link) {
    say("interface %s %s %s", link->name, link->usable ? "up" : "down", mac_text(link->mac));
}

/* Two interfaces on one segment hear each other. */
static bool is_own(const uint8_t *mac) {
    for (size_t i = 0; i < links.count; i++)
        if (memcmp(links.entries[i].mac, mac, MAC_LEN) == 0) return true;
    return false;
}

static void on_frame(const uint8_t *frame, size_t len, const struct link *in) {
    struct arp arp;
    if (!in || !in->usable || !arp_parse(frame, len, &arp)) return;
    struct address *claimed = addresses_find(&addresses, arp.sender_ip);
    if (claimed && !is_own(arp.sender) && arp_claims(&arp, claimed->ip, in->mac) && addresses_on_interface(claimed, in->name)) {
        if (claimed->held && now_ms() < claimed->until)
            say("conflict %s %s %s", in->name, ip_text(arp.sender_ip), mac_text(arp.sender));
        if (addresses_taken(&addresses, arp.sender_ip)) say("taken %s %s", ip_text(arp.sender_ip), mac_text(arp.sender));
    }
    /* Two that probe for one address at the same time: neither has it yet, so neither may take it (RFC 5227 2.1.1). */
    if (arp.sender_ip == 0 && !is_own(arp.sender) && addresses_taken(&addresses, arp.target_ip))
        say("taken %s %s", ip_text(arp.target_ip), mac_text(arp.sender));
    if (!arp_asks(&arp, in->mac) || !addresses_answers(&addresses, arp.target_ip, in->name, now_ms())) return;
    uint8_t reply[ARP_FRAME];
    arp_reply(reply, in->mac, arp.target_ip, &arp);
    bool sent = wire_send(wire, in->index, reply);
    say("%s %s %s %s %s %s", sent ? "request" : "unsent", in->name, ip_text(arp.target_ip), ip_text(arp.sender_ip),
        mac_text(arp.sender), mac_text(in->mac));
}

static void on_wire(void) {
    uint8_t frame[128];
    int index = 0;
    /* Bounded, so that a flood of requests does not keep commands waiting. */
    for (int i = 0; i < 64; i++) {
        ssize_t got = wire_read(wire, frame, sizeof frame, &index);
        if (got < 0) return;
        on_frame(frame, (size_t)got, links_find(&links, index));
    }
}

static unsigned broadcast_on_links(const struct address *a, enum due_kind kind) {
    unsigned sent = 0;
    for (size_t i = 0; i < links.count; i++) {
        const struct link *out = &links.entries[i];
        uint8_t frame[ARP_FRAME];
        if (!out->usable || !addresses_on_interface(a, out->name)) continue;
        if (kind == DUE_PROBE) {
            arp_probe(frame, out->mac, a->ip);
            sent += wire_send(wire, out->index, frame);
            continue;
        }
        for (uint16_t op = ARP_REQUEST; op <= ARP_REPLY; op++) {
            arp_announcement(frame, op, out->mac, a->ip);
            sent += wire_send(wire, out->index, frame);
        }
    }
    return sent;
}

static void run_due(void) {
    struct due due;
    while (addresses_due(&addresses, now_ms(), &due)) {
        const char *ip = ip_text(due.address->ip);
        switch (due.kind) {
        case DUE_ANNOUNCE: say("announced %s %u", ip, broadcast_on_links(due.address, due.kind)); break;
        case DUE_PROBE: broadcast_on_links(due.address, due.kind); break;
        case DUE_FREE: say("free %s %llu", ip, (unsigned long long)now_ms()); break;
        case DUE_EXPIRED: say("expired %s", ip); break;
        }
    }
}

static void on_command(const char *line, size_t len) {
    struct command c;
    bool done = true;
    if (len == 0) return;
    if (!command_parse(line, len, &c)) {
        say("bad %.*s", (int)(len < 100 ? len : 100), line);
        return;
    }
    switch (c.kind) {
    case COMMAND_ADD: done = addresses_hold(&addresses, c.ip, c.until, c.interfaces); break;
    case COMMAND_DEL: addresses_drop(&addresses, c.ip); break;
    case COMMAND_ANNOUNCE: done = addresses_announce(&addresses, c.ip, now_ms()); break;
    case COMMAND_PROBE: done = addresses_probe(&addresses, c.ip, now_ms()); break;
    }
    /* Said after the fact: from here on no request is answered. */
    if (c.kind == COMMAND_DEL) say("deleted %s", ip_text(c.ip));
    if (!done) say("bad out of memory");
}

/* False: the speaker has gone. */
static bool on_commands(void) {
    static char buffer[4096];
    static size_t used;
    static bool skipping;
    ssize_t got = read(STDIN_FILENO, buffer + used, sizeof buffer - used);
    if (got < 0) return errno == EINTR || errno == EAGAIN;
    if (got == 0) return false;
    used += (size_t)got;
    char *start = buffer, *end;
    while ((end = memchr(start, '\n', used - (size_t)(start - buffer)))) {
        if (!skipping) on_command(start, (size_t)(end - start));
        skipping = false;
        start = end + 1;
    }
    used -= (size_t)(start - buffer);
    memmove(buffer, start, used);
    if (used == sizeof buffer) {
        say("bad line of more than %zu bytes", sizeof buffer);
        skipping = true;
        used = 0;
    }
    return true;
}

static bool watch(int fd, enum source source, uint32_t events, int op) {
    struct epoll_event e = {.events = events, .data.u32 = source};
    /* EPERM: a plain file, which is always ready. */
    return epoll_ctl(poller, op, fd, &e) == 0 || (fd == STDOUT_FILENO && errno == EPERM) || say_errno("epoll_ctl");
}

/* All sockets are open: nothing that needs a capability comes after this. */
static bool drop_privileges(void) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return say_errno("PR_SET_NO_NEW_PRIVS");
    return syscall(SYS_capset, &header, none) == 0 || say_errno("capset");
}

static int wait_ms(void) {
    uint64_t next = addresses_next(&addresses), now = now_ms();
    if (next == FOREVER) return -1;
    if (next <= now) return 0;
    return next - now > 60000 ? 60000 : (int)(next - now);
}

int main(int argc, char **argv) {
    (void)argv;
    if (argc > 1) {
        fputs("usage: arp-responder\n\nAnswers ARP for addresses that are on no interface. Commands on stdin, what happens on stdout:\n"
              "see README.md. Ends when stdin does.\n",
              stderr);
        return 2;
    }
    say_open();
    poller = epoll_create1(EPOLL_CLOEXEC);
    wire = wire_open();
    if (poller < 0 || wire < 0 || !links_open(&links) || !drop_privileges()) return 1;
    links_read(&links, link_changed);
    if (!watch(STDIN_FILENO, COMMANDS, EPOLLIN, EPOLL_CTL_ADD) || !watch(wire, WIRE, EPOLLIN, EPOLL_CTL_ADD) ||
        !watch(links.fd, LINKS, EPOLLIN, EPOLL_CTL_ADD) || !watch(STDOUT_FILENO, OUTPUT, 0, EPOLL_CTL_ADD))
        return 1;
    say("ready");
    for (bool blocked = false, was = false;;) {
        run_due();
        blocked = say_flush();
        if (blocked != was && !watch(STDOUT_FILENO, OUTPUT, blocked ? EPOLLOUT : 0, EPOLL_CTL_MOD)) return 1;
        was = blocked;
        struct epoll_event events[4];
        int n = epoll_wait(poller, events, 4, wait_ms());
        if (n < 0 && errno != EINTR) return !say_errno("epoll_wait");
        /* Commands first: an address that is to be dropped is not answered for any more. */
        for (int i = 0; i < n; i++)
            if (events[i].data.u32 == COMMANDS && !on_commands()) return 0;
        for (int i = 0; i < n; i++) {
            if (events[i].data.u32 == WIRE) on_wire();
            if (events[i].data.u32 == LINKS) links_read(&links, link_changed);
            if (events[i].data.u32 == OUTPUT && (events[i].events & (EPOLLERR | EPOLLHUP))) return 0;
        }
    }
}
