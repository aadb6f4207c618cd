#include "tunl0/segment.h"

#include <string.h>

#include "tunl0/bytes.h"
#include "tunl0/checksum.h"
#include "tunl0/tcp.h"

/* skb_checksum_help: the field holds the pseudo header's sum, so the sum from there on is all that lacks. */
static bool complete_checksum(uint8_t *packet, size_t len, const struct virtio_net_hdr *vnet) {
    size_t start = vnet->csum_start, at = start + vnet->csum_offset;
    if (start >= len || at + 2 > len) return false;
    uint16_t check = checksum(packet + start, len - start);
    put16(packet + at, check ? check : 0xffff);  /* 0 would say "no checksum" in UDP (RFC 768) */
    return true;
}

bool segment_begin(struct segmenter *s, uint8_t *packet, size_t len, const struct virtio_net_hdr *vnet, uint16_t mtu) {
    *s = (struct segmenter){.packet = packet};
    if (!ipv4_parse(packet, len, &s->ip)) return false;
    len = s->ip.total;

    uint8_t type = vnet->gso_type & ~VIRTIO_NET_HDR_GSO_ECN;
    if (type == VIRTIO_NET_HDR_GSO_NONE) {
        s->length = (uint32_t)len;
        return !(vnet->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) || complete_checksum(packet, len, vnet);
    }
    if (type != VIRTIO_NET_HDR_GSO_TCPV4 || s->ip.proto != PROTO_TCP || ipv4_is_fragment(&s->ip)) return false;
    if (len < (size_t)s->ip.hlen + TCP_HEADER) return false;
    size_t tcp = tcp_hlen(packet + s->ip.hlen);
    if (tcp < TCP_HEADER || s->ip.hlen + tcp > len) return false;

    s->header = (uint16_t)(s->ip.hlen + tcp);
    s->length = (uint32_t)(len - s->header);
    s->size = vnet->gso_size;
    if (mtu > s->header && s->size > mtu - s->header) s->size = (uint16_t)(mtu - s->header);
    return s->size != 0;
}

static void write_headers(const struct segmenter *s, uint8_t *h, const struct segment *g, bool first, bool last) {
    memcpy(h, s->packet, s->header);
    put16(h + 2, g->ip.total);
    put16(h + 4, g->ip.id);
    ipv4_set_checksum(h, s->ip.hlen);

    uint8_t *tcp = h + s->ip.hlen;
    put32(tcp + TCP_SEQ, get32(tcp + TCP_SEQ) + s->offset);
    if (!first) tcp[TCP_FLAGS] &= (uint8_t)~TCP_CWR;            /* RFC 3168, 6.1.2: one CWR says it */
    if (!last) tcp[TCP_FLAGS] &= (uint8_t)~(TCP_FIN | TCP_PSH);
    put16(tcp + TCP_CHECK, 0);
    uint16_t length = (uint16_t)(g->ip.total - s->ip.hlen);
    csum_t sum = csum_pseudo(0, s->ip.src, s->ip.dst, PROTO_TCP, length);
    sum = csum_bytes(sum, tcp, (size_t)(s->header - s->ip.hlen));
    put16(tcp + TCP_CHECK, (uint16_t)~csum_fold(csum_bytes(sum, g->payload, g->length)));
}

bool segment_next(struct segmenter *s, uint8_t headers[SEGMENT_HEADERS], struct segment *out) {
    bool first = s->count == 0;
    if (!first && s->offset >= s->length) return false;
    out->ip = s->ip;
    if (s->header == 0) {
        *out = (struct segment){.ip = s->ip, .payload = s->packet, .length = s->length};
        s->offset = s->length;
        s->count = 1;
        return true;
    }
    uint32_t left = s->length - s->offset;
    out->header = s->header;
    out->payload = s->packet + s->header + s->offset;
    out->length = left < s->size ? left : s->size;
    out->ip.total = (uint16_t)(s->header + out->length);
    out->ip.id = (uint16_t)(s->ip.id + s->count);  /* inet_gso_segment counts up, DF or not */
    write_headers(s, headers, out, first, out->length == left);
    s->offset += out->length;
    s->count++;
    return true;
}
