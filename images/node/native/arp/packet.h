/* ARP for IPv4 over Ethernet (RFC 826), bytes in and bytes out. Addresses are numbers in host byte order. */
#ifndef ARP_PACKET_H
#define ARP_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ARP_FRAME = 42, ARP_REQUEST = 1, ARP_REPLY = 2, MAC_LEN = 6 };

struct arp {
    uint16_t op;
    uint8_t to[MAC_LEN];     /* Ethernet destination */
    uint8_t sender[MAC_LEN]; /* hardware address in the ARP part */
    uint32_t sender_ip;
    uint32_t target_ip;
};

/* False for everything but a request or reply of IPv4 over Ethernet; padding behind it is ignored. */
bool arp_parse(const uint8_t *frame, size_t len, struct arp *out);

/* Whether a responder with this MAC has to answer, should the target address be announced: a request, to everybody or to us, of
   somebody else, and not gratuitous (RFC 5227: sender and target address equal), which is an announcement and asks nothing. */
bool arp_asks(const struct arp *arp, const uint8_t mac[MAC_LEN]);

/* Whether it says that another station has the address: a reply or an announcement with this sender address. */
bool arp_claims(const struct arp *arp, uint32_t ip, const uint8_t mac[MAC_LEN]);

/* The answer: unicast to the sender, with the interface's MAC. */
void arp_reply(uint8_t frame[ARP_FRAME], const uint8_t mac[MAC_LEN], uint32_t ip, const struct arp *request);

/* An announcement to all, as request or as reply; MetalLB sends both since some devices learn from only one of them. */
void arp_announcement(uint8_t frame[ARP_FRAME], uint16_t op, const uint8_t mac[MAC_LEN], uint32_t ip);

/* A probe (RFC 5227 2.1.1): who has it, without giving a sender address that caches could learn. */
void arp_probe(uint8_t frame[ARP_FRAME], const uint8_t mac[MAC_LEN], uint32_t ip);

#endif
