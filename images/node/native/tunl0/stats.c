#include "tunl0/stats.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "tunl0/log.h"

static const uint64_t second = 1000000000;

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * second + (uint64_t)t.tv_nsec;
}

bool stats_open(struct stats_file *f, const char *path) {
    *f = (struct stats_file){.path = path};
    f->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    return f->timer >= 0 || log_errno("timerfd_create");
}

/* A temporary file and a rename: a reader sees all of one state, never half. */
static bool write_file(const char *path, const struct stats *s) {
    char temp[4096];
    if (snprintf(temp, sizeof temp, "%s.tmp", path) >= (int)sizeof temp) return false;
    FILE *out = fopen(temp, "we");
    if (!out) return false;
#define X(name) fprintf(out, #name " %" PRIu64 "\n", s->name);
    STATS(X)
#undef X
    bool ok = !ferror(out);
    ok = fclose(out) == 0 && ok;
    return ok && rename(temp, path) == 0;
}

void stats_write(struct stats_file *f, const struct stats *s) {
    static time_t last;
    if (!f->path) return;
    if (!write_file(f->path, s) && log_due(&last)) log_errno("counters cannot be written to %s", f->path);
    f->written = *s;
    f->written_at = now();
    f->ever = true;
}

void stats_changed(struct stats_file *f, const struct stats *s) {
    if (!f->path || f->waiting || (f->ever && memcmp(&f->written, s, sizeof *s) == 0)) return;
    uint64_t due = f->written_at + second, at = now();
    if (!f->ever || at >= due) {
        stats_write(f, s);
        return;
    }
    struct itimerspec t = {.it_value.tv_nsec = (long)(due - at)};
    if (due - at >= second) t.it_value = (struct timespec){.tv_sec = 1};
    f->waiting = timerfd_settime(f->timer, 0, &t, NULL) == 0;
}

void stats_timer(struct stats_file *f, const struct stats *s) {
    uint64_t times;
    if (read(f->timer, &times, sizeof times) != sizeof times) return;
    f->waiting = false;
    stats_write(f, s);
}
