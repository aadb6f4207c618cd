/*
 * Cuts what the kernel hands a TUN device with offloads on (a TCP super-packet of up to 64 KiB, or a packet
 * whose checksum is still to be completed) into packets that fit the MTU. Does what the kernel's tcp_gso_segment
 * and inet_gso_segment do.
 */
#ifndef TUNL0_SEGMENT_H
#define TUNL0_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/virtio_net.h>

#include "tunl0/ipv4.h"

enum { SEGMENT_HEADERS = 60 + 60 };  /* IPv4 and TCP with all options */

struct segmenter {
    const uint8_t *packet;
    struct ipv4 ip;
    uint16_t header;    /* IP and TCP header together, 0: the packet goes out as it is */
    uint16_t size;      /* payload per segment */
    uint32_t length;    /* payload of the whole */
    uint32_t offset;    /* payload already cut */
    uint32_t count;     /* segments already cut; packets that go as they are: 0 or 1 */
};

struct segment {
    struct ipv4 ip;           /* of this segment, total length and id as sent */
    uint16_t header;          /* bytes of `headers`; 0: payload is the whole packet */
    uint32_t length;          /* bytes of payload */
    const uint8_t *payload;   /* points into the packet */
};

/*
 * `packet` of `len` bytes with the virtio header the kernel put before it. A checksum that is still to be
 * completed (VIRTIO_NET_HDR_F_NEEDS_CSUM) of a packet that is not cut is completed in place. `mtu` bounds the
 * segments even when the kernel planned with a larger one.
 * False: a header that is no IPv4, of a GSO type that was not asked for, or offsets beyond the packet.
 */
bool segment_begin(struct segmenter *s, uint8_t *packet, size_t len, const struct virtio_net_hdr *vnet, uint16_t mtu);

/* The next segment, its headers written to `headers`. False at the end. */
bool segment_next(struct segmenter *s, uint8_t headers[SEGMENT_HEADERS], struct segment *out);

#endif
