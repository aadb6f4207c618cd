/* Being a daemon: saying that the device is there, going to the background, giving up what is no longer needed. */
#ifndef TUNL0_DAEMON_H
#define TUNL0_DAEMON_H

#include <stdbool.h>

/* To be called when the device exists. Without `foreground` the calling process ends with exit code 0 and a
   child goes on, in a session of its own; stderr stays. `ready_fd` (-1: none) gets the line `ready` and is closed. */
bool daemon_ready(bool foreground, int ready_fd);

/* SCHED_BATCH or the usual policy, see pace.h. Needs no privilege. */
void daemon_schedule(bool bulk);

/* Every capability: all that needs one is open by now. */
bool daemon_drop_capabilities(void);

#endif
