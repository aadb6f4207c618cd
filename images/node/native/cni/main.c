/*
 * calico: the CNI plugin, as the runtime calls it. It hands the request to a process that has the plugin's program loaded already
 * (calico-ipam and wiring: lab/node/cni), because starting that program costs several times what it has to do for a pod. The first
 * request of a series starts that process with a listening socket, as a socket-activated service; it ends itself when
 * nothing has come for a while. Whenever it cannot be had, the program is run for this one request alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cni/message.h"

#define PROGRAM "/opt/hoplab/cni/bin/calico-program"
#define SOCKET "/run/calico-cni.sock"
#define LOCK "/run/calico-cni.lock"
/* Descriptor of the listening socket in the service. */
#define LISTENER 3
/* The runtime gives up after a minute. */
#define ANSWER_SECONDS 45

static const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = SOCKET};

static int read_all(int fd, struct bytes *into) {
    char part[65536];
    for (;;) {
        ssize_t got = read(fd, part, sizeof part);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return (int)got;
        if (bytes_add(into, part, (size_t)got) < 0) return -1;
    }
}

static int write_all(int fd, const char *data, size_t length) {
    while (length > 0) {
        ssize_t put = send(fd, data, length, MSG_NOSIGNAL);
        if (put < 0 && errno == ENOTSOCK) put = write(fd, data, length);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return -1;
        data += put;
        length -= (size_t)put;
    }
    return 0;
}

/* Becomes the program, with what was read of standard input to be read again. */
static int run_alone(const struct bytes *input) {
    int again = memfd_create("stdin", 0);
    if (again >= 0 && write_all(again, input->data, input->length) == 0 && lseek(again, 0, SEEK_SET) == 0 &&
        dup2(again, STDIN_FILENO) == STDIN_FILENO) {
        if (again > STDERR_FILENO) close(again);
        execl(PROGRAM, PROGRAM, (char *)NULL);
    }
    /* CNI specification, section 5: code 5, I/O failure. */
    printf("{\"cniVersion\":\"1.0.0\",\"code\":5,\"msg\":\"cannot run %s: %s\"}\n", PROGRAM, strerror(errno));
    return 1;
}

static int connect_once(void) {
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0) return fd;
    if (fd >= 0) close(fd);
    return -1;
}

/* A process of its own, no child of the runtime's and without its descriptors. */
static void start_service(int listener) {
    pid_t child = fork();
    if (child > 0) waitpid(child, NULL, 0);
    if (child != 0) return;
    if (setsid() < 0 || fork() != 0) _exit(0);
    int null = open("/dev/null", O_RDWR);
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) dup2(null, fd);
    if (listener != LISTENER) dup2(listener, LISTENER);
    else fcntl(listener, F_SETFD, 0);
    close_range(LISTENER + 1, ~0U, 0);
    /* Of the environment, what a program is found by: the rest is this request's. */
    const char *path = getenv("PATH");
    char *found = strdup(path != NULL ? path : "/usr/sbin:/usr/bin:/sbin:/bin");
    clearenv();
    if (found != NULL) setenv("PATH", found, 1);
    if (chdir("/") == 0) execl(PROGRAM, PROGRAM, "--serve", SOCKET, (char *)NULL);
    _exit(127);
}

/* The socket listens before the service runs: whoever comes meanwhile waits in its queue. One caller at a time gets here. */
static int connect_or_start(void) {
    int lock = open(LOCK, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (lock < 0 || flock(lock, LOCK_EX) < 0) return -1;
    int fd = connect_once();
    if (fd < 0) {
        unlink(SOCKET);
        int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        mode_t before = umask(0177);
        int bound = listener < 0 ? -1 : bind(listener, (const struct sockaddr *)&address, sizeof address);
        umask(before);
        if (bound == 0 && listen(listener, 128) == 0) {
            start_service(listener);
            fd = connect_once();
        }
        if (listener >= 0) close(listener);
    }
    close(lock);
    return fd;
}

int main(void) {
    struct bytes input = {0}, request = {0}, answer = {0};
    const char *command = getenv("CNI_COMMAND");
    if (read_all(STDIN_FILENO, &input) < 0) return 1;
    if (command == NULL || strcmp(command, "VERSION") == 0) return run_alone(&input);
    int fd = connect_once();
    if (fd < 0) fd = connect_or_start();
    if (fd < 0 || request_of(&request, environ, &input) < 0) return run_alone(&input);
    struct timeval limit = {.tv_sec = ANSWER_SECONDS};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    int heard = -1;
    if (write_all(fd, request.data, request.length) == 0 && shutdown(fd, SHUT_WR) == 0) heard = read_all(fd, &answer);
    int code = exit_code_of(&answer);
    if (heard < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        /* It may yet do what it was asked to: nothing must be done twice. */
        printf("{\"cniVersion\":\"1.0.0\",\"code\":11,\"msg\":\"no answer within %d s\"}\n", ANSWER_SECONDS);
        return 1;
    }
    if (heard < 0 || code < 0) return run_alone(&input);
    return write_all(STDOUT_FILENO, answer.data + 1, answer.length - 1) == 0 ? code : 1;
}
