// SPDX-License-Identifier: MIT
//
// The search for an explanation, depth first: of all operations that may take effect next, try each
// (Wing and Gong, Testing and verifying concurrent objects, 1993). A state that led nowhere is not
// entered again (Lowe, Testing for linearizability, 2017).
#include <string.h>

#include "tests/lin/spec.h"

enum { SEEN = 4096 }; // states that are remembered, a power of two; beyond that it is only slower

static struct {
    struct lin_state state;
    uint32_t search; // that it belongs to
} seen[SEEN];
static uint32_t search;

static uint32_t hash(const struct lin_state *s)
{
    const uint8_t *bytes = (const uint8_t *)s;
    uint32_t h = 2166136261u; // FNV-1a

    for (unsigned i = 0; i < sizeof *s; i++) {
        h = (h ^ bytes[i]) * 16777619u;
    }
    return h;
}

// True if the state was here before.
static bool remember(const struct lin_state *s)
{
    uint32_t at = hash(s);

    for (unsigned tries = 0; tries < 16; tries++, at++) {
        if (seen[at % SEEN].search != search) {
            seen[at % SEEN].state = *s;
            seen[at % SEEN].search = search;
            return false;
        }
        if (memcmp(&seen[at % SEEN].state, s, sizeof *s) == 0) {
            return true;
        }
    }
    return false;
}

// The time by which something must happen that has not: an operation begin, or be ended.
static uint16_t limit(const struct lin_history *h, const struct lin_state *s)
{
    uint16_t least = LIN_NEVER;

    for (unsigned i = 0; i < h->count; i++) {
        const struct lin_op *o = &h->ops[i];
        uint16_t by = o->returned;

        if (!(s->begun >> i & 1) && o->waited < by) {
            by = o->waited;
        }
        if (!(s->done >> i & 1) && by < least) {
            least = by;
        }
    }
    return least;
}

// What has not returned has to wait still, which lin_begin() sees to; all else has to be done.
static bool complete(const struct lin_history *h, const struct lin_state *s)
{
    for (unsigned i = 0; i < h->count; i++) {
        if (!(s->begun >> i & 1) || (h->ops[i].returned != LIN_NEVER && !(s->done >> i & 1))) {
            return false;
        }
    }
    return true;
}

static bool explain(const struct lin_history *h, const struct lin_state *s)
{
    if (complete(h, s)) {
        return true;
    }
    if (remember(s)) {
        return false;
    }
    uint16_t by = limit(h, s);

    for (unsigned i = 0; i < h->count && h->ops[i].invoked < by; i++) {
        struct lin_state next = *s;

        if (!(s->begun >> i & 1) && lin_begin(&next, h, i) && explain(h, &next)) {
            return true;
        }
    }
    return false;
}

bool lin_explained(const struct lin_history *h)
{
    struct lin_state start;

    search++;
    lin_state_init(&start);
    return explain(h, &start);
}
