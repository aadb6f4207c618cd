#include <stdlib.h>

#include "test/build.h"
#include "test/test.h"
#include "tunl0/peerlist.h"

static struct peerlist list;

static void parse(const char *text) {
    /* A copy of the exact size: the sanitizer then sees a read beyond its end. */
    size_t len = strlen(text);
    char *copy = malloc(len ? len : 1);
    memcpy(copy, text, len);
    CHECK(peerlist_parse(&list, copy, len));
    free(copy);
}

TEST(nodes, "peers: the nodes are let in, anybody else is not") {
    parse("10.1.110.108\n10.1.110.102\n10.1.110.107\n");
    CHECK_EQ(list.count, 3);
    CHECK(peerlist_has(&list, NODE1));
    CHECK(peerlist_has(&list, NODE2));
    CHECK(!peerlist_has(&list, NODE1 - 1));
    CHECK(!peerlist_has(&list, NODE1 + 1));
    CHECK(!peerlist_has(&list, 0));
    peerlist_free(&list);
    CHECK(!peerlist_has(&list, NODE1));
}

TEST(empty, "peers: an empty list lets nobody in") {
    const char *const texts[] = {"", "\n", "\n\n  \n", "# 10.1.110.102\n"};
    for (size_t i = 0; i < 4; i++) {
        parse(texts[i]);
        CHECK_EQ(list.count, 0);
        CHECK_EQ(list.bad, 0);
        CHECK(!peerlist_has(&list, NODE1));
    }
}

TEST(forms, "peers: blanks, comments, CR LF and a last line without its end") {
    parse("  10.1.110.102  # worker1\r\n\t10.1.110.107");
    CHECK_EQ(list.count, 2);
    CHECK_EQ(list.bad, 0);
    CHECK(peerlist_has(&list, NODE1) && peerlist_has(&list, NODE2));
}

TEST(bad, "peers: a line that is no address lets nobody in and is counted") {
    parse("10.1.110.102/24\n10.1.110\nworker1\n::1\n0.0.0.0\n10.1.110.256\n10.1.110.107 10.1.110.102\n1000000000000000000000000000\n");
    CHECK_EQ(list.count, 0);
    CHECK_EQ(list.bad, 8);
    parse("nonsense\n10.1.110.107\n");
    CHECK_EQ(list.count, 1);
    CHECK_EQ(list.bad, 1);
    peerlist_free(&list);
}
