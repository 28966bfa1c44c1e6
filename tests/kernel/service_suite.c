// SPDX-License-Identifier: MIT
//
// Services: who gets which answer, and what is left of those who have given up.
#include "kernel/service.h"

#include <errno.h>
#include <string.h>

#include "kernel/select.h"
#include "tests/kernel/suite.h"

enum { CALLERS = 4, CALLS = 200, FOR_POLL = 77 };

static struct service echo;
static struct call calls[CALLERS];
static uint32_t results[CALLERS];
static deadline_t moment;
static CHAN(other, uint32_t, 0);

static void begin(void)
{
    service_init(&echo, "echo", sizeof(uint32_t), sizeof(uint32_t));
    memset(calls, 0, sizeof calls);
    memset(results, 0, sizeof results);
}

// Nobody waits, no call is open.
static bool at_rest(void)
{
    return waitq_empty(&echo.callers) && waitq_empty(&echo.servers) && list_empty(&echo.open);
}

// The name of the running tasklet, and how its call ended; numbers of errors differ between C libraries.
static void outcome(int result)
{
    const char *const words[] = { tasklet_self()->name, result == 0            ? "ok"
                                                        : result == -ETIMEDOUT ? "late"
                                                        : result == -ECANCELED ? "cancelled"
                                                        : result == -EPIPE     ? "closed"
                                                        : result == -EIO       ? "io"
                                                                               : "?" };

    note(words[0]);
    note(words[1]);
}

// Calls with its number, and notes what came of it.
static void ask(void *number)
{
    uint32_t request = (uint32_t)NUMBER(number), reply = 0;
    int result = service_call(&echo, &request, &reply, FOREVER);

    results[request] = reply;
    outcome(result);
}

static void ask_until_moment(void *number)
{
    uint32_t request = (uint32_t)NUMBER(number), reply = 0;
    int result = service_call(&echo, &request, &reply, moment);

    results[request] = reply;
    outcome(result);
}

static void serve_with(struct call *call)
{
    uint32_t request = 0;
    int result = service_recv(&echo, &request, call, FOREVER);

    if (result != 0) {
        outcome(result);
        return;
    }
    uint32_t reply = request + 100;

    CHECK_IS(service_reply(call, &reply), 0);
    outcome(0);
}

static void serve_one(void *unused)
{
    (void)unused;
    serve_with(&calls[0]);
}

static void server_waits(void)
{
    begin();
    worker("S", serve_one, NULL);
    tasklet_yield();
    worker("A", ask, ARG(1));
    workers_join();
    CHECK_TRACE("S ok A ok");
    CHECK_IS(results[1], 101);
    CHECK(at_rest());
}

static void caller_waits(void)
{
    begin();
    worker("A", ask, ARG(1));
    tasklet_yield();
    CHECK(!waitq_empty(&echo.callers));
    worker("S", serve_one, NULL);
    workers_join();
    CHECK_TRACE("S ok A ok");
    CHECK_IS(results[1], 101);
    CHECK(at_rest());
}

static uint32_t receive(unsigned i)
{
    uint32_t request = UINT32_MAX;

    CHECK_IS(service_recv(&echo, &request, &calls[i], NOWAIT), 0);
    return request;
}

static int reply(unsigned i, uint32_t value)
{
    return service_reply(&calls[i], &value);
}

static void start_callers(unsigned n)
{
    static const char *const names[CALLERS] = { "A", "B", "C", "D" };

    for (unsigned i = 0; i < n; i++) {
        worker(names[i], ask, ARG(i));
    }
    tasklet_yield();
}

static void callers_in_line(void)
{
    begin();
    start_callers(3);
    for (uint32_t i = 0; i < 3; i++) {
        CHECK_IS(receive(i), i);
        CHECK(call_wanted(&calls[i]));
    }
    CHECK_IS(service_recv(&echo, &results[3], &calls[3], NOWAIT), -EAGAIN);
    for (uint32_t i = 0; i < 3; i++) {
        CHECK_IS(reply(i, i + 10), 0);
        CHECK(!call_wanted(&calls[i]));
    }
    workers_join();
    CHECK_TRACE("A ok B ok C ok");
}

static void any_order_of_answers(void)
{
    begin();
    start_callers(3);
    for (uint32_t i = 0; i < 3; i++) {
        receive(i);
    }
    CHECK_IS(reply(1, 11), 0);
    CHECK_IS(reply(2, 12), 0);
    CHECK_IS(reply(0, 10), 0);
    workers_join();
    CHECK_TRACE("B ok C ok A ok");
    for (uint32_t i = 0; i < 3; i++) {
        CHECK_IS(results[i], i + 10);
    }
    CHECK(at_rest());
}

