#include "tunl0/toobig.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tunl0/icmp.h"

/* Of the route the kernel takes now, with what it learned from ICMP (ip(7), IP_MTU). */
static int path_mtu(const struct sockaddr_in *gateway) {
    struct sockaddr_in to = *gateway;
    to.sin_port = htons(9);  /* nothing is sent */
    int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), mtu = 0;
    socklen_t len = sizeof mtu;
    if (sock < 0) return 0;
    if (connect(sock, (struct sockaddr *)&to, sizeof to) < 0 || getsockopt(sock, IPPROTO_IP, IP_MTU, &mtu, &len) < 0) mtu = 0;
    close(sock);
    return mtu;
}

static void tell_sender(const struct tun *tun, const struct sockaddr_in *gateway, const struct segment *inner,
                        const uint8_t *headers) {
    int mtu = path_mtu(gateway) - IPV4_HEADER;
    if (mtu < 68) mtu = 68;  /* RFC 791: every link passes that much */
    uint8_t answer[ICMP_MAX];
    size_t len = icmp_frag_needed(answer, &inner->ip, headers, inner->header, inner->payload, inner->length, (uint16_t)mtu);
    struct virtio_net_hdr vnet = {0};
    struct iovec iov[2] = {{&vnet, sizeof vnet}, {answer, len}};
    /* The device's queue is the kernel's; a failure means the device is down, and then nobody waits for this. */
    if (len && writev(tun->fd, iov, 2) < 0) return;
}

static void add(struct msghdr *m, size_t *used, int type, int value) {
    struct cmsghdr *c = (struct cmsghdr *)((char *)m->msg_control + *used);
    c->cmsg_level = IPPROTO_IP;
    c->cmsg_type = type;
    c->cmsg_len = CMSG_LEN(sizeof value);
    memcpy(CMSG_DATA(c), &value, sizeof value);
    *used += CMSG_SPACE(sizeof value);
}

static bool send_in_fragments(int fragmenter, const struct sockaddr_in *gateway, const struct segment *inner,
                              const uint8_t *headers, uint8_t tos) {
    _Alignas(struct cmsghdr) char control[2 * CMSG_SPACE(sizeof(int))] = {0};
    struct iovec iov[2] = {{(void *)(uintptr_t)headers, inner->header}, {(void *)(uintptr_t)inner->payload, inner->length}};
    struct sockaddr_in to = *gateway;
    struct msghdr m = {.msg_name = &to, .msg_namelen = sizeof to, .msg_iov = iov, .msg_iovlen = 2, .msg_control = control};
    size_t used = 0;
    add(&m, &used, IP_TTL, inner->ip.ttl ? inner->ip.ttl : 1);
    add(&m, &used, IP_TOS, tos);
    m.msg_controllen = used;
    return sendmsg(fragmenter, &m, MSG_DONTWAIT) >= 0;
}

void toobig(const struct tun *tun, int fragmenter, const struct sockaddr_in *gateway, const struct segment *inner,
            const uint8_t *headers, uint8_t tos, struct stats *stats) {
    if (inner->ip.frag & IPV4_DF) {
        stats->tx_too_big++;
        tell_sender(tun, gateway, inner, headers);
    } else if (send_in_fragments(fragmenter, gateway, inner, headers, tos)) {
        stats->tx_fragmented++;
    } else {
        stats->tx_errors++;
    }
}
