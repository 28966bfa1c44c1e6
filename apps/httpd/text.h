// SPDX-License-Identifier: MIT
//
// Pieces of text that end where they end, and the small grammar of HTTP (RFC 9110, 5.6).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    const char *at;
    size_t n;
};

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

// The text between two points, without white space at its ends.
struct text trimmed(const char *from, const char *to);

// True if it is `lower`, in small or capital letters.
bool text_is(struct text t, const char *lower);

// At least one character, all of which may stand in the name of a method or field.
bool is_token(struct text t);

// True if it may be a host with or without port: only the characters are looked at. May be empty.
bool is_host(struct text t);

// Takes the next item off a list with commas; empty ones are left out. False at the end.
bool next_item(struct text *list, struct text *item);

// Reads decimal digits, and moves *p behind them. UINT32_MAX: that much or more. False if there is none.
bool take_number(const char **p, const char *end, uint32_t *value);
