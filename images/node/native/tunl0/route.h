/* What the kernel says about the device: the routes through it and its MTU, kept current by netlink events. */
#ifndef TUNL0_ROUTE_H
#define TUNL0_ROUTE_H

#include <stdbool.h>
#include <stdint.h>

#include "tunl0/table.h"
#include "tunl0/tun.h"

struct routes {
    const struct tun *tun;
    struct table table;
    uint16_t mtu;
    int events;   /* readable when something changed */
    int dumper;
    bool gone;    /* the device was deleted under us */
};

bool routes_open(struct routes *r, const struct tun *tun);

/* `events` is readable. */
void routes_on_events(struct routes *r);

#endif
