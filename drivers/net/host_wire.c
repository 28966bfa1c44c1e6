// SPDX-License-Identifier: MIT
#include "drivers/net/host_wire.h"

#include <string.h>

#include "drivers/clock/host.h"
#include "kernel/panic.h"
#include "kernel/time.h"

enum {
    ETHERNET = 14, // bytes of its header
    OVERHEAD = 24, // bytes that a frame takes besides its own: preamble, check sequence, gap
    QUEUE = 4,     // frames of full length that wait when the rate is reached
};

// A frame between its two ends.
struct flight {
    struct host_event event;
    struct flight *next; // that is free
    size_t size;
    uint8_t frame[WIRE_FRAME_MAX];
};

// What becomes of a frame.
struct fate {
    bool lost, duplicated, reordered, corrupted;
    uint32_t jitter, late; // microseconds: before it arrives, and between it and its copy
    uint32_t where;        // the byte that is spoilt; to be taken modulo the length
    uint8_t flipped;       // bits of it, one at least
};

static const struct wire_end *end;
static struct wire_faults faults;
static struct wire_counts counts;
static uint32_t chance;
static struct flight flights[WIRE_FLIGHT], *unused;
static uint64_t in_order;   // the last arrival of a frame that was not held back
static uint64_t busy_until; // the sender's side, by the rate
static bool room_wanted, flapping, down;

static void room(void *arg);
static void flap(void *arg);

static struct host_event room_event = { .handler = room }, flap_event = { .handler = flap };

// ---- Chance ----

// Marsaglia: Xorshift RNGs, 2003. `limit` is exclusive.
static uint32_t draw(uint32_t limit)
{
    chance ^= chance << 13;
    chance ^= chance >> 17;
    chance ^= chance << 5;
    return (chance >> 8) % limit;
}

static struct fate next_fate(void)
{
    struct fate f;

    f.lost = draw(100) < faults.loss;
    f.duplicated = draw(100) < faults.dup;
    f.reordered = draw(100) < faults.reorder;
    f.corrupted = draw(100) < faults.corrupt;
    f.jitter = draw(faults.jitter + 1);
    f.late = draw(faults.hold + 1);
    f.where = draw(WIRE_FRAME_MAX * 64);
    f.flipped = (uint8_t)(1 + draw(255));
    return f;
}

// ---- Frames ----

static void land(void *arg)
{
    struct flight *f = arg;

    if (down) {
        counts.cut++;
    } else {
        counts.arrived++;
        end->arrive(f->frame, f->size);
    }
    f->next = unused;
    unused = f;
}

static void launch(const uint8_t *frame, size_t n, uint64_t when, const struct fate *spoilt)
{
    struct flight *f = unused;

    if (f == NULL) {
        counts.crowded++;
        return;
    }
    unused = f->next;
    f->size = n;
    memcpy(f->frame, frame, n);
    if (spoilt != NULL) {
        f->frame[ETHERNET + spoilt->where % (n - ETHERNET)] ^= spoilt->flipped;
    }
    f->event = (struct host_event){ .when = when, .handler = land, .arg = f };
    host_event_arm(&f->event);
}

static bool has_checksum(const uint8_t *frame, size_t n)
{
    return n > ETHERNET &&
           ((frame[12] == 0x08 && frame[13] == 0x00) || (frame[12] == 0x86 && frame[13] == 0xDD));
}

// When the last bit of a frame that is sent now has left.
static uint64_t leaves(uint64_t now, size_t n)
{
    if (faults.rate == 0) {
        return now;
    }
    busy_until =
        (busy_until > now ? busy_until : now) + (n + OVERHEAD) * 8 * (TICK_HZ / 1000) / faults.rate;
    return busy_until;
}

