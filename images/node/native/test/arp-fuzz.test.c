/* Bounded fuzz of what comes from the wire and from stdin: fixed seeds, blocks of exactly the bytes given. */
#include <stdlib.h>

#include "arp/command.h"
#include "arp/packet.h"
#include "arp/addresses.h"
#include "test/build.h"
#include "test/test.h"

enum { ROUNDS = 40000 };
static uint32_t state;

static uint32_t below(uint32_t n) {
    return next_random(&state) % n;
}

TEST(fuzz_frames, "fuzz: any frame is parsed within its bytes; only what asks us is answered") {
    static const uint8_t mac[] = {0x00, 0x50, 0x56, 0x93, 0x1c, 0x47};
    int parsed = 0;
    state = 11;
    for (int i = 0; i < ROUNDS; i++) {
        uint8_t good[64] = {0}, answer[ARP_FRAME];
        arp_announcement(good, (uint16_t)(1 + below(2)), mac, next_random(&state));
        for (uint32_t n = below(4); n > 0; n--) good[below(sizeof good)] = (uint8_t)next_random(&state);
        size_t len = below(8) ? ARP_FRAME + below(22) : below(ARP_FRAME);
        uint8_t *frame = malloc(len ? len : 1);
        memcpy(frame, good, len);
        struct arp arp;
        if (arp_parse(frame, len, &arp)) {
            parsed++;
            if (arp_asks(&arp, mac)) {
                struct arp back;
                arp_reply(answer, mac, arp.target_ip, &arp);
                CHECK(arp_parse(answer, sizeof answer, &back));
                CHECK_EQ(back.op, ARP_REPLY);
                CHECK_BYTES(answer, arp.sender, MAC_LEN);
                CHECK(!(answer[0] & 1));
            }
        }
        free(frame);
    }
    CHECK(parsed > ROUNDS / 10 && parsed < ROUNDS);
}

TEST(fuzz_commands, "fuzz: any line of bytes is a command or refused") {
    static const char alphabet[] = "add del probe announce 10.1.110.105 - 99,ens192\t\r\0x";
    int understood = 0;
    state = 12;
    for (int i = 0; i < ROUNDS; i++) {
        char text[300] = "add 10.1.110.105 12345 ens192";
        size_t len = below(4) ? strlen(text) : below(sizeof text);
        for (uint32_t n = below(4); n > 0; n--) text[below((uint32_t)len + 1)] = alphabet[below(sizeof alphabet)];
        char *line = malloc(len ? len : 1);
        memcpy(line, text, len);
        struct command c;
        if (command_parse(line, len, &c)) {
            understood++;
            CHECK(memchr(c.interfaces, '\0', sizeof c.interfaces) != NULL);
        }
        free(line);
    }
    CHECK(understood > ROUNDS / 20 && understood < ROUNDS);
}

TEST(fuzz_table, "fuzz: the table stays sorted, and answers for exactly what is held") {
    enum { IPS = 24 };
    struct addresses t = {0};
    uint64_t now = 0, until[IPS] = {0};
    state = 13;
    for (int i = 0; i < ROUNDS; i++) {
        uint32_t ip = below(IPS);
        struct due due;
        switch (below(6)) {
        case 0:
        case 1:
            until[ip] = below(4) ? now + below(500) : FOREVER;
            CHECK(addresses_hold(&t, ip, until[ip], ""));
            break;
        case 2:
            until[ip] = 0;
            addresses_drop(&t, ip);
            break;
        case 3: CHECK(addresses_announce(&t, ip, now)); break;
        case 4: CHECK(addresses_probe(&t, ip, now)); break;
        case 5: addresses_taken(&t, ip); break;
        }
        now += below(50);
        for (int most = 0; addresses_due(&t, now, &due); most++) CHECK(most < 10 * IPS);
        CHECK(addresses_next(&t) > now);
        for (uint32_t one = 0; one < IPS; one++) CHECK_EQ(addresses_answers(&t, one, "ens192", now) != NULL, now < until[one]);
        for (size_t k = 1; k < t.count; k++) CHECK(t.entries[k - 1].ip < t.entries[k].ip);
    }
    addresses_free(&t);
}
