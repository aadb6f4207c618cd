/* An outer packet that does not fit the path to the gateway. */
#ifndef TUNL0_TOOBIG_H
#define TUNL0_TOOBIG_H

#include <netinet/in.h>

#include "tunl0/segment.h"
#include "tunl0/stats.h"
#include "tunl0/tun.h"

/* With DF the sender is told (RFC 2003, 5.1: the tunnel's MTU is the path's less 20), without it the outer packet
   goes out in fragments, which is what the kernel's ipip does in both cases. `headers` are those of `inner`. */
void toobig(const struct tun *tun, int fragmenter, const struct sockaddr_in *gateway, const struct segment *inner,
            const uint8_t *headers, uint8_t tos, struct stats *stats);

#endif
