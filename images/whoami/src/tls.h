/* TLS with a given certificate, or with one that the program signs itself. */
#ifndef TLS_H
#define TLS_H
#include <openssl/ssl.h>

/* Files in PEM; NULL for a certificate of our own. */
extern const char *tls_certificate, *tls_key;

/* The handshake on a connection; NULL when it failed. What all connections share is made for the first one: a replica
   that is never asked for TLS pays nothing for it. */
SSL *tls_accept(int fd);
#endif