static void deadline_before_it_is_received(void)
{
    begin();
    moment = suite_soon();
    worker("A", ask_until_moment, ARG(0));
    workers_join();
    CHECK_TRACE("A late");
    CHECK(at_rest());
}

static void deadline_after_it_was_received(void)
{
    begin();
    moment = suite_soon();
    worker("A", ask_until_moment, ARG(0));
    tasklet_yield();
    receive(0);
    workers_join();
    CHECK_TRACE("A late");
    CHECK(!call_wanted(&calls[0]));
    CHECK_IS(reply(0, 10), -ESRCH);
    CHECK_IS(results[0], 0);
    CHECK_IS(reply(0, 10), -EALREADY);
    CHECK(at_rest());
}

static void cancelled_before_and_after(void)
{
    begin();
    struct tasklet *a = worker("A", ask, ARG(0)), *b = worker("B", ask, ARG(1));

    tasklet_yield();
    receive(0);
    tasklet_cancel(a);
    tasklet_cancel(b);
    workers_join();
    CHECK_TRACE("A cancelled B cancelled");
    CHECK_IS(service_recv(&echo, &results[3], &calls[3], NOWAIT), -EAGAIN);
    CHECK_IS(reply(0, 10), -ESRCH);
    CHECK(at_rest());
}

static void ask_cancelled(void *unused)
{
    uint32_t request = 0, answer = 0;

    (void)unused;
    tasklet_cancel(tasklet_self());
    outcome(service_call(&echo, &request, &answer, FOREVER));
    CHECK_IS(sleep_ms(1), 0); // it is told once
}

// A request to end that is there already: the server is not troubled.
static void cancelled_at_the_call(void)
{
    begin();
    struct tasklet *s = worker("S", serve_one, NULL);

    tasklet_yield();
    worker("A", ask_cancelled, NULL);
    tasklet_yield();
    CHECK_IS(tasklet_state(s), TASKLET_WAITING);
    tasklet_cancel(s);
    workers_join();
    CHECK_TRACE("A cancelled S cancelled");
    CHECK(at_rest());
}

static void ask_shielded(void *unused)
{
    (void)unused;
    tasklet_cancel(tasklet_self());
    tasklet_shield();
    ask(ARG(1));
    tasklet_unshield();
    CHECK_IS(sleep_ms(1), -ECANCELED);
}

// One that is held back keeps nobody from being served.
static void cancelled_behind_a_shield(void)
{
    begin();
    worker("S", serve_one, NULL);
    tasklet_yield();
    worker("A", ask_shielded, NULL);
    workers_join();
    CHECK_TRACE("S ok A ok");
    CHECK_IS(results[1], 101);
    CHECK(at_rest());
}

// Told that somebody calls, it does not come.
static void select_only(void *unused)
{
    (void)unused;
    struct select_case cases[] = { SELECT_SERVICE(&echo) };

    CHECK_IS(chan_select(cases, 1, FOREVER), 0);
    note("told");
}

static void serve_two(void *unused)
{
    serve_one(unused);
    serve_one(unused);
}

static void idle_behind_one_who_selects(void)
{
    begin();
    worker("L", select_only, NULL);
    worker("S", serve_one, NULL);
    tasklet_yield();
    worker("A", ask, ARG(1));
    workers_join();
    CHECK_TRACE("told S ok A ok");
    CHECK(at_rest());
}

static void in_line_before_one_who_selects(void)
{
    begin();
    worker("L", select_only, NULL);
    worker("S", serve_two, NULL);
    worker("M", select_only, NULL);
    tasklet_yield();
    worker("A", ask, ARG(1));
    worker("B", ask, ARG(2));
    workers_join();
    CHECK_TRACE("told S ok S ok told A ok B ok");
    CHECK(at_rest());
}

static void serve_as_second(void *unused)
{
    (void)unused;
    serve_with(&calls[1]);
}

static void one_server_for_a_call(void)
{
    begin();
    worker("S", serve_one, NULL);
    worker("T", serve_as_second, NULL);
    tasklet_yield();
    worker_join(worker("A", ask, ARG(1)));
    CHECK_TRACE("S ok A ok");
    service_close(&echo);
    workers_join();
    CHECK_TRACE("T closed");
    CHECK(at_rest());
}

