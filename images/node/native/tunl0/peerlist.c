#include "tunl0/peerlist.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

/* The address in `line`; 0: none there (0.0.0.0 is no peer either); sets `bad` when something else is. */
static uint32_t address_of(const char *line, size_t len, bool *bad) {
    const char *hash = memchr(line, '#', len);
    if (hash) len = (size_t)(hash - line);
    while (len && strchr(" \t\r", line[len - 1])) len--;
    while (len && strchr(" \t", line[0])) line++, len--;
    *bad = false;
    if (len == 0) return 0;
    char word[INET_ADDRSTRLEN];
    struct in_addr in = {0};
    if (len < sizeof word) {
        memcpy(word, line, len);
        word[len] = '\0';
        if (inet_pton(AF_INET, word, &in) != 1) in.s_addr = 0;
    }
    *bad = in.s_addr == 0;
    return ntohl(in.s_addr);
}

static int ascending(const void *pa, const void *pb) {
    uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;
    return a < b ? -1 : a > b;
}

bool peerlist_parse(struct peerlist *list, const char *text, size_t len) {
    peerlist_free(list);
    size_t lines = 1;
    for (size_t i = 0; i < len; i++) lines += text[i] == '\n';
    uint32_t *peers = malloc(lines * sizeof *peers);
    if (!peers) return false;
    list->peers = peers;
    while (len) {
        const char *end = memchr(text, '\n', len);
        size_t line = end ? (size_t)(end - text) : len;
        bool bad;
        uint32_t address = address_of(text, line, &bad);
        if (address) peers[list->count++] = address;
        list->bad += bad;
        text += line + (end != NULL);
        len -= line + (end != NULL);
    }
    qsort(peers, list->count, sizeof *peers, ascending);
    return true;
}

bool peerlist_has(const struct peerlist *list, uint32_t address) {
    return list->count && bsearch(&address, list->peers, list->count, sizeof address, ascending) != NULL;
}

void peerlist_free(struct peerlist *list) {
    free(list->peers);
    *list = (struct peerlist){0};
}
