/* Answers a connection's requests until one end has enough. */
#ifndef HTTP_H
#define HTTP_H
#include "stream.h"

/* As Kubernetes' default back end: nothing is found, except its own health. */
extern bool default_backend;
/* A line per request on stdout. */
extern bool log_requests;

void http_serve(struct stream *stream);
#endif
