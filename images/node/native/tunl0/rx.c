#include "tunl0/rx.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "tunl0/decap.h"
#include "tunl0/log.h"

/* Room for the largest packet in every slot, but only the pages that packets touch become memory. The odd 192 bytes
   keep the slots' first lines from all falling into one cache set. */
enum { SLOT = 65536 + 4096 + 192, ROUNDS = 4 };

static bool open_socket(struct rx *rx) {
    rx->socket = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_IPIP);
    if (rx->socket < 0) return log_errno("raw socket of protocol 4 (needs CAP_NET_RAW)");
    /* The force variant needs CAP_NET_ADMIN in the initial user namespace; else net.core.rmem_max is the bound. */
    int size = 8 << 20, on = 1, fragment = IP_PMTUDISC_DONT;
    if (setsockopt(rx->socket, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0)
        setsockopt(rx->socket, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (setsockopt(rx->socket, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on) < 0) log_errno("SO_RXQ_OVFL");
    /* For what is sent through it, see toobig.c. */
    if (setsockopt(rx->socket, IPPROTO_IP, IP_MTU_DISCOVER, &fragment, sizeof fragment) < 0) log_errno("IP_MTU_DISCOVER");
    return true;
}

bool rx_open(struct rx *rx, const struct tun *tun, const struct peers *peers, struct stats *stats) {
    *rx = (struct rx){.tun = tun, .peers = peers, .stats = stats};
    rx->memory = mmap(NULL, (size_t)RX_BATCH * SLOT, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (rx->memory == MAP_FAILED) return log_errno("packet memory");
    madvise(rx->memory, (size_t)RX_BATCH * SLOT, MADV_NOHUGEPAGE);
    for (int i = 0; i < RX_BATCH; i++) {
        rx->iov[i] = (struct iovec){rx->memory + (size_t)i * SLOT, IPV4_MAX};
        rx->messages[i].msg_hdr = (struct msghdr){.msg_name = &rx->from[i], .msg_iov = &rx->iov[i], .msg_iovlen = 1};
    }
    return open_socket(rx);
}

static void count_overflow(struct rx *rx, struct msghdr *m) {
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_RXQ_OVFL) continue;
        uint32_t total;
        memcpy(&total, CMSG_DATA(c), sizeof total);
        rx->stats->rx_overflow += (uint32_t)(total - rx->overflow);
        rx->overflow = total;
    }
}

/* Outer packet number `i` of the batch; true when `out` is an inner packet for the device. */
static bool let_in(struct rx *rx, int i, struct rx_packet *out) {
    struct mmsghdr *m = &rx->messages[i];
    if (!peerlist_has(&rx->peers->list, ntohl(rx->from[i].sin_addr.s_addr))) {
        rx->stats->rx_not_peer++;
        return false;
    }
    struct decap d;
    enum decap_result r = m->msg_hdr.msg_flags & MSG_TRUNC ? DECAP_MALFORMED : decap(rx->iov[i].iov_base, m->msg_len, &d);
    rx->stats->rx_malformed += r == DECAP_MALFORMED;
    rx->stats->rx_ecn += r == DECAP_ECN;
    if (r != DECAP_OK) return false;
    *out = (struct rx_packet){.data = d.inner, .ip = d.ip};
    return true;
}

static void write_group(struct rx *rx, struct group *g) {
    static time_t last;
    struct iovec iov[1 + COALESCE_MAX];
    int n = 0;
    iov[n++] = (struct iovec){&g->vnet, sizeof g->vnet};
    for (int i = g->first; i >= 0; i = rx->packets[i].next) {
        const struct rx_packet *p = &rx->packets[i];
        iov[n++] = (struct iovec){p->data + p->header, (size_t)p->ip.total - p->header};
    }
    ssize_t written;
    do written = writev(rx->tun->fd, iov, n);
    while (written < 0 && errno == EINTR);
    if (written < 0) {
        rx->stats->rx_errors += (uint64_t)g->count;
        if (errno != EIO && log_due(&last)) log_errno("write to %s", rx->tun->name);  /* EIO: it is down */
        return;
    }
    rx->stats->rx_packets += (uint64_t)g->count;
    rx->stats->rx_super += g->count > 1;
    rx->stats->rx_bytes += g->total + (uint64_t)(g->count - 1) * g->header;
}

static int receive(struct rx *rx) {
    for (int i = 0; i < RX_BATCH; i++) rx->messages[i].msg_hdr.msg_namelen = sizeof rx->from[i];
    /* The counter of lost packets is the socket's: one message of the batch that carries it is enough. */
    rx->messages[0].msg_hdr.msg_control = rx->control;
    rx->messages[0].msg_hdr.msg_controllen = sizeof rx->control;
    return recvmmsg(rx->socket, rx->messages, RX_BATCH, MSG_DONTWAIT, NULL);
}

void rx_run(struct rx *rx) {
    for (int round = 0; round < ROUNDS; round++) {
        int n = receive(rx), count = 0;
        if (n <= 0) return;
        count_overflow(rx, &rx->messages[0].msg_hdr);
        for (int i = 0; i < n; i++) count += let_in(rx, i, &rx->packets[count]);
        int groups = coalesce(rx->packets, count, rx->groups, IPV4_MAX);
        for (int i = 0; i < groups; i++) write_group(rx, &rx->groups[i]);
        if (n < RX_BATCH) return;
    }
}
