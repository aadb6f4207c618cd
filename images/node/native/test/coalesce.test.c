#include "test/build.h"
#include "test/test.h"
#include "tunl0/bytes.h"
#include "tunl0/coalesce.h"
#include "tunl0/segment.h"
#include "tunl0/tcp.h"

static uint8_t memory[COALESCE_MAX][2048];
static struct rx_packet packets[COALESCE_MAX];
static struct group groups[COALESCE_MAX];
static int filled;

static void add(struct ip_fields ip, struct tcp_fields tcp, size_t payload) {
    uint8_t *p = memory[filled];
    size_t n = build_tcp(p, ip, tcp, payload);
    packets[filled].data = p;
    CHECK(ipv4_parse(p, n, &packets[filled].ip));
    filled++;
}

/* `count` segments of `payload` bytes that follow each other. */
static void add_run(int count, size_t payload) {
    struct tcp_fields tcp = pod_tcp;
    struct ip_fields ip = pod_ip;
    for (int i = 0; i < count; i++) {
        add(ip, tcp, payload);
        tcp.seq += (uint32_t)payload;
        ip.id++;
    }
}

static int joined(void) {
    int n = coalesce(packets, filled, groups, IPV4_MAX);
    filled = 0;
    return n;
}

/* How many groups a run of two becomes when the second is changed so. */
static int pair(void (*change)(struct ip_fields *ip, struct tcp_fields *tcp)) {
    struct ip_fields ip = pod_ip;
    struct tcp_fields tcp = pod_tcp;
    tcp.options = 12;
    add(ip, tcp, 100);
    tcp.seq += 100;
    ip.id++;
    if (change) change(&ip, &tcp);
    add(ip, tcp, 100);
    return joined();
}

