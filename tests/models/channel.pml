/* SPDX-License-Identifier: MIT
 *
 * Channels and select: kernel/chan.c, kernel/select.c, kernel/wait.c. An element reaches one
 * receiver or its sender is told that it did not; a select does one case; nobody waits beside a
 * partner.
 *
 * A channel without a buffer (A) and one for one element (B). Two tasklets send two elements each:
 * P with chan_send() to either channel, Q with a chan_select() that sends to A or B, whichever can
 * go on. Two receive: R with chan_recv() from either, S with a chan_select() over both. Meanwhile
 * two waits may time out or be cancelled, and both channels are closed at some time.
 *
 * Tasklets switch only where they wait, so what lies between two waits is one atomic step here.
 * Who of the ready ones is next is left open, so that what holds here holds for any order of the
 * run queue.
 *
 * Left out: the address of an element (it is a number, 1 to 4, and 0 where none was copied),
 * NOWAIT (a try without the wait), credits, deadlines (timer.pml) and shields (cancel.pml).
 *
 * Faults, -DFAULT=n, and the promise that each breaks:
 *   1 no_needless_wait    chan_try_recv() takes from the buffer and lets a sender wait on
 *   2 queued_if_waiting   wait_end_set() takes out only the waiter that fired
 *   3 no_needless_wait    chan_close() wakes the first who waits
 *   4 queued_if_waiting   wait_abort() leaves the waiter in its queue
 *   5 first_in_first_out  chan_try_send() does not note that those who wait are senders now
 *   6 no_needless_wait    chan_try_send() fills the buffer and lets a receiver wait on
 *   7 first_in_first_out  chan_try_recv() serves a waiting sender before what is buffered
 *   8 told_truly          chan_select() says which case fired, but not that it failed
 */
#ifndef FAULT
#define FAULT 0
#endif
#define PROMISE(name, holds) assert((holds) || !name)

mtype = { delivered_once, told_truly, first_in_first_out, one_case, ends_once, no_needless_wait,
          queued_if_waiting };

#define OK        0
#define EPIPE     1
#define ETIMEDOUT 2
#define EAGAIN    3

#define A 0           /* rendezvous: chan.capacity 0 */
#define B 1           /* chan.capacity 1; so the index is the capacity */

#define P 0
#define R 1
#define Q 2
#define S 3
#define NOBODY 9

/* Waiters are numbered: each tasklet's own like itself, those of the selecting ones from 4 on. */
#define IN_SET(t, c) (2 * t + c)

chan waiting[2] = [4] of { byte };  /* struct chan: waiters, longest waiting first */
bool senders[2];                    /*              those who wait are senders */
bool closed[2];
byte count[2];
byte slot;                          /* B's buffer */

byte tasklet[8];                    /* struct waiter: who waits */
byte data[8];                       /*                the element to send, or received */
bool is_waiting[4];                 /* struct tasklet: state, queue, result */
byte queue[4];
byte result[4];
byte fired[4];                      /* struct wait_set: channel of the waiter that was ended */

chan order[2] = [4] of { byte };    /* what was sent and neither received nor taken back */
byte sending[4];                    /* element of the present send */
byte delivered[5];                  /* how often each element was received */
byte finished;                      /* tasklets that have ended */

/* ---- wait.c ---- */

inline list_remove(c, w)
{
    PROMISE(queued_if_waiting, waiting[c]??[eval(w)]);
    waiting[c]??eval(w)
}

/* Of no function: element e is not sent by way of channel k. */
inline take_back(k, e)
{
    if
    :: order[k]??[eval(e)] -> order[k]??eval(e)
    :: !order[k]??[eval(e)]
    fi
}

inline finish(t, res)
{
    if
    :: res != OK && (t == P || t == Q) -> take_back(A, sending[t]); take_back(B, sending[t])
    :: else
    fi;
    result[t] = res;
    is_waiting[t] = false
}

inline wait_end_set(t, c, res)
{
    fired[t] = c;
#if FAULT == 2
    if
    :: c != NOBODY -> list_remove(c, IN_SET(t, c))
    :: else -> list_remove(A, IN_SET(t, A)); list_remove(B, IN_SET(t, B))
    fi;
#else
    list_remove(A, IN_SET(t, A));
    list_remove(B, IN_SET(t, B));
#endif
    if
    :: t == Q && c != NOBODY -> take_back(1 - c, sending[Q])
    :: else
    fi;
    finish(t, res)
}

/* Ends the wait of the first who waits in channel c. */
inline wait_end_first(c, res)
{
    waiting[c]?<w>;
    PROMISE(ends_once, is_waiting[tasklet[w]]);
    if
    :: w < 4 -> list_remove(c, w); finish(w, res)
    :: else -> wait_end_set(tasklet[w], c, res)
    fi;
    w = 0
}