static void answered_once(void)
{
    begin();
    CHECK_IS(reply(0, 1), -EALREADY);
    CHECK_IS(service_refuse(&calls[0], -EIO), -EALREADY);
    start_callers(1);
    receive(0);
    CHECK_IS(reply(0, 1), 0);
    CHECK_IS(reply(0, 2), -EALREADY);
    CHECK_IS(service_refuse(&calls[0], -EIO), -EALREADY);
    workers_join();
    CHECK_TRACE("A ok");
    CHECK_IS(results[0], 1);
}

static void refused(void)
{
    begin();
    start_callers(2);
    receive(0);
    receive(1);
    CHECK_IS(service_refuse(&calls[1], -EIO), 0);
    CHECK_IS(service_refuse(&calls[0], -ENOSPC), 0);
    workers_join();
    CHECK_TRACE("B io A ?");
    CHECK_IS(results[0], 0);
    CHECK(at_rest());
}

static void closed(void)
{
    begin();
    start_callers(2);
    receive(0);
    CHECK_IS(service_close(&echo), 0);
    CHECK_IS(service_close(&echo), -EALREADY);
    CHECK_IS(reply(0, 1), -EALREADY);
    CHECK_IS(service_recv(&echo, &results[3], &calls[3], FOREVER), -EPIPE);
    uint32_t value = 0;

    CHECK_IS(service_call(&echo, &value, &value, FOREVER), -EPIPE);
    workers_join();
    CHECK_TRACE("B closed A closed");
    CHECK(at_rest());
}

static void closed_under_servers(void)
{
    begin();
    worker("S", serve_one, NULL);
    tasklet_yield();
    service_close(&echo);
    workers_join();
    CHECK_TRACE("S closed");
    CHECK(at_rest());
}

static void does_not_wait(void)
{
    uint32_t value = 0;

    begin();
    CHECK_IS(service_call(&echo, &value, &value, NOWAIT), -EAGAIN);
    CHECK_IS(service_recv(&echo, &value, &calls[0], NOWAIT), -EAGAIN);
    deadline_t d = suite_soon();

    CHECK_IS(service_recv(&echo, &value, &calls[0], d), -ETIMEDOUT);
    CHECK(suite_on_time(d));
    CHECK(at_rest());
}

static void a_server_is_not_troubled_for_nothing(void)
{
    uint32_t value = 0;

    begin();
    worker("S", serve_one, NULL);
    tasklet_yield();
    CHECK_IS(service_call(&echo, &value, &value, NOWAIT), -EAGAIN);
    CHECK(!waitq_empty(&echo.servers));
    service_close(&echo);
    workers_join();
    CHECK_TRACE("S closed");
}

// Whoever asks again and again without waiting gives others their turn.
static void turns_of_others(void)
{
    uint32_t value = 0;

    begin();
    worker("A", ask, ARG(1));
    suite_credit(0);
    CHECK_IS(service_recv(&echo, &value, &calls[0], NOWAIT), 0); // A has had its turn
    CHECK_IS(value, 1);
    CHECK_IS(reply(0, 2), 0);
    suite_credit(0);
    CHECK_IS(service_call(&echo, &value, &value, NOWAIT), -EAGAIN);
    CHECK_TRACE("A ok");
    workers_join();
}

static void answer_later(struct timer *t)
{
    (void)t;
    CHECK_IS(reply(0, FOR_POLL), 0);
}

static void answered_in_poll_context(void)
{
    static struct timer later = TIMER_INIT(answer_later);

    begin();
    start_callers(1);
    receive(0);
    timer_arm(&later, after_us(100));
    workers_join();
    CHECK_IS(results[0], FOR_POLL);
    CHECK_TRACE("A ok");
}

static void select_server(void *chan)
{
    uint32_t value = 0;
    struct select_case cases[] = { SELECT_RECV((struct chan *)chan, &value),
                                   SELECT_SERVICE(&echo) };

    CHECK_IS(chan_select(cases, 2, FOREVER), 1);
    CHECK_IS(service_recv(&echo, &value, &calls[0], NOWAIT), 0);
    CHECK_IS(reply(0, value + 100), 0);
    outcome(0);
}

static void selected(void)
{
    begin();
    worker("S", select_server, &other);
    tasklet_yield();
    worker("A", ask, ARG(1));
    workers_join();
    CHECK_TRACE("S ok A ok");
    worker("A", ask, ARG(2));
    tasklet_yield();
    worker("S", select_server, &other); // a caller is there already
    workers_join();
    CHECK_TRACE("S ok A ok");
    CHECK_IS(results[1], 101);
    CHECK_IS(results[2], 102);
}

