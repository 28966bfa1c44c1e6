// SPDX-License-Identifier: MIT
#include "apps/httpd/text.h"

#include <string.h>

static bool is_alnum(char c)
{
    char lower = (char)(c | 0x20);

    return is_digit(c) || (lower >= 'a' && lower <= 'z');
}

static bool one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

struct text trimmed(const char *from, const char *to)
{
    while (from < to && (*from == ' ' || *from == '\t')) {
        from++;
    }
    while (from < to && (to[-1] == ' ' || to[-1] == '\t')) {
        to--;
    }
    return (struct text){ from, (size_t)(to - from) };
}

bool text_is(struct text t, const char *lower)
{
    for (size_t i = 0; i < t.n; i++) {
        char c = t.at[i];

        if (c >= 'A' && c <= 'Z') {
            c = (char)(c | 0x20);
        }
        if (c == '\0' || c != lower[i]) { // also where `lower` ends
            return false;
        }
    }
    return lower[t.n] == '\0';
}

bool is_token(struct text t)
{
    for (size_t i = 0; i < t.n; i++) {
        if (!is_alnum(t.at[i]) && !one_of(t.at[i], "!#$%&'*+-.^_`|~")) {
            return false;
        }
    }
    return t.n > 0;
}

bool is_host(struct text t)
{
    for (size_t i = 0; i < t.n; i++) {
        if (!is_alnum(t.at[i]) && !one_of(t.at[i], "-._~!$&'()*+,;=%:[]")) {
            return false;
        }
    }
    return true;
}

bool next_item(struct text *list, struct text *item)
{
    while (list->n > 0) {
        const char *end = list->at + list->n, *comma = memchr(list->at, ',', list->n);
        const char *stop = comma != NULL ? comma : end;

        *item = trimmed(list->at, stop);
        list->at = comma != NULL ? comma + 1 : end;
        list->n = (size_t)(end - list->at);
        if (item->n > 0) {
            return true;
        }
    }
    return false;
}

bool take_number(const char **p, const char *end, uint32_t *value)
{
    const char *start = *p;
    uint32_t sum = 0;

    for (; *p < end && is_digit(**p); (*p)++) {
        uint32_t digit = (uint32_t)(**p - '0');

        sum = sum > (UINT32_MAX - digit) / 10 ? UINT32_MAX : sum * 10 + digit;
    }
    *value = sum;
    return *p > start;
}
