#include "tunl0/tun.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tunl0/log.h"

static const int fallback_mtu = 1480;    /* 1500 less the outer header, as ip_tunnel_bind_dev computes */
static const int fallback_qlen = 1000;   /* DEFAULT_TX_QUEUE_LEN; a TUN device would have 500 */

static struct ifreq request(const char *name) {
    struct ifreq r = {0};
    snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
    return r;
}

static bool attach(struct tun *t, const char *name) {
    t->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (t->fd < 0)
        return log_errno("/dev/net/tun cannot be opened (a container needs --device /dev/net/tun)");
    struct ifreq r = request(name);
    r.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR;
    if (ioctl(t->fd, TUNSETIFF, &r) < 0) {
        if (errno == EBUSY || errno == EINVAL)
            return log_errno("%s exists already: another tunl0d, or the kernel's own ipip device", name);
        return log_errno("%s cannot be made (needs CAP_NET_ADMIN)", name);
    }
    snprintf(t->name, sizeof t->name, "%s", r.ifr_name);
    /* `link/ipip` in ip(8), "IPIP Tunnel" in ifconfig(8), DLT_RAW in pcap; an IPv6 link-local address is not made. */
    if (ioctl(t->fd, TUNSETLINK, ARPHRD_TUNNEL) < 0) log_errno("%s: link type ipip refused, goes on without", name);
    unsigned int offload = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO_ECN;
    if (ioctl(t->fd, TUNSETOFFLOAD, offload) < 0) log_errno("%s: no offloads, goes on slowly", name);
    return true;
}

static bool configure(struct tun *t, int sock) {
    struct ifreq r = request(t->name);
    if (ioctl(sock, SIOCGIFINDEX, &r) < 0) return log_errno("%s: SIOCGIFINDEX", t->name);
    t->ifindex = r.ifr_ifindex;
    r.ifr_mtu = fallback_mtu;
    if (ioctl(sock, SIOCSIFMTU, &r) < 0) return log_errno("%s: MTU %d", t->name, fallback_mtu);
    r.ifr_qlen = fallback_qlen;
    if (ioctl(sock, SIOCSIFTXQLEN, &r) < 0) log_errno("%s: queue length %d", t->name, fallback_qlen);
    /* NOARP is set by the TUN driver; POINTOPOINT too, and no system call takes that away. */
    if (ioctl(sock, SIOCGIFFLAGS, &r) < 0) return log_errno("%s: SIOCGIFFLAGS", t->name);
    r.ifr_flags = (short)((r.ifr_flags | IFF_NOARP) & ~IFF_MULTICAST);
    if (ioctl(sock, SIOCSIFFLAGS, &r) < 0) log_errno("%s: flags", t->name);
    return true;
}

bool tun_open(struct tun *t, const char *name) {
    if (!attach(t, name)) return false;
    int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (sock < 0) return log_errno("socket");
    bool ok = configure(t, sock);
    close(sock);
    return ok;
}

uint16_t tun_mtu(const struct tun *t) {
    int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (sock < 0) return 0;
    struct ifreq r = request(t->name);
    int mtu = ioctl(sock, SIOCGIFMTU, &r) < 0 ? 0 : r.ifr_mtu;
    close(sock);
    return (uint16_t)(mtu > UINT16_MAX ? UINT16_MAX : mtu);
}
