/* SPDX-License-Identifier: MIT
 *
 * Cancellation: kernel/tasklet.c (tasklet_cancel, tasklet_shield), kernel/wait.c, kernel/mutex.c.
 * A request is delivered once, by the wait that is going on or the next one; a shield holds it
 * back; a call that can go on at once does; and a mutex that was handed over is owned, whatever
 * request comes with it.
 *
 * Two tasklets lock and unlock one mutex, sleep, and sleep under a shield, in any order. At any
 * moment each may be asked to end, twice in all, its wait may time out, and a sleep may be ended.
 *
 * What lies between two waits is one atomic step; the next tasklet is any that is ready.
 *
 * Left out: deadlines (timer.pml; here a wait may time out at once), NOWAIT, wait_any()
 * (channel.pml), tasklets that have ended, and nesting of shields.
 *
 * Faults, -DFAULT=n, and the promise that each breaks:
 *   1 shield_holds       tasklet_cancel() ends a wait under a shield
 *   2 once               tasklet_cancel() leaves the request standing that it has delivered
 *   3 next_wait          wait_with_care() does not look for a request
 *   4 owned              wait_with_care() looks for a request after the wait, too
 *   5 goes_on            mutex_lock() looks for a request before it looks at the mutex
 *   6 next_wait          tasklet_cancel() forgets what comes under a shield
 *   7 shield_holds       wait_with_care() delivers under a shield
 *   8 queued_if_waiting  finish() leaves the waiter in the queue of the mutex
 *   9 owned              mutex_unlock() wakes the first without making it the owner
 *   10 owned             mutex_unlock() makes the first the owner without waking it
 */
#ifndef FAULT
#define FAULT 0
#endif
#define PROMISE(name, holds) assert((holds) || !name)

mtype = { once, next_wait, shield_holds, owned, goes_on, queued_if_waiting };

#define OK        0
#define ECANCELED 1
#define ETIMEDOUT 2
#define FREE      2              /* mutex.owner == NULL */

bool is_waiting[2];              /* struct tasklet: state, CANCEL_DUE, shield, result of the wait */
bool due[2];
bool shield[2];
byte result[2];
chan waiting = [2] of { byte };  /* struct mutex */
byte owner = FREE;

bool coming[2];                  /* a request met a wait that it must end */
bool owed[2];                    /* it met none, or a shield: the next wait must deliver it */

/* ---- wait.c ---- */

inline finish(t, res)
{
    if
#if FAULT != 8
    :: waiting??[eval(t)] -> waiting??eval(t) /* list_remove() */
#endif
    :: FAULT == 8 || !waiting??[eval(t)]      /* it waits in wait_nowhere */
    fi;
    result[t] = res;
    is_waiting[t] = false
}

#if FAULT == 3
#define REFUSED(me) false
#elif FAULT == 7
#define REFUSED(me) due[me]
#else
#define REFUSED(me) (due[me] && !shield[me])
#endif

/* How wait_with_care() begins, and in `must` what it should say */
inline begins_to_wait(me)
{
    must = owed[me] && !shield[me];
    if
    :: REFUSED(me) -> due[me] = false; r = ECANCELED
    :: else -> r = OK
    fi
}

inline suspend(me)
{
    is_waiting[me] = true;
    !is_waiting[me];
    r = result[me];
#if FAULT == 4
    if
    :: REFUSED(me) -> due[me] = false; r = ECANCELED
    :: else
    fi;
#endif
    result[me] = 0
}

/* What a wait has returned is what it should. */
inline returned(me)
{
    PROMISE(shield_holds, r != ECANCELED || !shield[me]);
    PROMISE(once, r != ECANCELED || coming[me] || owed[me]);
    PROMISE(next_wait, r == ECANCELED || !coming[me] && !must);
    if
    :: r == ECANCELED && coming[me] -> coming[me] = false
    :: r == ECANCELED && !coming[me] -> owed[me] = false
    :: else
    fi;
    must = false
}

/* ---- tasklet.c ---- */

inline sleep(me)
{
    begins_to_wait(me);
    if
    :: r == OK -> suspend(me)
    :: else
    fi;
    returned(me)
}

inline tasklet_cancel(t)
{
    if
    :: is_waiting[t] && !shield[t] -> coming[t] = true
    :: else -> owed[t] = true
    fi;
    due[t] = true;
    if
#if FAULT == 1
    :: is_waiting[t] ->
#else
    :: is_waiting[t] && !shield[t] ->
#endif
#if FAULT != 2
       due[t] = false;
#endif
       finish(t, ECANCELED)
#if FAULT == 6
    :: shield[t] -> due[t] = false
#endif
    :: else
    fi
}

/* ---- mutex.c ---- */

inline mutex_lock(me)
{
    free = owner == FREE;
#if FAULT == 5
    begins_to_wait(me);
    must = false;
#else
    r = OK;
#endif
    if
    :: r == OK && free -> owner = me
    :: r == OK && !free ->
       begins_to_wait(me);
       if
       :: r == OK -> waiting!me; suspend(me)
       :: else
       fi;
       returned(me)
#if FAULT == 5
    :: else
#endif
    fi;
    PROMISE(goes_on, r == OK || !free);
    PROMISE(owned, (r == OK) == (owner == me));
    free = false
}

inline mutex_unlock(me)
{
    owner = FREE;
    if
    :: len(waiting) > 0 ->
       waiting?<w>;
#if FAULT != 9
       owner = w;
#endif
#if FAULT == 10
       waiting?w
#else
       finish(w, OK)
#endif
    :: else
    fi;
    w = 0
}

/* ---- Who uses them ---- */

proctype tasklet(byte me)
{
    byte n, r, w;
    bool must, free;

    do
    :: n < 3 ->
       atomic {
           n++;
           if
           :: shield[me] = true
           :: true
           fi;
           if
           :: sleep(me)
           :: mutex_lock(me);
              if
              :: r == OK ->
                 sleep(me);
                 PROMISE(owned, owner == me);
                 mutex_unlock(me)
              :: else
              fi
           fi;
           shield[me] = false; r = 0
       }
    :: else -> break
    od
}

/* ---- What happens meanwhile ---- */

proctype requests()
{
    byte n;

end:
    do
    :: atomic { n < 3 -> n++; tasklet_cancel(0) }
    :: atomic { n < 3 -> n++; tasklet_cancel(1) }
    od
}

proctype timeouts()
{
    byte n;

end:
    do
    :: atomic { n < 2 && is_waiting[0] -> n++; finish(0, ETIMEDOUT) }
    :: atomic { n < 2 && is_waiting[1] -> n++; finish(1, ETIMEDOUT) }
    od
}

#define SLEEPS(t) (is_waiting[t] && !waiting??[t])

proctype wakes()
{
end:
    do
    :: atomic { SLEEPS(0) -> finish(0, OK) }
    :: atomic { SLEEPS(1) -> finish(1, OK) }
    od
}

proctype watch()
{
end:
    do
    :: atomic {
           waiting??[0] && !is_waiting[0] || waiting??[1] && !is_waiting[1] ->
           PROMISE(queued_if_waiting, false)
       }
    od
}

init {
    atomic {
        run tasklet(0); run tasklet(1);
        run requests(); run timeouts(); run wakes(); run watch()
    }
}
