#include "tunl0/table.h"

#include <stdlib.h>

static uint32_t mask(uint8_t length) {
    return length == 0 ? 0 : 0xffffffffu << (32 - length);
}

bool table_add(struct table *t, struct tunnel_route route) {
    if (route.length > 32) return true;
    if (t->count == t->room) {
        size_t room = t->room ? t->room * 2 : 16;
        struct tunnel_route *bigger = realloc(t->routes, room * sizeof *bigger);
        if (!bigger) return false;
        t->routes = bigger;
        t->room = room;
    }
    route.prefix &= mask(route.length);
    t->routes[t->count++] = route;
    return true;
}

static int in_lookup_order(const void *pa, const void *pb) {
    const struct tunnel_route *a = pa, *b = pb;
    if (a->length != b->length) return a->length > b->length ? -1 : 1;
    if (a->metric != b->metric) return a->metric < b->metric ? -1 : 1;
    return 0;
}

void table_sort(struct table *t) {
    if (t->count) qsort(t->routes, t->count, sizeof *t->routes, in_lookup_order);
}

uint32_t table_lookup(const struct table *t, uint32_t dst) {
    for (size_t i = 0; i < t->count; i++)
        if (((dst ^ t->routes[i].prefix) & mask(t->routes[i].length)) == 0) return t->routes[i].gateway;
    return 0;
}

void table_clear(struct table *t) {
    t->count = 0;
}

void table_free(struct table *t) {
    free(t->routes);
    *t = (struct table){0};
}
