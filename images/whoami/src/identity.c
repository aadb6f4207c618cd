#include "identity.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

struct identity me;

static const char *environment(const char *name, const char *otherwise) {
  const char *value = getenv(name);
  return value && *value ? value : otherwise;
}

void identity_read(void) {
  if (gethostname(me.host, sizeof me.host - 1) != 0) strcpy(me.host, "?");
  // Names that the downward API is usually given (env.valueFrom.fieldRef). A pod's host name is its name.
  me.pod = environment("POD_NAME", me.host);
  me.space = environment("POD_NAMESPACE", "");
  me.node = environment("NODE_NAME", "");
  me.service = environment("WHOAMI_NAME", "");
  me.title = environment("TITLE", NULL);
}

void identity_text(struct text *out, const struct stream *stream, const struct request *request) {
  if (*me.service) text_print(out, "Name: %s\n", me.service);
  text_print(out, "Hostname: %s\nPod: %s\n", me.host, me.pod);
  if (*me.space) text_print(out, "Namespace: %s\n", me.space);
  if (*me.node) text_print(out, "Node: %s\n", me.node);
  text_print(out, "IP: %s\nRemoteAddr: %s:%d\nLocalAddr: %s:%d\n", stream->server.text, stream->client.text,
             stream->client.port, stream->server.text, stream->server.port);
  if (stream->ssl) {
    const char *name = SSL_get_servername(stream->ssl, TLSEXT_NAMETYPE_host_name);
    text_print(out, "TLS: %s %s\nServerName: %s\n", SSL_get_version(stream->ssl), SSL_get_cipher_name(stream->ssl),
               name ? name : "");
  }
  text_print(out, "BodyBytes: %llu\n%s %s HTTP/1.%d\n", request->body_length, request->method, request->target,
             request->minor ? 1 : 0);
  for (int i = 0; i < request->count; i++)
    text_print(out, "%s: %s\n", request->headers[i].name, request->headers[i].value);
}

static void member(struct text *out, const char *name, const char *value) {
  text_print(out, "\"%s\":", name);
  text_json(out, value);
  text_add(out, ",", 1);
}

/* Headers by their names in lower case; of two with the same name both are there, as RFC 9110 joins them. */
static void headers_json(struct text *out, const struct request *request) {
  bool first = true;
  text_add(out, "{", 1);
  for (int i = 0; i < request->count; i++) {
    struct text value = {0};
    if (request_header(request, request->headers[i].name) != request->headers[i].value) continue;
    for (int j = i; j < request->count; j++)
      if (strcasecmp(request->headers[j].name, request->headers[i].name) == 0)
        text_print(&value, "%s%s", value.length ? ", " : "", request->headers[j].value);
    if (!first) text_add(out, ",", 1);
    first = false;
    char name[256];
    size_t length = 0;
    for (const char *from = request->headers[i].name; *from && length < sizeof name - 1; from++)
      name[length++] = (char)(*from >= 'A' && *from <= 'Z' ? *from + 32 : *from);
    name[length] = 0;
    text_json(out, name);
    text_add(out, ":", 1);
    text_json(out, value.data ? value.data : "");
    text_free(&value);
  }
  text_add(out, "}", 1);
}

static void address_json(struct text *out, const char *name, const struct address *address) {
  text_print(out, "\"%s\":{\"address\":\"%s\",\"port\":%d},", name, address->text, address->port);
}

void identity_json(struct text *out, const struct stream *stream, const struct request *request) {
  text_add(out, "{", 1);
  member(out, "name", me.service);
  member(out, "hostname", me.host);
  member(out, "pod", me.pod);
  member(out, "namespace", me.space);
  member(out, "node", me.node);
  address_json(out, "client", &stream->client);
  address_json(out, "server", &stream->server);
  if (stream->ssl) {
    const char *name = SSL_get_servername(stream->ssl, TLSEXT_NAMETYPE_host_name);
    text_print(out, "\"tls\":{\"version\":\"%s\",\"cipher\":\"%s\",\"serverName\":", SSL_get_version(stream->ssl),
               SSL_get_cipher_name(stream->ssl));
    text_json(out, name ? name : "");
    text_print(out, "},");
  }
  member(out, "method", request->method);
  member(out, "path", request->path);
  member(out, "query", request->query);
  text_print(out, "\"bodyBytes\":%llu,\"headers\":", request->body_length);
  headers_json(out, request);
  text_print(out, "}\n");
}

void identity_page(struct text *out, const struct stream *stream) {
  text_print(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>");
  text_html(out, me.title);
  text_print(out, "</title></head>\n<body><h1>");
  text_html(out, me.title);
  text_print(out, "</h1><p>Served by %s", me.pod);
  if (*me.node) text_print(out, " on %s", me.node);
  text_print(out, " to %s.</p></body>\n</html>\n", stream->client.text);
}

void identity_line(struct text *out, const struct address *client, const struct address *server) {
  text_print(out, "%s%s%s %s:%d from %s:%d\n", me.pod, *me.node ? " on " : "", me.node, server->text, server->port,
             client->text, client->port);
}
