#include "test/build.h"
#include "test/test.h"
#include "tunl0/bytes.h"
#include "tunl0/encap.h"

static struct ipv4 inner_with(uint8_t tos, uint16_t frag, uint8_t ttl) {
    return (struct ipv4){.src = POD1, .dst = POD2, .total = 84, .hlen = 20, .tos = tos, .frag = frag, .ttl = ttl, .proto = 1};
}

TEST(figure16, "encap: the outer header of Figure 16's packet, byte by byte") {
    /* IP 10.1.110.102 > 10.1.110.107: IP 192.168.104.65 > 192.168.8.193: ICMP echo request, 64 bytes */
    struct ipv4 inner = inner_with(0, IPV4_DF, 63);
    uint8_t out[20];
    encap_header(out, &inner, NODE1, NODE2, 0x0102, true);
    const uint8_t expected[20] = {0x45, 0, 0, 104, 1, 2, 0x40, 0, 63, 4, out[10], out[11], 10, 1, 110, 102, 10, 1, 110, 107};
    CHECK_BYTES(out, expected, 20);
    CHECK_EQ(plain_checksum(out, 20, 0), 0);
}

TEST(inherit, "encap: TTL and DF are the inner ones, MF and offset are not") {
    uint8_t out[20];
    struct ipv4 fragment = inner_with(0, IPV4_MF | 100, 1);
    encap_header(out, &fragment, 0, NODE2, 1, true);
    CHECK_EQ(get16(out + 6), 0);
    CHECK_EQ(out[8], 1);
    struct ipv4 whole = inner_with(0, IPV4_DF, 255);
    encap_header(out, &whole, 0, NODE2, 1, true);
    CHECK_EQ(get16(out + 6), IPV4_DF);
    CHECK_EQ(out[8], 255);
}

TEST(tos, "encap: DSCP inherited or 0; ECN as INET_ECN_encapsulate, CE goes out as ECT(0)") {
    const uint8_t ecn_out[4] = {ECN_NOT_ECT, ECN_ECT1, ECN_ECT0, ECN_ECT0};
    for (uint8_t ecn = 0; ecn < 4; ecn++) {
        uint8_t out[20];
        struct ipv4 inner = inner_with((uint8_t)(0xb8 | ecn), 0, 64);
        encap_header(out, &inner, 0, NODE2, 1, true);
        CHECK_EQ(out[1], 0xb8 | ecn_out[ecn]);
        encap_header(out, &inner, 0, NODE2, 1, false);
        CHECK_EQ(out[1], ecn_out[ecn]);
        CHECK_EQ(plain_checksum(out, 20, 0), 0);
    }
}

TEST(depth, "encap: nesting is counted, bounded, and stops at a later fragment or a broken header") {
    uint8_t p[300];
    struct ip_fields ipip = {.src = NODE1, .dst = NODE2, .ttl = 64, .proto = 4};
    struct ip_fields ping = {.src = POD1, .dst = POD2, .ttl = 64, .proto = 1};
    struct ipv4 ip;
    for (int levels = 0; levels <= 8; levels++) {
        size_t at = 0, total = 20u * (size_t)levels + 28;
        for (int i = 0; i < levels; i++) at += build_ip(p + at, ipip, total - at - 20);
        build_ip(p + at, ping, 8);
        CHECK(ipv4_parse(p, total, &ip));
        CHECK_EQ(encap_depth(p, &ip), levels < ENCAP_NESTING ? levels : ENCAP_NESTING);
    }
    ipip.frag = 5;
    build_ip(p, ipip, 28);
    CHECK(ipv4_parse(p, 48, &ip));
    CHECK_EQ(encap_depth(p, &ip), 1);
    ipip.frag = 0;
    build_ip(p, ipip, 0);
    CHECK(ipv4_parse(p, 20, &ip));
    CHECK_EQ(encap_depth(p, &ip), 1);
}
