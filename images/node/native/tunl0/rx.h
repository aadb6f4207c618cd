/* From the wire to the device: let peers in, decapsulate, join, write. */
#ifndef TUNL0_RX_H
#define TUNL0_RX_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "tunl0/coalesce.h"
#include "tunl0/peers.h"
#include "tunl0/stats.h"
#include "tunl0/tun.h"

enum { RX_BATCH = COALESCE_MAX };

struct rx {
    const struct tun *tun;
    const struct peers *peers;
    struct stats *stats;
    int socket;        /* raw, of protocol IPIP; the kernel has reassembled what it delivers */
    uint8_t *memory;
    struct mmsghdr messages[RX_BATCH];
    struct iovec iov[RX_BATCH];
    struct sockaddr_in from[RX_BATCH];
    struct rx_packet packets[RX_BATCH];
    struct group groups[RX_BATCH];
    char control[64];
    uint32_t overflow;  /* SO_RXQ_OVFL as last seen */
};

bool rx_open(struct rx *rx, const struct tun *tun, const struct peers *peers, struct stats *stats);

/* Takes some batches; what is left makes the socket readable again. */
void rx_run(struct rx *rx);

#endif
