#include "http.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "identity.h"
#include "websocket.h"

bool default_backend;
bool log_requests;

/* What /health answers; POST /health with a number changes it, so that a scenario can make a probe fail. */
static _Atomic int health = 200;

struct answer {
  int status;
  const char *type;
  struct text body;
  long long filler; /* bytes instead of a body, -1 for none */
};

static const char *reason(int status) {
  static const struct { int status; const char *text; } known[] = {
      {200, "OK"}, {201, "Created"}, {202, "Accepted"}, {204, "No Content"}, {301, "Moved Permanently"},
      {302, "Found"}, {304, "Not Modified"}, {307, "Temporary Redirect"}, {308, "Permanent Redirect"},
      {400, "Bad Request"}, {401, "Unauthorized"}, {403, "Forbidden"}, {404, "Not Found"},
      {405, "Method Not Allowed"}, {413, "Content Too Large"}, {418, "I'm a teapot"}, {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"}, {500, "Internal Server Error"}, {502, "Bad Gateway"},
      {503, "Service Unavailable"}, {504, "Gateway Timeout"}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (known[i].status == status) return known[i].text;
  return "Status";
}

static bool is(const struct request *request, const char *path) { return strcmp(request->path, path) == 0; }

static void answer_default_backend(struct answer *answer, const struct request *request) {
  const bool healthy = is(request, "/healthz");
  answer->status = healthy ? 200 : 404;
  text_print(&answer->body, healthy ? "ok" : "default backend - 404");
}

static void answer_health(struct answer *answer, const struct request *request) {
  if (strcmp(request->method, "POST") == 0) {
    const int wanted = request->body.data ? atoi(request->body.data) : 0;
    if (wanted >= 200 && wanted <= 599) atomic_store(&health, wanted);
    text_print(&answer->body, "%d\n", atomic_load(&health));
    return;
  }
  answer->status = atomic_load(&health);
  text_print(&answer->body, answer->status < 400 ? "ok\n" : "not well\n");
}

static void answer_request(struct answer *answer, const struct stream *stream, const struct request *request) {
  const char *accepts = request_header(request, "accept");
  if (default_backend) return answer_default_backend(answer, request);
  if (is(request, "/health") || is(request, "/healthz")) return answer_health(answer, request);
  answer->status = (int)request_number(request, "status", 200, 599);
  if (answer->status < 200) answer->status = 400;
  answer->filler = request_number(request, "size", -1, 1ll << 30);
  if (answer->filler >= 0) answer->type = "application/octet-stream";
  else if (is(request, "/echo")) {
    const char *type = request_header(request, "content-type");
    answer->type = type ? type : "application/octet-stream";
    text_add(&answer->body, request->body.data ? request->body.data : "", request->body.length);
  } else if (is(request, "/api") || request_has(request, "format", "json") ||
             (accepts && strncmp(accepts, "application/json", 16) == 0)) {
    answer->type = "application/json";
    identity_json(&answer->body, stream, request);
  } else if (me.title && !request_has(request, "format", "text")) {
    answer->type = "text/html; charset=utf-8";
    identity_page(&answer->body, stream);
  } else identity_text(&answer->body, stream, request);
}

static bool send_filler(struct stream *stream, long long length) {
  char part[16384];
  for (size_t i = 0; i < sizeof part; i++) part[i] = (char)('a' + i % 26);
  for (; length > 0; length -= (long long)sizeof part)
    if (!stream_write(stream, part, length < (long long)sizeof part ? (size_t)length : sizeof part)) return false;
  return true;
}

static bool send_answer(struct stream *stream, struct answer *answer, bool head_only, bool keep) {
  const bool bodiless = answer->status == 204 || answer->status == 304;
  const long long length = bodiless ? 0 : answer->filler >= 0 ? answer->filler : (long long)answer->body.length;
  struct text out = {0};
  text_print(&out, "HTTP/1.1 %d %s\r\nServer: whoami\r\n", answer->status, reason(answer->status));
  if (!default_backend) text_print(&out, "X-Pod: %s\r\n", me.pod);
  if (*me.node) text_print(&out, "X-Node: %s\r\n", me.node);
  if (!bodiless) text_print(&out, "Content-Type: %s\r\nContent-Length: %lld\r\n", answer->type, length);
  text_print(&out, "Connection: %s\r\n\r\n", keep ? "keep-alive" : "close");
  // Head and body in one segment where they fit.
  if (!head_only && !bodiless && answer->filler < 0) text_add(&out, answer->body.data ? answer->body.data : "", (size_t)length);
  bool sent = stream_write(stream, out.data, out.length);
  text_free(&out);
  if (sent && !head_only && !bodiless && answer->filler > 0) sent = send_filler(stream, answer->filler);
  return sent;
}

static void wait_for(long long milliseconds) {
  struct timespec left = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000};
  while (nanosleep(&left, &left) != 0) {
  }
}

static void log_request(const struct stream *stream, const struct request *request, int status) {
  if (!log_requests) return;
  printf("%s:%d \"%s %s\" %d\n", stream->client.text, stream->client.port, request->method, request->target, status);
  fflush(stdout);
}

/* One request. Whether the connection may have another. */
static bool serve_one(struct stream *stream) {
  struct request request;
  struct answer answer = {.status = 200, .type = "text/plain; charset=utf-8", .filler = -1};
  const int fault = request_read(stream, &request);
  bool keep = false;
  if (fault > 0) {
    answer.status = fault;
    text_print(&answer.body, "%d %s\n", fault, reason(fault));
    send_answer(stream, &answer, false, false);
  } else if (fault == 0) {
    wait_for(request_number(&request, "delay", 0, 600000));
    if (!default_backend && websocket_wanted(&request)) {
      log_request(stream, &request, 101);
      websocket_serve(stream, &request);
    } else {
      answer_request(&answer, stream, &request);
      keep = request.minor ? !request_lists(&request, "connection", "close")
                           : request_lists(&request, "connection", "keep-alive");
      if (request_has(&request, "close", "1")) keep = false;
      log_request(stream, &request, answer.status);
      keep = send_answer(stream, &answer, strcmp(request.method, "HEAD") == 0, keep) && keep;
    }
  }
  text_free(&answer.body);
  request_free(&request);
  return keep;
}

void http_serve(struct stream *stream) {
  while (stream_wait(stream) && serve_one(stream)) {
  }
}
