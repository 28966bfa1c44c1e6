// SPDX-License-Identifier: MIT
#include "apps/telnetd/telnet.h"

#include <errno.h>
#include <string.h>

#include "kernel/callgraph.h"
#include "kernel/tasklet.h"

// RFC 854, "Telnet command structure".
enum {
    SE = 240, // the end of a subnegotiation
    BRK = 243,
    IP = 244,  // interrupt process
    AYT = 246, // are you there
    EC = 247,  // erase character
    EL = 248,  // erase line
    SB = 250,  // a subnegotiation begins
    WILL = 251,
    WONT = 252,
    DO = 253,
    DONT = 254,
    IAC = 255,
};

enum { ECHO = 1, SUPPRESS_GO_AHEAD = 3, TIMING_MARK = 6, LINEMODE = 34 };

enum { CTRL_C = 3, BACKSPACE = 8, CTRL_U = 21 };

// The decoder. IAC IAC is a byte 255 among characters and inside a subnegotiation.
//
//              IAC          DO, DONT, WILL, WONT
//      TEXT <------> COMMAND <------------------> OPTION
//                       | SB             IAC
//                       +-----> SKIP <--------> SKIP_IAC --SE--> TEXT
enum telnet_state { TEXT, COMMAND, OPTION, SKIP, SKIP_IAC };

// ---- Out ----

static void traffic(struct telnet *t)
{
    t->last_traffic = time_now();
}

// 0 if no answer is left waiting; else what the socket says, -EAGAIN or its error.
static int flush_replies(struct telnet *t)
{
    while (t->reply_length > 0) {
        int sent = sock_stream_ops.try_write(t->sock, t->reply, t->reply_length);

        if (sent < 0) {
            return sent;
        }
        t->reply_length = (uint8_t)(t->reply_length - sent);
        memmove(t->reply, t->reply + sent, t->reply_length);
    }
    return 0;
}

// Dropped if there is no room, which room_to_decode() prevents but while a key is watched: then false.
static bool reply(struct telnet *t, const void *bytes, size_t n)
{
    if (t->reply_length + n > TELNET_REPLY) {
        flush_replies(t);
    }
    if (t->reply_length + n > TELNET_REPLY) {
        return false;
    }
    memcpy(t->reply + t->reply_length, bytes, n);
    t->reply_length = (uint8_t)(t->reply_length + n);
    return true;
}

static void say(struct telnet *t, uint8_t verb, uint8_t option)
{
    const uint8_t bytes[] = { IAC, verb, option };

    reply(t, bytes, sizeof bytes);
}

// A byte that needs another one: an IAC is doubled, and a CR without LF has a NUL behind it.
static bool is_special(bool after_return, uint8_t c)
{
    return c == IAC || (after_return && c != '\n');
}

// Through the empty queue of answers, so that the pair is not torn.
static void write_special(struct telnet *t, uint8_t c)
{
    static const uint8_t nul = '\0', iac = IAC;

    if (t->return_sent && c != '\n') {
        reply(t, &nul, 1);
    }
    if (c == IAC) {
        reply(t, &iac, 1);
    }
    reply(t, &c, 1);
    t->return_sent = c == '\r';
    flush_replies(t);
}

static int try_write(void *device, const void *buf, size_t n)
{
    struct telnet *t = device;
    const uint8_t *bytes = buf;
    size_t plain = 0;
    int result;

    if (t->sock == NULL || t->error != 0) {
        return t->sock == NULL ? -EPIPE : t->error;
    }
    if ((result = flush_replies(t)) < 0) {
        return result;
    }
    for (bool after = t->return_sent; plain < n && !is_special(after, bytes[plain]); plain++) {
        after = bytes[plain] == '\r';
    }
    if (plain == 0) {
        write_special(t, bytes[0]);
        result = 1;
    } else {
        result = sock_stream_ops.try_write(t->sock, bytes, plain);
        t->return_sent = result > 0 ? bytes[result - 1] == '\r' : t->return_sent;
    }
    if (result > 0) {
        traffic(t);
    }
    return result;
}

// ---- Options ----

static unsigned bit_of(uint8_t option)
{
    return option == ECHO ? 1 : option == SUPPRESS_GO_AHEAD ? 2 : 0;
}

// Marks an option as refused. True if it was not before.
static bool refuse(uint8_t refused[256 / 8], uint8_t option)
{
    uint8_t bit = (uint8_t)(1u << (option & 7)), was = refused[option >> 3];

    refused[option >> 3] = was | bit;
    return !(was & bit);
}

