#ifndef RUNNER_FRAME_H
#define RUNNER_FRAME_H

#include <stddef.h>
#include <stdint.h>

/* What is asked for, as it lies in the request's own bytes. */
struct request {
    uint32_t id;
    uint32_t timeout_ms;
    uint32_t flags;
    /* NULL: this process's own. */
    const char *cwd;
    /* Both end with NULL and are the caller's to free; env is NULL when it is this process's own. */
    char **argv;
    char **env;
    const uint8_t *input;
    size_t input_length;
};

/* The command reads `input`; without it, /dev/null. */
#define HAS_INPUT 1u
/* The answer is what the command says on descriptor 3, as soon as that is a JSON object; it has no other output. */
#define REPORTS 2u
#define HAS_ENV 4u

/* Longest request: a volume's worth of iptables-restore. */
#define REQUEST_MAX (64u << 20)
#define HEADER 4u
#define ANSWER_HEADER 20u

uint32_t get_u32(const uint8_t *at);
void put_u32(uint8_t *at, uint32_t value);
int request_parse(struct request *into, const uint8_t *bytes, size_t length);
void request_free(struct request *request);
void answer_header(uint8_t *at, uint32_t id, int32_t code, uint32_t signal, size_t out, size_t err);

#endif
