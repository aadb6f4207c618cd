#include "tls.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "identity.h"

const char *tls_certificate, *tls_key;

static SSL_CTX *context;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void use_own(SSL_CTX *new) {
  EVP_PKEY *key = EVP_EC_gen("P-256");
  X509 *certificate = X509_new();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 10L * 365 * 24 * 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME *name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC, (const unsigned char *)"whoami", -1, -1, 0);
  // A common name has 64 characters at most.
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)me.pod, (int)strnlen(me.pod, 64), -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_sign(certificate, key, EVP_sha256());
  SSL_CTX_use_certificate(new, certificate);
  SSL_CTX_use_PrivateKey(new, key);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

static void prepare(void) {
  SSL_CTX *new = SSL_CTX_new(TLS_server_method());
  if (!new) return;
  SSL_CTX_set_min_proto_version(new, TLS1_2_VERSION);
  SSL_CTX_set_mode(new, SSL_MODE_AUTO_RETRY | SSL_MODE_RELEASE_BUFFERS);
  if (!tls_certificate) use_own(new);
  else if (SSL_CTX_use_certificate_chain_file(new, tls_certificate) != 1 ||
           SSL_CTX_use_PrivateKey_file(new, tls_key, SSL_FILETYPE_PEM) != 1) {
    ERR_print_errors_fp(stderr);
    SSL_CTX_free(new);
    return;
  }
  context = new;
}

SSL *tls_accept(int fd) {
  pthread_once(&once, prepare);
  SSL *ssl = context ? SSL_new(context) : NULL;
  if (ssl && SSL_set_fd(ssl, fd) == 1 && SSL_accept(ssl) == 1) return ssl;
  SSL_free(ssl);
  ERR_clear_error();
  return NULL;
}
