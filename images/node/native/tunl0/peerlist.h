/* The nodes of the mesh: whose IPIP packets are let in. Felix keeps the same list in the ipset all-hosts-net. */
#ifndef TUNL0_PEERLIST_H
#define TUNL0_PEERLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct peerlist {
    uint32_t *peers;  /* host order, sorted */
    size_t count;
    size_t bad;       /* lines that are no address; they let nobody in */
};

/* One IPv4 address per line; blank lines and what follows a # do not count. False: no memory, and the list is
   left empty. The old content of `list` is freed. */
bool peerlist_parse(struct peerlist *list, const char *text, size_t len);

bool peerlist_has(const struct peerlist *list, uint32_t address);

void peerlist_free(struct peerlist *list);

#endif
