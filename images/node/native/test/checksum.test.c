#include "test/build.h"
#include "test/test.h"
#include "tunl0/bytes.h"
#include "tunl0/checksum.h"

TEST(rfc1071, "checksum: the example of RFC 1071, section 3") {
    const uint8_t data[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
    CHECK_EQ(csum_fold(csum_bytes(0, data, sizeof data)), 0xddf2);
    CHECK_EQ(checksum(data, sizeof data), 0x220d);
}

TEST(lengths, "checksum: every length and alignment as computed word by word") {
    uint8_t data[200];
    uint32_t seed = 7;
    for (size_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)next_random(&seed);
    for (size_t at = 0; at < 8; at++)
        for (size_t len = 0; len + at <= sizeof data; len++)
            CHECK_EQ(checksum(data + at, len), plain_checksum(data + at, len, 0));
}

TEST(ones, "checksum: no carry is lost in 64 KiB of 0xff") {
    static uint8_t data[65535];
    memset(data, 0xff, sizeof data);
    CHECK_EQ(checksum(data, sizeof data), plain_checksum(data, sizeof data, 0));
    CHECK_EQ(checksum(data, sizeof data - 1), 0);
}

TEST(parts, "checksum: parts add up to the whole") {
    uint8_t data[100];
    for (size_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)(i * 7);
    for (size_t cut = 0; cut <= sizeof data; cut += 2)
        CHECK_EQ(csum_fold(csum_bytes(csum_bytes(0, data, cut), data + cut, sizeof data - cut)),
                 csum_fold(csum_bytes(0, data, sizeof data)));
}

TEST(update, "checksum: the update of RFC 1624 for every ECN change is the checksum computed anew") {
    for (int tos = 0; tos < 256; tos++) {
        uint8_t h[20];
        struct ip_fields f = pod_ip;
        f.tos = (uint8_t)tos;
        build_ip(h, f, 100);
        uint16_t before = get16(h);
        h[1] |= 3;
        put16(h + 10, checksum_update(get16(h + 10), before, get16(h)));
        CHECK_EQ(checksum(h, 20), 0);
    }
}
