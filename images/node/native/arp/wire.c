#include "arp/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "arp/packet.h"
#include "arp/say.h"

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif

/* Ethernet and IPv4 addresses of 6 and 4 bytes, operation 1 or 2; everything else does not wake the process. */
static struct sock_filter program[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 14),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x00010800, 0, 4),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 18),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x06040001, 1, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x06040002, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, 128),
    BPF_STMT(BPF_RET | BPF_K, 0),
};

int wire_open(void) {
    /* Protocol 0 first: nothing comes in before the filter is there. */
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1;
    struct sock_fprog filter = {.len = sizeof program / sizeof *program, .filter = program};
    struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ARP)};
    if (fd < 0) {
        say_errno("packet socket");
        return -1;
    }
    /* Linux 4.20; before that own frames come back, and are known by their sender. */
    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one);
    if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) < 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        say_errno("packet socket");
        close(fd);
        return -1;
    }
    return fd;
}

ssize_t wire_read(int fd, uint8_t *frame, size_t room, int *index) {
    for (;;) {
        struct sockaddr_ll from;
        socklen_t len = sizeof from;
        ssize_t got = recvfrom(fd, frame, room, 0, (struct sockaddr *)&from, &len);
        /* ENETDOWN: some interface went down; the socket lives on. */
        if (got < 0 && (errno == EINTR || errno == ENETDOWN)) continue;
        if (got >= 0 && from.sll_pkttype == PACKET_OUTGOING) continue;
        if (got >= 0) *index = from.sll_ifindex;
        return got;
    }
}

bool wire_send(int fd, int index, const uint8_t *frame) {
    struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ARP), .sll_ifindex = index, .sll_halen = MAC_LEN};
    memcpy(to.sll_addr, frame, MAC_LEN);
    return sendto(fd, frame, ARP_FRAME, 0, (struct sockaddr *)&to, sizeof to) == ARP_FRAME;
}
