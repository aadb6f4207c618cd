#include "arp/exclude.h"

#include <stddef.h>
#include <string.h>

static const char *const prefixes[] = {"docker", "cbr",     "dummy",     "virbr", "lxcbr",        "veth", "cali",
                                       "tunl",   "flannel", "kube-ipvs", "cni",   "nodelocaldns", "lxc"};

bool interface_excluded(const char *name) {
    if (name[0] == '\0' || strcmp(name, "lo") == 0) return true;
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0) return true;
    return false;
}
