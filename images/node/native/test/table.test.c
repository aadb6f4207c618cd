#include "test/build.h"
#include "test/test.h"
#include "tunl0/table.h"

static void add(struct table *t, uint32_t prefix, uint8_t length, uint32_t gateway, uint32_t metric) {
    CHECK(table_add(t, (struct tunnel_route){.prefix = prefix, .length = length, .gateway = gateway, .metric = metric}));
}

TEST(mesh, "table: the blocks of Figure 13 lead to their nodes, their neighbours nowhere") {
    struct table t = {0};
    add(&t, 0xc0a808c0, 26, NODE2, 0); /* 192.168.8.192/26 */
    add(&t, 0xc0a8a5c0, 26, 0x0a016e6c, 0); /* 192.168.165.192/26 */
    table_sort(&t);
    CHECK_EQ(table_lookup(&t, 0xc0a808c0), NODE2);
    CHECK_EQ(table_lookup(&t, 0xc0a808ff), NODE2);
    CHECK_EQ(table_lookup(&t, 0xc0a808bf), 0);
    CHECK_EQ(table_lookup(&t, 0xc0a80900), 0);
    CHECK_EQ(table_lookup(&t, 0xc0a8a5c1), 0x0a016e6c);
    table_free(&t);
    CHECK_EQ(table_lookup(&t, 0xc0a808c0), 0);
}

TEST(longest, "table: the longest prefix wins in whatever order routes came, then the lowest metric") {
    struct table t = {0};
    add(&t, 0, 0, 1, 0);
    add(&t, 0xc0a808c1, 32, 5, 0);
    add(&t, 0xc0a80000, 16, 2, 0);
    add(&t, 0xc0a808c0, 26, 4, 100);
    add(&t, 0xc0a808c0, 26, 3, 10);
    table_sort(&t);
    CHECK_EQ(table_lookup(&t, 0xc0a808c1), 5);
    CHECK_EQ(table_lookup(&t, 0xc0a808c2), 3);
    CHECK_EQ(table_lookup(&t, 0xc0a80101), 2);
    CHECK_EQ(table_lookup(&t, 0x01020304), 1);
    table_free(&t);
}

TEST(many, "table: as many routes as come, host bits cleared, lengths beyond 32 refused") {
    struct table t = {0};
    for (uint32_t i = 0; i < 1000; i++) add(&t, 0x0a000000 + (i << 8) + 77, 24, i + 1, 0);
    add(&t, 0, 33, 9, 0);
    CHECK_EQ(t.count, 1000);
    table_sort(&t);
    for (uint32_t i = 0; i < 1000; i++) CHECK_EQ(table_lookup(&t, 0x0a000000 + (i << 8) + 1), i + 1);
    table_clear(&t);
    CHECK_EQ(table_lookup(&t, 0x0a000001), 0);
    table_free(&t);
}
