/* A connection, with TLS or without, and the address at each end of it. */
#ifndef STREAM_H
#define STREAM_H
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

struct address {
  char text[INET6_ADDRSTRLEN];
  int port;
};

struct stream {
  int fd;
  SSL *ssl; /* NULL without TLS */
  struct address client, server;
  /* Read, and not yet taken. */
  char buffer[4096];
  size_t start, end;
};

/* Longest silence of a client, in milliseconds; nginx's own keepalive_timeout. */
#define IDLE_MS 75000

/* Reads up to `length` bytes. 0 at the end of the connection, -1 when it broke. */
long stream_read(struct stream *stream, void *data, size_t length);
/* Fills the empty buffer. false when nothing came. */
bool stream_fill(struct stream *stream);
/* Writes all of it, or gives false. */
bool stream_write(struct stream *stream, const void *data, size_t length);
/* Waits for the client's next byte. false when it was silent for too long or the server is to stop. */
bool stream_wait(struct stream *stream);

/* One end of a socket; IPv4 addresses in IPv6 sockets are printed as IPv4. */
void address_of(const struct sockaddr_storage *from, struct address *to);

/* Becomes readable when the server is to stop. */
extern int stop_pipe[2];
/* Connections that are being served. */
extern _Atomic int connections;
#endif
