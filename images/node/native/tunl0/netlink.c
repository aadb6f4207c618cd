#include "tunl0/netlink.h"

#include <errno.h>
#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "tunl0/log.h"

int netlink_open(uint32_t groups, bool blocking) {
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | (blocking ? 0 : SOCK_NONBLOCK), NETLINK_ROUTE);
    if (fd < 0) {
        log_errno("netlink socket");
        return -1;
    }
    /* Route flaps of a whole mesh come in one burst; what does not fit ends in ENOBUFS and a new dump. */
    int size = 1 << 20;
    if (groups && setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    struct timeval limit = {.tv_sec = 2};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    struct sockaddr_nl self = {.nl_family = AF_NETLINK, .nl_groups = groups};
    if (bind(fd, (struct sockaddr *)&self, sizeof self) < 0) {
        log_errno("netlink bind");
        close(fd);
        return -1;
    }
    return fd;
}

static uint32_t u32(const struct rtattr *a) {
    uint32_t v = 0;
    if (RTA_PAYLOAD(a) >= sizeof v) memcpy(&v, RTA_DATA(a), sizeof v);
    return v;
}

/* The first next hop of a multipath route through the device; the kernel's choice by hash is not known here. */
static bool nexthop(struct rtattr *multipath, int ifindex, uint32_t *gateway) {
    struct rtnexthop *hop = RTA_DATA(multipath);
    int left = (int)RTA_PAYLOAD(multipath);
    for (; RTNH_OK(hop, left); left -= RTNH_ALIGN(hop->rtnh_len), hop = RTNH_NEXT(hop)) {
        if (hop->rtnh_ifindex != ifindex) continue;
        struct rtattr *a = RTNH_DATA(hop);
        int len = (int)hop->rtnh_len - (int)RTNH_LENGTH(0);
        for (; RTA_OK(a, len); a = RTA_NEXT(a, len))
            if (a->rta_type == RTA_GATEWAY) *gateway = ntohl(u32(a));
        return true;
    }
    return false;
}

bool netlink_route(const struct nlmsghdr *m, int ifindex, struct tunnel_route *out) {
    if (m->nlmsg_type != RTM_NEWROUTE && m->nlmsg_type != RTM_DELROUTE) return false;
    if (m->nlmsg_len < NLMSG_LENGTH(sizeof(struct rtmsg))) return false;
    const struct rtmsg *r = NLMSG_DATA(m);
    if (r->rtm_family != AF_INET || r->rtm_type != RTN_UNICAST || (r->rtm_flags & RTM_F_CLONED)) return false;

    uint32_t table = r->rtm_table;
    bool through = false;
    *out = (struct tunnel_route){.length = r->rtm_dst_len};
    int left = (int)(m->nlmsg_len - NLMSG_LENGTH(sizeof *r));
    for (struct rtattr *a = RTM_RTA(r); RTA_OK(a, left); a = RTA_NEXT(a, left)) {
        switch (a->rta_type) {
        case RTA_TABLE: table = u32(a); break;
        case RTA_DST: out->prefix = ntohl(u32(a)); break;
        case RTA_GATEWAY: out->gateway = ntohl(u32(a)); break;
        case RTA_PRIORITY: out->metric = u32(a); break;
        case RTA_OIF: through = through || (int)u32(a) == ifindex; break;
        case RTA_MULTIPATH: through = nexthop(a, ifindex, &out->gateway) || through; break;
        default: break;
        }
    }
    return through && table == RT_TABLE_MAIN;
}

static bool ask(int fd, uint32_t seq) {
    struct {
        struct nlmsghdr h;
        struct rtmsg r;
    } q = {
        .h = {.nlmsg_len = sizeof q, .nlmsg_type = RTM_GETROUTE, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP, .nlmsg_seq = seq},
        .r = {.rtm_family = AF_INET},
    };
    return send(fd, &q, sizeof q, 0) == (ssize_t)sizeof q;
}

enum step { MORE, DONE, TORN, FAILED };

static enum step take(const struct nlmsghdr *m, uint32_t seq, int ifindex, struct table *into) {
    struct tunnel_route route;
    if (m->nlmsg_seq != seq) return MORE;  /* the rest of a dump that was given up */
    if (m->nlmsg_flags & NLM_F_DUMP_INTR) return TORN;
    if (m->nlmsg_type == NLMSG_DONE) return DONE;
    if (m->nlmsg_type == NLMSG_ERROR) return FAILED;
    if (netlink_route(m, ifindex, &route) && route.gateway && !table_add(into, route)) return FAILED;
    return MORE;
}

static enum step dump_once(int fd, uint32_t seq, int ifindex, struct table *into) {
    static _Alignas(struct nlmsghdr) char buffer[32768];
    if (!ask(fd, seq)) return FAILED;
    for (;;) {
        ssize_t n = recv(fd, buffer, sizeof buffer, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return FAILED;
        int left = (int)n;
        for (const struct nlmsghdr *m = (void *)buffer; NLMSG_OK(m, left); m = NLMSG_NEXT(m, left)) {
            enum step s = take(m, seq, ifindex, into);
            if (s != MORE) return s;
        }
    }
}

bool netlink_dump(int fd, int ifindex, struct table *table) {
    static uint32_t seq;
    /* A change during the dump tears it; the change's own event brings a further dump if these do not do. */
    for (int attempt = 0; attempt < 5; attempt++) {
        struct table fresh = {0};
        enum step s = dump_once(fd, ++seq, ifindex, &fresh);
        if (s == DONE) {
            table_sort(&fresh);
            table_free(table);
            *table = fresh;
            return true;
        }
        table_free(&fresh);
        if (s == FAILED) return log_errno("route dump");
    }
    return false;
}
