/* A string that grows. Out of memory ends the program: there is nothing better a server of a lab could do. */
#ifndef TEXT_H
#define TEXT_H
#include <stddef.h>

struct text {
  char *data; /* always ends with a zero byte once something was added */
  size_t length, room;
};

void text_add(struct text *text, const char *data, size_t length);
void text_print(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* As a JSON string with its quotes. Bytes that are not ASCII become \u00XX: what a client sends need not be UTF-8. */
void text_json(struct text *text, const char *string);
/* With &, <, > and " replaced. */
void text_html(struct text *text, const char *string);
void text_free(struct text *text);
#endif
