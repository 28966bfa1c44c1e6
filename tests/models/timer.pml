/* SPDX-License-Identifier: MIT
 *
 * Deadlines against events: kernel/timer.c, kernel/wait.c. Waking a tasklet leaves its timer
 * armed, for a deadline that nobody waits for any more; the next wait moves it only if it would
 * come too late, one that comes too early arms itself again, and what is stale at the head is
 * dropped before the processor sleeps. All the same each wait ends once, not before its deadline
 * by a timer, and not after it.
 *
 * Two tasklets wait again and again, each until a deadline of its choice: in the past, in a few
 * ticks, or never; any wait may be ended by an event. Time passes at any moment, also while
 * somebody computes.
 *
 * The loop's pass, a tasklet's turn and an event are one atomic step each: no interrupt touches
 * timers.
 *
 * Left out: the buckets of the radix heap (the armed timer with the least `when` is found by
 * looking at both; `used` is whether a bucket may have something), the wrap of the counter, and kicks (a
 * flag here; sleep_wake.pml has the rest). LIMIT stands for TIMER_ALARM_LIMIT. PASS, for TIMER_PASS, is 1, so that a pass
 * is cut short; and 2 where time is promised, for a pass must fire more timers than are armed
 * between two passes (in the kernel 16 against one, as one tasklet runs between two kicked passes).
 *
 * Faults, -DFAULT=n, and the promise that each breaks:
 *   1 never_early        wait_timeout() does not look whether the deadline is another by now
 *   2 ends_once          wait_timeout() does not look whether anybody still waits
 *   3 never_late         wait_timeout() does not arm a timer again that came too early
 *   4 never_late         limit() leaves a timer alone that is armed, whatever for
 *   5 wake_for_a_reason  timers_before_idle() does not look at the head
 *   6 never_late         timer_arm() does not compare with the alarm
 *   7 wake_for_a_reason  timers_before_idle() does not ask whether the head was cancelled
 *   8 never_late         the timers' poll() stops after PASS timers and does not kick itself
 */
#ifndef FAULT
#define FAULT 0
#endif
#define PROMISE(name, holds) assert((holds) || !name)

mtype = { never_early, never_late, ends_once, wake_for_a_reason };

#ifdef LIVENESS
#define END   3       /* time stands still then */
#define PASS  2
#else
#define END   5
#define PASS  1
#endif
#define NEVER 15      /* FOREVER, UINT64_MAX */
#define LIMIT 3       /* no alarm is set further ahead */
#define NONE  2       /* no timer */

byte now;

bool armed[2];        /* struct timer of each tasklet */
byte when[2];
bool is_waiting[2];   /* struct tasklet: state, deadline */
byte deadline[2];

byte youngest;        /* the timer that was armed last: among equals, first armed, first fired */

byte head = NONE;     /* timers.head */
bool used;            /* timers.used != 0 */
byte last;            /* timers.last */
byte alarm;           /* timers.alarm */
byte compare;         /* clock_alarm(): when the hardware interrupts */
bool clipped;         /* that is for LIMIT's sake, not for a timer's */
bool kicked;          /* the timers' poller */

ltl ends_in_time { [] (is_waiting[0] && deadline[0] <= END -> <> !is_waiting[0]) }

/* ---- timer.c ---- */

/* Set for what is past, the hardware interrupts at once. */
inline set_alarm(at)
{
    clipped = at > now + LIMIT;
    if
    :: at < now -> alarm = now
    :: at > now + LIMIT -> alarm = now + LIMIT
    :: else -> alarm = at
    fi;
    compare = alarm;
    kicked = kicked || compare <= now
}

inline timer_arm(t, at)
{
    when[t] = at;
    if
#if FAULT != 6
    :: at < alarm ->
       if
       :: when[t] < last -> when[t] = last
       :: else
       fi;
       head = t;
       set_alarm(when[t])
#endif
    :: else
    fi;
    armed[t] = true;
    youngest = t;
    used = true
}

inline timer_cancel(t)
{
    if
    :: armed[t] ->
       armed[t] = false;
       if
       :: head == t -> head = NONE
       :: else
       fi
    :: else
    fi
}

#define BEFORE(t, other) (when[t] < when[other] || when[t] == when[other] && youngest != t)

