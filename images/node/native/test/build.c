#include "test/build.h"

#include <string.h>

#include "tunl0/bytes.h"

const struct ip_fields pod_ip = {.src = POD1, .dst = POD2, .id = 0x1234, .frag = 0x4000, .ttl = 63, .proto = 6};
const struct tcp_fields pod_tcp = {.seq = 1000, .ack = 77, .sport = 40000, .dport = 80, .window = 501, .flags = 0x10};

uint16_t plain_checksum(const uint8_t *p, size_t len, uint32_t sum) {
    for (size_t i = 0; i < len; i++) {
        sum += (i & 1) ? p[i] : (uint32_t)p[i] << 8;
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)~sum;
}

static uint32_t pseudo(const uint8_t *ip, uint16_t length) {
    uint32_t sum = ip[9] + (uint32_t)length;
    for (int i = 12; i < 20; i += 2) sum += get16(ip + i);
    return (sum & 0xffff) + (sum >> 16);
}

size_t build_ip(uint8_t *p, struct ip_fields f, size_t payload) {
    size_t hlen = 20u + f.options;
    p[0] = (uint8_t)(0x40 | hlen / 4);
    p[1] = f.tos;
    put16(p + 2, (uint16_t)(hlen + payload));
    put16(p + 4, f.id);
    put16(p + 6, f.frag);
    p[8] = f.ttl;
    p[9] = f.proto;
    put16(p + 10, 0);
    put32(p + 12, f.src);
    put32(p + 16, f.dst);
    memset(p + 20, 1, f.options);
    put16(p + 10, plain_checksum(p, hlen, 0));
    return hlen;
}

uint8_t pattern(uint32_t seq) {
    return (uint8_t)(seq * 31 + (seq >> 8));
}

size_t build_tcp(uint8_t *p, struct ip_fields ip, struct tcp_fields f, size_t payload) {
    size_t header = 20u + f.options, length = header + payload;
    uint8_t *t = p + build_ip(p, ip, length);
    put16(t, f.sport);
    put16(t + 2, f.dport);
    put32(t + 4, f.seq);
    put32(t + 8, f.ack);
    t[12] = (uint8_t)(header / 4 << 4);
    t[13] = f.flags;
    put16(t + 14, f.window);
    put16(t + 16, 0);
    put16(t + 18, 0);
    memset(t + 20, 1, f.options);
    if (f.options) t[20 + f.options - 1] = f.stamp;
    for (size_t i = 0; i < payload; i++) t[header + i] = pattern(f.seq + (uint32_t)i);
    put16(t + 16, plain_checksum(t, length, pseudo(p, (uint16_t)length)));
    return (size_t)(t - p) + length;
}

bool tcp_packet_right(const uint8_t *p, size_t len) {
    size_t hlen = (size_t)(p[0] & 15) * 4;
    if (get16(p + 2) != len || plain_checksum(p, hlen, 0) != 0) return false;
    return plain_checksum(p + hlen, len - hlen, pseudo(p, (uint16_t)(len - hlen))) == 0;
}

uint32_t next_random(uint32_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}
