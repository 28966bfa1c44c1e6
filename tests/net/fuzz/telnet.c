// SPDX-License-Identifier: MIT
//
// libFuzzer's entry to the telnet layer, over a false socket. An input is a byte n, n bytes of script,
// and the rest: what the client sends. The client's bytes are decoded three times: all at once, one
// by one, and as the script says, which also writes, lets the socket fill and drain, and looks around.
// What the reader gets must be the same each time.
//
// What the socket was given is decoded by a reader of our own, which knows the standard and not our
// code: it must give what was written, whole answers to "are you there" in between, and no more option
// commands than were asked for. A last run with a key watched, where typed characters may be dropped,
// looks for crashes and loops.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/telnetd/telnet.h"
#include "kernel/panic.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool true_, const char *what)
{
    if (!true_) {
        fprintf(stderr, "not true: %s\n", what);
        abort();
    }
}

// ---- The false socket ----

enum { MOST = 1 << 16 };

struct sock {
    const uint8_t *data;
    size_t size, arrived, at; // what the client sends; what of it has come, and was read
    bool ended;               // and after that no more does
    size_t space;             // for which the socket has room
    uint8_t out[MOST];        // what was sent
    size_t sent;
    void (*watch)(void *arg);
    void *watch_arg;
    bool closed;
};

static struct sock wire;
static struct waitq readable, writable;

static int wire_read(void *device, void *buf, size_t n)
{
    struct sock *s = device;
    size_t left = s->arrived - s->at;

    require(n > 0 && !s->closed, "a read of something");
    if (left == 0) {
        return s->ended ? 0 : -EAGAIN;
    }
    n = n < left ? n : left;
    memcpy(buf, s->data + s->at, n);
    s->at += n;
    return (int)n;
}

static int wire_write(void *device, const void *buf, size_t n)
{
    struct sock *s = device;

    require(n > 0 && !s->closed, "a write of something");
    n = n < s->space ? n : s->space;
    if (n == 0) {
        return -EAGAIN;
    }
    require(s->sent + n <= sizeof s->out, "answers have an end");
    memcpy(s->out + s->sent, buf, n);
    s->sent += n;
    s->space -= n;
    return (int)n;
}

static struct waitq *wire_readable(void *device)
{
    (void)device;
    return &readable;
}

static struct waitq *wire_writable(void *device)
{
    (void)device;
    return &writable;
}

static bool wire_can_write(void *device)
{
    return ((struct sock *)device)->space > 0;
}

const struct stream_ops sock_stream_ops = {
    .try_read = wire_read,
    .try_write = wire_write,
    .readable = wire_readable,
    .writable = wire_writable,
    .can_write = wire_can_write,
};

void sock_watch(struct sock *s, void (*fn)(void *arg), void *arg)
{
    s->watch = fn;
    s->watch_arg = arg;
}

int sock_flush(struct sock *s, deadline_t d)
{
    (void)d;
    return s->space > 0 ? 0 : -ETIMEDOUT;
}

void sock_close(struct sock *s)
{
    s->closed = true;
}

void sock_abort(struct sock *s)
{
    s->closed = true;
}

// ---- The false kernel ----

struct tasklet *sched_ring[SCHED_LEVELS + 1];
struct sched sched = { .running = &sched_ring[SCHED_LEVELS] };
static uint64_t now;

uint64_t time_now(void)
{
    return now;
}

void timer_arm(struct timer *t, deadline_t d)
{
    t->when = d.ticks;
    t->link.next = &t->link;
}

bool timer_cancel(struct timer *t)
{
    bool armed = timer_armed(t);

    t->link.next = NULL;
    return armed;
}

size_t waitq_wake_all(struct waitq *q)
{
    require(q == &readable || q == &writable, "a queue of the socket's");
    return 0;
}

void panic(const char *why)
{
    require(false, why);
    abort();
}

// ---- The other side's reader ----

enum { NVT_IAC = 255, NVT_WILL = 251, NVT_DONT = 254 };

