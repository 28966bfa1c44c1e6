// SPDX-License-Identifier: MIT
#include "apps/shell/line.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

enum { BELL = 7, BACKSPACE = 8, CTRL_C = 3, CTRL_U = 21, ESCAPE = 27, DELETE = 127 };

static void put(const struct stream *s, const char *text)
{
    io_puts(s, text, FOREVER);
}

static void erase(struct line *l, const struct stream *s, size_t n)
{
    for (; n > 0 && l->length > 0; n--) {
        l->length--;
        put(s, "\b \b");
    }
}

static void add(struct line *l, const struct stream *s, char c)
{
    if (l->length == SHELL_LINE) {
        put(s, "\a");
        return;
    }
    l->text[l->length++] = c;
    io_write(s, &c, 1, FOREVER);
}

// The n-th line of the history, from 1; NULL if there are not that many.
static const char *recall(const struct line *l, unsigned n)
{
    const char *p = l->history, *end = l->history + SHELL_HISTORY;

    while (p < end && *p != '\0') {
        if (--n == 0) {
            return p;
        }
        p += strlen(p) + 1;
    }
    return NULL;
}

static void show(struct line *l, const struct stream *s, unsigned n)
{
    const char *old = n > 0 ? recall(l, n) : "";

    if (old == NULL) {
        return;
    }
    l->shown = (uint16_t)n;
    erase(l, s, l->length);
    while (*old != '\0') {
        add(l, s, *old++);
    }
}

// Old lines move up; what does not fit is cut off behind its last whole line.
static void remember(struct line *l)
{
    const char *latest = recall(l, 1);
    size_t size = (size_t)l->length + 1;

    if (l->length == 0 || size >= SHELL_HISTORY ||
        (latest != NULL && strcmp(latest, l->text) == 0)) {
        return;
    }
    memmove(l->history + size, l->history, SHELL_HISTORY - size);
    memcpy(l->history, l->text, size);
    for (size_t i = SHELL_HISTORY; i > 0 && l->history[i - 1] != '\0'; i--) {
        l->history[i - 1] = '\0';
    }
}

// Arrow keys send ESC [ A and the like; of others nothing but the end of their sequence matters.
static void escape(struct line *l, const struct stream *s, char c)
{
    if (l->escape == 1) {
        l->escape = c == '[' || c == 'O' ? 2 : 0;
        return;
    }
    if (c >= '@') {
        l->escape = 0;
    }
    if (c == 'A') {
        show(l, s, l->shown + 1u);
    } else if (c == 'B' && l->shown > 0) {
        show(l, s, l->shown - 1u);
    }
}

// Takes one character. True when the line has ended.
static bool take(struct line *l, const struct stream *s, char c)
{
    char before = l->last;

    l->last = c;
    if (l->escape > 0) {
        escape(l, s, c);
    } else if (c == '\r' || c == '\n') {
        return c == '\r' || before != '\r';
    } else if (c == ESCAPE) {
        l->escape = 1;
    } else if (c == BACKSPACE || c == DELETE) {
        erase(l, s, 1);
    } else if (c == CTRL_U) {
        erase(l, s, l->length);
    } else if (c >= ' ' && c < DELETE) {
        add(l, s, c);
    }
    return false;
}

int line_read(struct line *l, const struct stream *s, const char *prompt)
{
    l->length = 0;
    l->shown = 0;
    l->escape = 0;
    put(s, prompt);
    for (;;) {
        char c;
        int got = io_read(s, &c, 1, FOREVER);

        if (got <= 0) {
            return got < 0 ? got : -EPIPE;
        }
        if (c == CTRL_C) {
            put(s, "^C\r\n");
            return -EINTR;
        }
        if (take(l, s, c)) {
            break;
        }
    }
    put(s, "\r\n");
    l->text[l->length] = '\0';
    remember(l);
    return l->length;
}
