#include "echo.h"

#include <string.h>
#include <sys/socket.h>

#include "identity.h"

static bool asks(const char *data, long length) { return length >= 6 && memcmp(data, "whoami", 6) == 0; }

void echo_serve(struct stream *stream) {
  char data[16384];
  while (stream_wait(stream)) {
    const long got = stream_read(stream, data, sizeof data);
    if (got <= 0) return;
    struct text line = {0};
    if (asks(data, got)) identity_line(&line, &stream->client, &stream->server);
    else text_add(&line, data, (size_t)got);
    const bool sent = stream_write(stream, line.data, line.length);
    text_free(&line);
    if (!sent) return;
  }
}

/* Where a datagram was sent to, so that the answer comes from there: a node has several addresses. */
static void arrival(struct msghdr *message, struct address *server, int port) {
  for (struct cmsghdr *at = CMSG_FIRSTHDR(message); at; at = CMSG_NXTHDR(message, at)) {
    if (at->cmsg_level != IPPROTO_IP || at->cmsg_type != IP_PKTINFO) continue;
    struct in_pktinfo *info = (struct in_pktinfo *)CMSG_DATA(at);
    struct sockaddr_storage to = {.ss_family = AF_INET};
    info->ipi_spec_dst = info->ipi_addr;
    info->ipi_ifindex = 0; // the route decides, as for any other packet
    ((struct sockaddr_in *)&to)->sin_addr = info->ipi_addr;
    address_of(&to, server);
    server->port = port;
  }
}

void *echo_datagrams(void *argument) {
  const int fd = *(int *)argument;
  struct sockaddr_in own;
  socklen_t size = sizeof own;
  getsockname(fd, (struct sockaddr *)&own, &size);
  for (;;) {
    char data[65536], control[256];
    struct sockaddr_storage from;
    struct iovec part = {data, sizeof data};
    struct msghdr message = {.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &part, .msg_iovlen = 1,
                             .msg_control = control, .msg_controllen = sizeof control};
    const long got = recvmsg(fd, &message, 0);
    if (got < 0) continue;
    struct address client, server = {0};
    struct text line = {0};
    address_of(&from, &client);
    arrival(&message, &server, ntohs(own.sin_port));
    part.iov_len = (size_t)got;
    if (asks(data, got)) {
      identity_line(&line, &client, &server);
      part = (struct iovec){line.data, line.length};
    }
    message.msg_flags = 0;
    // A client that is gone already is no fault of this server.
    (void)!sendmsg(fd, &message, 0);
    text_free(&line);
  }
}