// The client asks us to use an option, or not to.
static void asked(struct telnet *t, bool on, uint8_t option)
{
    uint8_t bit = (uint8_t)bit_of(option);

    if (on && option == TIMING_MARK) { // RFC 860: it has come by, each time
        say(t, WILL, option);
    } else if (bit == 0) {
        if (on && refuse(t->refused_ours, option)) {
            say(t, WONT, option);
        }
    } else if (on != ((t->ours & bit) != 0)) {
        t->ours ^= bit;
        say(t, on ? WILL : WONT, option);
    }
}

// The client says that it uses an option, or does not.
static void told(struct telnet *t, bool on, uint8_t option)
{
    uint8_t bit = option == SUPPRESS_GO_AHEAD ? (uint8_t)bit_of(option) : 0;

    if (bit == 0) {
        if (on && refuse(t->refused_theirs, option)) {
            say(t, DONT, option);
        }
    } else if (on != ((t->theirs & bit) != 0)) {
        t->theirs ^= bit;
        say(t, on ? DO : DONT, option);
    }
}

static void option(struct telnet *t, uint8_t verb, uint8_t c)
{
    if (verb == DO || verb == DONT) {
        asked(t, verb == DO, c);
    } else {
        told(t, verb == WILL, c);
    }
}

// ---- In ----

static const char here[] =
    "\0\r\n[yes]\r\n"; // the longest of answers; the NUL is for a CR before it

static void answer_here(struct telnet *t)
{
    size_t from = t->return_sent ? 0 : 1;

    if (reply(t, here + from, sizeof here - 1 - from)) {
        t->return_sent = false;
    }
}

static void report_key(struct telnet *t)
{
    t->input.tail = t->input.head;
    t->on_key(t->key_arg);
}

static void typed(struct telnet *t, uint8_t c)
{
    if (t->on_key != NULL && c == t->key) {
        report_key(t);
    } else if (ring_free(&t->input) > 0) {
        ring_put(&t->input, c);
    }
}

static void text(struct telnet *t, uint8_t c)
{
    bool after_return = t->after_return;

    t->after_return = c == '\r';
    if (!after_return || (c != '\n' && c != '\0')) {
        typed(t, c);
    }
}

static void attention(struct telnet *t)
{
    typed(t, t->on_key != NULL ? (uint8_t)t->key : CTRL_C);
}

static void command(struct telnet *t, uint8_t c)
{
    t->state = TEXT;
    switch (c) {
    case IAC:
        text(t, c);
        break;
    case SB:
        t->state = SKIP;
        t->skipped = 0;
        break;
    case DO:
    case DONT:
    case WILL:
    case WONT:
        t->state = OPTION;
        t->verb = c;
        break;
    case IP:
    case BRK:
        attention(t);
        break;
    case AYT:
        answer_here(t);
        break;
    case EC:
        typed(t, BACKSPACE);
        break;
    case EL:
        typed(t, CTRL_U);
        break;
    default: // NOP, DM, AO, GA, and what is not defined
        break;
    }
}

static void skip(struct telnet *t, uint8_t c)
{
    if (t->state == SKIP_IAC && c == SE) {
        t->state = TEXT;
        return;
    }
    t->state = t->state == SKIP && c == IAC ? SKIP_IAC : SKIP;
    if (++t->skipped > TELNET_SUBNEGOTIATION) {
        t->error = -EPROTO;
    }
}

static void decode(struct telnet *t, uint8_t c)
{
    switch ((enum telnet_state)t->state) {
    case TEXT:
        if (c == IAC) {
            t->state = COMMAND;
        } else {
            text(t, c);
        }
        break;
    case COMMAND:
        command(t, c);
        break;
    case OPTION:
        t->state = TEXT;
        option(t, t->verb, c);
        break;
    default:
        skip(t, c);
        break;
    }
}

// How many bytes may be decoded now, so that what they lead to has room: a typed character each, and an
// answer to each command of two bytes or more. While a key is watched it must be found: then what has
// no room is dropped.
static size_t room_to_decode(const struct telnet *t)
{
    size_t typed_room = ring_free(&t->input);
    size_t answers = (TELNET_REPLY - t->reply_length) / (sizeof here - 1);
    size_t bytes = answers > 0 ? answers * 2 - 1 : 0; // the first may end a command begun before
    size_t room = typed_room < bytes ? typed_room : bytes;

    return t->on_key != NULL ? TELNET_INPUT : room;
}

// Takes what has arrived through the decoder, as much as there is room for. Returns what the socket
// says when it has no more: 0, -EAGAIN or its error. Never waits.
static int pump(struct telnet *t)
{
    int got = -EAGAIN;
    size_t room;

    flush_replies(t);
    while (t->error == 0 && (room = room_to_decode(t)) > 0) {
        uint8_t bytes[32];

        got = sock_stream_ops.try_read(t->sock, bytes, room < sizeof bytes ? room : sizeof bytes);
        if (got <= 0) {
            break;
        }
        traffic(t);
        for (int i = 0; i < got && t->error == 0; i++) {
            decode(t, bytes[i]);
        }
        got = -EAGAIN;
        flush_replies(t);
    }
    return t->error != 0 ? t->error : got;
}

