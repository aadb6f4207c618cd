/* Who answers, as the pod's environment says it, and how a request reached it. */
#ifndef IDENTITY_H
#define IDENTITY_H
#include "request.h"

struct identity {
  char host[256];
  const char *pod, *space, *node, *service;
  const char *title; /* the page of a `hello` service, or NULL */
};

extern struct identity me;

void identity_read(void);
/* Lines of `Name: value`, then the request as it came. */
void identity_text(struct text *out, const struct stream *stream, const struct request *request);
void identity_json(struct text *out, const struct stream *stream, const struct request *request);
/* A page with the title. */
void identity_page(struct text *out, const struct stream *stream);
/* One line, for the echo servers. */
void identity_line(struct text *out, const struct address *client, const struct address *server);
#endif
