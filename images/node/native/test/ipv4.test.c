#include "test/build.h"
#include "test/test.h"
#include "tunl0/bytes.h"
#include "tunl0/ipv4.h"

TEST(fields, "ipv4: reads every field") {
    uint8_t p[64];
    struct ip_fields f = {.src = POD1, .dst = POD2, .id = 9, .frag = 0x2005, .tos = 0xb9, .ttl = 3, .proto = 17, .options = 8};
    size_t hlen = build_ip(p, f, 30);
    struct ipv4 ip;
    CHECK(ipv4_parse(p, sizeof p, &ip));
    CHECK_EQ(hlen, 28);
    CHECK_EQ(ip.hlen, 28);
    CHECK_EQ(ip.total, 58);
    CHECK_EQ(ip.src, POD1);
    CHECK_EQ(ip.dst, POD2);
    CHECK_EQ(ip.id, 9);
    CHECK_EQ(ip.frag, 0x2005);
    CHECK_EQ(ip.tos, 0xb9);
    CHECK_EQ(ip.ttl, 3);
    CHECK_EQ(ip.proto, 17);
    CHECK(ipv4_is_fragment(&ip));
}

TEST(lengths, "ipv4: padding behind the packet is legal, a missing byte is not") {
    uint8_t p[100];
    struct ipv4 ip;
    build_ip(p, pod_ip, 40);
    CHECK(ipv4_parse(p, 100, &ip));
    CHECK(ipv4_parse(p, 60, &ip));
    for (size_t len = 0; len < 60; len++) CHECK(!ipv4_parse(p, len, &ip));
}

/* Changes one byte of a good header, keeps the checksum right. */
static bool with(int at, uint8_t value) {
    uint8_t p[80];
    struct ipv4 ip;
    build_ip(p, pod_ip, 40);
    p[at] = value;
    put16(p + 10, 0);
    size_t hlen = (size_t)(p[0] & 15) * 4;
    put16(p + 10, plain_checksum(p, hlen, 0));
    return ipv4_parse(p, 60, &ip);
}

TEST(bad, "ipv4: version, header length and total length that cannot be") {
    CHECK(with(0, 0x45));
    CHECK(!with(0, 0x65)); /* version 6 */
    CHECK(!with(0, 0x05)); /* version 0 */
    for (int ihl = 0; ihl < 5; ihl++) CHECK(!with(0, (uint8_t)(0x40 | ihl)));
    CHECK(with(0, 0x4f));  /* 60 bytes of header, no payload */
    CHECK(!with(3, 19));   /* total length below the header's */
    CHECK(with(3, 20));    /* no payload */
    CHECK(!with(3, 61));   /* beyond the received bytes */
    CHECK(!with(2, 0xff));
}

TEST(sum, "ipv4: a wrong checksum") {
    uint8_t p[60];
    struct ipv4 ip;
    build_ip(p, pod_ip, 40);
    p[8]--;
    CHECK(!ipv4_parse(p, sizeof p, &ip));
    ipv4_set_checksum(p, 20);
    CHECK(ipv4_parse(p, sizeof p, &ip));
}