inline wait_abort(t)
{
    if
    :: t == Q || t == S -> wait_end_set(t, NOBODY, ETIMEDOUT)
    :: else ->
#if FAULT != 4
       list_remove(queue[t], t);
#endif
       finish(t, ETIMEDOUT)
    fi
}

inline wait_on(me, c)
{
    waiting[c]!me;
    queue[me] = c;
    is_waiting[me] = true;
    !is_waiting[me]
}

inline wait_any(me)
{
    fired[me] = NOBODY;
    is_waiting[me] = true;
    !is_waiting[me]
}

/* ---- chan.c ---- */

#define SENDER_WAITS(c)   (len(waiting[c]) > 0 && senders[c])
#define RECEIVER_WAITS(c) (len(waiting[c]) > 0 && !senders[c])

/* Element x has come to a receiver: it is the oldest in the channel. */
inline deliver(c, x)
{
    PROMISE(first_in_first_out, order[c]?[eval(x)]);
    PROMISE(delivered_once, delivered[x] == 0);
    order[c]??eval(x);
    delivered[x]++
}

inline chan_try_send(c, x)
{
    if
    :: closed[c] -> r = EPIPE
    :: else ->
       order[c]!x;
       if
#if FAULT == 6
       :: RECEIVER_WAITS(c) && count[c] >= c ->
#else
       :: RECEIVER_WAITS(c) ->
#endif
          waiting[c]?<w>;
          data[w] = x;
          deliver(c, x);
          wait_end_first(c, OK);
          r = OK
#if FAULT == 6
       :: count[c] < c ->
#else
       :: !RECEIVER_WAITS(c) && count[c] < c ->
#endif
          slot = x; count[c]++;
          r = OK
       :: else ->
#if FAULT != 5
          senders[c] = true;
#endif
          order[c]??eval(x);
          r = EAGAIN
       fi
    fi
}

inline take_from_sender(c)
{
    waiting[c]?<w>;
    x = data[w];
    deliver(c, x);
    wait_end_first(c, OK)
}

inline refill_from_sender(c)
{
    waiting[c]?<w>;
    slot = data[w];
    count[c]++;
    wait_end_first(c, OK)
}

inline chan_try_recv(c)
{
    r = OK;
    if
#if FAULT == 7
    :: SENDER_WAITS(c) -> take_from_sender(c)
    :: count[c] > 0 && !SENDER_WAITS(c) -> x = slot; slot = 0; count[c]--; deliver(c, x)
#else
    :: count[c] > 0 ->
       x = slot; slot = 0; count[c]--;
       deliver(c, x);
#if FAULT != 1
       if
       :: SENDER_WAITS(c) -> refill_from_sender(c)
       :: else
       fi
#endif
    :: count[c] == 0 && SENDER_WAITS(c) -> take_from_sender(c)
#endif
    :: else ->
       if
       :: closed[c] -> r = EPIPE
       :: else -> senders[c] = false; r = EAGAIN
       fi
    fi
}

inline chan_close(c)
{
    closed[c] = true;
#if FAULT == 3
    if
    :: len(waiting[c]) > 0 -> wait_end_first(c, EPIPE)
    :: else
    fi
#else
    do
    :: len(waiting[c]) > 0 -> wait_end_first(c, EPIPE)
    :: else -> break
    od
#endif
}

/* ---- Who uses them ---- */

/* A sender that is told OK has sent, and one that is told anything else has not. */
inline sent(x, r)
{
    PROMISE(told_truly, (r == OK) == (delivered[x] == 1 || count[B] == 1 && slot == x))
}

/* What is over makes no difference, and no other state. */
inline forget(t)
{
    result[t] = 0; fired[t] = 0; queue[t] = 0; sending[t] = 0;
    if
    :: t < Q -> data[t] = 0
    :: else -> data[IN_SET(t, A)] = 0; data[IN_SET(t, B)] = 0
    fi
}

/* chan_send() */
proctype p_sends()
{
    byte x = 1, c, r, w;

    do
    :: atomic {
           x <= 2 ->
           if
           :: c = A
           :: c = B
           fi;
           chan_try_send(c, x);
           if
           :: r == EAGAIN ->
              order[c]!x; sending[P] = x;
              data[P] = x;
              wait_on(P, c);
              r = result[P]
           :: else
           fi;
           sent(x, r);
           x++; c = 0; r = 0; forget(P)
       }
    :: else -> break
    od;
    finished++
}

