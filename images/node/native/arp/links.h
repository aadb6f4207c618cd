/* The interfaces of this network namespace, followed by netlink. */
#ifndef ARP_LINKS_H
#define ARP_LINKS_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arp/packet.h"

struct link {
    int index;
    char name[IFNAMSIZ];
    uint8_t mac[MAC_LEN];
    bool usable; /* Ethernet, up, with a carrier, broadcast, ARP, of no bridge or bond, not excluded */
};

struct links {
    int fd;
    struct link *entries;
    size_t count, room;
    bool again; /* messages were lost: the kernel has to be asked anew */
};

/* Called for an interface that has become usable, has another MAC, or is usable no more. */
typedef void links_changed(const struct link *link);

bool links_open(struct links *l);
/* Reads what netlink has to say. */
void links_read(struct links *l, links_changed *changed);
const struct link *links_find(const struct links *l, int index);

#endif
