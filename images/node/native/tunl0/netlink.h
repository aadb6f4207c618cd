/* rtnetlink(7): sockets, the route dump, and reading its messages. */
#ifndef TUNL0_NETLINK_H
#define TUNL0_NETLINK_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/netlink.h>

#include "tunl0/table.h"

/* A socket that gets the events of `groups` (RTMGRP_...; 0: none), or -1 after saying why. */
int netlink_open(uint32_t groups, bool blocking);

/* True when the message is a unicast route of the main table through `ifindex`; `gateway` is 0 where it has none. */
bool netlink_route(const struct nlmsghdr *m, int ifindex, struct tunnel_route *out);

/* Fills `table` with the main table's routes through `ifindex` that have a gateway, ready for lookups.
   False: the dump failed; the table then keeps what it had. */
bool netlink_dump(int fd, int ifindex, struct table *table);

#endif
