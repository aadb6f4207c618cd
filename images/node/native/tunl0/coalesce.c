#include "tunl0/coalesce.h"

#include <string.h>

#include "tunl0/bytes.h"
#include "tunl0/checksum.h"
#include "tunl0/tcp.h"

static bool tcp_checksum_right(const struct rx_packet *p) {
    uint16_t length = (uint16_t)(p->ip.total - p->ip.hlen);
    csum_t sum = csum_pseudo(0, p->ip.src, p->ip.dst, PROTO_TCP, length);
    return csum_fold(csum_bytes(sum, p->data + p->ip.hlen, length)) == 0xffff;
}

/* Length of both headers when `p` may be part of a group at all, else 0. Same exclusions as GRO: options in IP,
   fragments, any flag but ACK and PSH, no payload, a wrong checksum (the group's is computed anew, which would
   hide it). */
static uint16_t candidate(const struct rx_packet *p) {
    if (p->ip.proto != PROTO_TCP || p->ip.hlen != IPV4_HEADER || ipv4_is_fragment(&p->ip)) return 0;
    if (p->ip.total < IPV4_HEADER + TCP_HEADER) return 0;
    const uint8_t *tcp = p->data + IPV4_HEADER;
    size_t header = IPV4_HEADER + tcp_hlen(tcp);
    if (header < IPV4_HEADER + TCP_HEADER || header >= p->ip.total) return 0;
    if ((tcp[TCP_FLAGS] & ~TCP_PSH) != TCP_ACK) return 0;
    return tcp_checksum_right(p) ? (uint16_t)header : 0;
}

static bool same_flow(const struct rx_packet *a, const struct rx_packet *b) {
    return a->ip.src == b->ip.src && a->ip.dst == b->ip.dst && a->ip.proto == PROTO_TCP &&
           b->ip.proto == PROTO_TCP && a->ip.hlen == IPV4_HEADER && b->ip.hlen == IPV4_HEADER &&
           a->ip.total >= IPV4_HEADER + 4 && b->ip.total >= IPV4_HEADER + 4 &&
           memcmp(a->data + IPV4_HEADER, b->data + IPV4_HEADER, 4) == 0;
}

/* All that the merged header can say only once has to be the same. */
static bool joinable(const struct group *g, const struct rx_packet *first, const struct rx_packet *p, uint16_t header,
                     uint32_t limit) {
    const uint8_t *a = first->data + IPV4_HEADER, *b = p->data + IPV4_HEADER;
    uint32_t payload = (uint32_t)p->ip.total - header;
    return g->open && header == g->header && payload <= g->size && g->total + payload <= limit &&
           first->ip.tos == p->ip.tos && first->ip.ttl == p->ip.ttl && first->ip.frag == p->ip.frag &&
           /* Without DF the id matters to a later fragmentation: it has to count up (inet_gro_receive). */
           ((p->ip.frag & IPV4_DF) || p->ip.id == (uint16_t)(first->ip.id + g->count)) &&
           get32(b + TCP_SEQ) == g->next_seq && get32(a + TCP_ACKNO) == get32(b + TCP_ACKNO) &&
           get16(a + TCP_WINDOW) == get16(b + TCP_WINDOW) && get16(a + TCP_URGENT) == get16(b + TCP_URGENT) &&
           memcmp(a + TCP_HEADER, b + TCP_HEADER, (size_t)header - IPV4_HEADER - TCP_HEADER) == 0;
}

static void start(struct group *g, const struct rx_packet *p, int index, uint16_t header) {
    *g = (struct group){.first = index, .last = index, .count = 1, .header = header, .total = p->ip.total};
    if (header == 0) return;
    const uint8_t *tcp = p->data + IPV4_HEADER;
    g->size = (uint16_t)(p->ip.total - header);
    g->next_seq = get32(tcp + TCP_SEQ) + g->size;
    g->open = !(tcp[TCP_FLAGS] & TCP_PSH);
}

static void join(struct group *g, struct rx_packet *packets, int index) {
    struct rx_packet *p = &packets[index], *first = &packets[g->first];
    uint32_t payload = (uint32_t)p->ip.total - g->header;
    packets[g->last].next = index;
    p->header = g->header;
    g->last = index;
    g->count++;
    g->total += payload;
    g->next_seq += payload;
    /* PSH asks for delivery, and only the last segment may be shorter: both end the group. */
    bool push = p->data[IPV4_HEADER + TCP_FLAGS] & TCP_PSH;
    if (push) first->data[IPV4_HEADER + TCP_FLAGS] |= TCP_PSH;
    if (push || payload < g->size) g->open = false;
}

/* Makes the first packet's headers those of the whole; the TCP checksum is left to the kernel or the device it
   goes out of (CHECKSUM_PARTIAL: the field holds the pseudo header's sum). */
static void finish(struct group *g, struct rx_packet *first) {
    if (g->count == 1) return;
    uint8_t *ip = first->data, *tcp = ip + IPV4_HEADER;
    put16(ip + 2, (uint16_t)g->total);
    ipv4_set_checksum(ip, IPV4_HEADER);
    uint16_t length = (uint16_t)(g->total - IPV4_HEADER);
    put16(tcp + TCP_CHECK, csum_fold(csum_pseudo(0, first->ip.src, first->ip.dst, PROTO_TCP, length)));
    g->vnet = (struct virtio_net_hdr){
        .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
        .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
        .hdr_len = g->header,
        .gso_size = g->size,
        .csum_start = IPV4_HEADER,
        .csum_offset = TCP_CHECK,
    };
}

int coalesce(struct rx_packet *packets, int n, struct group *groups, uint32_t limit) {
    int count = 0;
    for (int i = 0; i < n; i++) {
        packets[i].next = -1;
        packets[i].header = 0;
        uint16_t header = candidate(&packets[i]);
        /* Only the flow's newest group can go on, and what cannot be joined becomes the newest: so no
           later packet overtakes it. */
        struct group *newest = NULL;
        for (int j = count - 1; j >= 0 && !newest; j--)
            if (same_flow(&packets[groups[j].first], &packets[i])) newest = &groups[j];
        if (newest && header && newest->header && joinable(newest, &packets[newest->first], &packets[i], header, limit)) {
            join(newest, packets, i);
            continue;
        }
        start(&groups[count++], &packets[i], i, header);
    }
    for (int i = 0; i < count; i++) finish(&groups[i], &packets[groups[i].first]);
    return count;
}
