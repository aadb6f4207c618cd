/* The outer header of IP in IP (RFC 2003), filled in as the kernel's ip_tunnel_xmit does. */
#ifndef TUNL0_ENCAP_H
#define TUNL0_ENCAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tunl0/ipv4.h"

/* As many headers of protocol 4 may already be in front of a packet (RFC 2473 names the same limit for
   IPv6): a route that leads the outer packet back into tunl0 ends here instead of going round for ever. */
enum { ENCAP_NESTING = 4 };

/*
 * Writes the 20 bytes that go in front of `inner`.
 * TTL is the inner one (a tunnel is one hop, `ttl inherit`), DF is the inner one (ip_tunnel_xmit:
 * df |= inner->frag_off & DF). ECN follows INET_ECN_encapsulate: CE goes out as ECT(0), for the inner
 * header keeps it. DSCP is the inner one when `inherit_dscp`, else 0.
 * Source address 0 leaves the choice to the kernel (raw(7), IP_HDRINCL). The checksum is right for the
 * header as written; the kernel writes its own once it has chosen a source.
 */
void encap_header(uint8_t out[IPV4_HEADER], const struct ipv4 *inner, uint32_t src, uint32_t dst, uint16_t id,
                  bool inherit_dscp);

/* How many IPIP headers `packet` begins with, itself included (0: it is not IPIP), at most ENCAP_NESTING. */
int encap_depth(const uint8_t *packet, const struct ipv4 *ip);

#endif
