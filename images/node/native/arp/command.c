#include "arp/command.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {"add", "del", "announce", "probe"};

static bool parse_ip(const char *text, uint32_t *out) {
    struct in_addr address;
    if (!text || inet_pton(AF_INET, text, &address) != 1) return false;
    *out = ntohl(address.s_addr);
    /* Neither "this host", loopback, multicast nor broadcast has an owner that could be asked for. */
    return *out >> 24 != 0 && *out >> 24 != 127 && *out < 0xe0000000u;
}

static bool parse_time(const char *text, uint64_t *out) {
    if (strcmp(text, "-") == 0) return true;
    if (strlen(text) > 18) return false;
    for (const char *at = text; *at; at++)
        if (*at < '0' || *at > '9') return false;
    *out = strtoull(text, NULL, 10);
    return true;
}

bool command_parse(const char *line, size_t len, struct command *out) {
    char copy[256], *words[5] = {0}, *rest = NULL;
    if (len >= sizeof copy || memchr(line, '\0', len)) return false;
    memcpy(copy, line, len);
    copy[len] = '\0';
    size_t count = 0;
    for (char *word = strtok_r(copy, " \t\r", &rest); word; word = strtok_r(NULL, " \t\r", &rest)) {
        if (count == 4) return false;
        words[count++] = word;
    }
    if (count < 2 || !parse_ip(words[1], &out->ip)) return false;
    out->until = FOREVER;
    out->interfaces[0] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(words[0], names[i]) != 0) continue;
        out->kind = (enum command_kind)i;
        if (out->kind != COMMAND_ADD) return count == 2;
        if (words[2] && !parse_time(words[2], &out->until)) return false;
        if (words[3] && strlen(words[3]) >= sizeof out->interfaces) return false;
        if (words[3]) strcpy(out->interfaces, words[3]);
        return true;
    }
    return false;
}
