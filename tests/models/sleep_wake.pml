/* SPDX-License-Identifier: MIT
 *
 * Interrupts against the scheduler: kernel/sched.c, kernel/poller.h, kernel/timer.c
 * (timers_before_idle) and arch_idle() of the ports. What a handler puts into a ring reaches its
 * reader, wherever the interrupt comes in, and the processor never sleeps over it.
 *
 * There is one processor. `level` says what it executes: the loop and the tasklets, which are one
 * process here, or the handler of interrupt 1 to 3. A handler begins between any two memory
 * accesses of what has a lower level, unless interrupts are masked, and runs to its end before
 * that goes on. So one statement of the loop is one access to memory that a handler may touch,
 * too.
 *
 * Interrupts 1 and 2 have a ring, a poller and a reader each; interrupt 3 is the alarm, whose
 * poller is that of the timers and takes what is in ring[3] itself.
 *
 * Left out: what is in a ring (something or nothing); levels of priority (any ready tasklet may be
 * next); the direct switch from tasklet to tasklet (taken without attention only, when the loop
 * would do the same); deadlines (`stale` says that nobody waits for the first; timer.pml has the
 * rest). So that a run ends, there are four interrupts in all, three where time is promised.
 *
 * Faults, -DFAULT=n, and the promise that each breaks:
 *   1 no_sleep_over_data  a kick is cleared after its poller has looked
 *   2 no_sleep_over_data  attention is looked at before interrupts are masked
 *   3 no_sleep_over_data  interrupts are unmasked before WFI
 *   4 no_sleep_over_data  attention is cleared after the pollers have run
 *   5 no_sleep_over_data  all kicks are cleared at once, after they were looked at
 *   6 wake_for_a_reason   nobody looks at the timers before the processor sleeps
 *   7 served              masked interrupts do not end WFI, as if masked by BASEPRI
 *   8 no_sleep_over_data  only the poller that attention names is run
 */
#ifndef FAULT
#define FAULT 0
#endif
#define PROMISE(name, holds) assert((holds) || !name)

mtype = { no_sleep_over_data, wake_for_a_reason };

#define THREAD 0      /* level of the loop and the tasklets */
#define TIMERS 3      /* index of the timers' poller, and interrupt of the alarm */
#define HIGHER 0      /* sched_higher: its index, as that of all that are not registered */
#define NONE 9        /* attention == NULL */
#ifdef LIVENESS
#define INTERRUPTS 3
#else
#define INTERRUPTS 4
#endif

byte level = THREAD;  /* whose turn it is on the processor */
bool masked;          /* PRIMASK, mstatus.MIE */
bool pending[4];      /* interrupts that were raised and have not been taken */
byte raised;          /* how many ever were */

bool kicks[4];        /* sched.kicks */
byte attention = NONE;
bool ring[4];         /* has something that nobody has taken */
bool ready[3];        /* readers in the run queue; the others wait */
bool stale;           /* the first deadline is one that nobody waits for */

#define ANY_PENDING  (pending[1] || pending[2] || pending[3])
#define RUNS(me)     (level == me && !(pending[2] && me < 2) && !(pending[3] && me < 3))
#define RUNS_THREAD  (level == THREAD && (masked || !ANY_PENDING))
#define ANY_KICKED   (kicks[HIGHER] || kicks[1] || kicks[2] || kicks[3])

ltl served { [] (pending[1] || ring[1] -> <> (!pending[1] && !ring[1])) }

/* ---- Interrupts: each at any time, also while it is pending already ---- */

proctype devices()
{
    do
    :: raised < INTERRUPTS ->
       if
       :: d_step { pending[1] = true; raised++ }
       :: d_step { pending[2] = true; raised++ }
       :: d_step { pending[3] = true; raised++ }
       fi
    :: else -> break
    od
}

proctype handler(byte me)
{
    byte below;

end:
    do
    :: atomic {
           pending[me] && !masked && level < me -> pending[me] = false; below = level; level = me
       }
       atomic { RUNS(me) -> ring[me] = true }       /* ring_put() */
       atomic { RUNS(me) -> kicks[me] = true }      /* poller_kick() */
       atomic { RUNS(me) -> attention = me }
       atomic { RUNS(me) -> level = below; below = 0 }
    od
}

