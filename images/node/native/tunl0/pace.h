/*
 * Tells bulk transfer from single packets, by how many packets each wake-up found.
 *
 * Under bulk the daemon asks for SCHED_BATCH: it then does not interrupt whoever runs when a packet wakes it. That is often
 * the sender of the burst (another node's tunl0d on the same processor), interrupted at its first packet; not doing so
 * finds the whole burst at once. Measured where two nodes share one processor: 1.5 times the throughput. But on a busy
 * machine a single packet then waits for a time slice (0.6 instead of 0.05 ms), so it is not for quiet times.
 */
#ifndef TUNL0_PACE_H
#define TUNL0_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
    uint32_t average; /* packets per wake-up, times PACE_SCALE; over some 32 wake-ups */
    bool bulk;
};

enum { PACE_SCALE = 1024, PACE_BEGIN = 8, PACE_END = 3 };

/* Notes a wake-up that found `packets`; true when `bulk` changed. */
bool pace_note(struct pace *p, uint32_t packets);

#endif
