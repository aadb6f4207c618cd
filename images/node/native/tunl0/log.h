/* Lines on stderr. */
#ifndef TUNL0_LOG_H
#define TUNL0_LOG_H

#include <stdbool.h>
#include <time.h>

void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The line, then ": " and errno's text. Returns false, so that a failing function can end with it. */
bool log_errno(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* True at most once in ten seconds per `last`: for what every packet could bring about. */
bool log_due(time_t *last);

#endif
