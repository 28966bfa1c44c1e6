// SPDX-License-Identifier: MIT
//
// Limits of the HTTP server. Each may be changed with APP_CPPFLAGS; boards with little RAM say
// NET_SMALL = 1 in their board.mk.
#pragma once

#ifndef NET_SMALL
#define NET_SMALL 0
#endif

// ---- Memory, per connection ----
#ifndef HTTPD_CONNECTIONS
#define HTTPD_CONNECTIONS (NET_SMALL ? 4 : 64)
#endif
#ifndef HTTPD_IN
#define HTTPD_IN (NET_SMALL ? 512 : 1024) // bytes of requests; half of it for the request line
#endif
#ifndef HTTPD_OUT
#define HTTPD_OUT (NET_SMALL ? 160 : 256) // bytes of answers on their way to the stack
#endif
#ifndef HTTPD_STACK
#define HTTPD_STACK 1280 // bytes of stack besides those two
#endif

// ---- What a client may ask for ----
#ifndef HTTPD_LINE
#define HTTPD_LINE (NET_SMALL ? 1024 : 2048) // bytes in a field line
#endif
#ifndef HTTPD_HEAD
#define HTTPD_HEAD (NET_SMALL ? 2048 : 4096) // bytes from the request line to the empty line
#endif
#ifndef HTTPD_BODY
#define HTTPD_BODY (NET_SMALL ? 8192 : 65536) // bytes of content
#endif

// ---- Time, in ms ----
#ifndef HTTPD_IDLE_MS
#define HTTPD_IDLE_MS 30000 // between two requests
#endif
#ifndef HTTPD_HEAD_MS
#define HTTPD_HEAD_MS 10000 // for the whole of a request's head, from its first byte
#endif
#ifndef HTTPD_BODY_MS
#define HTTPD_BODY_MS 30000 // for the whole of its content
#endif
#ifndef HTTPD_SEND_MS
#define HTTPD_SEND_MS 20000 // for the client to make room for one piece of the answer
#endif
#ifndef HTTPD_LINGER_MS
#define HTTPD_LINGER_MS 1000 // for the client to close, once we have
#endif