/* first = earliest() */
inline earliest()
{
    if
    :: armed[0] && (!armed[1] || BEFORE(0, 1)) -> first = 0
    :: armed[1] && (!armed[0] || BEFORE(1, 0)) -> first = 1
    :: else -> first = NONE; used = false
    fi
}

#define STALE(t) (!is_waiting[t] || deadline[t] > when[t])

inline poll()
{
    kicked = false;
    alarm = now;
    n = PASS;
    do
    :: earliest();
       if
       :: first == NONE -> break
       :: first != NONE && when[first] > now ->
          if
          :: STALE(first)
          :: else -> break
          fi
       :: first != NONE && when[first] <= now ->
          if
          :: n == 0 -> break
          :: else -> last = when[first]
          fi
       fi;
       timer_cancel(first);
       wait_timeout(first);
       n--
    od;
    if
    :: first == NONE -> head = NONE; set_alarm(NEVER)
    :: first != NONE && when[first] > now -> head = first; set_alarm(when[first])
    :: first != NONE && when[first] <= now -> /* n == 0 */
#if FAULT != 8
       kicked = true
#endif
    fi;
    n = 0; first = 0
}

inline timers_before_idle()
{
    if
#if FAULT != 5
    :: head != NONE && STALE(head) -> kicked = true
#endif
#if FAULT != 7
    :: head == NONE && used -> kicked = true
#endif
    :: else
    fi
}

/* ---- wait.c ---- */

inline finish(t)
{
    PROMISE(ends_once, is_waiting[t]);
    is_waiting[t] = false;
#if FAULT != 2
    deadline[t] = 0
#endif
}

inline wait_timeout(t)
{
    if
#if FAULT == 1
    :: is_waiting[t] ->
#elif FAULT == 2
    :: deadline[t] <= when[t] ->
#else
    :: is_waiting[t] && deadline[t] <= when[t] ->
#endif
       PROMISE(never_early, deadline[t] <= now);
       finish(t)
#if FAULT != 1 && FAULT != 3
    :: is_waiting[t] && deadline[t] > when[t] && deadline[t] != NEVER -> timer_arm(t, deadline[t])
#endif
    :: else
    fi
}

inline limit(t, at)
{
    if
#if FAULT == 4
    :: !armed[t] ->
#else
    :: !armed[t] || at < when[t] ->
#endif
       timer_cancel(t);
       timer_arm(t, at)
    :: else
    fi
}

inline wait_on(me)
{
    deadline[me] = at;
    if
    :: at != NEVER -> limit(me, at)
    :: else
    fi;
    at = 0;
    is_waiting[me] = true;
    !is_waiting[me]
}

/* ---- Who uses them ---- */

proctype tasklet(byte me)
{
    byte at;

end:
    do
    :: atomic {
           if
           :: at = NEVER
           :: at = 1
           :: at = 2
           :: at = 3
           :: at = 4
           :: at = 5
           fi;
           wait_on(me)
       }
    :: atomic { timer_cancel(me) } /* tasklet_exit(), and a new one in its place */
    od
}

proctype events()
{
end:
    do
    :: atomic { is_waiting[0] -> finish(0) }
    :: atomic { is_waiting[1] -> finish(1) }
    od
}

proctype clock()
{
    do
    :: atomic { now < END -> now++; kicked = kicked || compare <= now }
    :: now == END -> break
    od
}

/* When the processor sleeps: nobody is left waiting beyond his deadline, and the alarm, if it is
 * not an intermediate one, is for a deadline that somebody waits for. */
#define IN_TIME(t)     (!is_waiting[t] || deadline[t] == NEVER || \
                        now < deadline[t] && compare <= deadline[t])
#define WAITED_FOR(at) (is_waiting[0] && deadline[0] == at || is_waiting[1] && deadline[1] == at)

proctype sched_run()
{
    byte n, first;

end:
    do
    :: atomic { kicked -> poll() }
    :: atomic {
           !kicked && is_waiting[0] && is_waiting[1] -> /* nobody is ready */
           timers_before_idle();
           if
           :: kicked
           :: else ->
              PROMISE(never_late, IN_TIME(0) && IN_TIME(1));
              PROMISE(wake_for_a_reason, clipped || WAITED_FOR(compare));
              kicked || !is_waiting[0] || !is_waiting[1]
           fi
       }
    od
}

init {
    atomic {
        set_alarm(NEVER);
        kicked = true; /* poller_register() */
        run tasklet(0); run tasklet(1); run events(); run clock(); run sched_run()
    }
}