static int try_read(void *device, void *buf, size_t n)
{
    struct telnet *t = device;

    if (t->sock == NULL) {
        return -EPIPE;
    }
    int state = pump(t);
    size_t got = ring_read(&t->input, buf, n);

    return got > 0 ? (int)got : state;
}

static int peek(void *device, char *byte)
{
    struct telnet *t = device;

    if (t->sock == NULL || (pump(t), ring_used(&t->input) == 0)) {
        return 0;
    }
    *byte = (char)t->input_bytes[t->input.tail & t->input.mask];
    return 1;
}

static bool can_read(void *device)
{
    struct telnet *t = device;

    return t->sock == NULL || pump(t) != -EAGAIN || ring_used(&t->input) != 0;
}

// Answers go first: room that they need is none for what is written.
static bool can_write(void *device)
{
    struct telnet *t = device;

    if (t->sock == NULL || t->error != 0) {
        return true;
    }
    int state = flush_replies(t);

    return state == 0 ? sock_stream_ops.can_write(t->sock) : state != -EAGAIN;
}

static struct waitq *writable(void *device)
{
    return sock_stream_ops.writable(((struct telnet *)device)->sock);
}

// A reader that cannot go on because answers have no room waits for that.
static struct waitq *readable(void *device)
{
    struct telnet *t = device;

    return room_to_decode(t) == 0 ? writable(t) : sock_stream_ops.readable(t->sock);
}

// ---- The key, and the end ----

// Something came while a command runs.
static void on_arrival(void *telnet)
{
    struct telnet *t = telnet;

    if (pump(t) != -EAGAIN && t->on_key != NULL) {
        report_key(t);
    }
}
RECURSES(on_arrival, 1); // the function of a key is another

static void on_key(void *device, int key, void (*fn)(void *), void *arg)
{
    struct telnet *t = device;

    if (t->sock == NULL) {
        return;
    }
    t->key = (int16_t)(fn != NULL ? key : -1);
    t->on_key = fn;
    t->key_arg = arg;
    sock_watch(t->sock, fn != NULL ? on_arrival : NULL, t);
    if (fn != NULL) {
        for (size_t n = ring_used(&t->input); n > 0 && t->on_key != NULL; n--) {
            typed(t, ring_get(&t->input)); // it may have come already
        }
        on_arrival(t);
    }
}

static void on_idle(struct timer *timer)
{
    struct telnet *t = container_of(timer, struct telnet, idle);
    uint64_t end = t->last_traffic + t->idle_after;

    if (time_now() < end) {
        timer_arm(timer, (deadline_t){ end });
        return;
    }
    t->error = -ETIMEDOUT;
    if (t->on_key != NULL) {
        report_key(t);
    }
    waitq_wake_all(readable(t));
    waitq_wake_all(writable(t));
}

void telnet_open(struct telnet *t, struct sock *s, uint32_t idle_ms)
{
    *t = (struct telnet){ .sock = s, .key = -1 };
    t->input = (struct ring)RING_INIT(t->input_bytes);
    t->idle.fire = on_idle;
    t->idle_after = ticks_from_ms(idle_ms);
    traffic(t);
    if (idle_ms != 0) {
        timer_arm(&t->idle, after_ticks(t->idle_after));
    }
    t->ours = (uint8_t)(bit_of(ECHO) | bit_of(SUPPRESS_GO_AHEAD));
    say(t, WILL, ECHO);
    say(t, WILL, SUPPRESS_GO_AHEAD);
    refuse(t->refused_theirs, LINEMODE);
    say(t, DONT, LINEMODE);
    flush_replies(t);
}

void telnet_close(struct telnet *t)
{
    struct sock *s = t->sock;

    timer_cancel(&t->idle);
    sock_watch(s, NULL, NULL);
    t->sock = NULL;
    if (sock_flush(s, after_ms(500)) == 0) {
        sock_close(s);
    } else {
        sock_abort(s); // who does not read his last words does not keep their memory either
    }
}

const struct stream_ops telnet_stream_ops = {
    .try_read = try_read,
    .peek = peek,
    .try_write = try_write,
    .readable = readable,
    .writable = writable,
    .on_key = on_key,
    .can_read = can_read,
    .can_write = can_write,
    .in_read = "telnet_read",
    .in_write = "telnet_write",
};
