/*
 * Bounded fuzz: the same packets in every run (fixed seeds), each in a heap block of exactly its size, so that `make
 * sanitize` sees one byte read too many. Good packets with some bytes changed reach further than random ones; the header
 * checksum is put right again half of the time, or nothing would get past it.
 */
#include <stdlib.h>

#include "test/build.h"
#include "test/test.h"
#include "tunl0/bytes.h"
#include "tunl0/checksum.h"
#include "tunl0/coalesce.h"
#include "tunl0/decap.h"
#include "tunl0/encap.h"
#include "tunl0/icmp.h"
#include "tunl0/segment.h"

enum { ROUNDS = 40000 };

static uint32_t state;

static uint32_t below(uint32_t n) {
    return next_random(&state) % n;
}

static uint8_t *exactly(const uint8_t *from, size_t len) {
    uint8_t *p = malloc(len ? len : 1);
    if (!p) abort();
    memcpy(p, from, len);
    return p;
}

/* Mostly the next segment of one flow, with something out of the ordinary now and then. */
static size_t random_tcp(uint8_t *p, size_t most) {
    static uint32_t following;
    struct ip_fields ip = pod_ip;
    struct tcp_fields tcp = pod_tcp;
    ip.options = (uint8_t)(below(8) ? 0 : below(11) * 4);
    ip.tos = (uint8_t)(below(8) ? 2 : below(4));
    ip.frag = below(8) ? IPV4_DF : (uint16_t)below(65536);
    ip.proto = below(8) ? 6 : (uint8_t)below(256);
    tcp.options = (uint8_t)(below(8) ? 12 : below(11) * 4);
    tcp.seq = below(8) ? following : next_random(&state);
    tcp.flags = below(8) ? 0x10 : (uint8_t)below(256);
    size_t payload = below(4) ? 100 : below((uint32_t)most);
    following = tcp.seq + (uint32_t)payload;
    return build_tcp(p, ip, tcp, payload);
}

static void damage(uint8_t *p, size_t len, size_t header_at) {
    for (uint32_t n = below(4); n > 0 && len > 0; n--) p[below((uint32_t)(below(2) && len > 64 ? 64 : len))] = (uint8_t)next_random(&state);
    size_t hlen = header_at < len ? (size_t)(p[header_at] & 15) * 4 : 0;
    if (below(2) && hlen >= 20 && header_at + hlen <= len) ipv4_set_checksum(p + header_at, hlen);
}

TEST(fuzz_decap, "fuzz: decap accepts only what lies within the bytes received") {
    static uint8_t packet[4096];
    struct ip_fields outer = {.src = NODE1, .dst = NODE2, .ttl = 9, .proto = 4};
    int accepted = 0;
    state = 1;
    for (int i = 0; i < ROUNDS; i++) {
        outer.options = (uint8_t)(below(4) ? 0 : below(11) * 4);
        outer.tos = (uint8_t)below(4);
        size_t inner = random_tcp(packet + 20 + outer.options, 1000);
        size_t len = build_ip(packet, outer, inner) + inner;
        damage(packet, len, 20u + outer.options);
        if (below(2)) ipv4_set_checksum(packet, (size_t)(packet[0] & 15) * 4 >= 20 ? (size_t)(packet[0] & 15) * 4 : 20);
        if (!below(4)) len = below((uint32_t)len + 1);
        uint8_t *p = exactly(packet, len);
        struct decap d;
        if (decap(p, len, &d) == DECAP_OK) {
            accepted++;
            CHECK(d.inner >= p + 20 && d.inner + d.ip.total <= p + len);
            CHECK(d.ip.hlen >= 20 && d.ip.hlen <= d.ip.total);
            CHECK_EQ(checksum(d.inner, d.ip.hlen), 0);
        }
        free(p);
    }
    CHECK(accepted > ROUNDS / 10 && accepted < ROUNDS);
}

TEST(fuzz_segment, "fuzz: segments fit the MTU, stay within the packet and add up to it") {
    static uint8_t packet[70000];
    uint8_t outer[20], answer[ICMP_MAX], headers[SEGMENT_HEADERS];
    int cut = 0;
    state = 2;
    for (int i = 0; i < ROUNDS; i++) {
        size_t len = random_tcp(packet, below(16) ? 2000 : 65000);
        damage(packet, len, 0);
        if (!below(8)) len = below((uint32_t)len + 1);
        struct virtio_net_hdr vnet = {
            .flags = (uint8_t)below(2),
            .gso_type = (uint8_t)(below(4) ? VIRTIO_NET_HDR_GSO_TCPV4 : below(256)),
            .gso_size = (uint16_t)(below(8) ? 88 + below(1400) : below(65536)),
            .csum_start = (uint16_t)(below(2) ? 20 : below(65536)),
            .csum_offset = (uint16_t)(below(2) ? 16 : below(65536)),
        };
        uint16_t mtu = (uint16_t)(below(4) ? 1440 : 68 + below(3000));
        uint8_t *p = exactly(packet, len);
        struct segmenter s;
        struct segment g;
        uint32_t bytes = 0, count = 0;
        if (segment_begin(&s, p, len, &vnet, mtu)) {
            while (segment_next(&s, headers, &g)) {
                CHECK(g.header <= SEGMENT_HEADERS);
                CHECK(g.payload >= p && g.payload + g.length <= p + len);
                if (g.header) CHECK(g.ip.total <= mtu || g.header >= mtu);
                if (g.header) CHECK_EQ(checksum(headers, g.ip.hlen), 0);
                encap_header(outer, &g.ip, 0, NODE2, 1, true);
                icmp_frag_needed(answer, &g.ip, headers, g.header, g.payload, g.length, 1400);
                bytes += g.length;
                count++;
            }
            CHECK_EQ(bytes, s.length);
            CHECK(encap_depth(p, &s.ip) <= ENCAP_NESTING);
            cut += count > 1;
        }
        free(p);
    }
    CHECK(cut > ROUNDS / 20);
}

TEST(fuzz_coalesce, "fuzz: every packet is in exactly one group, in order, and no group is too large") {
    static uint8_t packet[4096];
    static struct rx_packet packets[COALESCE_MAX];
    static struct group groups[COALESCE_MAX];
    uint8_t *blocks[COALESCE_MAX];
    int merged = 0;
    state = 3;
    for (int i = 0; i < ROUNDS / 20; i++) {
        int n = 0;
        for (uint32_t want = below(COALESCE_MAX + 1); want > 0; want--) {
            size_t len = random_tcp(packet, 1000);
            if (!below(4)) damage(packet, len, 0);
            uint8_t *p = exactly(packet, len);
            if (ipv4_parse(p, len, &packets[n].ip)) {
                packets[n].data = p;
                blocks[n++] = p;
            } else {
                free(p);
            }
        }
        int count = coalesce(packets, n, groups, 2000), seen = 0, before = -1;
        for (int j = 0; j < count; j++) {
            CHECK(groups[j].first > before);
            before = groups[j].first;
            CHECK(groups[j].count == 1 || groups[j].total <= 2000);
            uint32_t total = 0;
            int members = 0, last = -1;
            for (int k = groups[j].first; k >= 0; k = packets[k].next, members++) {
                CHECK(k > last);
                CHECK(packets[k].header < packets[k].ip.total);
                total += (uint32_t)packets[k].ip.total - packets[k].header;
                last = k;
            }
            CHECK_EQ(total, groups[j].total);
            CHECK_EQ(members, groups[j].count);
            seen += members;
            merged += members > 1;
        }
        CHECK_EQ(seen, n);
        while (n > 0) free(blocks[--n]);
    }
    CHECK(merged > 100);
}