/* chan_select() with two sends */
proctype q_selects()
{
    byte x = 3, r, w;

    do
    :: atomic {
           x <= 4 ->
           chan_try_send(A, x);
           if
           :: r == EAGAIN -> chan_try_send(B, x)
           :: else
           fi;
           if
           :: r == EAGAIN ->
              sending[Q] = x;
              order[A]!x; data[IN_SET(Q, A)] = x;     waiting[A]!IN_SET(Q, A);
              order[B]!x; data[IN_SET(Q, B)] = x; waiting[B]!IN_SET(Q, B);
              wait_any(Q);
#if FAULT == 8
              r = (fired[Q] == NOBODY -> ETIMEDOUT : OK);
#else
              r = result[Q];
#endif
              PROMISE(one_case, (fired[Q] == NOBODY) == (r == ETIMEDOUT))
           :: else
           fi;
           sent(x, r);
           x++; r = 0; forget(Q)
       }
    :: else -> break
    od;
    finished++
}

/* chan_recv() */
proctype r_receives()
{
    byte n, x, c, r, w;

    do
    :: atomic {
           n < 2 ->
           if
           :: c = A
           :: c = B
           fi;
           chan_try_recv(c);
           if
           :: r == EAGAIN ->
              wait_on(R, c);
              r = result[R];
              PROMISE(told_truly, (r == OK) == (data[R] != 0))
           :: else ->
              PROMISE(told_truly, r == OK || count[c] == 0)
           fi;
           n++; x = 0; c = 0; r = 0; forget(R)
       }
    :: else -> break
    od;
    finished++
}

/* chan_select() with two receives */
proctype s_selects()
{
    byte n, x, r, w;

    do
    :: atomic {
           n < 2 ->
           chan_try_recv(A);
           if
           :: r == EAGAIN -> chan_try_recv(B)
           :: else
           fi;
           if
           :: r == EAGAIN ->
              waiting[A]!IN_SET(S, A);
              waiting[B]!IN_SET(S, B);
              wait_any(S);
              r = result[S];
              PROMISE(one_case, (fired[S] == NOBODY) == (r == ETIMEDOUT));
              PROMISE(one_case, data[IN_SET(S, A)] == 0 || r == OK && fired[S] == A);
              PROMISE(one_case, data[IN_SET(S, B)] == 0 || r == OK && fired[S] == B)
           :: else
           fi;
           n++; x = 0; r = 0; forget(S)
       }
    :: else -> break
    od;
    finished++
}

/* ---- What happens meanwhile ---- */

proctype aborts()
{
    byte n;

end:
    do
    :: atomic { n < 2 && is_waiting[P] -> wait_abort(P); n++ }
    :: atomic { n < 2 && is_waiting[Q] -> wait_abort(Q); n++ }
    :: atomic { n < 2 && is_waiting[R] -> wait_abort(R); n++ }
    :: atomic { n < 2 && is_waiting[S] -> wait_abort(S); n++ }
    od
}

proctype closes(byte c)
{
    byte w;

    atomic { chan_close(c) }
}

/* ---- What holds whenever a tasklet switches ---- */

#define SENDER(c)   (waiting[c]??[P] || waiting[c]??[eval(IN_SET(Q, c))])
#define RECEIVER(c) (waiting[c]??[R] || waiting[c]??[eval(IN_SET(S, c))])
#define NEEDLESS(c) (SENDER(c) && (RECEIVER(c) || count[c] < c || closed[c]) || \
                     RECEIVER(c) && (count[c] > 0 || closed[c]))
#define DANGLES(c)  (waiting[c]??[P] && !is_waiting[P] || \
                     waiting[c]??[R] && !is_waiting[R] || \
                     waiting[c]??[eval(IN_SET(Q, c))] && !is_waiting[Q] || \
                     waiting[c]??[eval(IN_SET(S, c))] && !is_waiting[S])

proctype watch()
{
end:
    do
    :: atomic {
           NEEDLESS(A) || NEEDLESS(B) || DANGLES(A) || DANGLES(B) ->
           PROMISE(no_needless_wait, !NEEDLESS(A) && !NEEDLESS(B));
           PROMISE(queued_if_waiting, !DANGLES(A) && !DANGLES(B))
       }
    od
}

init {
    atomic {
        tasklet[P] = P; tasklet[R] = R;
        tasklet[IN_SET(Q, A)] = Q; tasklet[IN_SET(Q, B)] = Q;
        tasklet[IN_SET(S, A)] = S; tasklet[IN_SET(S, B)] = S;
        run p_sends(); run q_selects(); run r_receives(); run s_selects();
        run aborts(); run closes(A); run closes(B); run watch()
    }
    atomic {
        finished == 4;
        PROMISE(delivered_once, delivered[1] <= 1 && delivered[2] <= 1);
        PROMISE(delivered_once, delivered[3] <= 1 && delivered[4] <= 1)
    }
}
