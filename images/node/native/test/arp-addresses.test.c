#include "arp/addresses.h"
#include "test/test.h"

enum { VIP = 0x0a016e69 };
static struct addresses addresses;

TEST(holds, "arp addresses: answered while held, before its time is over, and on its interfaces") {
    CHECK(!addresses_answers(&addresses, VIP, "ens192", 0));
    CHECK(addresses_hold(&addresses, VIP, 1000, ""));
    CHECK(addresses_answers(&addresses, VIP, "ens192", 999));
    CHECK(!addresses_answers(&addresses, VIP, "ens192", 1000));
    CHECK(!addresses_answers(&addresses, VIP + 1, "ens192", 0));
    CHECK(addresses_hold(&addresses, VIP, FOREVER, "ens192,eth1"));
    CHECK(addresses_answers(&addresses, VIP, "ens192", UINT64_MAX - 1));
    CHECK(addresses_answers(&addresses, VIP, "eth1", 0));
    CHECK(!addresses_answers(&addresses, VIP, "ens19", 0));
    CHECK(!addresses_answers(&addresses, VIP, "eth", 0));
    addresses_drop(&addresses, VIP);
    CHECK(!addresses_answers(&addresses, VIP, "ens192", 0));
    CHECK_EQ(addresses.count, 0);
    addresses_drop(&addresses, VIP);
    addresses_free(&addresses);
}

TEST(announcing, "arp addresses: five announcements, 1.1 s apart, and none after the address is dropped") {
    struct due due;
    CHECK(addresses_hold(&addresses, VIP, FOREVER, ""));
    CHECK(addresses_announce(&addresses, VIP, 100));
    uint64_t now = 100;
    for (int round = 0; round < 5; round++, now += 1100) {
        CHECK_EQ(addresses_next(&addresses), now);
        CHECK(!addresses_due(&addresses, now - 1, &due));
        CHECK(addresses_due(&addresses, now, &due));
        CHECK_EQ(due.kind, DUE_ANNOUNCE);
        CHECK(!addresses_due(&addresses, now, &due));
    }
    CHECK(addresses_next(&addresses) == FOREVER);
    CHECK(addresses_announce(&addresses, VIP, now));
    addresses_drop(&addresses, VIP);
    CHECK(!addresses_due(&addresses, now + 9999, &due));
    CHECK(addresses_announce(&addresses, VIP, now)); /* not held: announced, but not answered for */
    for (int round = 0; round < 5; round++) CHECK(addresses_due(&addresses, now + 1100 * (uint64_t)round, &due));
    CHECK(!addresses_answers(&addresses, VIP, "ens192", now));
    CHECK_EQ(addresses.count, 0);
    addresses_free(&addresses);
}

TEST(expires, "arp addresses: an address that is not held anew ends by itself, and says so once") {
    struct due due;
    CHECK(addresses_hold(&addresses, VIP, 500, ""));
    CHECK(addresses_announce(&addresses, VIP, 0));
    CHECK(addresses_due(&addresses, 0, &due));
    CHECK(addresses_hold(&addresses, VIP, 800, ""));
    CHECK(!addresses_due(&addresses, 799, &due));
    CHECK(addresses_due(&addresses, 800, &due));
    CHECK_EQ(due.kind, DUE_EXPIRED);
    CHECK_EQ(due.address->ip, VIP);
    CHECK(!addresses_due(&addresses, 9999, &due));
    CHECK_EQ(addresses.count, 0);
    addresses_free(&addresses);
}

TEST(probing, "arp addresses: three probes, then free; or taken") {
    struct due due;
    CHECK(addresses_probe(&addresses, VIP, 0));
    for (uint64_t now = 0; now < 240; now += 80) {
        CHECK(addresses_due(&addresses, now, &due));
        CHECK_EQ(due.kind, DUE_PROBE);
        CHECK(!addresses_due(&addresses, now + 79, &due));
    }
    CHECK(!addresses_answers(&addresses, VIP, "ens192", 0));
    CHECK(addresses_due(&addresses, 240, &due));
    CHECK_EQ(due.kind, DUE_FREE);
    CHECK_EQ(addresses.count, 0);
    CHECK(addresses_probe(&addresses, VIP, 0));
    CHECK(addresses_taken(&addresses, VIP));
    CHECK(!addresses_taken(&addresses, VIP));
    CHECK(!addresses_due(&addresses, 9999, &due));
    addresses_free(&addresses);
}

TEST(many, "arp addresses: many addresses, in any order") {
    for (uint32_t i = 0; i < 500; i++) CHECK(addresses_hold(&addresses, VIP + i * 7 % 500, FOREVER, ""));
    CHECK_EQ(addresses.count, 500);
    for (size_t i = 1; i < addresses.count; i++) CHECK(addresses.entries[i - 1].ip < addresses.entries[i].ip);
    for (uint32_t i = 0; i < 500; i += 2) addresses_drop(&addresses, VIP + i);
    for (uint32_t i = 0; i < 500; i++) CHECK_EQ(addresses_answers(&addresses, VIP + i, "ens192", 0) != NULL, i % 2);
    addresses_free(&addresses);
}
