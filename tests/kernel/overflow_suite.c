// SPDX-License-Identifier: MIT
//
// Overflows of every size: the tasklet ends, the others go on, and no foreign byte has changed. With a limit
// register (Armv8-M) by up to 4 KB, otherwise as far as the guard reaches. Where there is nothing but a
// painted word, or AddressSanitizer looks, overflows are found another way and this suite has none.
#include <alloca.h>
#include <errno.h>
#include <string.h>

#include "kernel/group.h"
#include "kernel/panic.h"
#include "tests/kernel/suite.h"

#if defined(__ARM_ARCH_8M_MAIN__) || defined(__ARM_ARCH_8_1M_MAIN__)
enum { HAS_LIMIT = 1 };
#else
enum { HAS_LIMIT = 0 };
#endif

enum {
    MOST = HAS_LIMIT ? 4096 : ARCH_GUARD_REACH,
    BELOW = HAS_LIMIT ? MOST + 64 : TASKLET_ALIGN,
    STEP = MOST > 256 ? 56 : ARCH_STACK_ALIGN, // farther apart where there are many
    FOREIGN = 0x5A
};

static GROUP(crew, "crew");
static struct {
    _Alignas(TASKLET_ALIGN) unsigned char below[BELOW]; // somebody else's
    TASKLET_MEMORY(memory, WORKER_STACK + 512);
} place;
static volatile unsigned char *lowest; // byte of the frame that is made next

// Makes a frame down to there, and uses all of it from above.
static void __attribute__((noinline, no_sanitize("address"))) overflow(void *unused)
{
    volatile unsigned char *here = alloca(ARCH_STACK_ALIGN);
    volatile unsigned char *frame = alloca((size_t)(here - lowest));

    (void)unused;
    while (here > frame) {
        *--here = 0;
    }
    note("survived");
}

static void be_there(void *unused)
{
    (void)unused;
    tasklet_yield();
    note("other");
}

static bool nothing_changed(void)
{
    for (size_t i = 0; i < sizeof place.below; i++) {
        if (place.below[i] != FOREIGN) {
            return false;
        }
    }
    return true;
}

static void quiet(char c)
{
    (void)c;
}

// By so many bytes over what it may use: its end is where the guard begins, or the limit.
static void overflow_by(unsigned bytes)
{
    lowest = place.memory + ARCH_GUARD_SIZE - bytes;
    memset(place.below, FOREIGN, sizeof place.below);
    worker("other", be_there, NULL);
    struct tasklet *t =
        group_spawn(&crew, "deep", overflow, NULL, place.memory, sizeof place.memory);

    CHECK_IS(group_join(&crew, FOREVER), -EFAULT);
    CHECK(tasklet_failure(t) != NULL && strcmp(tasklet_failure(t), "stack overflow") == 0);
    CHECK(panic_record.overflow && strcmp(panic_record.tasklet, "deep") == 0);
    CHECK(nothing_changed());
    workers_join();
    CHECK_TRACE("other");
}

static void of_every_size(void)
{
    void (*put)(char c) = panic_putc;

    panic_putc = quiet;
    for (unsigned bytes = ARCH_STACK_ALIGN; bytes <= MOST && suite_failures() == 0; bytes += STEP) {
        overflow_by(bytes);
    }
    panic_putc = put;
}

static void what_fits_is_used(void *unused)
{
    lowest = place.memory + ARCH_GUARD_SIZE + ARCH_STACK_MIN;
    overflow(unused);
}

static void none_too_many(void)
{
    memset(place.below, FOREIGN, sizeof place.below);
    group_spawn(&crew, "deep", what_fits_is_used, NULL, place.memory, sizeof place.memory);
    CHECK_IS(group_join(&crew, FOREVER), 0);
    CHECK(nothing_changed());
    CHECK_TRACE("survived");
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(none_too_many),
        CASE(of_every_size),
    };

    SUITE_RUN("overflow", cases);
}
