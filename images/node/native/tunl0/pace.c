#include "tunl0/pace.h"

bool pace_note(struct pace *p, uint32_t packets) {
    if (packets > 1000) packets = 1000;
    p->average = (p->average * 31 + packets * PACE_SCALE) / 32;
    bool bulk = p->average >= (p->bulk ? PACE_END : PACE_BEGIN) * PACE_SCALE;
    bool changed = bulk != p->bulk;
    p->bulk = bulk;
    return changed;
}
