/* What happened to packets that the device's own counters do not show. */
#ifndef TUNL0_STATS_H
#define TUNL0_STATS_H

#include <stdbool.h>
#include <stdint.h>

/* name, meaning; the names are those in the file */
#define STATS(X)                                                                           \
    X(tx_packets)      /* outer packets sent */                                            \
    X(tx_bytes)        /* bytes of inner packets in them */                                \
    X(tx_super)        /* super-packets that were cut */                                   \
    X(tx_no_route)     /* no route with a gateway through the device */                    \
    X(tx_malformed)    /* not IPv4, or not to be cut */                                    \
    X(tx_too_big)      /* larger than the path to the gateway, DF set: ICMP sent */        \
    X(tx_fragmented)   /* larger than the path, DF clear: sent in outer fragments */       \
    X(tx_loop)         /* a route leads the outer packet back into the device */           \
    X(tx_denied)       /* netfilter dropped the outer packet (OUTPUT, POSTROUTING) */      \
    X(tx_errors)       /* any other failure to send */                                     \
    X(rx_packets)      /* outer packets whose inner one went to the device */              \
    X(rx_bytes)        /* bytes of inner packets in them */                                \
    X(rx_super)        /* super-packets they were joined to */                             \
    X(rx_not_peer)     /* outer source is not in the mesh */                               \
    X(rx_malformed)    /* outer or inner header wrong, inner packet cut short */           \
    X(rx_ecn)          /* congestion marked outside, inner not ECN capable (RFC 6040) */   \
    X(rx_overflow)     /* lost because the socket's buffer was full */                     \
    X(rx_errors)       /* the device took it not (it is down) */                           \
    X(peers)           /* addresses in the peer list */                                    \
    X(routes)          /* routes through the device */

struct stats {
#define X(name) uint64_t name;
    STATS(X)
#undef X
};

struct stats_file {
    const char *path;        /* NULL: nothing is written */
    struct stats written;
    uint64_t written_at;     /* CLOCK_MONOTONIC, ns */
    bool ever;
    int timer;               /* timerfd, readable when a write that had to wait is due */
    bool waiting;
};

bool stats_open(struct stats_file *f, const char *path);

/* Writes when something changed, at most once a second; otherwise sees to it that the timer goes off. */
void stats_changed(struct stats_file *f, const struct stats *s);

/* Writes now. */
void stats_write(struct stats_file *f, const struct stats *s);

/* The timer went off. */
void stats_timer(struct stats_file *f, const struct stats *s);

#endif
