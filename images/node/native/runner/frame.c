/*
 * Requests and answers of command-runner; lab/node/shell/runner-frames.ts is the other side. Numbers are of 32 bits, little-endian.
 *
 *   request  LENGTH  ID TIMEOUT-MS FLAGS ARGUMENTS VARIABLES  cwd NUL  argument NUL ...  NAME=VALUE NUL ...  input
 *   answer   LENGTH  ID CODE SIGNAL OUT-LENGTH  stdout stderr
 *
 * LENGTH counts what follows it. CODE is the exit code, or -errno when the command could not be started.
 */
#include <stdlib.h>
#include <string.h>

#include "runner/frame.h"

uint32_t get_u32(const uint8_t *at) {
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

void put_u32(uint8_t *at, uint32_t value) {
    for (int i = 0; i < 4; i++) at[i] = (uint8_t)(value >> 8 * i);
}

/* `count` strings from *at on, ended by NULL; NULL when the bytes end before. */
static char **strings(const uint8_t **at, const uint8_t *end, uint32_t count) {
    /* Each takes a byte at least: no more are made room for than there can be. */
    if (count > (size_t)(end - *at)) return NULL;
    char **list = calloc((size_t)count + 1, sizeof *list);
    for (uint32_t i = 0; list != NULL && i < count; i++) {
        const uint8_t *nul = memchr(*at, 0, (size_t)(end - *at));
        if (nul == NULL) {
            free(list);
            return NULL;
        }
        list[i] = (char *)*at;
        *at = nul + 1;
    }
    return list;
}

/* The request without its LENGTH. -1: it is malformed, or there is no memory. */
int request_parse(struct request *into, const uint8_t *bytes, size_t length) {
    memset(into, 0, sizeof *into);
    if (length < 20) return -1;
    into->id = get_u32(bytes);
    into->timeout_ms = get_u32(bytes + 4);
    into->flags = get_u32(bytes + 8);
    uint32_t arguments = get_u32(bytes + 12), variables = get_u32(bytes + 16);
    const uint8_t *at = bytes + 20, *end = bytes + length;
    const uint8_t *nul = memchr(at, 0, (size_t)(end - at));
    if (nul == NULL || arguments == 0) return -1;
    if (nul != at) into->cwd = (const char *)at;
    at = nul + 1;
    into->argv = strings(&at, end, arguments);
    if (into->argv == NULL) return -1;
    if (into->flags & HAS_ENV) {
        into->env = strings(&at, end, variables);
        if (into->env == NULL) {
            request_free(into);
            return -1;
        }
    }
    into->input = at;
    into->input_length = (size_t)(end - at);
    return 0;
}

void request_free(struct request *request) {
    free(request->argv);
    free(request->env);
    request->argv = request->env = NULL;
}

/* The first ANSWER_HEADER bytes of an answer. */
void answer_header(uint8_t *at, uint32_t id, int32_t code, uint32_t signal, size_t out, size_t err) {
    put_u32(at, (uint32_t)(ANSWER_HEADER - HEADER + out + err));
    put_u32(at + 4, id);
    put_u32(at + 8, (uint32_t)code);
    put_u32(at + 12, signal);
    put_u32(at + 16, (uint32_t)out);
}
