#include "websocket.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "identity.h"

#define FRAME_LIMIT (1u << 20)
enum { TEXT = 1, CLOSE = 8, PING = 9, PONG = 10, FINAL = 0x80 };

bool websocket_wanted(const struct request *request) {
  return request_lists(request, "connection", "upgrade") && request_lists(request, "upgrade", "websocket") &&
         request_header(request, "sec-websocket-key") != NULL;
}

/* RFC 6455, 4.2.2: the key and this constant, hashed. */
static void accept_value(const char *key, char out[32]) {
  struct text joined = {0};
  unsigned char hash[SHA_DIGEST_LENGTH];
  text_print(&joined, "%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
  SHA1((const unsigned char *)joined.data, joined.length, hash);
  EVP_EncodeBlock((unsigned char *)out, hash, sizeof hash);
  text_free(&joined);
}

static bool read_all(struct stream *stream, void *data, size_t length) {
  for (size_t have = 0; have < length;) {
    const long got = stream_read(stream, (char *)data + have, length - have);
    if (got <= 0) return false;
    have += (size_t)got;
  }
  return true;
}

static bool send_frame(struct stream *stream, unsigned char first, const void *data, size_t length) {
  unsigned char head[10] = {first};
  size_t size = 2;
  if (length < 126) head[1] = (unsigned char)length;
  else {
    const int bytes = length < 65536 ? 2 : 8;
    head[1] = bytes == 2 ? 126 : 127;
    for (int i = 0; i < bytes; i++) head[size++] = (unsigned char)(length >> 8 * (bytes - 1 - i));
  }
  return stream_write(stream, head, size) && stream_write(stream, data, length);
}

/* Reads one frame and answers it. false ends the connection. */
static bool answer_frame(struct stream *stream) {
  unsigned char head[2], mask[4], wide[8] = {0};
  if (!read_all(stream, head, 2)) return false;
  size_t length = head[1] & 0x7f;
  if (length >= 126) {
    const size_t bytes = length == 126 ? 2 : 8;
    if (!read_all(stream, wide, bytes)) return false;
    length = 0;
    for (size_t i = 0; i < bytes; i++) length = length << 8 | wide[i];
  }
  // A client's frames are masked (5.1).
  if (!(head[1] & 0x80) || length > FRAME_LIMIT || !read_all(stream, mask, 4)) return false;
  unsigned char *data = malloc(length + 1);
  if (!data) return false;
  bool more = read_all(stream, data, length);
  for (size_t i = 0; i < length; i++) data[i] ^= mask[i % 4];
  const int code = head[0] & 0x0f;
  if (more && code == PING) more = send_frame(stream, FINAL | PONG, data, length);
  else if (more && code != PONG) more = send_frame(stream, head[0], data, length) && code != CLOSE;
  free(data);
  return more;
}

void websocket_serve(struct stream *stream, const struct request *request) {
  char accepted[32];
  struct text out = {0}, line = {0};
  accept_value(request_header(request, "sec-websocket-key"), accepted);
  text_print(&out,
             "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Accept: %s\r\nX-Pod: %s\r\n\r\n",
             accepted, me.pod);
  identity_line(&line, &stream->client, &stream->server);
  if (stream_write(stream, out.data, out.length) && send_frame(stream, FINAL | TEXT, line.data, line.length - 1)) {
    bool more = true;
    while (more && stream_wait(stream)) more = answer_frame(stream);
    // 1001: it is the server that goes away.
    if (more) send_frame(stream, FINAL | CLOSE, "\x03\xe9", 2);
  }
  text_free(&out);
  text_free(&line);
}
