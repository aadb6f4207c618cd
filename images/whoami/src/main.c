/* whoami: says which pod answered whom. A thread per connection: few connections at a time, and the code stays plain. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "echo.h"
#include "http.h"
#include "identity.h"
#include "tls.h"

#define STACK_BYTES (160 * 1024)
#define CONNECTIONS_LIMIT 4000
#define DRAIN_SECONDS 25

enum kind { HTTP, HTTPS, ECHO };

struct listener {
  int fd;
  enum kind kind;
};

static int listening; /* sockets that were opened */
static pthread_attr_t small;

static void *serve(void *argument) {
  struct stream *stream = argument;
  const enum kind kind = (enum kind)stream->end;
  stream->end = 0;
  bool ready = true;
  if (kind == HTTPS) ready = (stream->ssl = tls_accept(stream->fd)) != NULL;
  if (ready && kind == ECHO) echo_serve(stream);
  else if (ready) http_serve(stream);
  if (stream->ssl) {
    SSL_shutdown(stream->ssl);
    SSL_free(stream->ssl);
  }
  // What the client has sent and nobody read would make close() a reset, and that could overtake the answer.
  shutdown(stream->fd, SHUT_WR);
  while (recv(stream->fd, stream->buffer, sizeof stream->buffer, MSG_DONTWAIT) > 0) {
  }
  close(stream->fd);
  free(stream);
  atomic_fetch_sub(&connections, 1);
  return NULL;
}

static void start(int fd, enum kind kind, const struct sockaddr_storage *from) {
  const struct timeval idle = {.tv_sec = IDLE_MS / 1000};
  const int on = 1;
  struct stream *stream = calloc(1, sizeof *stream);
  struct sockaddr_storage own;
  socklen_t size = sizeof own;
  pthread_t thread;
  if (!stream) abort();
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &idle, sizeof idle);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &idle, sizeof idle);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  getsockname(fd, (struct sockaddr *)&own, &size);
  address_of(from, &stream->client);
  address_of(&own, &stream->server);
  stream->fd = fd;
  stream->end = kind; // until the thread runs
  if (atomic_fetch_add(&connections, 1) < CONNECTIONS_LIMIT && pthread_create(&thread, &small, serve, stream) == 0) return;
  atomic_fetch_sub(&connections, 1);
  close(fd);
  free(stream);
}

static void *accept_all(void *argument) {
  const struct listener listener = *(struct listener *)argument;
  for (;;) {
    struct sockaddr_storage from;
    socklen_t size = sizeof from;
    const int fd = accept4(listener.fd, (struct sockaddr *)&from, &size, SOCK_CLOEXEC);
    if (fd >= 0) start(fd, listener.kind, &from);
    else if (errno == EINVAL || errno == EBADF) return NULL; // shut down: the server stops
    else if (errno == EMFILE || errno == ENFILE) sched_yield(); // until a connection ends
  }
}

/* Opens a port, and a thread for it. What cannot be had is said, and the others go on. */
static void open_port(int port, int type, enum kind kind) {
  const int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0), on = 1;
  const struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
  pthread_t thread;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (type == SOCK_DGRAM) setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
  if (fd < 0 || bind(fd, (const struct sockaddr *)&any, sizeof any) != 0 ||
      (type == SOCK_STREAM && listen(fd, 1024) != 0)) {
    fprintf(stderr, "whoami: %s port %d: %s\n", type == SOCK_DGRAM ? "udp" : "tcp", port, strerror(errno));
    if (fd >= 0) close(fd);
    return;
  }
  struct listener *listener = malloc(sizeof *listener); // as long as the program runs
  if (!listener) abort();
  *listener = (struct listener){fd, kind};
  // Datagrams need room for the largest of them.
  const bool datagrams = type == SOCK_DGRAM;
  if (pthread_create(&thread, datagrams ? NULL : &small, datagrams ? echo_datagrams : accept_all, listener) != 0) abort();
  listening++;
}

/* A list such as `80,8080`; `0` is none. */
static void open_ports(const char *list, int type, enum kind kind) {
  for (char *end; *list; list = *end ? end + 1 : end) {
    const long port = strtol(list, &end, 10);
    if (end == list || port < 0 || port > 65535 || (*end && *end != ',')) {
      fprintf(stderr, "whoami: \"%s\" is no list of ports\n", list);
      exit(2);
    }
    if (port > 0) open_port((int)port, type, kind);
  }
}

static const char USAGE[] =
    "whoami [--http 80,8080] [--https 443] [--echo 7] [--udp 7] [--cert FILE --key FILE] [--log] [--default-backend]\n"
    "  ports: lists; 0 is none. GET /?delay=MS&status=CODE&size=BYTES&format=json, /api, /echo, /health (POST sets it).\n"
    "  TITLE makes / a page. POD_NAME, POD_NAMESPACE, NODE_NAME and WHOAMI_NAME are shown.\n";

int main(int count, char **words) {
  const char *http = NULL, *https = "443", *echo = "7", *udp = "7";
  static const struct option options[] = {{"http", 1, 0, 'h'}, {"port", 1, 0, 'h'}, {"https", 1, 0, 's'},
                                          {"echo", 1, 0, 'e'}, {"udp", 1, 0, 'u'}, {"cert", 1, 0, 'c'},
                                          {"key", 1, 0, 'k'}, {"log", 0, 0, 'l'}, {"verbose", 0, 0, 'l'},
                                          {"default-backend", 0, 0, 'd'}, {0}};
  for (int option; (option = getopt_long(count, words, "", options, NULL)) != -1;) {
    if (option == 'h') http = optarg;
    else if (option == 's') https = optarg;
    else if (option == 'e') echo = optarg;
    else if (option == 'u') udp = optarg;
    else if (option == 'c') tls_certificate = optarg;
    else if (option == 'k') tls_key = optarg;
    else if (option == 'l') log_requests = true;
    else if (option == 'd') default_backend = true, https = echo = udp = "0";
    else return fputs(USAGE, stderr), 2;
  }
  if (!http) http = getenv("PORT") ? getenv("PORT") : default_backend ? "8080" : "80,8080";
  if (!tls_certificate != !tls_key) return fputs("whoami: --cert and --key belong together\n", stderr), 2;
  // A Secret of type kubernetes.io/tls that is mounted there is used without being named.
  if (!tls_certificate && access("/tls/tls.crt", R_OK) == 0) tls_certificate = "/tls/tls.crt", tls_key = "/tls/tls.key";
  identity_read();

  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, NULL); // the threads have it, too
  signal(SIGPIPE, SIG_IGN);
  if (pipe2(stop_pipe, O_CLOEXEC) != 0) return perror("pipe"), 1;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, STACK_BYTES);
  pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);

  open_ports(http, SOCK_STREAM, HTTP);
  if (listening == 0 && strcmp(http, "0") != 0) return 1;
  open_ports(https, SOCK_STREAM, HTTPS);
  open_ports(echo, SOCK_STREAM, ECHO);
  open_ports(udp, SOCK_DGRAM, ECHO);
  fprintf(stderr, "whoami: %s listens on http %s, https %s, echo tcp %s udp %s\n", me.pod, http, https, echo, udp);

  int which;
  sigwait(&signals, &which);
  // Connections without a request are closed, requests are answered; the kernel refuses new connections at exit.
  close(stop_pipe[1]);
  const struct timespec moment = {.tv_nsec = 10000000};
  for (int i = 0; i < DRAIN_SECONDS * 100 && atomic_load(&connections) > 0; i++) nanosleep(&moment, NULL);
  return 0;
}
