/* HTTP/1.1 requests (RFC 9112), as much of it as a test server needs. */
#ifndef REQUEST_H
#define REQUEST_H
#include "stream.h"
#include "text.h"

#define HEAD_LIMIT 32768
#define HEADER_COUNT 100
#define BODY_KEPT (8u << 20)

struct header {
  char *name, *value;
};

struct request {
  char *head; /* what the pointers below point into */
  char *method, *target, *path, *query;
  bool minor; /* HTTP/1.1 */
  struct header headers[HEADER_COUNT];
  int count;
  struct text body;
  unsigned long long body_length; /* of the whole body; `body` has at most BODY_KEPT bytes of it */
};

/* What a request is answered with when it could not be read: 0 when it was, -1 when there is nobody to answer. */
int request_read(struct stream *stream, struct request *request);
void request_free(struct request *request);
/* A header's value, or NULL. */
const char *request_header(const struct request *request, const char *name);
/* Whether a header is a list with the given word in it. */
bool request_lists(const struct request *request, const char *name, const char *word);
/* The number in the query under a name (`delay=200`), or `otherwise`; numbers above `most` are `most`. */
long long request_number(const struct request *request, const char *name, long long otherwise, long long most);
/* Whether the query has `name=value`. */
bool request_has(const struct request *request, const char *name, const char *value);
#endif
