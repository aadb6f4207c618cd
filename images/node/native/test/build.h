/* Packets for the tests, built field by field, independently of the code under test where that matters. */
#ifndef NATIVE_TEST_BUILD_H
#define NATIVE_TEST_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { POD1 = 0xc0a86841 /* 192.168.104.65 */, POD2 = 0xc0a808c1 /* 192.168.8.193 */ };
enum { NODE1 = 0x0a016e66 /* 10.1.110.102 */, NODE2 = 0x0a016e6b /* 10.1.110.107 */ };

struct ip_fields {
    uint32_t src, dst;
    uint16_t id, frag;
    uint8_t tos, ttl, proto;
    uint8_t options; /* bytes of options, a multiple of 4: no-operations */
};

struct tcp_fields {
    uint32_t seq, ack;
    uint16_t sport, dport, window;
    uint8_t flags;
    uint8_t options; /* bytes, a multiple of 4: no-operations, then a value that depends on `stamp` */
    uint8_t stamp;
};

extern const struct ip_fields pod_ip;    /* POD1 to POD2, TCP, DF, TTL 63 */
extern const struct tcp_fields pod_tcp;  /* 40000 to 80, ACK */

/* Header for `payload` bytes that are already behind it or will be; returns its length. */
size_t build_ip(uint8_t *p, struct ip_fields f, size_t payload);

/* The whole TCP packet with `payload` bytes of a pattern that depends on the sequence number; returns its length. */
size_t build_tcp(uint8_t *p, struct ip_fields ip, struct tcp_fields tcp, size_t payload);

/* The pattern's byte for one sequence number. */
uint8_t pattern(uint32_t seq);

/* RFC 1071 computed the plain way, one 16-bit word after the other. */
uint16_t plain_checksum(const uint8_t *p, size_t len, uint32_t sum);

/* True when both checksums of a TCP packet are right. */
bool tcp_packet_right(const uint8_t *p, size_t len);

/* The next number of a fixed sequence (xorshift32). */
uint32_t next_random(uint32_t *state);

#endif
