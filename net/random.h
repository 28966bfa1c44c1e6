// SPDX-License-Identifier: MIT
//
// Random numbers that nobody can guess, from the board's source of entropy: a ChaCha20 generator with
// fast key erasure (RFC 8439; D. J. Bernstein, Fast-key-erasure random-number generators, 2017). What
// it gave out cannot be computed from its state afterwards.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Fills the buffer. Contexts: tasklet, poll.
void random_bytes(void *buf, size_t n);

uint32_t random_u32(void);

// A number from 0 to limit - 1, all equally likely. limit > 0.
uint32_t random_below(uint32_t limit);

// Mixes something unpredictable in, such as the time of an event. Never makes it worse.
void random_stir(const void *data, size_t n);
