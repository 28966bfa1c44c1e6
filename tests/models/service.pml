/* SPDX-License-Identifier: MIT
 *
 * Services: request and reply between tasklets. A caller's waiter goes from the service's queue of
 * callers into the `struct call` of the server that has taken it, and from there nowhere: so a
 * reply finds it, or finds that nobody waits there any more.
 *
 *     callers of the service --service_recv()--> caller of a call --service_reply()--> ready
 *            |                                        |
 *            +--------- timeout, cancel, close -------+---> ready
 *
 * Two callers make two calls each. Two servers receive: X keeps two calls at a time and replies in
 * any order, to one of them twice; Y replies to one at a time, and may select before it receives, or
 * select and select again. Meanwhile two waits may time out or be cancelled, and the service may be
 * closed.
 *
 * What lies between two waits is one atomic step; the next tasklet is any that is ready.
 *
 * Left out: what requests and replies are (a request is the number of a call, 1 to 4, the reply to
 * it the same plus 10), NOWAIT, deadlines and shields (timer.pml, cancel.pml), and callers who are
 * turned away before they ask: by a request to end, or by a shared stack that cannot be saved.
 *
 * Faults, -DFAULT=n, and the promise that each breaks:
 *   1 queued_if_waiting  wait_abort() leaves the caller's waiter in the call
 *   2 queued_if_waiting  service_recv() leaves the caller in the queue of callers
 *   3 close_ends_all     service_close() ends the waits in the queues only, not those of open calls
 *   4 reply_is_told      service_reply() does not close the call
 *   5 own_reply          service_reply() replies to who called if he waits, for whatever it is
 *   6 close_ends_all     service_close() forgets the servers
 *   7 gone_is_untouched  service_reply() copies the reply before it looks who waits
 *   8 close_ends_all     service_close() leaves the calls open
 *   9 no_needless_wait   service_call() tells the first who selects, and goes no further
 */
#ifndef FAULT
#define FAULT 0
#endif
#define PROMISE(name, holds) assert((holds) || !name)

mtype = { own_reply, gone_is_untouched, reply_is_told, close_ends_all, ends_once, queued_if_waiting,
          no_call_is_left, no_needless_wait };

#define OK        0
#define EPIPE     1
#define ETIMEDOUT 2
#define ESRCH     3
#define EALREADY  4

#define NONE      3                /* no call: who selects is told only */

#define X 2                        /* tasklets: 0 and 1 call, X and Y serve */
#define Y 3

chan callers = [2] of { byte };    /* struct service: callers that no server has taken yet */
chan servers = [2] of { byte };    /*                 in service_recv() or chan_select(), with nobody to take */
bool closed;
chan caller[3] = [1] of { byte };  /* struct call, 0 and 1 X's, 2 Y's: who waits for the reply */
bool open[3];                      /*              in the service's list of open calls */
byte got[3];                       /*              the request, as the server has it */

bool is_waiting[4];                /* struct tasklet: state, result of the wait */
byte result[4];
byte into[4];                      /*                 of a server: the call that it wants filled, or NONE */
byte request[2];                   /*                 of a caller */
byte reply[2];

#if FAULT == 5 || FAULT == 7
byte called_by[3];
#endif
bool pending[5];                   /* each call that was made, 1 to 4: has no outcome yet */
byte finished;

/* ---- wait.c ---- */

/* list_remove(), which need not know which queue it is */
inline list_remove(t)
{
    if
    :: callers??[eval(t)] -> callers??eval(t)
    :: servers??[eval(t)] -> servers??eval(t)
    :: caller[0]?[eval(t)] -> caller[0]?eval(t)
    :: caller[1]?[eval(t)] -> caller[1]?eval(t)
    :: caller[2]?[eval(t)] -> caller[2]?eval(t)
    fi
}

inline wait_over(t, res)
{
    PROMISE(ends_once, is_waiting[t]);
    if
    :: t < X -> pending[request[t]] = false
    :: else
    fi;
    result[t] = res;
    is_waiting[t] = false
}

