#include "arp/exclude.h"
#include "arp/packet.h"
#include "test/test.h"

static const uint8_t router[] = {0x00, 0x22, 0xbd, 0xf8, 0x19, 0xff}, worker2[] = {0x00, 0x50, 0x56, 0x93, 0x1c, 0x47};
enum { ROUTER_IP = 0x0a016efe, VIP = 0x0a016e69 };

/* Figures 60 and 61: the router asks for 10.1.110.105, worker2 answers. */
static const uint8_t figure60[] = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x22, 0xbd, 0xf8, 0x19, 0xff, 0x08, 0x06, 0, 1, 8, 0, 6, 4, 0, 1,
    0x00, 0x22, 0xbd, 0xf8, 0x19, 0xff, 10,   1,    110,  254,  0,    0,    0,    0,    0, 0, 10, 1, 110, 105,
};
static const uint8_t figure61[] = {
    0x00, 0x22, 0xbd, 0xf8, 0x19, 0xff, 0x00, 0x50, 0x56, 0x93, 0x1c, 0x47, 0x08, 0x06, 0, 1, 8, 0, 6, 4, 0, 2,
    0x00, 0x50, 0x56, 0x93, 0x1c, 0x47, 10,   1,    110,  105,  0x00, 0x22, 0xbd, 0xf8, 0x19, 0xff, 10, 1, 110, 254,
};

TEST(answers, "arp: the router's request of Figure 60 gets worker2's MAC") {
    struct arp arp;
    uint8_t reply[ARP_FRAME];
    CHECK(arp_parse(figure60, sizeof figure60, &arp));
    CHECK_EQ(arp.sender_ip, ROUTER_IP);
    CHECK_EQ(arp.target_ip, VIP);
    CHECK(arp_asks(&arp, worker2));
    arp_reply(reply, worker2, VIP, &arp);
    CHECK_BYTES(reply, figure61, ARP_FRAME);
}

TEST(silent, "arp: replies, own requests, announcements and requests to others are not answered") {
    struct arp arp;
    CHECK(arp_parse(figure61, sizeof figure61, &arp));
    CHECK(!arp_asks(&arp, router));
    CHECK(arp_parse(figure60, sizeof figure60, &arp));
    CHECK(!arp_asks(&arp, router));
    struct arp other = arp, gratuitous = arp, group = arp;
    other.to[0] = 2;
    CHECK(!arp_asks(&other, worker2));
    memcpy(other.to, worker2, MAC_LEN);
    CHECK(arp_asks(&other, worker2));
    gratuitous.sender_ip = gratuitous.target_ip;
    CHECK(!arp_asks(&gratuitous, worker2));
    group.sender[0] |= 1;
    CHECK(!arp_asks(&group, worker2));
    arp.sender_ip = 0;
    CHECK(arp_asks(&arp, worker2)); /* a probe is answered: that is how it learns */
}

TEST(announces, "arp: an announcement is broadcast, with sender and target address the same") {
    uint8_t frame[ARP_FRAME];
    struct arp arp;
    for (uint16_t op = ARP_REQUEST; op <= ARP_REPLY; op++) {
        arp_announcement(frame, op, worker2, VIP);
        CHECK(arp_parse(frame, sizeof frame, &arp));
        CHECK_EQ(arp.op, op);
        CHECK_BYTES(frame, "\xff\xff\xff\xff\xff\xff", 6);
        CHECK_BYTES(frame + 32, "\xff\xff\xff\xff\xff\xff", 6);
        CHECK_EQ(arp.sender_ip, VIP);
        CHECK_EQ(arp.target_ip, VIP);
        CHECK(!arp_asks(&arp, router));
        CHECK(arp_claims(&arp, VIP, router));
        CHECK(!arp_claims(&arp, VIP, worker2));
        CHECK(!arp_claims(&arp, VIP + 1, router));
    }
}

TEST(probes, "arp: a probe claims nothing") {
    uint8_t frame[ARP_FRAME];
    struct arp arp;
    arp_probe(frame, worker2, VIP);
    CHECK(arp_parse(frame, sizeof frame, &arp));
    CHECK_EQ(arp.sender_ip, 0);
    CHECK(!arp_claims(&arp, VIP, router));
    CHECK(arp_asks(&arp, router));
}

TEST(malformed, "arp: other hardware, protocols, lengths and operations, and short frames") {
    static const uint8_t places[] = {12, 13, 14, 15, 16, 17, 18, 19, 20};
    struct arp arp;
    for (size_t i = 0; i < sizeof places; i++) {
        uint8_t frame[ARP_FRAME];
        memcpy(frame, figure60, sizeof frame);
        frame[places[i]] ^= 0x40;
        CHECK(!arp_parse(frame, sizeof frame, &arp));
    }
    for (size_t len = 0; len < ARP_FRAME; len++) CHECK(!arp_parse(figure60, len, &arp));
}

TEST(excluded, "arp: nothing is answered on the interfaces of pods and tunnels") {
    static const char *const no[] = {"lo", "", "cali59eaf34cab4", "tunl0", "docker0", "veth1", "kube-ipvs0", "cni0", "dummy0"};
    static const char *const yes[] = {"ens192", "eth0", "bond0", "lo1", "br0", "xcali"};
    for (size_t i = 0; i < sizeof no / sizeof *no; i++) CHECK(interface_excluded(no[i]));
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) CHECK(!interface_excluded(yes[i]));
}