// One that is closed can go on at once: to be told so.
static void closed_in_a_select(void)
{
    uint32_t value = 0;
    struct select_case cases[] = { SELECT_RECV(&other, &value), SELECT_SERVICE(&echo) };

    begin();
    service_close(&echo);
    CHECK_IS(chan_select(cases, 2, FOREVER), 1);
    CHECK_IS(service_recv(&echo, &value, &calls[0], NOWAIT), -EPIPE);
}

struct odd {
    char text[7];
};

static struct service notify, letters;

static void tell(void *unused)
{
    static const struct odd word = { "abcdef" };

    (void)unused;
    outcome(service_call(&notify, &word, NULL, FOREVER));
}

static void ask_for_a_letter(void *unused)
{
    char letter = 'a';

    (void)unused;
    outcome(service_call(&letters, &letter, &letter, FOREVER));
    CHECK_IS(letter, 'A');
}

static void a_byte_each(void)
{
    char letter = 0;

    begin();
    service_init(&letters, "letters", 1, 1);
    worker("A", ask_for_a_letter, NULL);
    CHECK_IS(service_recv(&letters, &letter, &calls[0], FOREVER), 0);
    CHECK_IS(letter, 'a');
    letter = 'A';
    CHECK_IS(service_reply(&calls[0], &letter), 0);
    workers_join();
    CHECK_TRACE("A ok");
}

// Sizes that are no words, and a reply without bytes.
static void any_size(void)
{
    struct odd got = { "" };

    begin();
    service_init(&notify, "notify", sizeof got, 0);
    worker("A", tell, NULL);
    CHECK_IS(service_recv(&notify, &got, &calls[0], FOREVER), 0);
    CHECK(memcmp(got.text, "abcdef", 7) == 0);
    CHECK_IS(service_reply(&calls[0], NULL), 0);
    workers_join();
    CHECK_TRACE("A ok");
}

// ---- At random: callers with short deadlines, servers that hold several calls and answer in any order ----

static struct {
    unsigned answered, given_up, unwanted;
} count;

static void random_caller(void *number)
{
    for (uint32_t n = 0; n < CALLS; n++) {
        uint32_t request = (uint32_t)NUMBER(number) << 16 | n, answer = 0;
        int result = service_call(&echo, &request, &answer, after_us(suite_random(300)));

        CHECK(result == 0 ? answer == ~request : result == -ETIMEDOUT && answer == 0);
        count.answered += result == 0;
        count.given_up += result != 0;
    }
}

static void random_server(void *held)
{
    struct call *mine = held;
    uint32_t requests[2] = { 0, 0 };

    for (;;) {
        unsigned i = suite_random(2);

        if (mine[i].link.next != NULL) {
            uint32_t answer = ~requests[i];
            int result = service_reply(&mine[i], &answer);

            CHECK(result == 0 || result == -ESRCH);
            count.unwanted += result != 0;
        } else if (service_recv(&echo, &requests[i], &mine[i], after_us(200)) == -EPIPE) {
            return;
        }
        if (suite_random(4) == 0) {
            sleep_until(after_us(suite_random(100)));
        }
    }
}

static void at_random(void)
{
    for (uint32_t seed = 1; seed <= 5; seed++) {
        begin();
        memset(&count, 0, sizeof count);
        suite_seed(seed);
        struct tasklet *callers[3] = { worker("A", random_caller, ARG(1)),
                                       worker("B", random_caller, ARG(2)),
                                       worker("C", random_caller, ARG(3)) };

        worker("S", random_server, &calls[0]);
        worker("T", random_server, &calls[2]);
        for (unsigned i = 0; i < 3; i++) {
            worker_join(callers[i]);
        }
        CHECK_IS(count.answered + count.given_up, 3 * CALLS);
        CHECK(count.answered > 0);
        service_close(&echo);
        workers_join();
        CHECK(at_rest());
    }
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(server_waits),
        CASE(caller_waits),
        CASE(callers_in_line),
        CASE(any_order_of_answers),
        CASE(deadline_before_it_is_received),
        CASE(deadline_after_it_was_received),
        CASE(cancelled_before_and_after),
        CASE(cancelled_at_the_call),
        CASE(cancelled_behind_a_shield),
        CASE(idle_behind_one_who_selects),
        CASE(in_line_before_one_who_selects),
        CASE(one_server_for_a_call),
        CASE(answered_once),
        CASE(refused),
        CASE(closed),
        CASE(closed_under_servers),
        CASE(does_not_wait),
        CASE(a_server_is_not_troubled_for_nothing),
        CASE(turns_of_others),
        CASE(answered_in_poll_context),
        CASE(selected),
        CASE(closed_in_a_select),
        CASE(a_byte_each),
        CASE(any_size),
        CASE(at_random),
    };

    SUITE_RUN("service", cases);
}
