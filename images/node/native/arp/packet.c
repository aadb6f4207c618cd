#include "arp/packet.h"

#include <string.h>

#include "tunl0/bytes.h"

/* Offsets in the frame: Ethernet header, then hardware type, protocol type, lengths, operation, and the four addresses. */
enum { TYPE = 12, HTYPE = 14, PTYPE = 16, HLEN = 18, PLEN = 19, OP = 20, SHA = 22, SPA = 28, THA = 32, TPA = 38 };

static const uint8_t broadcast[MAC_LEN] = {255, 255, 255, 255, 255, 255};
static const uint8_t unknown[MAC_LEN];

bool arp_parse(const uint8_t *frame, size_t len, struct arp *out) {
    if (len < ARP_FRAME || get16(frame + TYPE) != 0x0806 || get16(frame + HTYPE) != 1) return false;
    if (get16(frame + PTYPE) != 0x0800 || frame[HLEN] != MAC_LEN || frame[PLEN] != 4) return false;
    out->op = get16(frame + OP);
    if (out->op != ARP_REQUEST && out->op != ARP_REPLY) return false;
    memcpy(out->to, frame, MAC_LEN);
    memcpy(out->sender, frame + SHA, MAC_LEN);
    out->sender_ip = get32(frame + SPA);
    out->target_ip = get32(frame + TPA);
    return true;
}

bool arp_asks(const struct arp *arp, const uint8_t mac[MAC_LEN]) {
    if (arp->op != ARP_REQUEST || arp->sender_ip == arp->target_ip) return false;
    if (memcmp(arp->sender, mac, MAC_LEN) == 0 || (arp->sender[0] & 1)) return false;
    return memcmp(arp->to, broadcast, MAC_LEN) == 0 || memcmp(arp->to, mac, MAC_LEN) == 0;
}

bool arp_claims(const struct arp *arp, uint32_t ip, const uint8_t mac[MAC_LEN]) {
    return arp->sender_ip == ip && memcmp(arp->sender, mac, MAC_LEN) != 0;
}

static void build(uint8_t *frame, uint16_t op, const uint8_t *to, const uint8_t *mac, uint32_t sender_ip, const uint8_t *target,
                  uint32_t target_ip) {
    memcpy(frame, to, MAC_LEN);
    memcpy(frame + MAC_LEN, mac, MAC_LEN);
    put16(frame + TYPE, 0x0806);
    put16(frame + HTYPE, 1);
    put16(frame + PTYPE, 0x0800);
    frame[HLEN] = MAC_LEN;
    frame[PLEN] = 4;
    put16(frame + OP, op);
    memcpy(frame + SHA, mac, MAC_LEN);
    put32(frame + SPA, sender_ip);
    memcpy(frame + THA, target, MAC_LEN);
    put32(frame + TPA, target_ip);
}

void arp_reply(uint8_t frame[ARP_FRAME], const uint8_t mac[MAC_LEN], uint32_t ip, const struct arp *request) {
    build(frame, ARP_REPLY, request->sender, mac, ip, request->sender, request->sender_ip);
}

void arp_announcement(uint8_t frame[ARP_FRAME], uint16_t op, const uint8_t mac[MAC_LEN], uint32_t ip) {
    build(frame, op, broadcast, mac, ip, broadcast, ip);
}

void arp_probe(uint8_t frame[ARP_FRAME], const uint8_t mac[MAC_LEN], uint32_t ip) {
    build(frame, ARP_REQUEST, broadcast, mac, 0, unknown, ip);
}
