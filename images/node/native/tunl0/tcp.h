/* Offsets and flags of the TCP header (RFC 9293, 3.1). */
#ifndef TUNL0_TCP_H
#define TUNL0_TCP_H

#include <stddef.h>
#include <stdint.h>

enum { TCP_HEADER = 20 };  /* without options */
enum { TCP_SEQ = 4, TCP_ACKNO = 8, TCP_OFFSET = 12, TCP_FLAGS = 13, TCP_WINDOW = 14, TCP_CHECK = 16, TCP_URGENT = 18 };
enum { TCP_FIN = 0x01, TCP_SYN = 0x02, TCP_RST = 0x04, TCP_PSH = 0x08, TCP_ACK = 0x10, TCP_URG = 0x20, TCP_ECE = 0x40, TCP_CWR = 0x80 };

/* Header length in bytes as the header says, unchecked. */
static inline size_t tcp_hlen(const uint8_t *tcp) {
    return (size_t)(tcp[TCP_OFFSET] >> 4) * 4;
}

#endif
