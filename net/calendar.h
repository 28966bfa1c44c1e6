// SPDX-License-Identifier: MIT
//
// The time of day: Unix time, as the time since boot plus an offset that somebody found out, by
// net/sntp.h or from a clock with a battery. Proleptic Gregorian calendar, UTC, no leap seconds, as
// POSIX has it.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// Says what must be added to time_us() to have microseconds since 1970-01-01 00:00:00 UTC. Contexts:
// tasklet, poll.
void calendar_set(int64_t offset);

// Microseconds since 1970. False, and nothing there, until calendar_set() was called. Contexts: tasklet,
// poll.
bool calendar_now(int64_t *microseconds);

struct calendar_date {
    int32_t year;
    uint8_t month, day;           // from 1
    uint8_t hour, minute, second; // from 0
    uint8_t weekday;              // 0: Sunday
};

// The date of a number of seconds since 1970, which may be negative. Any context.
struct calendar_date calendar_date(int64_t seconds);

enum { CALENDAR_TEXT = 32 };

// "Tue 2026-11-24 06:47:43". Returns the text. Any context.
char *calendar_text(int64_t seconds, char text[CALENDAR_TEXT]);
