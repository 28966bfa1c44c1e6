// SPDX-License-Identifier: MIT
//
// What this server has to show.
#pragma once

#include "apps/httpd/http.h"

// The files of apps/httpd/www, made by tools/pack.
extern const struct http_file http_files[];

int page_hello(struct http *h);

// Sends the content back, as it comes.
int page_echo(struct http *h);

// The board, its network and its tasklets as JSON.
int page_status(struct http *h);

// The same in short, once a second, as server-sent events, until the client goes.
int page_events(struct http *h);
