/* From the device to the wire: cut, encapsulate, send in batches. */
#ifndef TUNL0_TX_H
#define TUNL0_TX_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "tunl0/route.h"
#include "tunl0/segment.h"
#include "tunl0/stats.h"

enum { TX_BATCH = 64 };

/* One outer packet that waits to be sent. */
struct tx_slot {
    uint8_t headers[IPV4_HEADER + SEGMENT_HEADERS];  /* outer header, then a segment's own */
    struct segment inner;
    struct sockaddr_in gateway;
    struct iovec iov[2];
};

struct tx {
    const struct tun *tun;
    const struct routes *routes;
    struct stats *stats;
    bool inherit_dscp;
    int socket;            /* IPPROTO_RAW: the headers are ours */
    int fragmenter;        /* of protocol IPIP: the kernel writes the outer header and may fragment */
    uint16_t id;
    uint8_t *arena;        /* packets read from the device, until their last segment is sent */
    size_t used;
    struct segmenter cutting;
    bool busy;             /* `cutting` has segments left */
    uint32_t gateway;      /* of `cutting` */
    struct tx_slot slots[TX_BATCH];
    struct mmsghdr messages[TX_BATCH];
    int count, sent;
};

enum tx_result {
    TX_IDLE,     /* the device has nothing more */
    TX_MORE,     /* there may be more, others should get their turn */
    TX_BLOCKED,  /* wait until `socket` is writable */
    TX_GONE,     /* the device is gone */
};

bool tx_open(struct tx *tx, const struct tun *tun, const struct routes *routes, struct stats *stats, int fragmenter,
             bool inherit_dscp);

enum tx_result tx_run(struct tx *tx);

#endif
