/*
 * veth-steer MASK HOST-INTERFACE NETNS POD-INTERFACE: sets the RPS mask of both ends of a veth pair (lab/node/cni/steer.ts says why).
 * The node's own sysfs is read-only and shows one network namespace only, hence a mount of sysfs in each, in a mount namespace that
 * goes with this process.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#define AT "/mnt"

static int failed(const char *what) {
    fprintf(stderr, "veth-steer: %s: %s\n", what, strerror(errno));
    return -1;
}

static int set_mask(const char *interface, const char *mask) {
    char path[128];
    /* A sysfs shows the network namespace of whoever mounts it. Where the first mount is forced to be read-only, the second is not. */
    if (mount("sysfs", AT, "sysfs", 0, NULL) < 0) return failed("mount sysfs");
    if (mount("sysfs", AT, NULL, MS_REMOUNT, NULL) < 0) return failed("remount sysfs");
    snprintf(path, sizeof path, AT "/class/net/%s/queues/rx-0/rps_cpus", interface);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return failed(path);
    ssize_t put = write(fd, mask, strlen(mask));
    close(fd);
    if (put < 0) return failed(path);
    return umount2(AT, MNT_DETACH) < 0 ? failed("umount") : 0;
}

int main(int argc, char **argv) {
    if (argc != 5 || strchr(argv[2], '/') != NULL || strchr(argv[4], '/') != NULL) {
        fputs("usage: veth-steer MASK HOST-INTERFACE NETNS POD-INTERFACE\n", stderr);
        return 2;
    }
    int netns = open(argv[3], O_RDONLY | O_CLOEXEC);
    if (netns < 0) return failed(argv[3]) < 0;
    if (unshare(CLONE_NEWNS) < 0) return failed("unshare") < 0;
    if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) return failed("make / private") < 0;
    int host = set_mask(argv[2], argv[1]);
    if (setns(netns, CLONE_NEWNET) < 0) return failed("setns") < 0;
    return host < 0 || set_mask(argv[4], argv[1]) < 0;
}
