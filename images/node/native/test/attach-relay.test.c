#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attach/relay.h"
#include "test/test.h"

/* conmon's end of the socket and the other ends of the three pipes. */
struct rig {
    int conmon, in, out, err;
    pid_t child;
};

static void start(struct rig *rig) {
    int sock[2], in[2], out[2], err[2];
    CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sock) == 0 && pipe(in) == 0 && pipe(out) == 0 && pipe(err) == 0);
    rig->child = fork();
    if (rig->child == 0) {
        int theirs[] = {sock[0], in[1], out[0], err[0]};
        for (size_t i = 0; i < sizeof theirs / sizeof *theirs; i++) close(theirs[i]);
        struct relay relay = {sock[1], in[0], out[1], err[1]};
        _exit(relay_run(&relay) ? 0 : 1);
    }
    int ours[] = {sock[1], in[0], out[1], err[1]};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) close(ours[i]);
    *rig = (struct rig){sock[0], in[1], out[0], err[0], rig->child};
}

static int stop(struct rig *rig) {
    int status = -1;
    CHECK(waitpid(rig->child, &status, 0) == rig->child);
    if (rig->conmon >= 0) close(rig->conmon);
    if (rig->in >= 0) close(rig->in);
    if (rig->out >= 0) close(rig->out);
    close(rig->err);
    return status;
}

static void close_end(int *fd) {
    close(*fd);
    *fd = -1;
}

static void packet(const struct rig *rig, const char *text) {
    CHECK_EQ(send(rig->conmon, text, strlen(text), 0), (ssize_t)strlen(text));
}

static size_t read_all(int fd, char *to, size_t room) {
    size_t used = 0;
    for (ssize_t got; used < room && (got = read(fd, to + used, room - used)) > 0;) used += (size_t)got;
    return used;
}

TEST(streams, "attach: packets go to the stream their first byte names, others nowhere") {
    struct rig rig;
    char text[64];
    start(&rig);
    packet(&rig, "\002one ");
    packet(&rig, "\003two");
    packet(&rig, "\004none");
    packet(&rig, "\002");
    packet(&rig, "\002three");
    close_end(&rig.conmon);
    CHECK_EQ(read_all(rig.out, text, sizeof text), 9);
    CHECK_BYTES(text, "one three", 9);
    CHECK_EQ(read_all(rig.err, text, sizeof text), 3);
    CHECK_BYTES(text, "two", 3);
    CHECK_EQ(stop(&rig), 0);
}

TEST(input, "attach: the input goes in packets that conmon can take, then its end") {
    struct rig rig;
    static char bytes[3 * MOST_SENT], got[MOST_RECEIVED];
    start(&rig);
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (char)(i % 251);
    CHECK_EQ(write(rig.in, bytes, sizeof bytes), (ssize_t)sizeof bytes);
    close_end(&rig.in);
    size_t seen = 0;
    for (ssize_t size; (size = recv(rig.conmon, got, sizeof got, 0)) > 0; seen += (size_t)size) {
        CHECK(size <= MOST_SENT && seen + (size_t)size <= sizeof bytes);
        CHECK_BYTES(got, bytes + seen, (size_t)size);
    }
    CHECK_EQ(seen, sizeof bytes);
    /* The end of the input is not the end of the output. */
    packet(&rig, "\002after");
    CHECK_EQ(read(rig.out, got, sizeof got), 5);
    close_end(&rig.conmon);
    CHECK_EQ(stop(&rig), 0);
}

TEST(held, "attach: a container that does not read its input is still heard") {
    struct rig rig;
    char text[64];
    static const char bytes[MOST_SENT];
    start(&rig);
    CHECK(fcntl(rig.in, F_SETFL, O_NONBLOCK) == 0);
    /* As much as the socket and the pipe take. */
    for (int refused = 0; refused < 100;)
        if (write(rig.in, bytes, sizeof bytes) < 0) refused++, sched_yield();
    packet(&rig, "\002heard");
    CHECK_EQ(read(rig.out, text, sizeof text), 5);
    close_end(&rig.conmon);
    CHECK_EQ(stop(&rig), 0);
}

TEST(slow, "attach: all output arrives at a reader that comes late") {
    struct rig rig;
    static char block[8193], got[1 << 20];
    start(&rig);
    memset(block, 'x', sizeof block);
    block[0] = PACKET_STDOUT;
    pid_t writer = fork();
    if (writer == 0) {
        for (int i = 0; i < 100; i++)
            if (send(rig.conmon, block, sizeof block, 0) != sizeof block) _exit(1);
        _exit(0);
    }
    close_end(&rig.conmon);
    CHECK_EQ(read_all(rig.out, got, sizeof got), 100 * 8192);
    int status = -1;
    CHECK(waitpid(writer, &status, 0) == writer && status == 0);
    CHECK_EQ(stop(&rig), 0);
}

TEST(gone, "attach: nobody reads any more") {
    struct rig rig;
    start(&rig);
    close_end(&rig.out);
    CHECK_EQ(stop(&rig), 0);
}
