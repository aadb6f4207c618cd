/* WebSockets (RFC 6455): the first message says who answers, then each message of the client comes back. */
#ifndef WEBSOCKET_H
#define WEBSOCKET_H
#include "request.h"

bool websocket_wanted(const struct request *request);
/* Until one end closes. */
void websocket_serve(struct stream *stream, const struct request *request);
#endif
