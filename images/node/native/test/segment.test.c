#include <linux/virtio_net.h>

#include "test/build.h"
#include "test/test.h"
#include "tunl0/bytes.h"
#include "tunl0/segment.h"
#include "tunl0/tcp.h"

static uint8_t packet[70000], whole[70000];

static struct virtio_net_hdr gso(uint16_t size) {
    return (struct virtio_net_hdr){.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .gso_type = VIRTIO_NET_HDR_GSO_TCPV4, .gso_size = size};
}

/* Headers and payload as they go out. */
static size_t put_together(const uint8_t *headers, const struct segment *g) {
    memcpy(whole, headers, g->header);
    memcpy(whole + g->header, g->payload, g->length);
    return g->header + g->length;
}

TEST(cut, "segment: ids and sequence numbers count up, checksums are right, no byte is lost") {
    struct tcp_fields tcp = pod_tcp;
    tcp.options = 12;
    tcp.seq = 0xfffff000; /* wraps on the way */
    size_t n = build_tcp(packet, pod_ip, tcp, 60000);
    struct virtio_net_hdr vnet = gso(1388);
    struct segmenter s;
    struct segment g;
    uint8_t headers[SEGMENT_HEADERS];
    CHECK(segment_begin(&s, packet, n, &vnet, 1440));
    uint32_t seen = 0, count = 0;
    while (segment_next(&s, headers, &g)) {
        size_t len = put_together(headers, &g);
        CHECK(tcp_packet_right(whole, len));
        CHECK(len == 1440 || seen + g.length == 60000);
        CHECK_EQ(g.ip.total, len);
        CHECK_EQ(get16(whole + 4), (uint16_t)(0x1234 + count));
        CHECK_EQ(get32(whole + 20 + TCP_SEQ), tcp.seq + seen);
        for (uint32_t i = 0; i < g.length; i++)
            if (whole[g.header + i] != pattern(tcp.seq + seen + i)) CHECK(!"payload differs");
        seen += g.length;
        count++;
    }
    CHECK_EQ(seen, 60000);
    CHECK_EQ(count, 44); /* ceil(60000 / 1388) */
    CHECK(!segment_next(&s, headers, &g));
}

TEST(flags, "segment: CWR on the first only, FIN and PSH on the last only, the others on all") {
    struct tcp_fields tcp = pod_tcp;
    tcp.flags = TCP_ACK | TCP_PSH | TCP_FIN | TCP_CWR | TCP_ECE;
    struct virtio_net_hdr vnet = gso(100);
    vnet.gso_type |= VIRTIO_NET_HDR_GSO_ECN;
    struct segmenter s;
    struct segment g;
    uint8_t headers[SEGMENT_HEADERS];
    CHECK(segment_begin(&s, packet, build_tcp(packet, pod_ip, tcp, 300), &vnet, 1440));
    const uint8_t expected[] = {TCP_ACK | TCP_ECE | TCP_CWR, TCP_ACK | TCP_ECE, TCP_ACK | TCP_ECE | TCP_PSH | TCP_FIN};
    for (int i = 0; i < 3; i++) {
        CHECK(segment_next(&s, headers, &g));
        CHECK_EQ(headers[20 + TCP_FLAGS], expected[i]);
        CHECK(tcp_packet_right(whole, put_together(headers, &g)));
    }
    CHECK(!segment_next(&s, headers, &g));
}

TEST(mtu, "segment: the device's MTU bounds segments that the kernel planned larger") {
    struct virtio_net_hdr vnet = gso(1448);
    struct segmenter s;
    struct segment g;
    uint8_t headers[SEGMENT_HEADERS];
    CHECK(segment_begin(&s, packet, build_tcp(packet, pod_ip, pod_tcp, 3000), &vnet, 1440));
    uint32_t seen = 0;
    while (segment_next(&s, headers, &g)) {
        CHECK(g.ip.total <= 1440);
        seen += g.length;
    }
    CHECK_EQ(seen, 3000);
}

TEST(options, "segment: options of IP and TCP are repeated in every segment") {
    struct ip_fields ip = pod_ip;
    struct tcp_fields tcp = pod_tcp;
    ip.options = 40;
    tcp.options = 40;
    tcp.stamp = 99;
    struct virtio_net_hdr vnet = gso(500);
    struct segmenter s;
    struct segment g;
    uint8_t headers[SEGMENT_HEADERS];
    CHECK(segment_begin(&s, packet, build_tcp(packet, ip, tcp, 1200), &vnet, 1440));
    int count = 0;
    for (; segment_next(&s, headers, &g); count++) {
        CHECK_EQ(g.header, 120);
        CHECK_EQ(headers[119], 99);
        CHECK(tcp_packet_right(whole, put_together(headers, &g)));
    }
    CHECK_EQ(count, 3);
}

TEST(complete, "segment: a checksum left to the device is completed, one that is 0 becomes 0xffff") {
    /* UDP, pseudo header's sum in the field as the kernel leaves it */
    struct ip_fields ip = pod_ip;
    struct virtio_net_hdr vnet = {.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .csum_start = 20, .csum_offset = 6};
    struct segmenter s;
    struct segment g;
    uint8_t headers[SEGMENT_HEADERS];
    ip.proto = 17;
    for (uint32_t value = 0; value < 65536; value += 257) {
        size_t n = build_ip(packet, ip, 10) + 10;
        put16(packet + 20, 1000);
        put16(packet + 22, 53);
        put16(packet + 24, 10);
        uint16_t pseudo = (uint16_t)~plain_checksum(packet + 12, 8, 17 + 10);
        put16(packet + 26, pseudo);
        put16(packet + 28, (uint16_t)value);
        uint16_t right = plain_checksum(packet + 20, 10, 0);
        CHECK(segment_begin(&s, packet, n, &vnet, 1440));
        CHECK_EQ(get16(packet + 26), right ? right : 0xffff);
        CHECK(segment_next(&s, headers, &g));
        CHECK_EQ(g.header, 0);
        CHECK_EQ(g.length, n);
        CHECK(g.payload == packet);
        CHECK(!segment_next(&s, headers, &g));
    }
}

TEST(refused, "segment: other GSO types, offsets beyond the packet, headers that do not fit") {
    struct segmenter s;
    struct virtio_net_hdr vnet = gso(100);
    size_t n = build_tcp(packet, pod_ip, pod_tcp, 300);
    vnet.gso_type = VIRTIO_NET_HDR_GSO_UDP;
    CHECK(!segment_begin(&s, packet, n, &vnet, 1440));
    vnet.gso_type = VIRTIO_NET_HDR_GSO_TCPV6;
    CHECK(!segment_begin(&s, packet, n, &vnet, 1440));
    vnet = gso(0);
    CHECK(!segment_begin(&s, packet, n, &vnet, 1440));
    vnet = (struct virtio_net_hdr){.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .csum_start = (uint16_t)n, .csum_offset = 0};
    CHECK(!segment_begin(&s, packet, n, &vnet, 1440));
    vnet.csum_start = (uint16_t)(n - 2);
    vnet.csum_offset = 1;
    CHECK(!segment_begin(&s, packet, n, &vnet, 1440));
    vnet.csum_offset = 0xffff;
    CHECK(!segment_begin(&s, packet, n, &vnet, 1440));
    vnet = gso(100);
    packet[20 + TCP_OFFSET] = 0x40; /* 16 bytes of TCP header */
    CHECK(!segment_begin(&s, packet, n, &vnet, 1440));
    packet[0] = 0x60;
    CHECK(!segment_begin(&s, packet, n, &vnet, 1440));
}
