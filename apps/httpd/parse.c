// SPDX-License-Identifier: MIT
//
// Request lines, fields, chunk sizes.
#include "apps/httpd/parse.h"

#include <string.h>

#include "apps/httpd/text.h"

// ---- The request line ----

static uint8_t method_of(struct text name)
{
    static const struct {
        const char *name;
        uint8_t method;
    } methods[] = { { "GET", HTTP_GET },        { "HEAD", HTTP_HEAD },     { "POST", HTTP_POST },
                    { "PUT", HTTP_PUT },        { "DELETE", HTTP_DELETE }, { "PATCH", HTTP_PATCH },
                    { "OPTIONS", HTTP_OPTIONS } };

    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (strlen(methods[i].name) == name.n && memcmp(methods[i].name, name.at, name.n) == 0) {
            return methods[i].method;
        }
    }
    return HTTP_NO_METHOD;
}

// HTTP/1.x is ours; another that is well-formed is another protocol.
static int parse_version(struct http_request *r, const char *v, size_t n)
{
    if (n != 8 || memcmp(v, "HTTP/", 5) != 0 || !is_digit(v[5]) || v[6] != '.' || !is_digit(v[7])) {
        return 400;
    }
    r->minor = (uint8_t)(v[7] - '0');
    return v[5] == '1' ? 0 : 505;
}

static int hex_digit(char c)
{
    return is_digit(c)            ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

// Undoes %XX in place, and ends the text. False if it is not well-formed, or hides a control character.
static bool decode(char *text, size_t n)
{
    char *to = text;

    for (size_t i = 0; i < n; i++) {
        char c = text[i];

        if (c == '%') {
            int high = i + 2 < n ? hex_digit(text[i + 1]) : -1;
            int low = i + 2 < n ? hex_digit(text[i + 2]) : -1;

            if (high < 0 || low < 0) {
                return false;
            }
            c = (char)(high << 4 | low);
            i += 2;
            if ((unsigned char)c < ' ' || c == 0x7F) {
                return false;
            }
        }
        *to++ = c;
    }
    *to = '\0';
    return true;
}

// "." and ".." have been resolved by an honest client (RFC 3986, 6.2.2.3).
static bool climbs(const char *path)
{
    for (const char *p = path; (p = strchr(p, '/')) != NULL;) {
        size_t n = strcspn(++p, "/");

        if ((n == 1 && p[0] == '.') || (n == 2 && p[0] == '.' && p[1] == '.')) {
            return true;
        }
    }
    return false;
}

// Behind the scheme of "http://host:port/path" (RFC 9112, 3.2.2). Returns where the path begins, NULL
// if that is not what it is.
static char *skip_authority(char *target, const char *end)
{
    static const char scheme[] = "http://";
    size_t n = (size_t)(end - target), prefix = sizeof scheme - 1;

    if (n <= prefix || !text_is((struct text){ target, prefix }, scheme)) {
        return NULL;
    }
    char *p = target + prefix, *host = p;

    while (p < end && *p != '/' && *p != '?') {
        p++;
    }
    return p > host && is_host((struct text){ host, (size_t)(p - host) }) ? p : NULL;
}

static int parse_target(struct http_request *r, char *target, size_t n)
{
    char *end = target + n, *query;

    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)target[i];

        if (c <= ' ' || c >= 0x7F || strchr("\"<>#", c) != NULL) {
            return 400;
        }
    }
    if (n == 1 && target[0] == '*') {
        *end = '\0';
        r->path = target;
        r->query = end;
        return r->method == HTTP_OPTIONS ? 0 : 400;
    }
    if (n == 0 || target[0] != '/') {
        target = skip_authority(target, end);
        if (target == NULL) {
            return 400;
        }
    }
    *end = '\0';
    query = memchr(target, '?', (size_t)(end - target));
    r->query = query != NULL ? query + 1 : end;
    size_t length = (size_t)((query != NULL ? query : end) - target);

    if (length == 0) { // http://host, http://host?query: one step back there is room for the root
        *--target = '/';
        length = 1;
    }
    r->path = target;
    return decode(target, length) && !climbs(target) ? 0 : 400;
}

int http_parse_start(struct http_request *r, char *line, size_t n)
{
    char *target = memchr(line, ' ', n), *version = target;

    *r = (struct http_request){ .path = line, .query = line, .last = UINT32_MAX };
    if (target == NULL || !is_token((struct text){ line, (size_t)(target - line) })) {
        return 400;
    }
    r->method = method_of((struct text){ line, (size_t)(target - line) });
    target++;
    version = memchr(target, ' ', n - (size_t)(target - line));
    if (version == NULL) {
        return 400; // HTTP/0.9 was like this
    }
    int status = parse_version(r, version + 1, n - (size_t)(version + 1 - line));

    if (status == 0 && r->method == HTTP_NO_METHOD) {
        status = 501;
    }
    return status != 0 ? status : parse_target(r, target, (size_t)(version - target));
}

// ---- Fields ----

static int on_host(struct http_request *r, struct text value)
{
    if ((r->flags & HTTP_HAS_HOST) || !is_host(value)) {
        return 400;
    }
    r->flags |= HTTP_HAS_HOST;
    return 0;
}

