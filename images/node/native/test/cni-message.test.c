#include <stdlib.h>

#include "cni/message.h"
#include "test/test.h"

TEST(cni_request, "a request has the variables of the specification and the input") {
    char *environment[] = {"PATH=/bin", "CNI_COMMAND=ADD", "CNI_NETNS=/run/netns/a", "XCNI_=1", NULL};
    struct bytes input = {0}, request = {0};
    CHECK(bytes_add(&input, "{\"a\"\0:1}", 8) == 0);
    CHECK(request_of(&request, environment, &input) == 0);
    static const char wanted[] = "CNI_COMMAND=ADD\0CNI_NETNS=/run/netns/a\0\0{\"a\"\0:1}";
    CHECK(request.length == sizeof wanted - 1);
    CHECK(memcmp(request.data, wanted, request.length) == 0);
    free(input.data);
    free(request.data);
}

TEST(cni_bytes, "bytes grow") {
    struct bytes bytes = {0};
    char part[1000];
    memset(part, 'x', sizeof part);
    for (int i = 0; i < 500; i++) CHECK(bytes_add(&bytes, part, sizeof part) == 0);
    CHECK(bytes.length == 500000 && bytes.data[499999] == 'x');
    free(bytes.data);
}

TEST(cni_answer, "an answer begins with the exit code") {
    struct bytes answer = {0};
    CHECK(exit_code_of(&answer) == -1);
    bytes_add(&answer, "1{}", 3);
    CHECK(exit_code_of(&answer) == 1);
    answer.data[0] = '{';
    CHECK(exit_code_of(&answer) == -1);
    free(answer.data);
}
