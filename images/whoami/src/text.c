#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void reserve(struct text *text, size_t more) {
  if (text->room - text->length > more) return;
  size_t room = text->room ? text->room : 512;
  while (room - text->length <= more) room *= 2;
  text->data = realloc(text->data, room);
  if (!text->data) abort();
  text->room = room;
}

void text_add(struct text *text, const char *data, size_t length) {
  reserve(text, length);
  memcpy(text->data + text->length, data, length);
  text->length += length;
  text->data[text->length] = 0;
}

void text_print(struct text *text, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  if (length < 0) return;
  reserve(text, (size_t)length);
  va_start(arguments, format);
  vsnprintf(text->data + text->length, (size_t)length + 1, format, arguments);
  va_end(arguments);
  text->length += (size_t)length;
}

void text_json(struct text *text, const char *string) {
  text_add(text, "\"", 1);
  for (const unsigned char *byte = (const unsigned char *)string; *byte; byte++) {
    if (*byte == '"' || *byte == '\\') text_print(text, "\\%c", *byte);
    else if (*byte < 0x20 || *byte >= 0x7f) text_print(text, "\\u%04x", *byte);
    else text_add(text, (const char *)byte, 1);
  }
  text_add(text, "\"", 1);
}

void text_html(struct text *text, const char *string) {
  for (; *string; string++) {
    const char *entity = *string == '&' ? "&amp;" : *string == '<' ? "&lt;" : *string == '>' ? "&gt;"
                       : *string == '"' ? "&quot;" : NULL;
    if (entity) text_add(text, entity, strlen(entity));
    else text_add(text, string, 1);
  }
}

void text_free(struct text *text) {
  free(text->data);
  *text = (struct text){0};
}
