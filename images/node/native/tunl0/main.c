/* tunl0d: the kernel's ipip device in user space. One thread, one epoll loop; nothing runs while nothing happens. */
#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "tunl0/daemon.h"
#include "tunl0/log.h"
#include "tunl0/options.h"
#include "tunl0/pace.h"
#include "tunl0/peers.h"
#include "tunl0/route.h"
#include "tunl0/rx.h"
#include "tunl0/stats.h"
#include "tunl0/tun.h"
#include "tunl0/tx.h"

enum source { DEVICE, WIRE, SENDER, ROUTES, PEERS, STATS, SIGNALS };

static struct tun tun;
static struct routes routes;
static struct peers peers;
static struct stats stats;
static struct stats_file stats_file;
static struct rx rx;
static struct tx tx;
static int poller, signals;

static bool set_interest(int op, int fd, enum source source, uint32_t events) {
    struct epoll_event e = {.events = events, .data.u32 = source};
    return epoll_ctl(poller, op, fd, &e) == 0 || log_errno("epoll_ctl");
}

static bool open_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    return signals >= 0 || log_errno("signalfd");
}

static bool open_all(const struct options *o) {
    return open_signals() && tun_open(&tun, o->device) && routes_open(&routes, &tun) && peers_open(&peers, o->peers) &&
           stats_open(&stats_file, o->stats) && rx_open(&rx, &tun, &peers, &stats) &&
           tx_open(&tx, &tun, &routes, &stats, rx.socket, o->inherit_dscp);
}

/* After the fork: a signalfd in an epoll instance reports the signals of the process that added it (signalfd(2)). */
static bool open_poller(void) {
    poller = epoll_create1(EPOLL_CLOEXEC);
    if (poller < 0) return log_errno("epoll_create1");
    return set_interest(EPOLL_CTL_ADD, tun.fd, DEVICE, EPOLLIN) && set_interest(EPOLL_CTL_ADD, rx.socket, WIRE, EPOLLIN) &&
           set_interest(EPOLL_CTL_ADD, tx.socket, SENDER, 0) && set_interest(EPOLL_CTL_ADD, routes.events, ROUTES, EPOLLIN) &&
           set_interest(EPOLL_CTL_ADD, peers.inotify, PEERS, EPOLLIN) &&
           set_interest(EPOLL_CTL_ADD, stats_file.timer, STATS, EPOLLIN) &&
           set_interest(EPOLL_CTL_ADD, signals, SIGNALS, EPOLLIN);
}

/* While the socket's buffer is full the device is not read: its queue is the kernel's and drops by its own rules. */
static bool transmit(void) {
    static bool blocked;
    enum tx_result r = tx_run(&tx);
    if (r == TX_GONE) return log_errno("%s was deleted", tun.name);
    if ((r == TX_BLOCKED) != blocked) {
        blocked = !blocked;
        set_interest(EPOLL_CTL_MOD, tun.fd, DEVICE, blocked ? 0 : EPOLLIN);
        set_interest(EPOLL_CTL_MOD, tx.socket, SENDER, blocked ? EPOLLOUT : 0);
    }
    return true;
}

/* False: time to end. */
static bool on_signal(void) {
    struct signalfd_siginfo info;
    if (read(signals, &info, sizeof info) != sizeof info) return true;
    if (info.ssi_signo == SIGUSR1) {
        stats_write(&stats_file, &stats);
        return true;
    }
    return false;
}

/* False: time to end. `clean` says whether that was asked for. */
static bool handle(enum source source, bool *clean) {
    switch (source) {
    case DEVICE:
    case SENDER: return transmit();
    case WIRE: rx_run(&rx); return true;
    case ROUTES:
        routes_on_events(&routes);
        if (routes.gone) log_line("%s was deleted", tun.name);
        return !routes.gone;
    case PEERS:
        peers_on_events(&peers);
        return true;
    case STATS: stats_timer(&stats_file, &stats); return true;
    case SIGNALS: *clean = !on_signal(); return !*clean;
    }
    return true;
}

static bool run(void) {
    struct epoll_event events[8];
    struct pace pace = {0};
    bool clean = false;
    for (;;) {
        stats.peers = peers.list.count;
        stats.routes = routes.table.count;
        stats_changed(&stats_file, &stats);
        int n = epoll_wait(poller, events, 8, -1);
        if (n < 0 && errno != EINTR) return log_errno("epoll_wait");
        uint64_t before = stats.tx_packets + stats.rx_packets;
        for (int i = 0; i < n; i++)
            if (!handle(events[i].data.u32, &clean)) return clean;
        if (pace_note(&pace, (uint32_t)(stats.tx_packets + stats.rx_packets - before))) daemon_schedule(pace.bulk);
    }
}

int main(int argc, char **argv) {
    struct options o = options_parse(argc, argv);
    if (!open_all(&o) || !daemon_drop_capabilities() || !daemon_ready(o.foreground, o.ready_fd) || !open_poller()) return 1;
    bool clean = run();
    stats_write(&stats_file, &stats);
    return clean ? 0 : 1;
}
