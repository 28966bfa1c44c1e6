// SPDX-License-Identifier: MIT
//
// Planted faults: a function that relies on not being interrupted and waits three calls down, a timer
// that sleeps, and a marked function that is inlined, so that nobody can tell.
#include "kernel/callgraph.h"
#include "kernel/chan.h"
#include "kernel/tasklet.h"
#include "kernel/timer.h"

static CHAN(journal, int, 4);

static __attribute__((noinline)) void tell(int value)
{
    chan_send(&journal, &value, FOREVER);
}

static __attribute__((noinline)) void account(volatile int *balance, int change)
{
    *balance += change;
    tell(change);
}

static __attribute__((noinline)) void transfer(volatile int *from, volatile int *to, int amount)
{
    account(from, -amount);
    account(to, amount);
}
MUST_NOT_SWITCH(transfer);

static void nothing(void)
{
}
MUST_NOT_SWITCH(nothing);

static void fire(struct timer *t)
{
    (void)t;
    sleep_ms(1);
}

static struct timer timer = TIMER_INIT(fire);

int main(void)
{
    volatile int mine = 10, yours = 0;

    timer_arm(&timer, after_ms(1));
    nothing();
    transfer(&mine, &yours, 3);
    return yours;
}
