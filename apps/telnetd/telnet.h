// SPDX-License-Identifier: MIT
//
// Telnet (RFC 854, 855): a connection as a stream for terminals. What the stream reads are the
// characters that were typed; commands and options are dealt with underneath.
//
//     client                                  telnet                              shell
//     typed, CR NUL or CR LF, IAC IAC  ---->  decoded, `input`     --read-->      text, CR
//     IAC DO, DONT, WILL, WONT         ---->  answered once, `reply`
//     IAC IP, IAC BRK, Ctrl-C          ---->  reported, even while nobody reads
//     text, IAC IAC                    <----  escaped             <--write--      text, CR LF
//
// We offer to echo (RFC 857) and to suppress go-ahead (RFC 858), which together mean "character at a
// time", and want nothing from the client but that it suppresses go-ahead too. Every other option is
// refused, once; asked again we stay silent, so two ends can never talk in circles. Window sizes
// (RFC 1073) are refused like others.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "io/stream.h"
#include "kernel/ring.h"
#include "kernel/timer.h"
#include "net/sock.h"

enum {
    TELNET_INPUT = 128,         // typed characters that wait to be read
    TELNET_REPLY = 48,          // bytes of answers that wait for room in the socket
    TELNET_SUBNEGOTIATION = 256 // bytes of one that are skipped; a longer one ends the connection
};

struct telnet {
    struct sock *sock;
    struct ring input;
    uint8_t input_bytes[TELNET_INPUT];
    uint8_t reply[TELNET_REPLY];
    uint8_t reply_length;
    uint8_t state;                   // of the decoder: enum telnet_state in telnet.c
    uint8_t verb;                    // DO, DONT, WILL or WONT, whose option comes next
    bool after_return;               // the last character was a CR: an LF or NUL belongs to it
    bool return_sent;                // the same, of what is written
    uint16_t skipped;                // bytes of the present subnegotiation
    int16_t error;                   // negative errno: why the stream has ended before the socket
    uint8_t ours, theirs;            // options in force, on our side and on the client's: bits
    uint8_t refused_ours[256 / 8];   // options that we have said WONT to
    uint8_t refused_theirs[256 / 8]; // options that we have said DONT to
    int16_t key;                     // reported instead of read; -1: none
    void (*on_key)(void *arg);       //
    void *key_arg;                   //
    ticks_t idle_after;   // ticks without traffic, in either direction, that end it; 0: none
    ticks_t last_traffic; //
    struct timer idle;    //
};

// Takes the connection over and makes the first offers. `idle_ms` without a byte in either direction
// end the stream, reads and writes return -ETIMEDOUT; 0: never. *t stays where it is until
// telnet_close(). Context: tasklet.
void telnet_open(struct telnet *t, struct sock *s, uint32_t idle_ms);

// Closes the connection. Nobody waits in the stream. Context: tasklet.
void telnet_close(struct telnet *t);

// Reads return 0 when the client has hung up, -EPROTO after a subnegotiation without end.
//
// on_key(): while a key is watched, up to TELNET_INPUT characters typed ahead are kept, and more are
// dropped, so that the key is seen behind any number of them. It discards what was typed before it,
// as the driver of a terminal does. A client that hangs up, or is idle for too long, counts as the key.
extern const struct stream_ops telnet_stream_ops;

static inline struct stream telnet_stream(struct telnet *t)
{
    return (struct stream){ &telnet_stream_ops, t };
}
