// SPDX-License-Identifier: MIT
//
// Every sentence that an assertion of what stands on tasklets and channels can say, part by part: services,
// groups, clean-up, supervision, the watch; and those of waits in the wrong context.
#include <errno.h>
#include <limits.h>

#include "kernel/chan.h"
#include "kernel/defer.h"
#include "kernel/group.h"
#include "kernel/service.h"
#include "kernel/supervisor.h"
#include "kernel/switch.h"
#include "kernel/tasklet_pool.h"
#include "kernel/watch.h"
#include "tests/host/says.h"
#include "tests/kernel/suite.h"

// Volatile, so that the compiler does not see what we are up to.
static void *volatile null;

static CHAN(chan, int, 1);
static int element;
static TASKLET_MEMORY(memory, 0);

static void nothing(void *unused)
{
    (void)unused;
}

// ---- Channels ----

static void send_to_none(void)
{
    CHAN_SEND((struct chan *)null, &element, NOWAIT);
}

static void send_a_char(void)
{
    CHAN_SEND(&chan, (char *)&element, NOWAIT);
}

static void recv_from_none(void)
{
    CHAN_RECV((struct chan *)null, &element, NOWAIT);
}

static void recv_a_char(void)
{
    CHAN_RECV(&chan, (char *)&element, NOWAIT);
}

static void checked_types(void)
{
    says("CHAN_SEND: NULL, or not the channel's type", send_to_none);
    says("CHAN_SEND: NULL, or not the channel's type", send_a_char);
    says("CHAN_RECV: NULL, or not the channel's type", recv_from_none);
    says("CHAN_RECV: NULL, or not the channel's type", recv_a_char);
    int sent = 7, got = 0;

    CHECK_IS(CHAN_SEND(&chan, &sent, NOWAIT), 0);
    CHECK_IS(CHAN_RECV(&chan, &got, NOWAIT), 0);
    CHECK_IS(got, 7);
}

// What the next call of a sequence is given.
static struct chan *over;
static int *elements;
static size_t count;

static void send_sequence(void)
{
    chan_send_sequence(over, elements, count, NOWAIT);
}

static void recv_sequence(void)
{
    chan_recv_sequence(over, elements, count, NOWAIT);
}

static void says_of_sequence(struct chan *c, int *elems, size_t n)
{
    over = c;
    elements = elems;
    count = n;
    says("chan_send_sequence: NULL channel or elements, or none", send_sequence);
    says("chan_recv_sequence: NULL channel or elements, or none", recv_sequence);
}

static void sequences(void)
{
    says_of_sequence(null, &element, 1);
    says_of_sequence(&chan, null, 1);
    says_of_sequence(&chan, &element, 0);
    says_of_sequence(&chan, &element, (size_t)INT_MAX + 1);
}

// ---- Services ----

static struct service service;
static struct call call;
static size_t request_size, reply_size;

static void init_service(void)
{
    service_init(&service, "service", request_size, reply_size);
}

static void init_no_service(void)
{
    service_init(null, "none", 1, 1);
}

static void says_of_sizes(size_t request, size_t reply)
{
    request_size = request;
    reply_size = reply;
    says("service_init: NULL, or sizes out of range", init_service);
}

static void sizes_of_services(void)
{
    says("service_init: NULL, or sizes out of range", init_no_service);
    says_of_sizes(0, 1);
    says_of_sizes(UINT16_MAX + 1u, 1);
    says_of_sizes(1, UINT16_MAX + 1u);
    service_init(&service, "service", UINT16_MAX, UINT16_MAX);
    CHECK(service.request_size == UINT16_MAX && service.reply_size == UINT16_MAX);
}

static void call_none(void)
{
    service_call(null, &element, &element, NOWAIT);
}

static void call_without_request(void)
{
    service_call(&service, null, &element, NOWAIT);
}

static void call_without_reply(void)
{
    service_call(&service, &element, null, NOWAIT);
}

static void recv_from_no_service(void)
{
    service_recv(null, &element, &call, NOWAIT);
}

