/*
 * A router of the tests: asks for an address over and over, each time with another sender address, and prints every ARP frame it
 * gets. Since an answer names the sender address of its request, one sees who answered each single request.
 *
 *   arp-watch INTERFACE ADDRESS EVERY_MS        stdout: MONOTONIC_MS op ETH_SRC SENDER_IP TARGET_IP
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "arp/packet.h"
#include "tunl0/bytes.h"

static uint64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

int main(int argc, char **argv) {
    struct in_addr vip;
    if (argc != 4 || inet_pton(AF_INET, argv[2], &vip) != 1) return 2;
    int every = atoi(argv[3]), fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ARP));
    struct ifreq request = {0};
    strncpy(request.ifr_name, argv[1], IFNAMSIZ - 1);
    if (fd < 0 || ioctl(fd, SIOCGIFHWADDR, &request) < 0) return perror("arp-watch"), 1;
    uint8_t mac[MAC_LEN];
    memcpy(mac, request.ifr_hwaddr.sa_data, MAC_LEN);
    struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ARP), .sll_ifindex = (int)if_nametoindex(argv[1]), .sll_halen = 6};
    memset(to.sll_addr, 0xff, MAC_LEN);
    if (bind(fd, (struct sockaddr *)&to, sizeof to) < 0) return perror("arp-watch"), 1;
    setvbuf(stdout, NULL, _IOLBF, 0);
    puts("ready");
    uint64_t next = now_ms();
    for (uint32_t tag = 0;;) {
        uint64_t now = now_ms();
        if (now >= next) {
            uint8_t frame[ARP_FRAME];
            arp_probe(frame, mac, ntohl(vip.s_addr));
            put32(frame + 28, 0xac100000u | (tag++ & 0xfffff));
            if (sendto(fd, frame, sizeof frame, 0, (struct sockaddr *)&to, sizeof to) < 0 && errno != ENETDOWN) perror("arp-watch");
            next += (uint64_t)every;
            if (next < now) next = now;
            continue;
        }
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, (int)(next - now)) <= 0) continue;
        uint8_t frame[128];
        struct sockaddr_ll from;
        socklen_t len = sizeof from;
        ssize_t got = recvfrom(fd, frame, sizeof frame, 0, (struct sockaddr *)&from, &len);
        struct arp arp;
        if (got < 0 || from.sll_pkttype == PACKET_OUTGOING || !arp_parse(frame, (size_t)got, &arp)) continue;
        printf("%llu %u %02x:%02x:%02x:%02x:%02x:%02x %08x %08x\n", (unsigned long long)now_ms(), arp.op, frame[6], frame[7], frame[8], frame[9],
               frame[10], frame[11], arp.sender_ip, arp.target_ip);
    }
}
