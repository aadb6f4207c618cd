#include "test/build.h"
#include "test/test.h"
#include "tunl0/bytes.h"
#include "tunl0/decap.h"

static uint8_t packet[70000];
static const struct ip_fields outer_ip = {.src = NODE1, .dst = NODE2, .id = 5, .ttl = 63, .proto = 4};

/* An outer header before what is at packet + 20 + options; the whole length. */
static size_t wrap(struct ip_fields outer, size_t inner) {
    return build_ip(packet, outer, inner) + inner;
}

TEST(plain, "decap: a packet comes out as it went in") {
    uint8_t expected[1500];
    size_t n = build_tcp(packet + 20, pod_ip, pod_tcp, 1000);
    memcpy(expected, packet + 20, n);
    struct decap d;
    CHECK_EQ(decap(packet, wrap(outer_ip, n), &d), DECAP_OK);
    CHECK_EQ(d.ip.total, n);
    CHECK_EQ(d.ip.dst, POD2);
    CHECK_BYTES(d.inner, expected, n);
}

TEST(options, "decap: options outside are stripped, options inside stay") {
    struct ip_fields outer = outer_ip, inner = pod_ip;
    outer.options = 40;
    inner.options = 12;
    size_t n = build_tcp(packet + 60, inner, pod_tcp, 10);
    struct decap d;
    CHECK_EQ(decap(packet, wrap(outer, n), &d), DECAP_OK);
    CHECK_EQ(d.inner - packet, 60);
    CHECK_EQ(d.ip.hlen, 32);
    CHECK_EQ(d.ip.total, n);
}

TEST(fragments, "decap: inner fragments pass; outer ones never reach a raw socket and are refused") {
    struct ip_fields inner = pod_ip, outer = outer_ip;
    struct decap d;
    const uint16_t legal[] = {IPV4_MF, IPV4_MF | 185, 185};
    for (size_t i = 0; i < 3; i++) {
        inner.frag = legal[i];
        size_t n = build_ip(packet + 20, inner, 16) + 16;
        CHECK_EQ(decap(packet, wrap(outer_ip, n), &d), DECAP_OK);
        CHECK_EQ(d.ip.frag, legal[i]);
        outer.frag = legal[i];
        CHECK_EQ(decap(packet, wrap(outer, n), &d), DECAP_MALFORMED);
    }
}

TEST(truncated, "decap: an inner packet cut anywhere is refused") {
    size_t n = build_tcp(packet + 20, pod_ip, pod_tcp, 100);
    struct decap d;
    for (size_t inner = 0; inner < n; inner++) CHECK_EQ(decap(packet, wrap(outer_ip, inner), &d), DECAP_MALFORMED);
    size_t whole = wrap(outer_ip, n);
    for (size_t len = 0; len < whole; len++) CHECK_EQ(decap(packet, len, &d), DECAP_MALFORMED);
}

TEST(padding, "decap: bytes behind the inner packet are left out") {
    size_t n = build_tcp(packet + 20, pod_ip, pod_tcp, 10);
    struct decap d;
    CHECK_EQ(decap(packet, wrap(outer_ip, n + 18), &d), DECAP_OK);
    CHECK_EQ(d.ip.total, n);
}

TEST(largest, "decap: 65515 bytes fit one outer packet, an inner header that claims more is refused") {
    struct ip_fields inner = pod_ip;
    inner.proto = 17;
    struct decap d;
    build_ip(packet + 20, inner, 65515 - 20);
    CHECK_EQ(decap(packet, wrap(outer_ip, 65515), &d), DECAP_OK);
    CHECK_EQ(d.ip.total, 65515);
    build_ip(packet + 20, inner, 65516 - 20);
    CHECK_EQ(decap(packet, wrap(outer_ip, 65515), &d), DECAP_MALFORMED);
    build_ip(packet + 20, inner, 65535 - 20);
    CHECK_EQ(decap(packet, wrap(outer_ip, 65515), &d), DECAP_MALFORMED);
}

TEST(other, "decap: IPv6 inside, another protocol outside, a broken header on either side") {
    struct ip_fields udp = outer_ip;
    struct decap d;
    udp.proto = 17;
    size_t n = build_tcp(packet + 20, pod_ip, pod_tcp, 10);
    CHECK_EQ(decap(packet, wrap(udp, n), &d), DECAP_MALFORMED);
    size_t whole = wrap(outer_ip, n);
    packet[12]++;
    CHECK_EQ(decap(packet, whole, &d), DECAP_MALFORMED);
    packet[12]--;
    packet[20 + 16]++;
    CHECK_EQ(decap(packet, whole, &d), DECAP_MALFORMED);
    packet[20 + 16]--;
    CHECK_EQ(decap(packet, whole, &d), DECAP_OK);
    packet[20] = 0x60;
    CHECK_EQ(decap(packet, whole, &d), DECAP_MALFORMED);
}

TEST(ecn, "decap: congestion marks as in RFC 6040, figure 4") {
    for (uint8_t out = 0; out < 4; out++) {
        for (uint8_t in = 0; in < 4; in++) {
            struct ip_fields outer = outer_ip, inner = pod_ip;
            outer.tos = out;
            inner.tos = (uint8_t)(0x28 | in);
            size_t n = build_tcp(packet + 20, inner, pod_tcp, 10);
            struct decap d;
            enum decap_result r = decap(packet, wrap(outer, n), &d);
            if (out == ECN_CE && in == ECN_NOT_ECT) {
                CHECK_EQ(r, DECAP_ECN);
                continue;
            }
            CHECK_EQ(r, DECAP_OK);
            CHECK_EQ(d.inner[1], 0x28 | (out == ECN_CE ? ECN_CE : in));
            CHECK_EQ(d.ip.tos, d.inner[1]);
            CHECK(tcp_packet_right(d.inner, n));
        }
    }
}
