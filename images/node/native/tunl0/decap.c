#include "tunl0/decap.h"

#include "tunl0/bytes.h"
#include "tunl0/checksum.h"

static void mark_congestion(uint8_t *inner, struct ipv4 *ip) {
    uint16_t before = get16(inner);
    inner[1] |= ECN_CE;
    put16(inner + 10, checksum_update(get16(inner + 10), before, get16(inner)));
    ip->tos = inner[1];
}

enum decap_result decap(uint8_t *packet, size_t len, struct decap *out) {
    struct ipv4 outer;
    if (!ipv4_parse(packet, len, &outer) || outer.proto != PROTO_IPIP) return DECAP_MALFORMED;
    /* The kernel reassembles before a raw socket sees the packet. */
    if (ipv4_is_fragment(&outer)) return DECAP_MALFORMED;

    uint8_t *inner = packet + outer.hlen;
    if (!ipv4_parse(inner, (size_t)outer.total - outer.hlen, &out->ip)) return DECAP_MALFORMED;
    out->inner = inner;

    if ((outer.tos & ECN_MASK) == ECN_CE) {
        if ((out->ip.tos & ECN_MASK) == ECN_NOT_ECT) return DECAP_ECN;
        mark_congestion(inner, &out->ip);
    }
    return DECAP_OK;
}
