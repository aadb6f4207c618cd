/*
 * command-runner: starts commands for a program to which that is dear. Node.js forks, and so copies the tables of its some
 * hundred megabytes of mappings each time and throws them away again; the same from here costs a tenth. It reads requests on
 * standard input and answers on standard output (frame.c), many at a time, and ends when its standard input does.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cni/message.h"
#include "runner/frame.h"

/* Where a command that reports does so. Kept taken here, so that no pipe of ours gets this number. */
#define REPORT 3

enum { IN, OUT, ERR, CHILD, FDS };

struct job {
    struct job *next;
    uint8_t *frame;
    struct request request;
    size_t written;
    struct bytes out, err;
    /* Our ends of the pipes and the child's pidfd; -1 when done with. */
    int fd[FDS];
    pid_t pid;
    int64_t deadline;
    int status;
    int answered;
};

static struct job *jobs;
static struct bytes unsent;
static size_t sent;

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void done_with(int *fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

static void answer(struct job *job, int code, int signal) {
    uint8_t header[ANSWER_HEADER];
    if (job->answered) return;
    job->answered = 1;
    answer_header(header, job->request.id, code, (uint32_t)signal, job->out.length, job->err.length);
    if (bytes_add(&unsent, header, sizeof header) < 0 || bytes_add(&unsent, job->out.data, job->out.length) < 0 ||
        bytes_add(&unsent, job->err.data, job->err.length) < 0) {
        /* An answer that is cut short cannot be told from the next one. */
        exit(1);
    }
}

/* A pipe whose end `ours` does not block. */
static int make_pipe(int ends[2], int ours) {
    if (pipe2(ends, O_CLOEXEC) < 0) return -1;
    fcntl(ends[ours], F_SETFL, O_NONBLOCK);
    return 0;
}

static int start(struct job *job) {
    const struct request *request = &job->request;
    int reports = (request->flags & REPORTS) != 0;
    int in[2] = {-1, -1}, out[2] = {-1, -1}, err[2] = {-1, -1}, failure;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t all, none;
    if (((request->flags & HAS_INPUT) && make_pipe(in, 1) < 0) || make_pipe(out, 0) < 0 || (!reports && make_pipe(err, 0) < 0)) {
        failure = errno;
        for (int i = 0; i < 2; i++) {
            done_with(&in[i]);
            done_with(&out[i]);
        }
        return failure;
    }
    posix_spawn_file_actions_init(&actions);
    if (in[0] >= 0) posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    else posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (reports) {
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_adddup2(&actions, out[1], REPORT);
    } else {
        posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO);
    }
    if (request->cwd != NULL) posix_spawn_file_actions_addchdir_np(&actions, request->cwd);
    posix_spawnattr_init(&attributes);
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    failure = posix_spawnp(&job->pid, request->argv[0], &actions, &attributes, request->argv,
                           request->env != NULL ? request->env : environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    done_with(&in[0]);
    done_with(&out[1]);
    done_with(&err[1]);
    job->fd[IN] = in[1];
    job->fd[OUT] = out[0];
    job->fd[ERR] = err[0];
    if (failure == 0) {
        job->fd[CHILD] = (int)syscall(SYS_pidfd_open, job->pid, 0);
        if (job->fd[CHILD] < 0) {
            failure = errno;
            kill(job->pid, SIGKILL);
            waitpid(job->pid, NULL, 0);
        }
    }
    return failure;
}

static void drop(struct job **at) {
    struct job *job = *at;
    *at = job->next;
    for (int i = 0; i < FDS; i++) done_with(&job->fd[i]);
    request_free(&job->request);
    free(job->frame);
    free(job->out.data);
    free(job->err.data);
    free(job);
}

static void accept_request(const uint8_t *bytes, size_t length) {
    struct job *job = calloc(1, sizeof *job);
    uint8_t *frame = malloc(length + 1);
    if (job == NULL || frame == NULL) exit(1);
    memcpy(frame, bytes, length);
    job->frame = frame;
    for (int i = 0; i < FDS; i++) job->fd[i] = -1;
    if (request_parse(&job->request, frame, length) < 0) exit(1);
    job->next = jobs;
    jobs = job;
    job->deadline = now_ms() + job->request.timeout_ms;
    int failure = start(job);
    if (failure == 0) return;
    answer(job, -failure, 0);
    drop(&jobs);
}

/* Takes what can be read; closes at the end. */
static void take(int *fd, struct bytes *into) {
    char part[65536];
    ssize_t got = read(*fd, part, sizeof part);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) done_with(fd);
    else if (bytes_add(into, part, (size_t)got) < 0) exit(1);
}

