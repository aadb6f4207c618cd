/* The routes that lead into the tunnel, and the longest prefix match over them. */
#ifndef TUNL0_TABLE_H
#define TUNL0_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tunnel_route {
    uint32_t prefix, gateway;  /* host order */
    uint32_t metric;
    uint8_t length;
};

struct table {
    struct tunnel_route *routes;  /* in the order of lookup once table_sort ran */
    size_t count, room;
};

/* False: no memory. Bits of the prefix beyond its length are cleared. */
bool table_add(struct table *t, struct tunnel_route route);

/* Longest prefix first, then lowest metric: the first that matches is the one the kernel takes. */
void table_sort(struct table *t);

/* The gateway for `dst`, or 0 when no route matches. */
uint32_t table_lookup(const struct table *t, uint32_t dst);

void table_clear(struct table *t);
void table_free(struct table *t);

#endif