inline finish(t, res)
{
    list_remove(t);
    wait_over(t, res)
}

inline wait_abort(t)
{
#if FAULT == 1
    if
    :: callers??[eval(t)] || servers??[eval(t)] -> list_remove(t)
    :: !callers??[eval(t)] && !servers??[eval(t)]
    fi;
#else
    list_remove(t);
#endif
    wait_over(t, ETIMEDOUT)
}

inline suspend(me)
{
    is_waiting[me] = true;
    !is_waiting[me];
    r = result[me];
    result[me] = 0
}

/* ---- service.c ---- */

/* The request of caller c goes to call k, and so does the waiter, which is in no queue now. */
inline take(c, k)
{
    got[k] = request[c];
    open[k] = true;
#if FAULT == 5 || FAULT == 7
    called_by[k] = c;
#endif
    caller[k]!c
}

inline service_call(me)
{
    if
    :: closed -> r = EPIPE
    :: else ->
       pending[request[me]] = true;
       taken = false;
       do
       :: !taken && len(servers) > 0 ->
          servers?<w>;
          if
          :: into[w] != NONE -> take(me, into[w]); taken = true
          :: else
          fi;
          finish(w, OK);
          w = 0;
#if FAULT == 9
          break
#endif
       :: else -> break
       od;
       if
       :: !taken -> callers!me
       :: else -> taken = false
       fi;
       suspend(me)
    fi
}

inline service_recv(me, k)
{
    if
    :: closed -> r = EPIPE
    :: !closed && len(callers) > 0 ->
#if FAULT == 2
       callers?<w>;
#else
       callers?w;
#endif
       take(w, k);
       r = OK;
       w = 0
    :: else ->
       into[me] = k;
       servers!me;
       suspend(me);
       into[me] = 0
    fi
}

/* chan_select() with one SELECT_SERVICE */
inline select_service(me)
{
    if
    :: closed || len(callers) > 0 -> r = OK
    :: else ->
       into[me] = NONE;
       servers!me;
       suspend(me);
       into[me] = 0
    fi
}

inline service_reply(k, v)
{
#if FAULT == 7
    reply[called_by[k]] = v;
#endif
    if
    :: !open[k] -> r = EALREADY
#if FAULT == 5
    :: open[k] && !is_waiting[called_by[k]] -> r = ESRCH
    :: open[k] && is_waiting[called_by[k]] ->
       w = called_by[k];
#else
    :: open[k] && len(caller[k]) == 0 -> r = ESRCH
    :: open[k] && len(caller[k]) > 0 ->
       caller[k]?<w>;
#endif
       PROMISE(own_reply, v == request[w] + 10);
       reply[w] = v;
       finish(w, OK);
       r = OK;
       w = 0
    fi;
#if FAULT != 4
    open[k] = false
#endif
}

inline close_call(k)
{
    if
    :: len(caller[k]) > 0 -> caller[k]?<w>; finish(w, EPIPE)
    :: else
    fi;
#if FAULT != 8
    open[k] = false
#endif
}

inline service_close()
{
    closed = true;
    do
    :: len(callers) > 0 -> callers?<w>; finish(w, EPIPE)
#if FAULT != 6
    :: len(servers) > 0 -> servers?<w>; finish(w, EPIPE)
    :: len(callers) == 0 && len(servers) == 0 -> break
#else
    :: len(callers) == 0 -> break
#endif
    od;
#if FAULT != 3
    close_call(0);
    close_call(1);
    close_call(2)
#endif
}

/* ---- Who uses it ---- */

