// SPDX-License-Identifier: MIT
//
// The host's Ethernet device on a file descriptor, in real time: Unix datagram sockets to an emulator,
// another process or tools/harness/relay.py, or a TAP interface. One at a time.
#pragma once

#include <stddef.h>
#include <stdint.h>

// "LOCALPATH:REMOTEPATH": binds the first, whose file is made anew and removed at exit, and sends to the
// second, which need not be there yet. `arrive` is called in interrupt context. Returns NULL, or what is
// wrong. Context: tasklet.
const char *wire_fd_dgram(const char *paths, void (*arrive)(const uint8_t *frame, size_t n));

// An interface that exists and is this user's, or which this user may make (CAP_NET_ADMIN).
const char *wire_fd_tap(const char *name, void (*arrive)(const uint8_t *frame, size_t n));

// A frame to a peer that is not there, or that takes none for 200 ms, is lost, as on any wire.
void wire_fd_send(const uint8_t *frame, size_t n);

// Does nothing if none is open.
void wire_fd_close(void);
