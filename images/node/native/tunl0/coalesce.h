/*
 * Joins consecutive TCP segments of one flow into one super-packet, so that the kernel takes one packet of up
 * to 64 KiB through its stack instead of 45. The rules are those of the kernel's tcp_gro_receive and
 * inet_gro_receive: what is joined can be cut apart again into the same packets (only the IP id may differ,
 * where DF makes it meaningless, RFC 6864).
 */
#ifndef TUNL0_COALESCE_H
#define TUNL0_COALESCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/virtio_net.h>

#include "tunl0/ipv4.h"

enum { COALESCE_MAX = 64 };  /* packets that one batch may hold */

struct rx_packet {
    uint8_t *data;    /* an inner packet, `ip.total` bytes */
    struct ipv4 ip;
    int next;         /* the packet whose payload follows, -1: none */
    uint16_t header;  /* of a packet that was joined to another: bytes to leave out */
};

/* What is written to the device at once: a chain of packets from `first`. */
struct group {
    struct virtio_net_hdr vnet;
    int first, last;
    int count;
    uint16_t header;     /* IP and TCP header of the first; 0: this is not a TCP segment that can be joined */
    uint16_t size;       /* payload of every packet but the last */
    uint32_t total;      /* bytes of the whole, headers included */
    uint32_t next_seq;
    bool open;           /* more may be joined */
};

/*
 * Groups `n` packets (at most COALESCE_MAX) that arrived in this order; groups come in the order of their first
 * packets, and no packet overtakes another of its flow. `limit` bounds a group's bytes (IPV4_MAX; less in tests). The
 * headers of each group's first packet are changed in place to describe the whole.
 * Returns the number of groups.
 */
int coalesce(struct rx_packet *packets, int n, struct group *groups, uint32_t limit);

#endif