// Two lengths, even if equal, were written by two people.
static int on_length(struct http_request *r, struct text value)
{
    const char *p = value.at, *end = value.at + value.n;

    if ((r->flags & HTTP_HAS_LENGTH) || !take_number(&p, end, &r->length) || p != end) {
        return 400;
    }
    r->flags |= HTTP_HAS_LENGTH;
    return 0;
}

static int on_coding(struct http_request *r, struct text value)
{
    struct text item;

    r->flags |= HTTP_HAS_CODING;
    while (next_item(&value, &item)) {
        if (r->flags & HTTP_CHUNKED) {
            return 400; // nothing comes behind chunked
        }
        r->flags |= text_is(item, "chunked") ? HTTP_CHUNKED : HTTP_OTHER_CODING;
    }
    return 0;
}

static int on_connection(struct http_request *r, struct text value)
{
    struct text item;

    while (next_item(&value, &item)) {
        if (text_is(item, "close")) {
            r->flags |= HTTP_CLOSE;
        } else if (text_is(item, "keep-alive")) {
            r->flags |= HTTP_KEEP_ALIVE;
        }
    }
    return 0;
}

static int on_expect(struct http_request *r, struct text value)
{
    r->flags |= text_is(value, "100-continue") ? HTTP_EXPECTS : HTTP_EXPECTS_OTHER;
    return 0;
}

// A quality of 0, 0., 0.0 to 0.000 is a refusal (RFC 9110, 12.4.2).
static bool refuses(struct text parameters)
{
    const char *p = parameters.at, *end = p + parameters.n;

    while (p < end && (*p == ' ' || *p == '\t')) {
        p++;
    }
    if (end - p < 3 || (*p != 'q' && *p != 'Q') || p[1] != '=' || p[2] != '0') {
        return false;
    }
    for (p += 3; p < end && (*p == '.' || *p == '0'); p++) {
    }
    return p == end;
}

static int on_accept_encoding(struct http_request *r, struct text value)
{
    struct text item;

    while (next_item(&value, &item)) {
        struct text name = item;
        const char *semicolon = memchr(item.at, ';', item.n);
        bool no = false;

        if (semicolon != NULL) {
            name = trimmed(item.at, semicolon);
            no =
                refuses((struct text){ semicolon + 1, (size_t)(item.at + item.n - semicolon - 1) });
        }
        if (text_is(name, "gzip") || text_is(name, "x-gzip")) {
            r->flags |= no ? HTTP_NO_GZIP : HTTP_GZIP;
        } else if (text_is(name, "*") && !no) {
            r->flags |= HTTP_ANY_CODING;
        }
    }
    return 0;
}

// Our entity tags are 8 hexadecimal digits. 1: *tag; 0: somebody else's; -1: not a tag at all.
static int take_tag(const char **p, const char *end, uint32_t *tag)
{
    const char *start, *close;
    uint32_t value = 0;
    int ours = 1;

    if (*p == end || **p != '"' || (close = memchr(*p + 1, '"', (size_t)(end - *p - 1))) == NULL) {
        return -1;
    }
    start = *p + 1;
    *p = close + 1;
    if (close - start != 8) {
        return 0;
    }
    for (; start < close; start++) {
        int digit = hex_digit(*start);

        ours = digit < 0 ? 0 : ours;
        value = value << 4 | (uint32_t)(digit & 15);
    }
    *tag = value;
    return ours;
}

// Weak comparison (RFC 9110, 13.1.2): W/ says nothing. Tags too many to remember do not match, which
// costs a transfer.
static int on_if_none_match(struct http_request *r, struct text value)
{
    const char *p = value.at, *end = p + value.n;

    if (value.n == 1 && *p == '*') {
        r->flags |= HTTP_ANY_TAG;
        return 0;
    }
    while (p < end) {
        uint32_t tag;

        if (*p == ',' || *p == ' ' || *p == '\t') {
            p++;
            continue;
        }
        if (end - p > 2 && p[0] == 'W' && p[1] == '/') {
            p += 2;
        }
        int ours = take_tag(&p, end, &tag);

        if (ours < 0) {
            break;
        }
        if (ours > 0 && r->tag_count < HTTP_TAGS) {
            r->tags[r->tag_count++] = tag;
        }
    }
    return 0;
}

// Strong comparison; a date never matches, for our files have none.
static int on_if_range(struct http_request *r, struct text value)
{
    const char *p = value.at, *end = p + value.n;

    r->flags |= HTTP_IF_RANGE;
    if (take_tag(&p, end, &r->range_tag) <= 0 || p != end) {
        r->flags |= HTTP_NO_RANGE;
    }
    return 0;
}

