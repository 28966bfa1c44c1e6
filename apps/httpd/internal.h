// SPDX-License-Identifier: MIT
//
// Between the server's own files.
#pragma once

#include "apps/httpd/http.h"

// ---- input.c ----

// Reads the head of the next request. 0; a status to answer with; or a negative errno: there is nobody
// to answer to.
int http_read_head(struct http *h);

// Reads what the handler has left of the content. False if the next request cannot be found behind it.
bool http_skip_content(struct http *h);

// ---- output.c ----

// Completes the answer.
int http_finish(struct http *h);

// Sends bytes as they are, in front of an answer.
int http_send(struct http *h, const void *data, size_t n);
