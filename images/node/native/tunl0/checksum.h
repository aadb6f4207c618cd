/* The Internet checksum (RFC 1071). */
#ifndef TUNL0_CHECKSUM_H
#define TUNL0_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/*
 * A running one's complement sum over 16-bit words *in memory order*, so that the words need not be
 * swapped (RFC 1071, 2 (B): the sum is independent of byte order). Start with 0. Every part but the
 * last must have an even length.
 */
typedef uint64_t csum_t;

csum_t csum_bytes(csum_t sum, const uint8_t *p, size_t len);

/* Adds the TCP/UDP pseudo header (RFC 9293, 3.1); addresses in host order. */
csum_t csum_pseudo(csum_t sum, uint32_t src, uint32_t dst, uint8_t proto, uint16_t len);

/* Folds to 16 bits, without the final inversion, as a number in host order (store it with put16). */
uint16_t csum_fold(csum_t sum);

/* The checksum of one buffer, as a number in host order. 0 for a buffer that carries a right checksum. */
uint16_t checksum(const uint8_t *p, size_t len);

/* RFC 1624, equation 3: the checksum after a 16-bit word changed from `from` to `to`. */
uint16_t checksum_update(uint16_t check, uint16_t from, uint16_t to);

#endif