static void feed(struct job *job) {
    const struct request *request = &job->request;
    ssize_t put = write(job->fd[IN], request->input + job->written, request->input_length - job->written);
    if (put < 0 && (errno == EAGAIN || errno == EINTR)) return;
    /* A command may end without reading its input; that is its business. */
    if (put < 0 || (job->written += (size_t)put) == request->input_length) done_with(&job->fd[IN]);
}

/* One look at a job after poll has told what is ready. @return 1 when nothing is left of it */
static int attend(struct job *job, const struct pollfd *polled, int64_t now) {
    if (polled[IN].revents) feed(job);
    if (polled[OUT].revents) take(&job->fd[OUT], &job->out);
    if (polled[ERR].revents) take(&job->fd[ERR], &job->err);
    if (polled[CHILD].revents && waitpid(job->pid, &job->status, 0) == job->pid) {
        done_with(&job->fd[CHILD]);
        done_with(&job->fd[IN]);
    }
    if (job->request.flags & REPORTS) {
        /* What has been started goes on living and keeps its end open: one object is all that is waited for. */
        int told = job->out.length > 0 && memchr(job->out.data, '}', job->out.length) != NULL;
        if (told || job->fd[OUT] < 0 || now >= job->deadline) {
            done_with(&job->fd[OUT]);
            answer(job, told || now < job->deadline ? 0 : -ETIMEDOUT, 0);
        }
        return job->fd[CHILD] < 0 && job->answered;
    }
    if (now >= job->deadline && job->fd[CHILD] >= 0) {
        kill(job->pid, SIGKILL);
        job->deadline = INT64_MAX;
    }
    if (job->fd[CHILD] >= 0 || job->fd[OUT] >= 0 || job->fd[ERR] >= 0) return 0;
    answer(job, WIFEXITED(job->status) ? WEXITSTATUS(job->status) : 128, WIFSIGNALED(job->status) ? WTERMSIG(job->status) : 0);
    return 1;
}

static int read_requests(struct bytes *heard) {
    char part[65536];
    ssize_t got = read(STDIN_FILENO, part, sizeof part);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
    if (got <= 0 || bytes_add(heard, part, (size_t)got) < 0) return -1;
    size_t at = 0;
    while (heard->length - at >= HEADER) {
        const uint8_t *frame = (const uint8_t *)heard->data + at;
        uint32_t length = get_u32(frame);
        if (length > REQUEST_MAX) return -1;
        if (heard->length - at - HEADER < length) break;
        accept_request(frame + HEADER, length);
        at += HEADER + length;
    }
    memmove(heard->data, heard->data + at, heard->length - at);
    heard->length -= at;
    return 0;
}

static int send_answers(void) {
    ssize_t put = write(STDOUT_FILENO, unsent.data + sent, unsent.length - sent);
    if (put < 0) return errno == EAGAIN || errno == EINTR ? 0 : -1;
    sent += (size_t)put;
    if (sent == unsent.length) sent = unsent.length = 0;
    return 0;
}

int main(void) {
    struct bytes heard = {0};
    struct pollfd *polled = NULL;
    size_t room = 0;
    signal(SIGPIPE, SIG_IGN);
    if (fcntl(REPORT, F_GETFD) < 0 && open("/dev/null", O_RDONLY | O_CLOEXEC) != REPORT) return 1;
    fcntl(REPORT, F_SETFD, FD_CLOEXEC);
    for (;;) {
        size_t count = 2;
        for (struct job *job = jobs; job != NULL; job = job->next) count += FDS;
        if (count > room) {
            free(polled);
            polled = malloc((room = count * 2) * sizeof *polled);
            if (polled == NULL) return 1;
        }
        polled[0] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
        polled[1] = (struct pollfd){.fd = unsent.length > 0 ? STDOUT_FILENO : -1, .events = POLLOUT};
        int64_t next = INT64_MAX;
        size_t at = 2;
        for (struct job *job = jobs; job != NULL; job = job->next) {
            for (int i = 0; i < FDS; i++) polled[at++] = (struct pollfd){.fd = job->fd[i], .events = i == IN ? POLLOUT : POLLIN};
            if (job->deadline < next && !((job->request.flags & REPORTS) && job->answered)) next = job->deadline;
        }
        int64_t left = next == INT64_MAX ? -1 : next - now_ms();
        if (next != INT64_MAX && left < 0) left = 0;
        if (poll(polled, count, left > 3600000 ? 3600000 : (int)left) < 0 && errno != EINTR) return 1;
        int64_t now = now_ms();
        at = 2;
        for (struct job **job = &jobs; *job != NULL; at += FDS) {
            if (attend(*job, polled + at, now)) drop(job);
            else job = &(*job)->next;
        }
        if (polled[0].revents && read_requests(&heard) < 0) return 0;
        if (unsent.length > 0 && send_answers() < 0) return 0;
    }
}
