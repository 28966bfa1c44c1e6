// SPDX-License-Identifier: MIT
//
// Fetches a page: name, connection, request, answer, as one straight line.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "kernel/time.h"

// When things had happened, in microseconds since the start; 0: they had not.
struct fetch_times {
    uint32_t lookup;  // the name was known
    uint32_t connect; // the connection stood
    uint32_t first;   // the first byte came
    uint32_t total;   // the last had come
};

// Gets http://HOST[:PORT][/PATH] by HTTP/1.0 (RFC 1945), and hands all that the server says to
// put(to, ...), piece by piece: header and body. put may wait; a negative result of its ends it.
// Returns the number of bytes; -EINVAL: not such an address, or too long; the errors of dns_lookup(),
// sock_connect(), sock_recv(), put(). Context: tasklet; 800 bytes of stack.
int fetch(const char *url, int (*put)(void *to, const char *data, size_t n), void *to,
          struct fetch_times *times, deadline_t d);
