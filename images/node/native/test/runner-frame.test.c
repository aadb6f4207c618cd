#include <stdlib.h>
#include <string.h>

#include "runner/frame.h"
#include "test/test.h"

static size_t frame(uint8_t *into, uint32_t flags, uint32_t arguments, uint32_t variables, const char *rest, size_t length) {
    uint32_t numbers[] = {7, 1500, flags, arguments, variables};
    for (int i = 0; i < 5; i++) put_u32(into + 4 * i, numbers[i]);
    memcpy(into + 20, rest, length);
    return 20 + length;
}

TEST(runner_request, "a request has arguments, an environment, a folder and input") {
    uint8_t bytes[128];
    static const char rest[] = "/tmp\0ip\0link\0A=b\0in\0put";
    struct request request;
    size_t length = frame(bytes, HAS_INPUT | HAS_ENV, 2, 1, rest, sizeof rest - 1);
    CHECK(request_parse(&request, bytes, length) == 0);
    CHECK(request.id == 7 && request.timeout_ms == 1500);
    CHECK(strcmp(request.cwd, "/tmp") == 0);
    CHECK(strcmp(request.argv[1], "link") == 0 && request.argv[2] == NULL);
    CHECK(strcmp(request.env[0], "A=b") == 0 && request.env[1] == NULL);
    CHECK(request.input_length == 6 && memcmp(request.input, "in\0put", 6) == 0);
    request_free(&request);
}

TEST(runner_own, "without a folder and an environment it has those of the runner") {
    uint8_t bytes[64];
    struct request request;
    size_t length = frame(bytes, 0, 1, 0, "\0true", 6);
    CHECK(request_parse(&request, bytes, length) == 0);
    CHECK(request.cwd == NULL && request.env == NULL && request.input_length == 0);
    request_free(&request);
}

TEST(runner_malformed, "a request that is cut short, or claims more than it has, is refused") {
    uint8_t bytes[128];
    static const char rest[] = "\0ip\0link\0A=b";
    struct request request;
    size_t whole = frame(bytes, HAS_ENV, 2, 1, rest, sizeof rest);
    CHECK(request_parse(&request, bytes, whole) == 0);
    request_free(&request);
    for (size_t length = 0; length < whole; length++) CHECK(request_parse(&request, bytes, length) < 0);
    put_u32(bytes + 12, 0xffffffff);
    CHECK(request_parse(&request, bytes, whole) < 0);
    put_u32(bytes + 12, 0);
    CHECK(request_parse(&request, bytes, whole) < 0);
}

TEST(runner_answer, "an answer tells its length, the code and where stderr begins") {
    uint8_t header[ANSWER_HEADER];
    answer_header(header, 9, -2, 15, 3, 4);
    CHECK(get_u32(header) == 16 + 7 && get_u32(header + 4) == 9);
    CHECK((int32_t)get_u32(header + 8) == -2 && get_u32(header + 12) == 15 && get_u32(header + 16) == 3);
}
