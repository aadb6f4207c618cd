#include "tunl0/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void print(const char *format, va_list args, const char *reason) {
    char text[512];
    vsnprintf(text, sizeof text, format, args);
    fprintf(stderr, "tunl0d: %s%s%s\n", text, reason ? ": " : "", reason ? reason : "");
}

void log_line(const char *format, ...) {
    va_list args;
    va_start(args, format);
    print(format, args, NULL);
    va_end(args);
}

bool log_errno(const char *format, ...) {
    const char *reason = strerror(errno);
    va_list args;
    va_start(args, format);
    print(format, args, reason);
    va_end(args);
    return false;
}

bool log_due(time_t *last) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    if (*last && now.tv_sec - *last < 10) return false;
    *last = now.tv_sec ? now.tv_sec : 1;
    return true;
}
