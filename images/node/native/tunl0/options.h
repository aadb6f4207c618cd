/* The command line. */
#ifndef TUNL0_OPTIONS_H
#define TUNL0_OPTIONS_H

#include <stdbool.h>

struct options {
    const char *device;
    const char *peers;
    const char *stats;  /* NULL: not written */
    int ready_fd;       /* -1: none */
    bool foreground;
    bool inherit_dscp;
};

/* Prints what is wrong (or the help) and exits when there is nothing to run. */
struct options options_parse(int argc, char **argv);

#endif
