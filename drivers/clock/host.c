// SPDX-License-Identifier: MIT
#include "drivers/clock/host.h"

#include <poll.h>
#include <stddef.h>
#include <time.h>

#include "kernel/arch.h"
#include "kernel/panic.h"
#include "kernel/time.h"

enum {
    WATCHED = 8,
    SWITCH_TIME = 100, // virtual nanoseconds that a switch takes
    INPUT_EVERY = 256, // switches between two looks at the descriptors, in real time
};

static bool is_virtual;
static uint64_t started; // on the real clock
static uint64_t virtual_now;
static struct host_event *events;
static bool alarm_set;
static uint64_t alarm_at;

static struct {
    struct pollfd fds[WATCHED];
    void (*handlers[WATCHED])(void);
    unsigned count;
} watch;

static uint64_t monotonic(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static uint64_t now(void)
{
    return is_virtual ? virtual_now : monotonic() - started;
}

uint32_t clock_read(void)
{
    virtual_now++;
    return (uint32_t)now();
}

void clock_alarm(uint32_t when)
{
    uint64_t time = now();

    alarm_at = time + (uint64_t)(int64_t)(int32_t)(when - (uint32_t)time);
    alarm_set = true;
}

void host_event_arm(struct host_event *e)
{
    struct host_event **at = &events;

    while (*at != NULL && (*at)->when <= e->when) {
        at = &(*at)->next;
    }
    e->next = *at;
    *at = e;
}

// Calls a handler as if it were an interrupt's.
static void interrupt_event(struct host_event *e)
{
    host_in_interrupt = true;
    e->handler(e->arg);
    host_in_interrupt = false;
}

static void interrupt(void (*handler)(void))
{
    host_in_interrupt = true;
    handler();
    host_in_interrupt = false;
}

static void alarm_due(void)
{
    if (alarm_set && now() >= alarm_at) {
        alarm_set = false;
        interrupt(time_alarm);
    }
}

static void events_due(void)
{
    while (events != NULL && events->when <= virtual_now) {
        struct host_event *e = events;

        events = e->next;
        interrupt_event(e);
    }
}

static void input_due(const struct timespec *limit)
{
    if (ppoll(watch.fds, watch.count, limit, NULL) <= 0) {
        return;
    }
    for (unsigned i = watch.count; i-- > 0;) {
        if (watch.fds[i].revents != 0) {
            interrupt(watch.handlers[i]);
        }
    }
}

// The alarm that only watches over the counter's wrap is no reason to go on: if no timer is armed
// and no event will come, nothing ever will.
bool timers_pending(void);

static bool idle_virtual(void)
{
    bool alarm = alarm_set && (timers_pending() || events != NULL);
    uint64_t next = alarm ? alarm_at : UINT64_MAX;

    if (events != NULL && events->when < next) {
        next = events->when;
    }
    if (next == UINT64_MAX) {
        return false;
    }
    virtual_now = next > virtual_now ? next : virtual_now;
    events_due();
    alarm_due();
    return true;
}

static bool idle_real(void)
{
    uint64_t time = now(), wait = !alarm_set        ? UINT64_C(1) << 30
                                  : alarm_at > time ? alarm_at - time
                                                    : 0;
    struct timespec limit = { (time_t)(wait / 1000000000), (long)(wait % 1000000000) };

    if (watch.count == 0 && !timers_pending()) {
        return false;
    }
    input_due(&limit);
    alarm_due();
    return true;
}

bool host_idle(void)
{
    return is_virtual ? idle_virtual() : idle_real();
}

void host_pass_time(void)
{
    static const struct timespec at_once = { 0, 0 };
    static unsigned passes;

    if (is_virtual) {
        virtual_now += SWITCH_TIME;
        events_due();
    } else if (++passes % INPUT_EVERY == 0) {
        input_due(&at_once);
    }
    alarm_due();
}

void __attribute__((weak)) software_interrupt(void)
{
}

void arch_trigger(void)
{
    interrupt(software_interrupt);
}

void host_watch(int fd, void (*handler)(void))
{
    ASSERT(watch.count < WATCHED, "host_watch: too many descriptors");
    watch.fds[watch.count] = (struct pollfd){ .fd = fd, .events = POLLIN };
    watch.handlers[watch.count++] = handler;
}

void host_unwatch(int fd)
{
    for (unsigned i = 0; i < watch.count; i++) {
        if (watch.fds[i].fd == fd) {
            watch.fds[i] = watch.fds[--watch.count];
            watch.handlers[i] = watch.handlers[watch.count];
            return;
        }
    }
}

void clock_host_init(bool virtual_time)
{
    is_virtual = virtual_time;
    started = monotonic();
}

bool clock_host_is_virtual(void)
{
    return is_virtual;
}
