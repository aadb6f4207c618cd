#include "test/test.h"
#include "tunl0/pace.h"

/* How many wake-ups of `packets` each it takes until `bulk` changes; 1000: never. */
static int until_change(struct pace *p, uint32_t packets) {
    for (int i = 1; i < 1000; i++)
        if (pace_note(p, packets)) return i;
    return 1000;
}

TEST(pace, "pace: single packets are never bulk, bursts soon are, and it ends soon after them") {
    struct pace p = {0};
    CHECK_EQ(until_change(&p, 1), 1000);
    CHECK_EQ(until_change(&p, 7), 1000);
    CHECK(until_change(&p, 40) < 10);
    CHECK(p.bulk);
    CHECK_EQ(until_change(&p, 4), 1000); /* between the two bounds nothing changes */
    CHECK(until_change(&p, 1) < 50);
    CHECK(!p.bulk);
    CHECK_EQ(until_change(&p, 0), 1000);
}

TEST(one, "pace: one burst among single packets changes nothing") {
    struct pace p = {0};
    for (int i = 0; i < 100; i++) CHECK(!pace_note(&p, i % 20 == 0 ? 64 : 1));
    CHECK(!pace_note(&p, UINT32_MAX) || p.average < 64 * PACE_SCALE);
}