// bytes=5-, bytes=5-9, bytes=-5. A server may ignore what it does not understand (RFC 9110, 14.2).
static int on_range(struct http_request *r, struct text value)
{
    static const char unit[] = "bytes=";
    const size_t prefix = sizeof unit - 1;

    if ((r->flags & HTTP_RANGE) || value.n <= prefix ||
        !text_is((struct text){ value.at, prefix }, unit)) {
        r->flags |= HTTP_NO_RANGE;
        return 0;
    }
    const char *p = value.at + prefix, *end = value.at + value.n;

    r->flags |= HTTP_RANGE;
    if (*p == '-') {
        p++;
        r->flags |= HTTP_RANGE_TAIL;
        r->flags |= take_number(&p, end, &r->first) && p == end ? 0 : HTTP_NO_RANGE;
        return 0;
    }
    bool fine = take_number(&p, end, &r->first) && p < end && *p++ == '-';

    if (fine && p < end) {
        fine = take_number(&p, end, &r->last) && p == end && r->last >= r->first;
    }
    r->flags |= fine ? 0 : HTTP_NO_RANGE;
    return 0;
}

static const struct field {
    const char *name;
    int (*parse)(struct http_request *r, struct text value);
} fields[] = {
    { "host", on_host },
    { "content-length", on_length },
    { "transfer-encoding", on_coding },
    { "connection", on_connection },
    { "expect", on_expect },
    { "accept-encoding", on_accept_encoding },
    { "if-none-match", on_if_none_match },
    { "if-range", on_if_range },
    { "range", on_range },
};

static const struct field *find_field(struct text name)
{
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (text_is(name, fields[i].name)) {
            return &fields[i];
        }
    }
    return NULL;
}

// The name ends at the colon: not even a space stands between them, and a line that begins with one
// would continue the line before, as it did long ago (RFC 9112, 5.1 and 5.2).
static bool name_of(struct text *name, const char *line, size_t n)
{
    const char *colon = memchr(line, ':', n);

    *name = (struct text){ line, colon != NULL ? (size_t)(colon - line) : 0 };
    return colon != NULL && is_token(*name);
}

int http_parse_field(struct http_request *r, const char *line, size_t n)
{
    struct text name;

    for (size_t i = 0; i < n; i++) {
        if (!http_field_char(line[i])) {
            return 400;
        }
    }
    if (!name_of(&name, line, n)) {
        return 400;
    }
    const struct field *f = find_field(name);

    return f != NULL ? f->parse(r, trimmed(line + name.n + 1, line + n)) : 0;
}

bool http_field_ignored(const char *line, size_t n)
{
    struct text name;

    return name_of(&name, line, n) && find_field(name) == NULL;
}

// RFC 9112, 6.3 on how long the content is; 3.2 on Host.
int http_parse_end(struct http_request *r)
{
    if (r->minor > 0 && !(r->flags & HTTP_HAS_HOST)) {
        return 400;
    }
    if (r->flags & HTTP_HAS_CODING) {
        if (r->minor == 0 || (r->flags & HTTP_HAS_LENGTH) || !(r->flags & HTTP_CHUNKED)) {
            return 400;
        }
        if (r->flags & HTTP_OTHER_CODING) {
            return 501;
        }
    }
    if (r->minor == 0) {
        r->flags &= ~(uint32_t)(HTTP_EXPECTS | HTTP_EXPECTS_OTHER);
    }
    return r->flags & HTTP_EXPECTS_OTHER ? 417 : 0;
}

// ---- Chunks ----

int http_parse_chunk(uint32_t *size, const char *line, size_t n)
{
    size_t i = 0;
    int digit;

    *size = 0;
    for (; i < n && (digit = hex_digit(line[i])) >= 0; i++) {
        *size = *size > UINT32_MAX >> 4 ? UINT32_MAX : *size << 4 | (uint32_t)digit;
    }
    if (i == 0) {
        return 400;
    }
    for (size_t j = i; j < n; j++) {
        if (!http_field_char(line[j])) {
            return 400;
        }
    }
    while (i < n && (line[i] == ' ' || line[i] == '\t')) {
        i++;
    }
    return i == n || line[i] == ';' ? 0 : 400;
}

// ---- Questions ----

bool http_accepts_gzip(const struct http_request *r)
{
    return !(r->flags & HTTP_NO_GZIP) && (r->flags & (HTTP_GZIP | HTTP_ANY_CODING));
}

bool http_has_tag(const struct http_request *r, uint32_t tag)
{
    for (unsigned i = 0; i < r->tag_count; i++) {
        if (r->tags[i] == tag) {
            return true;
        }
    }
    return (r->flags & HTTP_ANY_TAG) != 0;
}

int http_range(const struct http_request *r, uint32_t tag, uint32_t size, uint32_t *first,
               uint32_t *count)
{
    bool asked = r->method == HTTP_GET && (r->flags & HTTP_RANGE) && !(r->flags & HTTP_NO_RANGE) &&
                 (!(r->flags & HTTP_IF_RANGE) || r->range_tag == tag);

    *first = 0;
    *count = size;
    if (!asked) {
        return 200;
    }
    if (r->flags & HTTP_RANGE_TAIL) {
        *count = r->first < size ? r->first : size;
        *first = size - *count;
        return *count > 0 ? 206 : 416;
    }
    if (r->first >= size) {
        return 416;
    }
    *first = r->first;
    *count = (r->last < size ? r->last : size - 1) - r->first + 1;
    return 206;
}
