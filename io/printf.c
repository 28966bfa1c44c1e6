// SPDX-License-Identifier: MIT
#include "io/printf.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "kernel/callgraph.h"
#include "kernel/panic.h"

// One conversion, parsed.
struct spec {
    bool left, zero, upper;
    int width;
    int precision; // -1: none
    int length;    // bytes of the integer
};

struct output {
    int (*put)(void *to, const char *text, size_t n);
    void *to;
    int total; // or the error that ended it
};

static void put(struct output *out, const char *text, size_t n)
{
    int result;

    if (n == 0 || out->total < 0) {
        return;
    }
    result = out->put(out->to, text, n);
    out->total = result < 0 ? result : out->total + (int)n;
}

static void pad(struct output *out, char with, int n)
{
    for (; n > 0; n--) {
        put(out, &with, 1);
    }
}

static void put_text(struct output *out, const struct spec *spec, const char *text, size_t n)
{
    if (!spec->left) {
        pad(out, ' ', spec->width - (int)n);
    }
    put(out, text, n);
    if (spec->left) {
        pad(out, ' ', spec->width - (int)n);
    }
}

// *value /= base, returns the remainder. In four steps of 16 bits, as on paper: the library's
// 64-bit division would cost 700 bytes in every program.
static unsigned divide(uint64_t *value, unsigned base)
{
    uint64_t quotient = 0;
    uint32_t rest = 0;

    for (int shift = 48; shift >= 0; shift -= 16) {
        uint32_t part = rest << 16 | (uint16_t)(*value >> shift);

        quotient |= (uint64_t)(part / base) << shift;
        rest = part % base;
    }
    *value = quotient;
    return rest;
}

// Digits are made from the end.
static char *digits(char *end, uint64_t value, unsigned base, bool upper)
{
    const char *symbols = upper ? "0123456789ABCDEF" : "0123456789abcdef";

    do {
        *--end = symbols[divide(&value, base)];
    } while (value != 0);
    return end;
}

static void put_number(struct output *out, const struct spec *spec, uint64_t value, bool negative,
                       unsigned base)
{
    char buf[24], *end = buf + sizeof buf, *p = digits(end, value, base, spec->upper);

    if (spec->zero && !spec->left) {
        put(out, "-", negative);
        pad(out, '0', spec->width - negative - (int)(end - p));
        put(out, p, (size_t)(end - p));
        return;
    }
    if (negative) {
        *--p = '-';
    }
    put_text(out, spec, p, (size_t)(end - p));
}

static int64_t signed_arg(int length, va_list *args)
{
    switch (length) {
    case 1:
        return (signed char)va_arg(*args, int);
    case 2:
        return (short)va_arg(*args, int);
    case 8:
        return va_arg(*args, int64_t);
    default:
        return va_arg(*args, int);
    }
}

static uint64_t unsigned_arg(int length, va_list *args)
{
    switch (length) {
    case 1:
        return (unsigned char)va_arg(*args, unsigned);
    case 2:
        return (unsigned short)va_arg(*args, unsigned);
    case 8:
        return va_arg(*args, uint64_t);
    default:
        return va_arg(*args, unsigned);
    }
}

static int number_or_star(const char **p, va_list *args)
{
    int n = 0;

    if (**p == '*') {
        (*p)++;
        return va_arg(*args, int);
    }
    while (**p >= '0' && **p <= '9' && n < 10000) {
        n = n * 10 + *(*p)++ - '0';
    }
    return n;
}

static const char *parse_length(const char *p, struct spec *spec)
{
    spec->length = sizeof(int);
    if (p[0] == 'l' && p[1] == 'l') {
        spec->length = 8;
        return p + 2;
    }
    if (p[0] == 'h' && p[1] == 'h') {
        spec->length = 1;
        return p + 2;
    }
    if (*p == 'l' || *p == 'z') {
        spec->length = sizeof(long);
        return p + 1;
    }
    if (*p == 'h') {
        spec->length = 2;
        return p + 1;
    }
    return p;
}

// `p` stands behind the '%'. Returns the conversion character's place.
static const char *parse(const char *p, struct spec *spec, va_list *args)
{
    *spec = (struct spec){ .precision = -1 };
    for (; *p == '-' || *p == '0'; p++) {
        spec->left |= *p == '-';
        spec->zero |= *p == '0';
    }
    spec->width = number_or_star(&p, args);
    if (spec->width < 0) {
        spec->left = true;
        spec->width = -spec->width;
    }
    if (*p == '.') {
        p++;
        spec->precision = number_or_star(&p, args);
    }
    return parse_length(p, spec);
}

