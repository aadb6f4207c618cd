/*
 * conmon-attach: the stdin, stdout and stderr of a container that runs under conmon become this program's own. conmon offers
 * them at a SOCK_SEQPACKET socket, which Node cannot open.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "attach/relay.h"

static int failed(const char *what) {
    fprintf(stderr, "conmon-attach: %s: %s\n", what, strerror(errno));
    return 1;
}

int main(int argc, char **argv) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (argc < 2 || argc > 3 || argv[1][0] == '-' || strlen(argv[1]) >= sizeof address.sun_path) {
        fputs("usage: conmon-attach SOCKET [FD]\n\nConnects stdin, stdout and stderr with those of the container whose conmon listens at\n"
              "SOCKET. The end of stdin closes the container's, unless conmon was told to leave it open. Ends when the container does.\n"
              "FD is closed as soon as it is connected.\n",
              stderr);
        return 2;
    }
    strcpy(address.sun_path, argv[1]);
    /* A reader that has gone is seen by poll. */
    signal(SIGPIPE, SIG_IGN);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0) return failed("socket");
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) return failed(argv[1]);
    /* Whoever started this may wait for it: a terminal's size makes a shell draw its prompt anew, for those who listen. */
    if (argc == 3) close(atoi(argv[2]));
    struct relay relay = {.socket = fd, .in = STDIN_FILENO, .out = STDOUT_FILENO, .err = STDERR_FILENO};
    return relay_run(&relay) ? 0 : failed("poll");
}