TEST(run, "coalesce: a run becomes one super-packet that describes itself rightly") {
    add_run(40, 1388);
    CHECK_EQ(joined(), 1);
    struct group *g = &groups[0];
    CHECK_EQ(g->count, 40);
    CHECK_EQ(g->total, 40 + 40 * 1388);
    CHECK_EQ(g->vnet.gso_type, VIRTIO_NET_HDR_GSO_TCPV4);
    CHECK_EQ(g->vnet.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
    CHECK_EQ(g->vnet.gso_size, 1388);
    CHECK_EQ(g->vnet.hdr_len, 40);
    CHECK_EQ(g->vnet.csum_start, 20);
    CHECK_EQ(g->vnet.csum_offset, 16);
    CHECK_EQ(get16(memory[0] + 2), g->total);
    CHECK_EQ(plain_checksum(memory[0], 20, 0), 0);
    int i = g->first, seen = 0;
    for (; i >= 0; i = packets[i].next, seen++) CHECK_EQ(packets[i].header, seen ? 40 : 0);
    CHECK_EQ(seen, 40);
}

TEST(inverse, "coalesce: cutting the super-packet again gives the very same packets") {
    static uint8_t before[COALESCE_MAX][2048], super[70000];
    add_run(10, 700);
    memcpy(before, memory, sizeof before);
    CHECK_EQ(joined(), 1);
    size_t n = 0;
    for (int i = groups[0].first; i >= 0; i = packets[i].next) {
        size_t len = (size_t)packets[i].ip.total - packets[i].header;
        memcpy(super + n, packets[i].data + packets[i].header, len);
        n += len;
    }
    struct segmenter s;
    struct segment g;
    uint8_t again[2048];
    CHECK(segment_begin(&s, super, n, &groups[0].vnet, 1440));
    for (int i = 0; i < 10; i++) {
        CHECK(segment_next(&s, again, &g));
        memcpy(again + g.header, g.payload, g.length);
        CHECK_BYTES(again, before[i], 740);
    }
    CHECK(!segment_next(&s, again, &g));
}

TEST(limit, "coalesce: a group never exceeds 65535 bytes") {
    add_run(64, 1388);
    CHECK_EQ(joined(), 2);
    CHECK_EQ(groups[0].count, 47); /* 40 + 47 * 1388 = 65276 */
    CHECK_EQ(groups[1].count, 17);
    add_run(5, 100);
    CHECK_EQ(coalesce(packets, filled, groups, 340), 2);
    CHECK_EQ(groups[0].count, 3);
    filled = 0;
}

static void seq(struct ip_fields *ip, struct tcp_fields *t) { (void)ip; t->seq++; }
static void again(struct ip_fields *ip, struct tcp_fields *t) { (void)ip; t->seq -= 100; }
static void ack(struct ip_fields *ip, struct tcp_fields *t) { (void)ip; t->ack++; }
static void window(struct ip_fields *ip, struct tcp_fields *t) { (void)ip; t->window++; }
static void stamp(struct ip_fields *ip, struct tcp_fields *t) { (void)ip; t->stamp++; }
static void fewer(struct ip_fields *ip, struct tcp_fields *t) { (void)ip; t->options = 8; }
static void port(struct ip_fields *ip, struct tcp_fields *t) { (void)ip; t->sport++; }
static void fin(struct ip_fields *ip, struct tcp_fields *t) { (void)ip; t->flags |= TCP_FIN; }
static void syn(struct ip_fields *ip, struct tcp_fields *t) { (void)ip; t->flags |= TCP_SYN; }
static void rst(struct ip_fields *ip, struct tcp_fields *t) { (void)ip; t->flags |= TCP_RST; }
static void urg(struct ip_fields *ip, struct tcp_fields *t) { (void)ip; t->flags |= TCP_URG; }
static void ece(struct ip_fields *ip, struct tcp_fields *t) { (void)ip; t->flags |= TCP_ECE; }
static void cwr(struct ip_fields *ip, struct tcp_fields *t) { (void)ip; t->flags |= TCP_CWR; }
static void tos(struct ip_fields *ip, struct tcp_fields *t) { (void)t; ip->tos = 3; }
static void ttl(struct ip_fields *ip, struct tcp_fields *t) { (void)t; ip->ttl--; }
static void df(struct ip_fields *ip, struct tcp_fields *t) { (void)t; ip->frag = 0; }
static void mf(struct ip_fields *ip, struct tcp_fields *t) { (void)t; ip->frag = IPV4_MF; }
static void src(struct ip_fields *ip, struct tcp_fields *t) { (void)t; ip->src++; }
static void dst(struct ip_fields *ip, struct tcp_fields *t) { (void)t; ip->dst++; }
static void ipopt(struct ip_fields *ip, struct tcp_fields *t) { (void)t; ip->options = 4; }

TEST(rules, "coalesce: one difference that a merged header cannot say keeps two packets apart") {
    CHECK_EQ(pair(NULL), 1);
    void (*const different[])(struct ip_fields *, struct tcp_fields *) = {
        seq, again, ack, window, stamp, fewer, port, fin, syn, rst, urg, ece, cwr, tos, ttl, df, mf, src, dst, ipopt,
    };
    for (size_t i = 0; i < sizeof different / sizeof different[0]; i++)
        if (pair(different[i]) != 2) test_failed(__FILE__, __LINE__, "difference number %zu was joined", i);
}

TEST(ids, "coalesce: without DF the ids have to count up, with DF they do not matter") {
    struct ip_fields ip = pod_ip;
    struct tcp_fields tcp = pod_tcp;
    for (int with_df = 0; with_df < 2; with_df++) {
        ip.frag = with_df ? IPV4_DF : 0;
        for (int gap = 0; gap < 3; gap++) {
            struct ip_fields second = ip;
            struct tcp_fields next = tcp;
            second.id = (uint16_t)(ip.id + gap);
            next.seq += 100;
            add(ip, tcp, 100);
            add(second, next, 100);
            CHECK_EQ(joined(), with_df || gap == 1 ? 1 : 2);
        }
    }
}

TEST(push, "coalesce: PSH is kept and ends the group") {
    struct tcp_fields tcp = pod_tcp;
    for (int i = 0; i < 4; i++) {
        tcp.flags = TCP_ACK | (i == 1 ? TCP_PSH : 0);
        add(pod_ip, tcp, 100);
        tcp.seq += 100;
    }
    CHECK_EQ(joined(), 2);
    CHECK_EQ(groups[0].count, 2);
    CHECK_EQ(memory[0][20 + TCP_FLAGS], TCP_ACK | TCP_PSH);
    CHECK_EQ(groups[1].count, 2);
    CHECK_EQ(memory[2][20 + TCP_FLAGS], TCP_ACK);
}

TEST(shorter, "coalesce: a shorter segment is the last of its group, a longer one begins another") {
    struct tcp_fields tcp = pod_tcp;
    const size_t sizes[] = {500, 500, 200, 500, 700};
    for (size_t i = 0; i < 5; i++) {
        add(pod_ip, tcp, sizes[i]);
        tcp.seq += (uint32_t)sizes[i];
    }
    CHECK_EQ(joined(), 3);
    CHECK_EQ(groups[0].count, 3);
    CHECK_EQ(groups[1].count, 1);
    CHECK_EQ(groups[2].count, 1);
}

TEST(alone, "coalesce: acknowledgements, wrong checksums, fragments and other protocols go as they are") {
    struct ip_fields fragment = pod_ip, udp = pod_ip;
    fragment.frag = IPV4_MF;
    udp.proto = 17;
    uint8_t before[5][2048];
    add(pod_ip, pod_tcp, 0);
    add(pod_ip, pod_tcp, 0);
    add(fragment, pod_tcp, 100);
    add(udp, pod_tcp, 100);
    add(pod_ip, pod_tcp, 100);
    memory[4][60]++; /* payload changed on the way */
    memcpy(before, memory, sizeof before);
    CHECK_EQ(joined(), 5);
    for (int i = 0; i < 5; i++) {
        CHECK_EQ(groups[i].first, i);
        CHECK_EQ(groups[i].vnet.gso_type, VIRTIO_NET_HDR_GSO_NONE);
        CHECK_EQ(groups[i].vnet.flags, 0);
        CHECK_BYTES(memory[i], before[i], 200);
    }
}

TEST(damaged, "coalesce: a segment with a wrong checksum is not hidden in a group") {
    add_run(3, 100);
    memory[1][45]++;
    CHECK_EQ(joined(), 3);
}

TEST(flows, "coalesce: flows that alternate are joined each, and no flow overtakes itself") {
    struct tcp_fields a = pod_tcp, b = pod_tcp;
    b.sport++;
    for (int i = 0; i < 6; i++) {
        add(pod_ip, a, 100);
        add(pod_ip, b, 100);
        a.seq += 100;
        b.seq += 100;
    }
    a.flags |= TCP_FIN; /* closes flow a's group */
    add(pod_ip, a, 0);
    a.flags = TCP_ACK;
    add(pod_ip, a, 100);
    CHECK_EQ(joined(), 4);
    CHECK_EQ(groups[0].count, 6);
    CHECK_EQ(groups[1].count, 6);
    CHECK_EQ(groups[2].first, 12);
    CHECK_EQ(groups[3].first, 13);
}
