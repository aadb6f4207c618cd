/* "Fragmentation needed and DF set" (RFC 792, RFC 1191), for a sender whose packet is too big for the path. */
#ifndef TUNL0_ICMP_H
#define TUNL0_ICMP_H

#include <stddef.h>
#include <stdint.h>

#include "tunl0/ipv4.h"

/* As much of the offending packet is quoted as fits 576 bytes (RFC 1812, 4.3.2.3; icmp_send does the same). */
enum { ICMP_MAX = 576 };

/*
 * Writes the whole IPv4 packet to `out` and returns its length, or 0 when RFC 1122, 3.2.2 forbids an answer: an
 * ICMP error, a later fragment, a multicast, broadcast or unspecified source. `headers` and `payload` are the two parts
 * of the offending packet. Its source address is the offending packet's destination, since an own address would
 * be dropped as martian, and the node's would fail a strict reverse path filter on tunl0.
 */
size_t icmp_frag_needed(uint8_t out[ICMP_MAX], const struct ipv4 *ip, const uint8_t *headers, size_t header,
                        const uint8_t *payload, size_t length, uint16_t mtu);

#endif
