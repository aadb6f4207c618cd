#include "tunl0/tx.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tunl0/encap.h"
#include "tunl0/log.h"
#include "tunl0/toobig.h"

enum { PACKET_ROOM = IPV4_MAX + 1, ARENA = 5 * PACKET_ROOM, ROUNDS = 8 };

bool tx_open(struct tx *tx, const struct tun *tun, const struct routes *routes, struct stats *stats, int fragmenter,
             bool inherit_dscp) {
    *tx = (struct tx){.tun = tun, .routes = routes, .stats = stats, .fragmenter = fragmenter, .inherit_dscp = inherit_dscp};
    tx->arena = malloc(ARENA);
    if (!tx->arena) return log_errno("packet memory");
    if (getrandom(&tx->id, sizeof tx->id, 0) < 0) tx->id = (uint16_t)getpid();
    tx->socket = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_RAW);
    if (tx->socket < 0) return log_errno("raw socket to send with (needs CAP_NET_RAW)");
    int size = 4 << 20;
    if (setsockopt(tx->socket, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) < 0)
        setsockopt(tx->socket, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    for (int i = 0; i < TX_BATCH; i++) {
        struct tx_slot *s = &tx->slots[i];
        s->gateway.sin_family = AF_INET;
        tx->messages[i].msg_hdr = (struct msghdr){
            .msg_name = &s->gateway, .msg_namelen = sizeof s->gateway, .msg_iov = s->iov, .msg_iovlen = 2,
        };
    }
    return true;
}

/* Decides about one packet from the device; true when it has segments to send. */
static bool accept_packet(struct tx *tx, uint8_t *packet, size_t len, const struct virtio_net_hdr *vnet) {
    struct segmenter *c = &tx->cutting;
    if (!segment_begin(c, packet, len, vnet, tx->routes->mtu) || (c->header == 0 && c->length > IPV4_MAX - IPV4_HEADER)) {
        tx->stats->tx_malformed++;
        return false;
    }
    tx->gateway = table_lookup(&tx->routes->table, c->ip.dst);
    if (tx->gateway == 0) {
        tx->stats->tx_no_route++;
        return false;
    }
    /* Our own outer packet, led back to us by a route (the kernel: "collisions"). */
    if (c->ip.proto == PROTO_IPIP && (c->ip.dst == tx->gateway || encap_depth(packet, &c->ip) >= ENCAP_NESTING)) {
        tx->stats->tx_loop++;
        return false;
    }
    tx->stats->tx_super += c->header != 0;
    return true;
}

static void fill_slot(struct tx *tx, struct tx_slot *s) {
    struct segment *g = &s->inner;
    encap_header(s->headers, &g->ip, 0, tx->gateway, ++tx->id, tx->inherit_dscp);
    s->gateway.sin_addr.s_addr = htonl(tx->gateway);
    s->iov[0] = (struct iovec){s->headers, (size_t)IPV4_HEADER + g->header};
    s->iov[1] = (struct iovec){(void *)(uintptr_t)g->payload, g->length};
}

static void send_failed(struct tx *tx, struct tx_slot *s, int error) {
    static time_t last;
    if (error == EMSGSIZE) {
        toobig(tx->tun, tx->fragmenter, &s->gateway, &s->inner, s->headers + IPV4_HEADER, s->headers[1], tx->stats);
    } else if (error == EPERM) {
        tx->stats->tx_denied++;
    } else {
        tx->stats->tx_errors++;
        errno = error;
        if (log_due(&last)) log_errno("send");
    }
}

/* False: the socket's buffer is full; what is left stays. */
static bool flush(struct tx *tx) {
    while (tx->sent < tx->count) {
        int n = sendmmsg(tx->socket, tx->messages + tx->sent, (unsigned)(tx->count - tx->sent), MSG_DONTWAIT);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return false;
        if (n < 0) {
            send_failed(tx, &tx->slots[tx->sent++], errno);
            continue;
        }
        for (int i = tx->sent; i < tx->sent + n; i++) tx->stats->tx_bytes += tx->slots[i].inner.ip.total;
        tx->stats->tx_packets += (uint64_t)n;
        tx->sent += n;
    }
    tx->count = tx->sent = 0;
    if (!tx->busy) tx->used = 0;
    return true;
}

/* Fills the batch from the packet being cut, then from the device. */
static enum tx_result fill(struct tx *tx) {
    while (tx->count < TX_BATCH) {
        if (tx->busy) {
            struct tx_slot *s = &tx->slots[tx->count];
            tx->busy = segment_next(&tx->cutting, s->headers + IPV4_HEADER, &s->inner);
            if (tx->busy) {
                fill_slot(tx, s);
                tx->count++;
            }
            continue;
        }
        if (tx->used + PACKET_ROOM > ARENA) break;
        struct virtio_net_hdr vnet;
        uint8_t *packet = tx->arena + tx->used;
        struct iovec iov[2] = {{&vnet, sizeof vnet}, {packet, PACKET_ROOM}};
        ssize_t n = readv(tx->tun->fd, iov, 2);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno == EAGAIN ? TX_IDLE : TX_GONE; /* EBADFD: nothing behind the descriptor any more */
        if ((size_t)n < sizeof vnet) continue;
        size_t len = (size_t)n - sizeof vnet;
        tx->busy = accept_packet(tx, packet, len, &vnet);
        if (tx->busy) tx->used += (len + 63) & ~(size_t)63;
    }
    return TX_MORE;
}

enum tx_result tx_run(struct tx *tx) {
    enum tx_result r = TX_MORE;
    for (int i = 0; i < ROUNDS && r == TX_MORE; i++) {
        if (!flush(tx)) return TX_BLOCKED;
        r = fill(tx);
        if (!flush(tx)) return TX_BLOCKED;
    }
    return r;
}
