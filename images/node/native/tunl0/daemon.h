/* Being a daemon: saying that the device is there, going to the background, giving up what is no longer needed. */
#ifndef TUNL0_DAEMON_H
#define TUNL0_DAEMON_H

#include <stdbool.h>

/* To be called when the device exists. Without `foreground` the calling process ends with exit code 0 and a
   child goes on, in a session of its own; stderr stays. `ready_fd` (-1: none) gets the line `ready` and is closed. */
bool daemon_ready(bool foreground, int ready_fd);

/* Lets whoever runs finish before us when a packet wakes us (SCHED_BATCH): the sender of a burst, often another node's
   tunl0d on the same processor, is not interrupted at its first packet, so we find the whole burst. Measured: 1.5 times the
   throughput where two nodes share a processor; an idle machine answers as fast as before. Needs no privilege. */
void daemon_be_patient(void);

/* Every capability: all that needs one is open by now. */
bool daemon_drop_capabilities(void);

#endif