// Decodes what was sent: the text into text[], the last command to each option checked. Returns the
// length of the text, and how many commands there were.
static size_t decode(const uint8_t *out, size_t n, uint8_t *text, size_t *commands, bool dropped)
{
    uint8_t last[2][256] = { 0 };
    size_t length = 0;
    bool after_return = false;

    *commands = 0;
    for (size_t i = 0; i < n; i++) {
        uint8_t c = out[i];

        if (c == NVT_IAC && ++i < n && out[i] != NVT_IAC) {
            require(out[i] >= NVT_WILL && out[i] <= NVT_DONT, "a command that we send");
            if (++i < n) {
                uint8_t verb = out[i - 1], *before = &last[(verb - NVT_WILL) / 2][out[i]];

                require(dropped || *before != verb || out[i] == 6, "an option is answered once");
                *before = verb;
                ++*commands;
            }
            continue;
        }
        if (i == n) {
            break;
        }
        if (after_return) {
            require(c == '\n' || c == '\0', "CR has LF or NUL behind it");
        }
        if (!after_return || c != '\0') {
            text[length++] = c;
        }
        after_return = c == '\r';
    }
    return length;
}

// The text is what was written, with whole answers in between; the last of both may be on its way.
static void compare(const uint8_t *text, size_t n, const uint8_t *written, size_t count)
{
    static const char here[] = "\r\n[yes]\r\n"; // a '[' is never written
    size_t at = 0, i = 0;

    while (i < n) {
        const uint8_t *bracket = memchr(text + i, '[', n - i);
        size_t left = n - i, known = sizeof here - 1;

        if (bracket == text + i + 2 || (bracket == NULL && left < known && at == count)) {
            size_t common = left < known ? left : known;

            require(memcmp(text + i, here, common) == 0, "an answer is whole");
            i += common;
        } else {
            require(at < count && text[i] == written[at], "what was written is sent");
            i++;
            at++;
        }
    }
}

// ---- A session ----

struct session {
    struct telnet telnet;
    uint8_t got[MOST];
    size_t got_length;
    int end; // what ended the reading; 1: nothing has
    uint8_t written[MOST];
    size_t written_length;
    uint8_t last_written;
    unsigned keys;
    bool watched; // ever
};

static struct session session;

static void on_key(void *arg)
{
    struct session *s = arg;

    s->keys++;
}

static void watch(struct session *s, int key)
{
    telnet_stream_ops.on_key(&s->telnet, key, key < 0 ? NULL : on_key, s);
    s->watched |= key >= 0;
}

static void look(struct session *s)
{
    char byte;
    int there = telnet_stream_ops.peek(&s->telnet, &byte);
    uint8_t read;

    if (there == 1) {
        require(telnet_stream_ops.can_read(&s->telnet), "what can be seen can be read");
        require(telnet_stream_ops.try_read(&s->telnet, &read, 1) == 1, "and is");
        require((char)read == byte && s->got_length < MOST, "the byte that was seen");
        s->got[s->got_length++] = read;
    }
}

static void read_some(struct session *s, size_t n)
{
    bool can = telnet_stream_ops.can_read(&s->telnet);
    int result = telnet_stream_ops.try_read(&s->telnet, s->got + s->got_length, n);

    require(can == (result != -EAGAIN), "can_read() says what a read does");
    if (result > 0) {
        s->got_length += (size_t)result;
    } else if (result != -EAGAIN) {
        s->end = result;
    } else if (telnet_stream_ops.readable(&s->telnet) == &readable) {
        require(wire.at == wire.arrived && !wire.ended, "there is nothing more to wait for");
    } else {
        require(wire.space == 0, "it waits for room that is not there");
    }
}

static void write_some(struct session *s, const uint8_t *data, size_t n)
{
    bool can = telnet_stream_ops.can_write(&s->telnet);
    uint8_t bytes[64];

    for (size_t i = 0; i < n; i++) {
        bytes[i] = data[i] == '[' ? '(' : data[i];
    }
    int result = telnet_stream_ops.try_write(&s->telnet, bytes, n);

    require(result != 0 && result <= (int)n, "a write says how much");
    require(!can || result != -EAGAIN, "can_write() says what a write does");
    require(result != -EAGAIN || wire.space == 0, "room is used");
    if (result > 0) {
        memcpy(s->written + s->written_length, bytes, (size_t)result);
        s->written_length += (size_t)result;
    }
}

