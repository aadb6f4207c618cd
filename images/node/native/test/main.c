#include <stdarg.h>
#include <stdio.h>

#include "test/test.h"

static struct test *first, **last = &first;
static int failures;

void test_register(struct test *t) {
    *last = t;
    last = &t->next;
}

void test_failed(const char *file, int line, const char *format, ...) {
    va_list args;
    failures++;
    printf("  %s:%d: ", file, line);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
}

int main(void) {
    int run = 0, failed = 0;
    for (struct test *t = first; t; t = t->next) {
        int before = failures;
        t->run();
        run++;
        if (failures != before) {
            failed++;
            printf("FAILED %s\n", t->name);
        }
    }
    printf("%d tests, %d failed\n", run, failed);
    return run == 0 || failed != 0;
}
