#include "tunl0/encap.h"

#include "tunl0/bytes.h"

void encap_header(uint8_t out[IPV4_HEADER], const struct ipv4 *inner, uint32_t src, uint32_t dst, uint16_t id,
                  bool inherit_dscp) {
    uint8_t ecn = inner->tos & ECN_MASK;
    if (ecn == ECN_CE) ecn = ECN_ECT0;
    out[0] = 0x45;
    out[1] = (uint8_t)((inherit_dscp ? inner->tos & ~ECN_MASK : 0) | ecn);
    put16(out + 2, (uint16_t)(IPV4_HEADER + inner->total));
    put16(out + 4, id);
    put16(out + 6, inner->frag & IPV4_DF);
    out[8] = inner->ttl;
    out[9] = PROTO_IPIP;
    put32(out + 12, src);
    put32(out + 16, dst);
    ipv4_set_checksum(out, IPV4_HEADER);
}

int encap_depth(const uint8_t *packet, const struct ipv4 *ip) {
    struct ipv4 at = *ip;
    int depth = 0;
    while (at.proto == PROTO_IPIP && depth < ENCAP_NESTING) {
        depth++;
        size_t rest = (size_t)at.total - at.hlen;
        packet += at.hlen;
        /* Behind a later fragment's header there is no header. */
        if ((at.frag & IPV4_OFFSET) != 0 || !ipv4_parse(packet, rest, &at)) break;
    }
    return depth;
}