static void recv_no_request(void)
{
    service_recv(&service, null, &call, NOWAIT);
}

static void recv_no_call(void)
{
    service_recv(&service, &element, null, NOWAIT);
}

static void recv_in_poll(void)
{
    service_recv(&service, &element, &call, NOWAIT);
}

static void recv_from_a_poller(void)
{
    says("service_recv: not in a tasklet", recv_in_poll);
}

static void close_no_service(void)
{
    service_close(null);
}

static void calls(void)
{
    service_init(&service, "service", sizeof(int), sizeof(int));
    says("service_call: NULL service, request or reply", call_none);
    says("service_call: NULL service, request or reply", call_without_request);
    says("service_call: NULL service, request or reply", call_without_reply);
    CHECK_IS(service_call(&service, &element, &element, NOWAIT), -EAGAIN);
    says("service_recv: NULL", recv_from_no_service);
    says("service_recv: NULL", recv_no_request);
    says("service_recv: NULL", recv_no_call);
    in_poll(recv_from_a_poller);
    says("service_close: NULL", close_no_service);
    service_init(&service, "without replies", sizeof(int), 0);
    CHECK_IS(service_call(&service, &element, NULL, NOWAIT), -EAGAIN);
}

static void answer_none(void)
{
    service_reply(null, &element);
}

static void answer_nothing(void)
{
    service_reply(&call, null);
}

static void refuse_none(void)
{
    service_refuse(null, -EIO);
}

static void refuse_well(void)
{
    service_refuse(&call, 0);
}

static void ask(void *unused)
{
    int reply;

    (void)unused;
    service_call(&service, &element, &reply, FOREVER);
}

static void receive(size_t size)
{
    service_init(&service, "service", sizeof(int), size);
    worker("caller", ask, NULL);
    CHECK_IS(service_recv(&service, &element, &call, FOREVER), 0);
}

static void answers(void)
{
    says("service_reply: NULL", answer_none);
    CHECK_IS(service_reply(&call, NULL), -EALREADY);
    receive(sizeof(int));
    says("service_reply: NULL", answer_nothing);
    says("service_refuse: NULL, or not an error", refuse_none);
    says("service_refuse: NULL, or not an error", refuse_well);
    CHECK_IS(service_reply(&call, &element), 0);
    receive(0);
    CHECK_IS(service_reply(&call, NULL), 0);
    workers_join();
}

// ---- Clean-up ----

static struct defer record;

static void defer_none(void)
{
    defer(null, nothing, NULL);
}

static void defer_no_function(void)
{
    defer(&record, (void (*)(void *))(uintptr_t)null, NULL);
}

static void defer_one(void)
{
    defer(&record, nothing, NULL);
}

static void forget_none(void)
{
    defer_forget(null);
}

static void forget_one(void)
{
    defer_forget(&record);
}

static void defer_from_a_poller(void)
{
    says("defer: NULL, or not in a tasklet", defer_one);
    says("defer_forget: NULL, or not in a tasklet", forget_one);
}

static void clean_up(void)
{
    says("defer: NULL, or not in a tasklet", defer_none);
    says("defer: NULL, or not in a tasklet", defer_no_function);
    says("defer_forget: NULL, or not in a tasklet", forget_none);
    says("defer_forget: not written down by this tasklet", forget_one);
    in_poll(defer_from_a_poller);
}

// ---- Groups and supervisors ----

static GROUP(crew, "crew");

static void spawn_in_none(void)
{
    group_spawn(null, "none", nothing, NULL, memory, sizeof memory);
}

static void spawn_one_more(void)
{
    group_spawn(&crew, "one more", nothing, NULL, memory, sizeof memory);
}

static void wait_for_none(void)
{
    group_wait(null, NOWAIT);
}

static void join_none(void)
{
    group_join(null, NOWAIT);
}

static void cancel_none(void)
{
    group_cancel(null);
}

static void end_no_pool(void)
{
    tasklet_pool_end(null, NOWAIT);
}

