#include "tunl0/peers.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tunl0/log.h"

enum { FILE_MAX = 1 << 20 };  /* some 60 000 addresses; a longer file is a mistake */

static ssize_t read_all(int fd, char *text, size_t room) {
    size_t len = 0;
    while (len < room) {
        ssize_t n = read(fd, text + len, room - len);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return -1;
        if (n == 0) break;
        len += (size_t)n;
    }
    return (ssize_t)len;
}

static void load(struct peers *p) {
    size_t before = p->list.count;
    int fd = open(p->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        if (errno != ENOENT) log_errno("%s cannot be read: nobody is let in", p->path);
        else if (before) log_line("%s is gone: nobody is let in", p->path);
        peerlist_free(&p->list);
        return;
    }
    struct stat st;
    char *text = NULL;
    ssize_t len = -1;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= FILE_MAX && (text = malloc((size_t)st.st_size + 1)))
        len = read_all(fd, text, (size_t)st.st_size);
    if (len < 0 || !peerlist_parse(&p->list, text, (size_t)len)) {
        log_line("%s is no file of at most %d bytes: nobody is let in", p->path, FILE_MAX);
        peerlist_free(&p->list);
    }
    if (p->list.bad) log_line("%s: %zu lines are no IPv4 address", p->path, p->list.bad);
    if (p->list.count != before) log_line("%zu peers", p->list.count);
    free(text);
    close(fd);
}

static bool watch(struct peers *p) {
    uint32_t events = IN_MOVED_TO | IN_MOVED_FROM | IN_CLOSE_WRITE | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
    if (mkdir(p->directory, 0755) < 0 && errno != EEXIST) return log_errno("mkdir %s", p->directory);
    return inotify_add_watch(p->inotify, p->directory, events) >= 0 || log_errno("watch on %s", p->directory);
}

bool peers_open(struct peers *p, const char *path) {
    const char *slash = strrchr(path, '/');
    *p = (struct peers){.path = path, .name = slash ? slash + 1 : path};
    int len = slash == path ? 1 : slash ? (int)(slash - path) : 1;
    if (len >= (int)sizeof p->directory) return log_errno("path too long");
    snprintf(p->directory, sizeof p->directory, "%.*s", len, slash ? path : ".");
    p->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (p->inotify < 0) return log_errno("inotify_init1");
    /* The watch first: what is renamed in after the reading is then an event. */
    if (!watch(p)) return false;
    load(p);
    return true;
}

void peers_on_events(struct peers *p) {
    _Alignas(struct inotify_event) char buffer[4096 + NAME_MAX];
    bool changed = false, lost = false;
    ssize_t n;
    while ((n = read(p->inotify, buffer, sizeof buffer)) > 0) {
        for (char *at = buffer; at < buffer + n;) {
            const struct inotify_event *e = (const void *)at;
            if (e->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED)) lost = true;
            if (e->mask & IN_Q_OVERFLOW) changed = true;
            if (e->len && strcmp(e->name, p->name) == 0) changed = true;
            at += sizeof *e + e->len;
        }
    }
    if (lost) {
        /* One watch at a time: the one of the moved or deleted directory goes with its inotify instance. */
        int fresh = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        if (fresh >= 0) {
            dup3(fresh, p->inotify, O_CLOEXEC);
            close(fresh);
        }
        watch(p);
    }
    if (changed || lost) load(p);
}
