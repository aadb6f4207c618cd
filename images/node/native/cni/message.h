/* What the plugin's two halves say to each other: see message.c. */
#ifndef CNI_MESSAGE_H
#define CNI_MESSAGE_H

#include <stddef.h>

struct bytes {
    char *data;
    size_t length;
    size_t room;
};

int bytes_add(struct bytes *bytes, const void *data, size_t length);
int request_of(struct bytes *request, char *const *environment, const struct bytes *input);
int exit_code_of(const struct bytes *answer);

#endif
