// SPDX-License-Identifier: MIT
//
// Where unpredictable bits come from. A board links exactly one source; net/random.c makes random
// numbers from them, and asks again now and then.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// Fills the buffer with bits that nobody outside can predict, as well as this machine can; of a source
// that is biased, more than `n` bytes are gathered and mixed by the caller. Bounded: it takes a few
// milliseconds at most, half a second if the device is stuck, and returns the bytes that it could fill. Contexts:
// boot, tasklet, poll.
size_t entropy_read(void *buf, size_t n);

// The next two are known after the first entropy_read(): a device may turn out to be missing.

// "virtio-rng", "ring oscillator", "jitter".
extern const char *entropy_source;

// False for a source of last resort, whose bits an attacker with patience may guess: no keys should be
// made from it, and the program says so at its start.
extern bool entropy_is_good;
