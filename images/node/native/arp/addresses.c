#include "arp/addresses.h"

#include <stdlib.h>
#include <string.h>

static size_t place(const struct addresses *t, uint32_t ip) {
    size_t low = 0, high = t->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->entries[middle].ip < ip) low = middle + 1;
        else high = middle;
    }
    return low;
}

struct address *addresses_find(const struct addresses *t, uint32_t ip) {
    size_t at = place(t, ip);
    return at < t->count && t->entries[at].ip == ip ? &t->entries[at] : NULL;
}

static struct address *insert(struct addresses *t, uint32_t ip) {
    struct address *known = addresses_find(t, ip);
    if (known) return known;
    if (t->count == t->room) {
        size_t room = t->room ? t->room * 2 : 16;
        struct address *more = realloc(t->entries, room * sizeof *more);
        if (!more) return NULL;
        t->entries = more;
        t->room = room;
    }
    size_t at = place(t, ip);
    memmove(t->entries + at + 1, t->entries + at, (t->count - at) * sizeof *t->entries);
    t->count++;
    t->entries[at] = (struct address){.ip = ip};
    return &t->entries[at];
}

static void forget_idle(struct addresses *t, struct address *a) {
    if (a->held || a->probing || a->announce) return;
    size_t at = (size_t)(a - t->entries);
    t->count--;
    memmove(a, a + 1, (t->count - at) * sizeof *a);
}

bool addresses_hold(struct addresses *t, uint32_t ip, uint64_t until, const char *interfaces) {
    struct address *a = insert(t, ip);
    if (!a) return false;
    a->held = true;
    a->until = until;
    strncpy(a->interfaces, interfaces, sizeof a->interfaces - 1);
    a->interfaces[sizeof a->interfaces - 1] = '\0';
    return true;
}

bool addresses_probe(struct addresses *t, uint32_t ip, uint64_t now) {
    struct address *a = insert(t, ip);
    if (!a) return false;
    a->probing = true;
    a->probe = PROBE_ROUNDS;
    a->probe_at = now;
    return true;
}

bool addresses_announce(struct addresses *t, uint32_t ip, uint64_t now) {
    struct address *a = insert(t, ip);
    if (!a) return false;
    a->announce = ANNOUNCE_ROUNDS;
    a->announce_at = now;
    return true;
}

void addresses_drop(struct addresses *t, uint32_t ip) {
    struct address *a = addresses_find(t, ip);
    if (!a) return;
    a->held = false;
    a->announce = 0;
    forget_idle(t, a);
}

void addresses_free(struct addresses *t) {
    free(t->entries);
    *t = (struct addresses){0};
}

bool addresses_on_interface(const struct address *a, const char *interface) {
    if (a->interfaces[0] == '\0') return true;
    size_t len = strlen(interface);
    for (const char *at = a->interfaces; at;) {
        const char *end = strchr(at, ',');
        if ((end ? (size_t)(end - at) : strlen(at)) == len && memcmp(at, interface, len) == 0) return true;
        at = end ? end + 1 : NULL;
    }
    return false;
}

struct address *addresses_answers(const struct addresses *t, uint32_t ip, const char *interface, uint64_t now) {
    struct address *a = addresses_find(t, ip);
    return a && a->held && now < a->until && addresses_on_interface(a, interface) ? a : NULL;
}

bool addresses_taken(struct addresses *t, uint32_t ip) {
    struct address *a = addresses_find(t, ip);
    if (!a || !a->probing) return false;
    a->probing = false;
    forget_idle(t, a);
    return true;
}

/* An address whose time is over is held no more, so that it is told once. */
static bool due(struct address *a, uint64_t now, enum due_kind *kind) {
    if (a->held && now >= a->until) {
        a->held = false;
        a->announce = 0;
        *kind = DUE_EXPIRED;
    } else if (a->announce && now >= a->announce_at) {
        a->announce--;
        a->announce_at = now + ANNOUNCE_EVERY_MS;
        *kind = DUE_ANNOUNCE;
    } else if (a->probing && now >= a->probe_at) {
        *kind = a->probe ? DUE_PROBE : DUE_FREE;
        if (a->probe) a->probe--;
        else a->probing = false;
        a->probe_at = now + PROBE_EVERY_MS;
    } else {
        return false;
    }
    return true;
}

bool addresses_due(struct addresses *t, uint64_t now, struct due *out) {
    static struct address copy;
    for (size_t i = 0; i < t->count; i++) {
        if (!due(&t->entries[i], now, &out->kind)) continue;
        copy = t->entries[i];
        out->address = &copy;
        forget_idle(t, &t->entries[i]);
        return true;
    }
    return false;
}

uint64_t addresses_next(const struct addresses *t) {
    uint64_t next = FOREVER;
    for (size_t i = 0; i < t->count; i++) {
        const struct address *a = &t->entries[i];
        if (a->held && a->until < next) next = a->until;
        if (a->announce && a->announce_at < next) next = a->announce_at;
        if (a->probing && a->probe_at < next) next = a->probe_at;
    }
    return next;
}
