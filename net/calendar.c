// SPDX-License-Identifier: MIT
#include "net/calendar.h"

#include "io/printf.h"
#include "kernel/time.h"

static int64_t offset;
static bool known;

void calendar_set(int64_t its_offset)
{
    offset = its_offset;
    known = true;
}

bool calendar_now(int64_t *microseconds)
{
    if (known) {
        *microseconds = (int64_t)time_us() + offset;
    }
    return known;
}

static int64_t floor_divide(int64_t a, int64_t b, int64_t *rest)
{
    int64_t quotient = a / b;

    *rest = a % b;
    if (*rest < 0) {
        *rest += b;
        quotient--;
    }
    return quotient;
}

// After E. G. Richards, Mapping Time (1998), as Howard Hinnant puts it (chrono-Compatible Low-Level Date
// Algorithms): years begin in March, so that the leap day is the last of its year, and the lengths of
// months repeat every five, 153 days.
struct calendar_date calendar_date(int64_t seconds)
{
    int64_t of_day, of_era, days = floor_divide(seconds, 86400, &of_day), weekday;
    int64_t era = floor_divide(days + 719468, 146097, &of_era); // from 0000-03-01, 400 years each
    int32_t day = (int32_t)of_era, second = (int32_t)of_day;
    int32_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;

    day -= 365 * year + year / 4 - year / 100; // now of the year
    int32_t month = (5 * day + 2) / 153;       // from March

    floor_divide(days + 4, 7, &weekday); // 1970 began on a Thursday
    return (struct calendar_date){ .year = (int32_t)(era * 400) + year + (month >= 10),
                                   .month = (uint8_t)(month < 10 ? month + 3 : month - 9),
                                   .day = (uint8_t)(day - (153 * month + 2) / 5 + 1),
                                   .hour = (uint8_t)(second / 3600),
                                   .minute = (uint8_t)(second / 60 % 60),
                                   .second = (uint8_t)(second % 60),
                                   .weekday = (uint8_t)weekday };
}

char *calendar_text(int64_t seconds, char text[CALENDAR_TEXT])
{
    static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
    struct calendar_date d = calendar_date(seconds);

    io_snprintf(text, CALENDAR_TEXT, "%s %04d-%02u-%02u %02u:%02u:%02u", days[d.weekday],
                (int)d.year, d.month, d.day, d.hour, d.minute, d.second);
    return text;
}
