#include "stream.h"

#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int stop_pipe[2];
_Atomic int connections;

static long receive(struct stream *stream, void *data, size_t length) {
  if (!stream->ssl) return recv(stream->fd, data, length, 0);
  int got = SSL_read(stream->ssl, data, length > 1 << 20 ? 1 << 20 : (int)length);
  if (got > 0) return got;
  return SSL_get_error(stream->ssl, got) == SSL_ERROR_ZERO_RETURN ? 0 : -1;
}

bool stream_fill(struct stream *stream) {
  long got = receive(stream, stream->buffer, sizeof stream->buffer);
  stream->start = 0;
  stream->end = got > 0 ? (size_t)got : 0;
  return got > 0;
}

long stream_read(struct stream *stream, void *data, size_t length) {
  size_t ready = stream->end - stream->start;
  if (ready == 0) return receive(stream, data, length);
  if (ready > length) ready = length;
  memcpy(data, stream->buffer + stream->start, ready);
  stream->start += ready;
  return (long)ready;
}

bool stream_write(struct stream *stream, const void *data, size_t length) {
  const char *rest = data;
  while (length > 0) {
    int part = length > 1 << 20 ? 1 << 20 : (int)length;
    long sent = stream->ssl ? SSL_write(stream->ssl, rest, part) : send(stream->fd, rest, (size_t)part, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    rest += sent;
    length -= (size_t)sent;
  }
  return true;
}

bool stream_wait(struct stream *stream) {
  if (stream->end > stream->start || (stream->ssl && SSL_pending(stream->ssl) > 0)) return true;
  struct pollfd wanted[2] = {{.fd = stream->fd, .events = POLLIN}, {.fd = stop_pipe[0], .events = POLLIN}};
  // A request that has arrived is answered, also while the server stops.
  return poll(wanted, 2, IDLE_MS) > 0 && wanted[0].revents != 0;
}

void address_of(const struct sockaddr_storage *from, struct address *to) {
  const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)from;
  const struct sockaddr_in *four = (const struct sockaddr_in *)from;
  const bool is_four = from->ss_family == AF_INET;
  to->port = ntohs(is_four ? four->sin_port : six->sin6_port);
  if (is_four) inet_ntop(AF_INET, &four->sin_addr, to->text, sizeof to->text);
  else if (IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
    inet_ntop(AF_INET, six->sin6_addr.s6_addr + 12, to->text, sizeof to->text);
  else inet_ntop(AF_INET6, &six->sin6_addr, to->text, sizeof to->text);
}
