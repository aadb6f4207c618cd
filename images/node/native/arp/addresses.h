/* The addresses that are answered for, and the frames that are due. Time is given in, in milliseconds of CLOCK_MONOTONIC. */
#ifndef ARP_ADDRESSES_H
#define ARP_ADDRESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    INTERFACES_LEN = 128,
    /* MetalLB's announcer: every 1.1 s for 5 s. */
    ANNOUNCE_ROUNDS = 5,
    ANNOUNCE_EVERY_MS = 1100,
    /* Fewer and closer than RFC 5227's three in up to six seconds: this is one segment with machines that answer at once. */
    PROBE_ROUNDS = 3,
    PROBE_EVERY_MS = 80,
};

#define FOREVER UINT64_MAX

struct address {
    uint32_t ip;
    bool held;
    uint64_t until;                  /* answered for before this time only */
    char interfaces[INTERFACES_LEN]; /* names with commas between them; empty: all */
    uint8_t announce, probe;         /* rounds left */
    bool probing;
    uint64_t announce_at, probe_at;
};

struct addresses {
    struct address *entries; /* sorted by ip */
    size_t count, room;
};

enum due_kind { DUE_ANNOUNCE, DUE_PROBE, DUE_FREE, DUE_EXPIRED };
struct due {
    enum due_kind kind;
    struct address *address;
};

/* All of these return false only when memory has run out. */
bool addresses_hold(struct addresses *t, uint32_t ip, uint64_t until, const char *interfaces);
bool addresses_probe(struct addresses *t, uint32_t ip, uint64_t now);
/* Begins a series of announcements. The address need not be held: the kernel may be answering for it (the API server's). */
bool addresses_announce(struct addresses *t, uint32_t ip, uint64_t now);
void addresses_drop(struct addresses *t, uint32_t ip);
void addresses_free(struct addresses *t);

struct address *addresses_find(const struct addresses *t, uint32_t ip);
/* The entry, if it is to be answered for now on that interface. */
struct address *addresses_answers(const struct addresses *t, uint32_t ip, const char *interface, uint64_t now);
bool addresses_on_interface(const struct address *a, const char *interface);
/* Another station has an address that is being probed. @return whether it was */
bool addresses_taken(struct addresses *t, uint32_t ip);
/* The next thing that has become due, and no longer is after the call. False: nothing. */
bool addresses_due(struct addresses *t, uint64_t now, struct due *out);
/* When something will be due next; FOREVER: never. */
uint64_t addresses_next(const struct addresses *t);

#endif
