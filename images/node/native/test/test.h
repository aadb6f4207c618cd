/* A test harness of one page: TEST defines and registers, the CHECK macros report and go on. */
#ifndef NATIVE_TEST_H
#define NATIVE_TEST_H

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct test {
    const char *name;
    void (*run)(void);
    struct test *next;
};

void test_register(struct test *t);
void test_failed(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));

#define TEST(id, title)                                                                  \
    static void id(void);                                                                \
    __attribute__((constructor)) static void id##_register(void) {                       \
        static struct test t = {.name = title, .run = id};                               \
        test_register(&t);                                                               \
    }                                                                                    \
    static void id(void)

#define CHECK(condition)                                                                 \
    do {                                                                                 \
        if (!(condition)) test_failed(__FILE__, __LINE__, "%s", #condition);             \
    } while (0)

#define CHECK_EQ(actual, expected)                                                       \
    do {                                                                                 \
        int64_t a_ = (int64_t)(actual), e_ = (int64_t)(expected);                        \
        if (a_ != e_)                                                                    \
            test_failed(__FILE__, __LINE__, "%s is %" PRId64 " (0x%" PRIx64 "), not %" PRId64 " (0x%" PRIx64 ")", #actual, a_, \
                        (uint64_t)a_, e_, (uint64_t)e_);                                 \
    } while (0)

#define CHECK_BYTES(actual, expected, length)                                            \
    do {                                                                                 \
        if (memcmp(actual, expected, length) != 0)                                       \
            test_failed(__FILE__, __LINE__, "%s differs from %s", #actual, #expected);   \
    } while (0)

#endif