proctype calls(byte me)
{
    byte n, r, w;
    bool taken;

    do
    :: n < 2 ->
       atomic {
           PROMISE(gone_is_untouched, reply[me] == 0);
           request[me] = 2 * me + n + 1;
           service_call(me);
           PROMISE(own_reply, r != OK || reply[me] == request[me] + 10);
           PROMISE(gone_is_untouched, r == OK || reply[me] == 0);
           reply[me] = 0; request[me] = 0; r = 0;
           n++
       }
    :: else -> break
    od;
    finished++
}

/* Whether it is told what has become of the call that it replies to. */
inline replies(k)
{
    was_pending = pending[got[k]];
    service_reply(k, got[k] + 10);
    PROMISE(reply_is_told, (r == OK) == was_pending);
    PROMISE(reply_is_told, (r == EALREADY) == closed);
    was_pending = false
}

proctype serves_two()
{
    byte r, w;
    bool has[2], was_pending;

    do
    :: atomic {
           !has[0] -> service_recv(X, 0);
           has[0] = r == OK;
           if
           :: r == EPIPE -> break
           :: else
           fi
       }
    :: atomic {
           !has[1] -> service_recv(X, 1);
           has[1] = r == OK;
           if
           :: r == EPIPE -> break
           :: else
           fi
       }
    :: atomic { has[0] -> replies(0); has[0] = false; got[0] = 0; r = 0 }
    :: atomic {
           has[1] -> replies(1);
           service_reply(1, 9);
           PROMISE(reply_is_told, r == EALREADY);
           has[1] = false; got[1] = 0; r = 0
       }
    od;
    atomic {
        if
        :: has[0] -> replies(0)
        :: else
        fi;
        if
        :: has[1] -> replies(1)
        :: else
        fi;
        finished++
    }
}

proctype serves_one()
{
    byte r, w;
    bool has, was_pending;

    do
    :: atomic {
           !has -> service_recv(Y, 2);
           has = r == OK;
           if
           :: r == EPIPE -> break
           :: else
           fi
       }
    :: atomic { !has && !closed -> select_service(Y); r = 0 }
    :: atomic { has -> replies(2); has = false; got[2] = 0; r = 0 }
    od;
    finished++
}

/* ---- What happens meanwhile ---- */

proctype aborts()
{
    byte n;

end:
    do
    :: atomic { n < 2 && is_waiting[0] -> n++; wait_abort(0) }
    :: atomic { n < 2 && is_waiting[1] -> n++; wait_abort(1) }
    :: atomic { n < 2 && is_waiting[X] -> n++; wait_abort(X) }
    :: atomic { n < 2 && is_waiting[Y] -> n++; wait_abort(Y) }
    od
}

proctype closes()
{
    byte w;

    atomic { service_close() }
}

/* ---- What holds whenever a tasklet switches ---- */

#define IN_CALL(t)   (caller[0]?[t] || caller[1]?[t] || caller[2]?[t])
#define QUEUED(t)    (callers??[t] || servers??[t] || IN_CALL(t))
#define DANGLES(t)   (QUEUED(t) != is_waiting[t] || callers??[t] && IN_CALL(t))
#define CALL_LEFT(k) (len(caller[k]) > 0 && !open[k])

proctype watch()
{
end:
    do
    :: atomic {
           DANGLES(0) || DANGLES(1) || DANGLES(X) || DANGLES(Y) -> PROMISE(queued_if_waiting, false)
       }
    :: atomic {
           CALL_LEFT(0) || CALL_LEFT(1) || CALL_LEFT(2) -> PROMISE(no_call_is_left, false)
       }
    :: atomic { len(callers) > 0 && len(servers) > 0 -> PROMISE(no_needless_wait, false) }
    :: atomic {
           closed && (len(callers) + len(servers) > 0 || open[0] || open[1] || open[2]) ->
           PROMISE(close_ends_all, false)
       }
    od
}

init {
    atomic {
        run calls(0); run calls(1); run serves_two(); run serves_one();
        run aborts(); run closes(); run watch()
    }
    atomic {
        finished == 4;
        PROMISE(no_call_is_left, !open[0] && !open[1] && !open[2])
    }
}
