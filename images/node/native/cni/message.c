/*
 * The request: each variable of the environment that begins with CNI_, as NAME=VALUE and a NUL; another NUL; standard input.
 * The answer: the exit code as one digit, then standard output. Either ends where its sender closes its end.
 */
#include <stdlib.h>
#include <string.h>

#include "cni/message.h"

/* Appends; -1 without memory. */
int bytes_add(struct bytes *bytes, const void *data, size_t length) {
    if (length > bytes->room - bytes->length) {
        size_t room = (bytes->length + length) * 2 + 4096;
        char *grown = realloc(bytes->data, room);
        if (grown == NULL) return -1;
        bytes->data = grown;
        bytes->room = room;
    }
    if (length > 0) memcpy(bytes->data + bytes->length, data, length);
    bytes->length += length;
    return 0;
}

int request_of(struct bytes *request, char *const *environment, const struct bytes *input) {
    for (; *environment != NULL; environment++) {
        if (strncmp(*environment, "CNI_", 4) != 0) continue;
        if (bytes_add(request, *environment, strlen(*environment) + 1) < 0) return -1;
    }
    if (bytes_add(request, "", 1) < 0) return -1;
    return bytes_add(request, input->data, input->length);
}

/* -1: not an answer, the other side has ended before it had one. */
int exit_code_of(const struct bytes *answer) {
    if (answer->length == 0 || answer->data[0] < '0' || answer->data[0] > '9') return -1;
    return answer->data[0] - '0';
}
