#include "tunl0/icmp.h"

#include <string.h>

#include "tunl0/bytes.h"
#include "tunl0/checksum.h"

enum { ICMP_HEADER = 8, ICMP_UNREACHABLE = 3, ICMP_FRAG_NEEDED = 4 };

/* Every ICMP type but the queries is an error message or close enough not to be answered. */
static int is_query(uint8_t type) {
    return type == 0 || type == 8 || (type >= 13 && type <= 18);
}

size_t icmp_frag_needed(uint8_t out[ICMP_MAX], const struct ipv4 *ip, const uint8_t *headers, size_t header,
                        const uint8_t *payload, size_t length, uint16_t mtu) {
    if (ip->frag & IPV4_OFFSET) return 0;
    if (ip->src == 0 || ip->src >> 28 >= 0xe || ip->src >> 24 == 127) return 0;

    uint8_t *quote = out + IPV4_HEADER + ICMP_HEADER;
    size_t room = ICMP_MAX - IPV4_HEADER - ICMP_HEADER;
    size_t a = header < room ? header : room;
    size_t b = length < room - a ? length : room - a;
    memcpy(quote, headers, a);
    memcpy(quote + a, payload, b);
    size_t quoted = a + b;
    if (quoted <= ip->hlen || (ip->proto == PROTO_ICMP && !is_query(quote[ip->hlen]))) return 0;

    size_t total = IPV4_HEADER + ICMP_HEADER + quoted;
    memset(out, 0, IPV4_HEADER + ICMP_HEADER);
    out[0] = 0x45;
    out[1] = 0xc0;  /* internetwork control, as icmp_send marks its errors (RFC 1812, 5.3.2) */
    put16(out + 2, (uint16_t)total);
    out[8] = 64;
    out[9] = PROTO_ICMP;
    put32(out + 12, ip->dst);
    put32(out + 16, ip->src);
    ipv4_set_checksum(out, IPV4_HEADER);

    uint8_t *icmp = out + IPV4_HEADER;
    icmp[0] = ICMP_UNREACHABLE;
    icmp[1] = ICMP_FRAG_NEEDED;
    put16(icmp + 6, mtu);
    put16(icmp + 2, checksum(icmp, ICMP_HEADER + quoted));
    return total;
}
