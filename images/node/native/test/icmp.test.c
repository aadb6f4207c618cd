#include "test/build.h"
#include "test/test.h"
#include "tunl0/bytes.h"
#include "tunl0/icmp.h"

static uint8_t packet[2000], answer[ICMP_MAX];

static size_t answer_to(struct ip_fields f, uint8_t first, size_t payload) {
    struct ipv4 ip;
    size_t n = build_ip(packet, f, payload) + payload;
    packet[n - payload] = first;
    CHECK(ipv4_parse(packet, n, &ip));
    return icmp_frag_needed(answer, &ip, packet, 0, packet, n, 1380);
}

TEST(needed, "icmp: fragmentation needed, from the destination, with the MTU and the packet's beginning") {
    size_t n = answer_to(pod_ip, 0, 1400);
    CHECK_EQ(n, 576);
    CHECK_EQ(get16(answer + 2), 576);
    CHECK_EQ(plain_checksum(answer, 20, 0), 0);
    CHECK_EQ(get32(answer + 12), POD2);
    CHECK_EQ(get32(answer + 16), POD1);
    CHECK_EQ(answer[9], 1);
    CHECK_EQ(answer[20], 3);
    CHECK_EQ(answer[21], 4);
    CHECK_EQ(get32(answer + 24), 1380);
    CHECK_EQ(plain_checksum(answer + 20, n - 20, 0), 0);
    CHECK_BYTES(answer + 28, packet, 548);
}

TEST(parts, "icmp: headers and payload that lie apart are quoted as one packet") {
    struct ipv4 ip;
    size_t n = build_tcp(packet, pod_ip, pod_tcp, 60);
    CHECK(ipv4_parse(packet, n, &ip));
    CHECK_EQ(icmp_frag_needed(answer, &ip, packet, 40, packet + 40, n - 40, 1380), 28 + n);
    CHECK_BYTES(answer + 28, packet, n);
}

TEST(silence, "icmp: no answer where RFC 1122, 3.2.2 forbids one") {
    struct ip_fields f = pod_ip;
    f.proto = 1;
    CHECK(answer_to(f, 8, 100) != 0);   /* echo request */
    CHECK_EQ(answer_to(f, 3, 100), 0);  /* unreachable */
    CHECK_EQ(answer_to(f, 11, 100), 0); /* time exceeded */
    f = pod_ip;
    f.frag = IPV4_DF | 5;
    CHECK_EQ(answer_to(f, 0, 100), 0);
    const uint32_t sources[] = {0, 0xe0000001, 0xffffffff, 0x7f000001};
    for (size_t i = 0; i < 4; i++) {
        f = pod_ip;
        f.src = sources[i];
        CHECK_EQ(answer_to(f, 0, 100), 0);
    }
}
