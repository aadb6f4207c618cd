#include "request.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The head up to its empty line, without it. Status to answer with when it is not to be had. */
static int read_head(struct stream *stream, struct text *head) {
  for (;;) {
    if (stream->start == stream->end && !stream_fill(stream)) return -1;
    const char *from = stream->buffer + stream->start;
    size_t ready = stream->end - stream->start;
    const size_t before = head->length;
    // RFC 9112, 2.2: empty lines before a request are skipped.
    if (before == 0 && (*from == '\r' || *from == '\n')) {
      stream->start++;
      continue;
    }
    text_add(head, from, ready);
    char *end = memmem(head->data, head->length, "\r\n\r\n", 4);
    if (end) {
      stream->start += (size_t)(end + 4 - head->data) - before;
      *end = 0;
      return memchr(head->data, 0, (size_t)(end - head->data)) ? 400 : 0;
    }
    stream->start = stream->end;
    if (head->length > HEAD_LIMIT) return 431;
  }
}

static bool is_token(const char *word) {
  if (!*word) return false;
  for (; *word; word++)
    if (!isalnum((unsigned char)*word) && !strchr("!#$%&'*+-.^_`|~", *word)) return false;
  return true;
}

/* The request line and the headers of a head that is cut into pieces. */
static int parse_head(struct request *request) {
  char *rest = request->head;
  char *line = strsep(&rest, "\n");
  request->method = strsep(&line, " ");
  request->target = strsep(&line, " ");
  if (!request->target || !line || strncmp(line, "HTTP/1.", 7) != 0 || !is_token(request->method)) return 400;
  if (*request->target != '/' && strcmp(request->target, "*") != 0) return 400;
  request->minor = line[7] != '0';
  while ((line = strsep(&rest, "\n"))) {
    line[strcspn(line, "\r")] = 0;
    char *value = strchr(line, ':');
    if (!value) return 400;
    *value++ = 0;
    if (!is_token(line)) return 400;
    value += strspn(value, " \t");
    for (char *end = value + strlen(value); end > value && isspace((unsigned char)end[-1]);) *--end = 0;
    if (request->count == HEADER_COUNT) return 431;
    request->headers[request->count++] = (struct header){line, value};
  }
  return 0;
}

static bool take_body(struct stream *stream, struct request *request, unsigned long long length) {
  char part[4096];
  while (length > 0) {
    long got = stream_read(stream, part, length < sizeof part ? (size_t)length : sizeof part);
    if (got <= 0) return false;
    if (request->body.length + (size_t)got <= BODY_KEPT) text_add(&request->body, part, (size_t)got);
    request->body_length += (unsigned long long)got;
    length -= (unsigned long long)got;
  }
  return true;
}

static bool take_line(struct stream *stream, char *line, size_t room) {
  for (size_t length = 0; length < room;) {
    if (stream_read(stream, line + length, 1) <= 0) return false;
    if (line[length] == '\n') return line[length] = 0, true;
    length++;
  }
  return false;
}

/* RFC 9112, 7.1: pieces with their length in hexadecimal in front, then a trailer. */
static bool take_chunks(struct stream *stream, struct request *request) {
  char line[1024];
  for (;;) {
    if (!take_line(stream, line, sizeof line) || !isxdigit((unsigned char)*line)) return false;
    unsigned long long length = strtoull(line, NULL, 16);
    if (length == 0) break;
    if (!take_body(stream, request, length) || !take_line(stream, line, sizeof line)) return false;
  }
  do
    if (!take_line(stream, line, sizeof line)) return false;
  while (*line != '\r' && *line != 0);
  return true;
}

static int read_body(struct stream *stream, struct request *request) {
  const char *coding = request_header(request, "transfer-encoding");
  const char *length = request_header(request, "content-length");
  // Both at once is how requests are smuggled (RFC 9112, 6.1).
  if (coding && (length || strcasecmp(coding, "chunked") != 0)) return 400;
  if (length && (!*length || length[strspn(length, "0123456789")] != 0 || strlen(length) > 18)) return 400;
  if (!coding && !length) return 0;
  if (request_lists(request, "expect", "100-continue") && !stream_write(stream, "HTTP/1.1 100 Continue\r\n\r\n", 25))
    return -1;
  return (coding ? take_chunks(stream, request) : take_body(stream, request, strtoull(length, NULL, 10))) ? 0 : -1;
}

int request_read(struct stream *stream, struct request *request) {
  *request = (struct request){0};
  struct text head = {0};
  int fault = read_head(stream, &head);
  request->head = head.data;
  if (!fault) fault = parse_head(request);
  if (!fault) fault = read_body(stream, request);
  if (fault) return fault;
  request->path = strdup(request->target);
  if (!request->path) abort();
  char *mark = strchr(request->path, '?');
  if (mark) *mark++ = 0;
  request->query = mark ? mark : request->path + strlen(request->path);
  return 0;
}

void request_free(struct request *request) {
  text_free(&request->body);
  free(request->path);
  free(request->head);
}

const char *request_header(const struct request *request, const char *name) {
  for (int i = 0; i < request->count; i++)
    if (strcasecmp(request->headers[i].name, name) == 0) return request->headers[i].value;
  return NULL;
}

bool request_lists(const struct request *request, const char *name, const char *word) {
  const char *list = request_header(request, name);
  const size_t length = strlen(word);
  for (const char *at = list; at && *at;) {
    at += strspn(at, " \t,");
    const size_t found = strcspn(at, ", \t;");
    if (found == length && strncasecmp(at, word, length) == 0) return true;
    at += strcspn(at, ",");
  }
  return false;
}

/* Where the value of a name in the query starts, or NULL. */
static const char *parameter(const struct request *request, const char *name) {
  const size_t length = strlen(name);
  for (const char *at = request->query; *at; at += strcspn(at, "&"), at += *at == '&')
    if (strncmp(at, name, length) == 0 && at[length] == '=') return at + length + 1;
  return NULL;
}

long long request_number(const struct request *request, const char *name, long long otherwise, long long most) {
  const char *value = parameter(request, name);
  if (!value || !isdigit((unsigned char)*value)) return otherwise;
  const long long number = strtoll(value, NULL, 10);
  return number > most ? most : number;
}

bool request_has(const struct request *request, const char *name, const char *value) {
  const char *found = parameter(request, name);
  const size_t length = strlen(value);
  return found && strncmp(found, value, length) == 0 && (found[length] == 0 || found[length] == '&');
}
