#include "tunl0/checksum.h"

#include <string.h>
#include <arpa/inet.h>

#include "tunl0/bytes.h"

/* Adds with the carry going round, which is what makes the sum one's complement at 64 bits too. */
static inline uint64_t add_round(uint64_t a, uint64_t b) {
    uint64_t s = a + b;
    return s + (s < a);
}

csum_t csum_bytes(csum_t sum, const uint8_t *p, size_t len) {
    /* Four independent lanes: the additions of one round do not wait for each other. Each lane adds
       32-bit halves into 64 bits, so no carry can be lost below 2^32 rounds. */
    uint64_t a = 0, b = 0, c = 0, d = 0;
    while (len >= 32) {
        uint64_t w[4];
        memcpy(w, p, 32);
        a += (w[0] & 0xffffffffu) + (w[0] >> 32);
        b += (w[1] & 0xffffffffu) + (w[1] >> 32);
        c += (w[2] & 0xffffffffu) + (w[2] >> 32);
        d += (w[3] & 0xffffffffu) + (w[3] >> 32);
        p += 32;
        len -= 32;
    }
    sum = add_round(sum, a);
    sum = add_round(sum, b);
    sum = add_round(sum, c);
    sum = add_round(sum, d);
    while (len >= 2) {
        uint16_t w;
        memcpy(&w, p, 2);
        sum = add_round(sum, w);
        p += 2;
        len -= 2;
    }
    if (len) {
        /* An odd last byte is the first byte of a word whose second is 0. */
        uint16_t w = 0;
        memcpy(&w, p, 1);
        sum = add_round(sum, w);
    }
    return sum;
}

csum_t csum_pseudo(csum_t sum, uint32_t src, uint32_t dst, uint8_t proto, uint16_t len) {
    uint8_t h[12];
    put32(h, src);
    put32(h + 4, dst);
    h[8] = 0;
    h[9] = proto;
    put16(h + 10, len);
    return csum_bytes(sum, h, sizeof h);
}

uint16_t csum_fold(csum_t sum) {
    sum = (sum & 0xffffffffu) + (sum >> 32);
    sum = (sum & 0xffffffffu) + (sum >> 32);
    sum = (sum & 0xffffu) + (sum >> 16);
    sum = (sum & 0xffffu) + (sum >> 16);
    return ntohs((uint16_t)sum);
}

uint16_t checksum(const uint8_t *p, size_t len) {
    return (uint16_t)~csum_fold(csum_bytes(0, p, len));
}

uint16_t checksum_update(uint16_t check, uint16_t from, uint16_t to) {
    uint32_t s = (uint16_t)~check;
    s += (uint16_t)~from;
    s += to;
    s = (s & 0xffffu) + (s >> 16);
    s = (s & 0xffffu) + (s >> 16);
    return (uint16_t)~s;
}
