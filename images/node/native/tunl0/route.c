#include "tunl0/route.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "tunl0/log.h"
#include "tunl0/netlink.h"

static void refresh(struct routes *r) {
    uint16_t mtu = tun_mtu(r->tun);
    if (mtu && mtu != r->mtu) {
        log_line("%s: MTU %u", r->tun->name, mtu);
        r->mtu = mtu;
    }
    netlink_dump(r->dumper, r->tun->ifindex, &r->table);
}

bool routes_open(struct routes *r, const struct tun *tun) {
    *r = (struct routes){.tun = tun};
    /* Events first, then the dump: a change in between is then seen twice instead of never. */
    r->events = netlink_open(RTMGRP_LINK | RTMGRP_IPV4_ROUTE, false);
    r->dumper = netlink_open(0, true);
    if (r->events < 0 || r->dumper < 0) return false;
    refresh(r);
    return r->mtu != 0;
}

static bool concerns(struct routes *r, const struct nlmsghdr *m) {
    struct tunnel_route route;
    if (m->nlmsg_type == RTM_NEWLINK || m->nlmsg_type == RTM_DELLINK) {
        const struct ifinfomsg *link = NLMSG_DATA(m);
        if (link->ifi_index != r->tun->ifindex) return false;
        if (m->nlmsg_type == RTM_DELLINK) r->gone = true;
        /* A device that goes down loses its routes without an event for each (fib_sync_down_dev). */
        return true;
    }
    return netlink_route(m, r->tun->ifindex, &route);
}

void routes_on_events(struct routes *r) {
    static _Alignas(struct nlmsghdr) char buffer[32768];
    bool stale = false;
    for (;;) {
        ssize_t n = recv(r->events, buffer, sizeof buffer, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == ENOBUFS) {
            /* Events were lost (netlink(7)); only a dump tells what they were. */
            stale = true;
            continue;
        }
        if (n <= 0) break;
        int left = (int)n;
        for (const struct nlmsghdr *m = (void *)buffer; NLMSG_OK(m, left); m = NLMSG_NEXT(m, left))
            stale = concerns(r, m) || stale;
    }
    /* A dump rather than the events' own content: replace, append and metrics need no second implementation. */
    if (stale && !r->gone) refresh(r);
}
