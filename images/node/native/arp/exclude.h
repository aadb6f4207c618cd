/* Interfaces on which nothing is ever answered. */
#ifndef ARP_EXCLUDE_H
#define ARP_EXCLUDE_H

#include <stdbool.h>

/* MetalLB's default list (its excludel2 configuration): loopback, and what container networks make. */
bool interface_excluded(const char *name);

#endif
