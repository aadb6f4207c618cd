/* What the speaker says on stdin, one command a line. */
#ifndef ARP_COMMAND_H
#define ARP_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arp/addresses.h"

enum command_kind { COMMAND_ADD, COMMAND_DEL, COMMAND_ANNOUNCE, COMMAND_PROBE };

struct command {
    enum command_kind kind;
    uint32_t ip;
    uint64_t until;                  /* add: FOREVER unless given */
    char interfaces[INTERFACES_LEN]; /* add: empty unless given */
};

/* `add IP [UNTIL|- [IF,IF]]`, `del IP`, `announce IP`, `probe IP`. The line ends with its length; it need not end with NUL. */
bool command_parse(const char *line, size_t len, struct command *out);

#endif
