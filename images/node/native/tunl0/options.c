#include "tunl0/options.h"

#include <getopt.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: tunl0d [--device NAME] [--peers FILE] [--stats FILE] [--tos inherit|0] [--ready-fd N] [--foreground]\n"
    "\n"
    "The kernel's ipip device in user space, for kernels without the ipip module.\n"
    "Goes to the background as soon as the device exists; its exit code is then 0.\n"
    "\n"
    "  --device NAME      the device to make (tunl0)\n"
    "  --peers FILE       one IPv4 address per line: the nodes whose packets are let in\n"
    "                     (/run/calico/all-hosts-net; re-read when replaced; missing: nobody)\n"
    "  --stats FILE       where counters go, one `name value` per line; also on SIGUSR1\n"
    "  --tos inherit|0    DSCP of the outer header (inherit)\n"
    "  --ready-fd N       write `ready` to file descriptor N when the device exists\n"
    "  --foreground       stay in the foreground\n";

static _Noreturn void wrong(const char *what, const char *value) {
    fprintf(stderr, "tunl0d: %s: %s\n\n%s", what, value, usage);
    exit(2);
}

static int file_descriptor(const char *value) {
    char *end;
    long n = strtol(value, &end, 10);
    if (*value == '\0' || *end != '\0' || n < 0 || n > 1023) wrong("--ready-fd is no file descriptor", value);
    return (int)n;
}

static bool inherits(const char *value) {
    if (strcmp(value, "inherit") != 0 && strcmp(value, "0") != 0) wrong("--tos is neither inherit nor 0", value);
    return value[0] == 'i';
}

struct options options_parse(int argc, char **argv) {
    struct options o = {
        .device = "tunl0", .peers = "/run/calico/all-hosts-net", .ready_fd = -1, .inherit_dscp = true,
    };
    static const struct option names[] = {
        {"device", required_argument, NULL, 'd'}, {"peers", required_argument, NULL, 'p'},
        {"stats", required_argument, NULL, 's'},  {"tos", required_argument, NULL, 't'},
        {"ready-fd", required_argument, NULL, 'r'}, {"foreground", no_argument, NULL, 'f'},
        {"help", no_argument, NULL, 'h'},         {0},
    };
    int c;
    while ((c = getopt_long(argc, argv, "h", names, NULL)) != -1) {
        switch (c) {
        case 'd': o.device = optarg; break;
        case 'p': o.peers = optarg; break;
        case 's': o.stats = optarg; break;
        case 't': o.inherit_dscp = inherits(optarg); break;
        case 'r': o.ready_fd = file_descriptor(optarg); break;
        case 'f': o.foreground = true; break;
        case 'h': fputs(usage, stdout); exit(0);
        default: fputs(usage, stderr); exit(2);
        }
    }
    if (optind < argc) wrong("unexpected argument", argv[optind]);
    if (o.device[0] == '\0' || strlen(o.device) >= IFNAMSIZ) wrong("--device is no interface name", o.device);
    return o;
}