static void groups(void)
{
    says("group_spawn: the group is NULL, or full", spawn_in_none);
    crew.alive = UINT16_MAX;
    says("group_spawn: the group is NULL, or full", spawn_one_more);
    crew.alive = 0;
    says("group_wait: NULL", wait_for_none);
    says("group_join: NULL", join_none);
    says("group_cancel: NULL", cancel_none);
    says("tasklet_pool_end: NULL", end_no_pool);
}

static struct child children[1];
static struct supervisor boss = { .children = children, .count = 1 };

static void supervise_for_none(void)
{
    supervisor_run(null, NOWAIT);
}

static void supervise(void)
{
    supervisor_run(&boss, NOWAIT);
}

static void supervisors(void)
{
    static const char none[] = "supervisor_run: NULL, or no children";

    says(none, supervise_for_none);
    boss.children = NULL;
    says(none, supervise);
    boss.children = children;
    boss.count = 0;
    says(none, supervise);
}

// ---- The watch ----

static uint32_t limit_ms;

static void watch(void)
{
    watch_start(limit_ms, watch_print);
}

static void watch_for_nobody(void)
{
    watch_start(1, (void (*)(const struct watch_report *))(uintptr_t)null);
}

static void watches(void)
{
    static const char range[] = "watch_start: NULL, or limit out of range";

    says(range, watch_for_nobody);
    limit_ms = 0;
    says(range, watch);
    limit_ms = 60001;
    says(range, watch);
    watch_start(60000, watch_print);
    watch_stop();
}

// ---- Waits ----

static struct waitq door = WAITQ_INIT(door, "door");
static deadline_t soon; // an interrupt may not ask for the time

static void wait_for_ever(void)
{
    wait_on(&door, "test", FOREVER);
}

static void wait_a_while(void)
{
    wait_on(&door, "test", soon);
}

static void leave(void)
{
    tasklet_exit(0);
}

static void in_handler(void)
{
    says("a call that waits was made from an interrupt", wait_for_ever);
    says("a call that waits was made from an interrupt", wait_a_while);
}

static void wait_in_poll(void)
{
    says("a call that waits was made outside of a tasklet", wait_for_ever);
    says("a call that waits was made outside of a tasklet", wait_a_while);
}

static void try_waits(void *unused)
{
    (void)unused;
    suite_interrupt(in_handler);
    no_switch_begin();
    says("a switch between no_switch_begin() and no_switch_end()", wait_for_ever);
    says("a switch between no_switch_begin() and no_switch_end()", wait_a_while);
    says("tasklet_exit: between no_switch_begin() and no_switch_end()", leave);
    no_switch_end();
}

// Others are ready, and the one that would wait never has: such a wait switches at once.
static void waits(void)
{
    soon = after_ms(1);
    worker("A", try_waits, NULL);
    worker("B", nothing, NULL);
    workers_join();
    in_poll(wait_in_poll);
    CHECK(waitq_empty(&door));
}

static struct tasklet *ready;

static void wake_ready(void)
{
    wait_end_here(&ready->waiter, 0);
}

static void wake_ready_polled(void)
{
    wait_end_polled(&ready->waiter, 0);
}

static void wake_from_a_poller(void)
{
    ready->queue = NULL; // it sleeps meanwhile, and is not to be woken
    says("wait_end: the wait is over already", wake_ready_polled);
    ready->queue = &wait_nowhere;
}

static void woken_twice(void)
{
    ready = tasklet_self();
    says("wait_end: the wait is over already", wake_ready);
    in_poll(wake_from_a_poller);
}

int main(void)
{
    static const struct suite_case cases[] = {
        CASE(checked_types), CASE(sequences), CASE(sizes_of_services), CASE(calls),   CASE(answers),
        CASE(clean_up),      CASE(groups),    CASE(supervisors),       CASE(watches), CASE(waits),
        CASE(woken_twice),
    };

    SUITE_RUN("assert_messages", cases);
}