static void arrive(size_t n)
{
    size_t left = wire.size - wire.arrived;

    wire.arrived += n < left ? n : left;
    wire.ended |= n > left;
    if (wire.watch != NULL) {
        wire.watch(wire.watch_arg);
    }
}

static void pass(struct session *s, uint64_t ticks)
{
    struct timer *t = &s->telnet.idle;

    now += ticks;
    if (timer_armed(t) && t->when <= now) {
        t->link.next = NULL;
        t->fire(t);
        require(!timer_armed(t) || t->when > now, "a timer is armed for later");
    }
}

static void open(struct session *s, const uint8_t *data, size_t size, size_t space)
{
    wire = (struct sock){ .data = data, .size = size, .space = space };
    s->got_length = s->written_length = 0;
    s->end = 1;
    s->keys = 0;
    s->watched = false;
    telnet_open(&s->telnet, &wire, space == 0 ? 0 : 1000);
}

// All that is left is read; then the end is looked at.
static void finish(struct session *s, size_t step)
{
    static uint8_t text[MOST];
    size_t asked = 3, commands, turns = 4 * (wire.size / step + wire.size + 64);

    while (s->end == 1) {
        require(turns-- > 0, "it comes to an end");
        arrive(step);
        wire.space = MOST;
        read_some(s, 512);
    }
    wire.space = MOST;
    if (s->end == 0) {
        write_some(s, (const uint8_t *)"..", 2);
    }
    for (size_t i = 0; i < wire.size; i++) {
        asked += wire.data[i] == NVT_IAC;
    }
    size_t n = decode(wire.out, wire.sent, text, &commands, s->watched);

    require(commands <= asked, "no more answers than requests");
    compare(text, n, s->written, s->written_length);
    telnet_close(&s->telnet);
    require(wire.closed && wire.watch == NULL && !timer_armed(&s->telnet.idle), "it is closed");
}

static void follow(struct session *s, const uint8_t *script, size_t n, bool keys)
{
    for (size_t i = 0; i < n && s->end == 1; i++) {
        uint8_t what = script[i];
        size_t amount = what >> 3;

        switch (what & 7) {
        case 0:
        case 1:
            arrive((what & 1) ? amount * 8 : amount);
            break;
        case 2:
            read_some(s, 1 + amount * 3);
            break;
        case 3:
            wire.space = amount == 31 ? 4096 : amount;
            break;
        case 4:
        case 5:
            amount = amount < n - i - 1 ? amount : n - i - 1;
            if (amount > 0) {
                write_some(s, script + i + 1, amount);
            }
            i += what & 1 ? amount : 0;
            break;
        case 6:
            look(s);
            break;
        default:
            if (keys && amount < 24) {
                watch(s, amount & 1 ? -1 : (int)amount);
            } else if (amount >= 24) {
                pass(s, (amount - 20) * ticks_from_ms(100));
            }
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t whole[MOST];
    struct session *s = &session;

    if (size < 1) {
        return 0;
    }
    size_t n = data[0] < size - 1 ? data[0] : size - 1;
    const uint8_t *script = data + 1, *typed = script + n;
    size_t left = size - 1 - n;

    if (left > 4096) {
        return 0;
    }
    now = 0;
    open(s, typed, left, MOST);
    finish(s, left + 1);
    size_t length = s->got_length;
    int end = s->end;
    memcpy(whole, s->got, length);

    open(s, typed, left, MOST);
    finish(s, 1);
    require(s->end == end && s->got_length == length, "one by one: as many");
    require(memcmp(whole, s->got, length) == 0, "one by one: the same");

    open(s, typed, left, 0);
    follow(s, script, n, false);
    finish(s, 7);
    require(s->end == end && s->got_length == length, "as the script says: as many");
    require(memcmp(whole, s->got, length) == 0, "as the script says: the same");

    open(s, typed, left, 5);
    follow(s, script, n, true);
    watch(s, -1);
    finish(s, 7);
    require(s->got_length <= length, "no more than was typed");
    pass(s, 100000);
    return 0;
}