/* ---- The loop and the tasklets ---- */

inline poller_kick(p)
{
    kicks[p] = true;
    attention = p
}

/* uart_poll(): something in the ring and somebody who waits? Wake; the timer of the wait stays
 * armed. The timers' poller fires what is due, drops what is stale, and sets the alarm. */
inline poll(p)
{
    if
    :: p == TIMERS -> stale = false; ring[TIMERS] = false
    :: p == 1 || p == 2 ->
       if
       :: ring[p] && !ready[p] -> d_step { ready[p] = true; stale = true }
       :: else
       fi
    :: p == HIGHER
    fi
}

inline clear_and_poll(p)
{
#if FAULT == 1
    poll(p);
    kicks[p] = false
#else
    kicks[p] = false;
    poll(p)
#endif
}

inline run_kicked(except)
{
#if FAULT == 5
    d_step { due[1] = kicks[1]; due[2] = kicks[2]; due[3] = kicks[3] };
    d_step { kicks[1] = false; kicks[2] = false; kicks[3] = false };
#endif
    i = 1;
    do
    :: i <= TIMERS ->
       if
#if FAULT == 5
       :: due[i] && i != except -> poll(i)
#else
       :: kicks[i] && i != except -> clear_and_poll(i)
#endif
       :: else
       fi;
       i++
    :: else -> i = 0; break
    od;
    kicks[HIGHER] = false
}

inline run_pollers()
{
    hint = attention;
#if FAULT == 4
    clear_and_poll(hint);
    if :: ANY_KICKED -> run_kicked(hint) :: else fi;
    attention = NONE;
#elif FAULT == 8
    attention = NONE;
    clear_and_poll(hint);
#else
    attention = NONE;
    clear_and_poll(hint);
    if :: ANY_KICKED -> run_kicked(hint) :: else fi;
#endif
    hint = 0
}

/* io_read(): take what is there; with nothing there, wait. Between the look and the wait no poller
 * runs, but a handler may. Whose credit is spent goes through the loop, and stays ready. */
inline run_tasklet(t)
{
    do
    :: ring[t] ->
       ring[t] = false;
       if
       :: true
       :: attention = HIGHER; break
       fi
    :: !ring[t] -> ready[t] = false; break
    od
}

inline timers_before_idle()
{
    if
#if FAULT != 6
    :: stale -> poller_kick(TIMERS)
#endif
    :: else
    fi
}

/* What must be true when the processor stops with nothing pending that would start it again. */
inline wfi()
{
    atomic {
        if
        :: !ANY_PENDING ->
           PROMISE(no_sleep_over_data, !ring[1] && !ring[2] && !ring[3]);
           PROMISE(wake_for_a_reason, !stale)
        :: else
        fi
    }
end_asleep:
#if FAULT == 7
    ANY_PENDING && !masked
#else
    ANY_PENDING
#endif
}

inline arch_idle()
{
#if FAULT == 2
    if
    :: attention == NONE -> masked = true; wfi()
    :: else -> masked = true
    fi;
#elif FAULT == 3
    masked = true;
    if
    :: attention == NONE -> masked = false; wfi()
    :: else
    fi;
#else
    masked = true;
    if
    :: attention == NONE -> wfi()
    :: else
    fi;
#endif
    masked = false
}

proctype sched_run() provided (RUNS_THREAD)
{
    byte hint, i;
#if FAULT == 5
    bool due[4];
#endif

    do
    :: if
       :: attention != NONE -> run_pollers()
       :: attention == NONE
       fi;
       if
       :: ready[1] -> run_tasklet(1)
       :: ready[2] -> run_tasklet(2)
       :: !ready[1] && !ready[2] ->
          if
          :: attention == NONE -> timers_before_idle(); arch_idle()
          :: else
          fi
       fi
    od
}

init {
    atomic {
        ready[1] = true; ready[2] = true;
        run handler(1); run handler(2); run handler(3);
        run sched_run();
        run devices()
    }
}
