/* The IPv4 header (RFC 791), read and checked the way the kernel's ip_rcv does. */
#ifndef TUNL0_IPV4_H
#define TUNL0_IPV4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    IPV4_HEADER = 20,  /* without options */
    IPV4_MAX = 65535,  /* the total length field has 16 bits */
    PROTO_ICMP = 1,
    PROTO_IPIP = 4,
    PROTO_TCP = 6,
};

enum { IPV4_DF = 0x4000, IPV4_MF = 0x2000, IPV4_OFFSET = 0x1fff };

enum { ECN_MASK = 3, ECN_NOT_ECT = 0, ECN_ECT1 = 1, ECN_ECT0 = 2, ECN_CE = 3 };

struct ipv4 {
    uint32_t src, dst;  /* host order */
    uint16_t total;     /* total length, header included */
    uint16_t id;
    uint16_t frag;      /* flags and offset as in the header */
    uint8_t hlen;       /* header length in bytes, options included */
    uint8_t tos, ttl, proto;
};

/*
 * Reads a header. `len` may be larger than the packet's total length (link padding), never smaller.
 * False: not version 4, header length below 20 or beyond the packet, total length below the header
 * length or beyond `len`, or a wrong header checksum. Fragments and options are legal.
 */
bool ipv4_parse(const uint8_t *p, size_t len, struct ipv4 *ip);

/* True for every fragment, the first one included. */
static inline bool ipv4_is_fragment(const struct ipv4 *ip) {
    return (ip->frag & (IPV4_MF | IPV4_OFFSET)) != 0;
}

/* Writes the header checksum of the header of `hlen` bytes at `p`. */
void ipv4_set_checksum(uint8_t *p, size_t hlen);

#endif
