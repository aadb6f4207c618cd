/* The device, made to look like the ipip module's fallback device as far as TUN allows. */
#ifndef TUNL0_TUN_H
#define TUNL0_TUN_H

#include <stdbool.h>
#include <stdint.h>

struct tun {
    int fd;        /* non-blocking; every packet has a struct virtio_net_hdr before it */
    int ifindex;
    char name[16];
};

/* Makes the device: down, MTU 1480, gone when `fd` is closed. False after saying why on stderr. */
bool tun_open(struct tun *t, const char *name);

/* The device's MTU now; 0 when it cannot be had (it is gone). */
uint16_t tun_mtu(const struct tun *t);

#endif
