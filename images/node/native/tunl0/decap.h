/* Takes the outer header off a packet of IP protocol 4. */
#ifndef TUNL0_DECAP_H
#define TUNL0_DECAP_H

#include <stddef.h>
#include <stdint.h>

#include "tunl0/ipv4.h"

enum decap_result {
    DECAP_OK,
    DECAP_MALFORMED,  /* outer or inner header wrong, or the inner packet is cut short */
    DECAP_ECN,        /* the path marked congestion on a packet that must not be marked (RFC 6040, 4.2) */
};

struct decap {
    uint8_t *inner;      /* points into the packet; `ip.total` bytes */
    struct ipv4 ip;      /* the inner header */
};

/*
 * `packet` is what a raw socket delivers: the outer header with its options, reassembled by the kernel,
 * then the payload. Inner fragments and inner options are left as they are. An outer CE mark is copied
 * to an inner header that is ECN capable (RFC 6040, figure 4; the kernel's INET_ECN_decapsulate).
 */
enum decap_result decap(uint8_t *packet, size_t len, struct decap *out);

#endif
