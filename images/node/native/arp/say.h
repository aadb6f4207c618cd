/* What the responder says: lines on stdout for the speaker, trouble on stderr. It never waits for the reader. */
#ifndef ARP_SAY_H
#define ARP_SAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void say_open(void);
/* A whole line or, when the reader is too far behind, nothing. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Writes on when there is room again. @return whether something is left, so that room has to be waited for */
bool say_flush(void);
/* On stderr, with errno's text. @return false */
bool say_errno(const char *what);

/* Dotted and colon forms; the buffer is one of a few, and used anew after some calls. */
const char *ip_text(uint32_t ip);
const char *mac_text(const uint8_t *mac);

#endif