// False for a conversion that is not known.
static bool convert(struct output *out, struct spec *spec, char conversion, va_list *args)
{
    switch (conversion) {
    case 'd':
    case 'i': {
        int64_t value = signed_arg(spec->length, args);

        put_number(out, spec, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, value < 0, 10);
        break;
    }
    case 'u':
        put_number(out, spec, unsigned_arg(spec->length, args), false, 10);
        break;
    case 'X':
        spec->upper = true;
        // fall through
    case 'x':
        put_number(out, spec, unsigned_arg(spec->length, args), false, 16);
        break;
    case 'p':
        put(out, "0x", 2);
        put_number(out, spec, (uintptr_t)va_arg(*args, void *), false, 16);
        break;
    case 'c': {
        char c = (char)va_arg(*args, int);

        put_text(out, spec, &c, 1);
        break;
    }
    case 's': {
        const char *s = va_arg(*args, const char *);

        s = s != NULL ? s : "(null)";
        put_text(out, spec, s,
                 spec->precision >= 0 ? strnlen(s, (size_t)spec->precision) : strlen(s));
        break;
    }
    case '%':
        put(out, "%", 1);
        break;
    default:
        return false;
    }
    return true;
}

int io_format(int (*put_function)(void *to, const char *text, size_t n), void *to,
              const char *format, va_list args)
{
    struct output out = { put_function, to, 0 };
    struct spec spec;
    va_list copy; // so that its address may be passed on, whatever kind of type it is

    va_copy(copy, args);
    while (*format != '\0') {
        const char *plain = format;

        while (*format != '\0' && *format != '%') {
            format++;
        }
        put(&out, plain, (size_t)(format - plain));
        if (*format == '%') {
            const char *start = format;

            format = parse(format + 1, &spec, &copy);
            if (convert(&out, &spec, *format, &copy)) {
                format++;
            } else {
                put(&out, start, (size_t)(format - start)); // as it stands, up to its letter
            }
        }
    }
    va_end(copy);
    return out.total;
}
CALLS_ARGUMENT(io_format, put_text, put_number);
RECURSES(io_format, 2); // a chunk of a web page begins with its formatted length

// To a stream: small pieces are collected, so that each does not cost a call.
struct to_stream {
    const struct stream *stream;
    size_t used;
    char buf[32];
};

// All of it, or the error that ended it.
static int write_all(const struct stream *s, const char *text, size_t n)
{
    while (n > 0) {
        int written = io_write(s, text, n, FOREVER);

        if (written < 0) {
            return written;
        }
        text += written;
        n -= (size_t)written;
    }
    return 0;
}

static int flush(struct to_stream *t)
{
    size_t n = t->used;

    t->used = 0;
    return write_all(t->stream, t->buf, n);
}

static int put_stream(void *to, const char *text, size_t n)
{
    struct to_stream *t = to;

    if (t->used + n > sizeof t->buf) {
        int error = flush(t);

        if (error < 0) {
            return error;
        }
    }
    if (n >= sizeof t->buf) {
        return write_all(t->stream, text, n);
    }
    memcpy(t->buf + t->used, text, n);
    t->used += n;
    return 0;
}

int io_vprintf(const struct stream *s, const char *format, va_list args)
{
    struct to_stream t = { .stream = s };
    int total = io_format(put_stream, &t, format, args), error = flush(&t);

    return error < 0 ? error
                     : total; // what ended the text was not kept, so there is no second error
}

int io_printf(const struct stream *s, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = io_vprintf(s, format, args);
    va_end(args);
    return n;
}

int uart_printf(struct uart *u, const char *format, ...)
{
    struct stream s = uart_output(u);
    va_list args;
    int n;

    va_start(args, format);
    n = io_vprintf(&s, format, args);
    va_end(args);
    return n;
}

struct to_memory {
    char *buf;
    size_t size, used;
};

static int put_memory(void *to, const char *text, size_t n)
{
    struct to_memory *m = to;
    size_t room = m->used < m->size ? m->size - m->used : 0, fits = n < room ? n : room;

    if (fits > 0) { // buf may be NULL if there is no room at all
        memcpy(m->buf + m->used, text, fits);
    }
    m->used += fits;
    return 0;
}

int io_snprintf(char *buf, size_t size, const char *format, ...)
{
    struct to_memory m = { buf, size > 0 ? size - 1 : 0, 0 };
    va_list args;
    int n;

    va_start(args, format);
    n = io_format(put_memory, &m, format, args);
    va_end(args);
    if (size > 0) {
        buf[m.used] = '\0';
    }
    return n;
}
