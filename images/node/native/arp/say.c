#include "arp/say.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char waiting[65536];
static size_t used;

void say_open(void) {
    fcntl(STDOUT_FILENO, F_SETFL, fcntl(STDOUT_FILENO, F_GETFL) | O_NONBLOCK);
}

bool say_flush(void) {
    while (used > 0) {
        ssize_t wrote = write(STDOUT_FILENO, waiting, used);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0 && errno == EAGAIN) return true;
        /* A reader that has gone is seen on stdin. */
        if (wrote <= 0) used = 0;
        else memmove(waiting, waiting + wrote, used -= (size_t)wrote);
    }
    return false;
}

void say(const char *format, ...) {
    char line[256];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(line, sizeof line - 1, format, args);
    va_end(args);
    if (len < 0 || len >= (int)sizeof line - 1) return;
    line[len++] = '\n';
    if (used + (size_t)len > sizeof waiting) return;
    memcpy(waiting + used, line, (size_t)len);
    used += (size_t)len;
}

bool say_errno(const char *what) {
    fprintf(stderr, "arp-responder: %s: %s\n", what, strerror(errno));
    return false;
}

const char *ip_text(uint32_t ip) {
    static char texts[4][16];
    static unsigned turn;
    char *text = texts[turn++ % 4];
    snprintf(text, 16, "%u.%u.%u.%u", ip >> 24, (ip >> 16) & 255, (ip >> 8) & 255, ip & 255);
    return text;
}

const char *mac_text(const uint8_t *mac) {
    static char texts[4][18];
    static unsigned turn;
    char *text = texts[turn++ % 4];
    snprintf(text, 18, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
    return text;
}