void wire_carry(const uint8_t *frame, size_t n)
{
    struct fate fate = next_fate();
    uint64_t when = leaves(time_now(), n) + ticks_from_us(faults.delay + fate.jitter);
    bool spoilt = fate.corrupted && has_checksum(frame, n);

    ASSERT(n <= WIRE_FRAME_MAX, "wire_carry: frame too long");
    counts.carried++;
    if (fate.lost) {
        counts.lost++;
        return;
    }
    counts.corrupted += spoilt;
    if (fate.reordered) {
        counts.reordered++;
        when += ticks_from_us(faults.hold);
    } else {
        in_order = when > in_order ? when : in_order;
        when = in_order;
    }
    launch(frame, n, when, spoilt ? &fate : NULL);
    if (fate.duplicated) {
        counts.duplicated++;
        launch(frame, n, when + ticks_from_us(fate.late), NULL);
    }
}

// ---- Rate ----

static void room(void *arg)
{
    (void)arg;
    room_wanted = false;
    end->room();
}

bool wire_room(void)
{
    if (faults.rate == 0) {
        return true;
    }
    uint64_t queue = (uint64_t)QUEUE * 8 * WIRE_FRAME_MAX * (TICK_HZ / 1000) / faults.rate;

    if (busy_until <= time_now() + queue) {
        return true;
    }
    if (!room_wanted) {
        room_wanted = true;
        room_event.when = busy_until - queue;
        host_event_arm(&room_event);
    }
    return false;
}

// ---- The link ----

// From half to one and a half of the average.
static void flap_after(uint64_t now, uint32_t ms)
{
    flap_event.when = now + ticks_from_us((ms / 2 + draw(ms + 1)) * 1000);
    host_event_arm(&flap_event);
}

static void set_down(bool is_down)
{
    if (down != is_down) {
        down = is_down;
        end->link(!down);
    }
}

static void flap(void *arg)
{
    uint64_t now = flap_event.when;

    (void)arg;
    flapping = faults.up > 0 && faults.down > 0;
    set_down(flapping && !down);
    counts.flaps += down;
    if (flapping) {
        flap_after(now, down ? faults.down : faults.up);
    }
}

void wire_link(bool up)
{
    set_down(!up);
}

// ---- Setting up ----

bool wire_parse(struct wire_faults *f, const char *text)
{
    const struct {
        const char *name;
        uint32_t *value, limit;
    } fields[] = {
        { "loss", &f->loss, 100 },        { "dup", &f->dup, 100 },
        { "reorder", &f->reorder, 100 },  { "corrupt", &f->corrupt, 100 },
        { "delay", &f->delay, 10000000 }, { "jitter", &f->jitter, 10000000 },
        { "hold", &f->hold, 10000000 },   { "rate", &f->rate, 10000000 },
        { "up", &f->up, 1000000 },        { "down", &f->down, 1000000 },
        { "seed", &f->seed, UINT32_MAX },
    };

    while (*text != '\0') {
        size_t length = strcspn(text, "=,"), i = 0;
        uint64_t value = 0;

        while (i < sizeof fields / sizeof fields[0] &&
               (strlen(fields[i].name) != length || strncmp(fields[i].name, text, length) != 0)) {
            i++;
        }
        if (i == sizeof fields / sizeof fields[0] || text[length] != '=') {
            return false;
        }
        text += length + 1;
        size_t digits = strspn(text, "0123456789");

        for (size_t k = 0; k < digits && value <= fields[i].limit; k++) {
            value = value * 10 + (uint64_t)(text[k] - '0');
        }
        text += digits;
        if (digits == 0 || value > fields[i].limit || (*text != ',' && *text != '\0')) {
            return false;
        }
        *fields[i].value = (uint32_t)value;
        text += *text == ',';
    }
    return true;
}

void wire_set(const struct wire_faults *f)
{
    faults = *f;
    counts = (struct wire_counts){ 0 };
    chance = faults.seed * 2654435761u | 1;
    busy_until = 0;
    in_order = 0;
    if (faults.up > 0 && faults.down > 0 && !flapping) {
        flapping = true;
        flap_after(time_now(), faults.up);
    }
}

void wire_open(const struct wire_end *its_end, const struct wire_faults *f)
{
    if (end == NULL) {
        for (size_t i = 0; i < WIRE_FLIGHT; i++) {
            flights[i].next = unused;
            unused = &flights[i];
        }
    }
    end = its_end;
    down = false;
    wire_set(f);
}

const struct wire_counts *wire_counts(void)
{
    return &counts;
}
