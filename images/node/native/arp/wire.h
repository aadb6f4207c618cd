/* The packet socket: ARP of all interfaces in, frames out. */
#ifndef ARP_WIRE_H
#define ARP_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* @return the socket, or -1 after saying why. Not bound to an interface: so it survives their coming and going, and no capability is
   needed later. */
int wire_open(void);
/* @param index of the interface it came in by. @return length, or -1 when nothing is left */
ssize_t wire_read(int fd, uint8_t *frame, size_t room, int *index);
bool wire_send(int fd, int index, const uint8_t *frame);

#endif
