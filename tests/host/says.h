// SPDX-License-Identifier: MIT
//
// Panics that are expected, caught in the process that makes them.
#pragma once

// fn panics with the sentence. Any context.
void says(const char *sentence, void (*fn)(void));

// Calls fn in poll context.
void in_poll(void (*fn)(void));
