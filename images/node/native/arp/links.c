#include "arp/links.h"

#include <errno.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "arp/exclude.h"
#include "arp/say.h"

static bool ask(struct links *l) {
    struct {
        struct nlmsghdr header;
        struct ifinfomsg info;
    } request = {.header = {.nlmsg_len = sizeof request, .nlmsg_type = RTM_GETLINK, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP}};
    return send(l->fd, &request, sizeof request, 0) == sizeof request;
}

bool links_open(struct links *l) {
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
    *l = (struct links){.fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE)};
    if (l->fd < 0 || bind(l->fd, (struct sockaddr *)&address, sizeof address) < 0) return say_errno("netlink");
    return ask(l) || say_errno("RTM_GETLINK");
}

const struct link *links_find(const struct links *l, int index) {
    for (size_t i = 0; i < l->count; i++)
        if (l->entries[i].index == index) return &l->entries[i];
    return NULL;
}

static void put(struct links *l, const struct link *fresh, links_changed *changed) {
    struct link *known = (struct link *)links_find(l, fresh->index);
    if (!known) {
        if (!fresh->usable) return;
        if (l->count == l->room) {
            size_t room = l->room ? l->room * 2 : 8;
            struct link *more = realloc(l->entries, room * sizeof *more);
            if (!more) return;
            l->entries = more;
            l->room = room;
        }
        known = &l->entries[l->count++];
        *known = (struct link){.index = fresh->index};
    }
    struct link before = *known;
    *known = *fresh;
    if (before.usable != fresh->usable || (fresh->usable && memcmp(before.mac, fresh->mac, MAC_LEN) != 0)) {
        /* The name is given even when the message of its end has none. */
        if (known->name[0] == '\0') memcpy(known->name, before.name, sizeof known->name);
        changed(known);
    }
    if (!fresh->usable) *known = l->entries[--l->count];
}

static void take(struct links *l, const struct nlmsghdr *message, links_changed *changed) {
    const struct ifinfomsg *info = NLMSG_DATA(message);
    struct link link = {.index = info->ifi_index};
    bool has_mac = false, has_master = false;
    int len = (int)IFLA_PAYLOAD(message);
    for (const struct rtattr *a = IFLA_RTA(info); RTA_OK(a, len); a = RTA_NEXT(a, len)) {
        size_t size = RTA_PAYLOAD(a);
        if (a->rta_type == IFLA_IFNAME && size > 0 && size <= sizeof link.name) {
            memcpy(link.name, RTA_DATA(a), size);
            link.name[sizeof link.name - 1] = '\0';
        } else if (a->rta_type == IFLA_ADDRESS && size == MAC_LEN) {
            memcpy(link.mac, RTA_DATA(a), MAC_LEN);
            has_mac = true;
        } else if (a->rta_type == IFLA_MASTER) {
            has_master = true;
        }
    }
    const unsigned wanted = IFF_UP | IFF_RUNNING | IFF_BROADCAST, unwanted = IFF_LOOPBACK | IFF_NOARP;
    link.usable = message->nlmsg_type == RTM_NEWLINK && info->ifi_family == AF_UNSPEC && info->ifi_type == ARPHRD_ETHER &&
                  (info->ifi_flags & wanted) == wanted && !(info->ifi_flags & unwanted) && has_mac && !has_master &&
                  !interface_excluded(link.name);
    put(l, &link, changed);
}

void links_read(struct links *l, links_changed *changed) {
    static union {
        struct nlmsghdr header;
        char bytes[65536];
    } buffer;
    for (;;) {
        ssize_t got = recv(l->fd, &buffer, sizeof buffer, 0);
        if (got < 0 && errno == ENOBUFS) {
            l->again = true;
            continue;
        }
        if (got <= 0) break;
        int left = (int)got;
        for (struct nlmsghdr *m = &buffer.header; NLMSG_OK(m, left); m = NLMSG_NEXT(m, left))
            if (m->nlmsg_type == RTM_NEWLINK || m->nlmsg_type == RTM_DELLINK) take(l, m, changed);
    }
    if (l->again && ask(l)) l->again = false;
}
