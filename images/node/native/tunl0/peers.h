/* Keeps the peer list equal to its file. */
#ifndef TUNL0_PEERS_H
#define TUNL0_PEERS_H

#include <stdbool.h>

#include "tunl0/peerlist.h"

struct peers {
    struct peerlist list;
    char directory[4096];
    const char *path, *name;
    int inotify;
};

/* Reads `path` and watches its directory, which is made when it is missing: Felix may not have started yet, and
   replaces the file by a rename. A missing file is an empty list: nobody is let in. */
bool peers_open(struct peers *p, const char *path);

/* `inotify` is readable. */
void peers_on_events(struct peers *p);

#endif
