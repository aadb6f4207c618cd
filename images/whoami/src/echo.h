/* The echo protocol (RFC 862), except that what starts with `whoami` is answered with a line about who answers. */
#ifndef ECHO_H
#define ECHO_H
#include "stream.h"

void echo_serve(struct stream *stream);
/* Answers datagrams for ever, from the address that each was sent to. `argument` points to the socket. */
void *echo_datagrams(void *argument);
#endif
