// SPDX-License-Identifier: MIT
//
// A telnet server: a shell for everybody who calls, each in a tasklet of his own.
#pragma once

#include <stdint.h>

enum { TELNET_PORT = 23, TELNET_IDLE_MS = 10 * 60 * 1000 };

// Listens on the port and serves for ever. `idle_ms`: see telnet_open(). Who calls while all sessions
// (TELNETD_SESSIONS) are in use reads "busy". Returns only if it cannot: the error of sock_listen(), or
// -ECANCELED, after which sessions that are open go on.
// Context: tasklet; it is the server's.
int telnetd_serve(uint16_t port, uint32_t idle_ms);
