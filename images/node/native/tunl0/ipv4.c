#include "tunl0/ipv4.h"

#include "tunl0/bytes.h"
#include "tunl0/checksum.h"

bool ipv4_parse(const uint8_t *p, size_t len, struct ipv4 *ip) {
    if (len < IPV4_HEADER || p[0] >> 4 != 4) return false;
    uint8_t hlen = (uint8_t)((p[0] & 0x0f) * 4);
    uint16_t total = get16(p + 2);
    if (hlen < IPV4_HEADER || hlen > len || total < hlen || total > len) return false;
    if (checksum(p, hlen) != 0) return false;
    *ip = (struct ipv4){
        .hlen = hlen,
        .tos = p[1],
        .total = total,
        .id = get16(p + 4),
        .frag = get16(p + 6),
        .ttl = p[8],
        .proto = p[9],
        .src = get32(p + 12),
        .dst = get32(p + 16),
    };
    return true;
}

void ipv4_set_checksum(uint8_t *p, size_t hlen) {
    put16(p + 10, 0);
    put16(p + 10, checksum(p, hlen));
}
