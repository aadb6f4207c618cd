/* Carries bytes between a container's attach socket, as conmon speaks it, and three descriptors. */
#ifndef ATTACH_RELAY_H
#define ATTACH_RELAY_H

#include <stdbool.h>

enum {
    /* conmon reads a packet into a buffer of 8 KiB or more (CONN_SOCK_BUF_SIZE); what is longer loses its end. */
    MOST_SENT = 8192,
    /* Its own packets are a byte that names the stream and up to 8 KiB (STDIO_BUF_SIZE). */
    MOST_RECEIVED = 65536,
};

/* First byte of a packet from conmon (its utils.h, enum stdpipe_t). */
enum { PACKET_STDOUT = 2, PACKET_STDERR = 3 };

struct relay {
    int socket; /* SOCK_SEQPACKET, connected */
    int in;     /* sent to the container; its end is the end of the container's stdin, unless conmon leaves that open */
    int out, err;
};

/*
 * Returns when the container has ended and all it wrote is delivered, or when nobody reads `out` any more. All four
 * descriptors become non-blocking. False: errno says what went wrong.
 */
bool relay_run(const struct relay *);

#endif
