// SPDX-License-Identifier: MIT
//
// Histories for people:
//
//     capacity 0, 2
//     T0 send a FOREVER          [0, 1) waits until 7: 0
//     T1 select send a, recv b   [2, 3): case 1, got 4
#include <errno.h>

#include "boards/board.h"
#include "io/printf.h"
#include "tests/lin/history.h"

static const char *error_name(int error)
{
    switch (error) {
    case 0:
        return "0";
    case -EPIPE:
        return "-EPIPE";
    case -EAGAIN:
        return "-EAGAIN";
    case -ETIMEDOUT:
        return "-ETIMEDOUT";
    case -ECANCELED:
        return "-ECANCELED";
    case -EALREADY:
        return "-EALREADY";
    default:
        return "?";
    }
}

static void print_action(struct uart *u, const struct lin_action *a)
{
    static const char *const names[] = {
        "send", "recv", "select", "close", "cancel", "time passes"
    };
    static const char *const patience[] = { "NOWAIT", "finite", "FOREVER" };

    uart_printf(u, "%s", names[a->kind]);
    for (unsigned i = 0; i < lin_cases(a); i++) {
        uart_printf(u, "%s%s %c", i > 0 ? "," : "",
                    a->kind != LIN_SELECT ? ""
                    : a->cases[i].send    ? " send"
                                          : " recv",
                    'a' + a->cases[i].chan);
    }
    if (lin_cases(a) > 0) {
        uart_printf(u, " %s", patience[a->patience]);
    } else if (a->kind == LIN_CLOSE) {
        uart_printf(u, " %c", 'a' + a->target);
    } else if (a->kind == LIN_CANCEL) {
        uart_printf(u, " T%u", a->target);
    }
}

static void print_end(struct uart *u, const struct lin_op *o)
{
    bool receives = o->chosen != LIN_NONE && !o->action.cases[o->chosen].send;

    if (o->waited != LIN_NEVER) {
        uart_printf(u, " waits [%u, %u)", o->invoked, o->waited);
    } else {
        uart_printf(u, " [%u, %u)", o->invoked, o->returned);
    }
    if (o->returned == LIN_NEVER) {
        uart_printf(u, " for ever\r\n");
        return;
    }
    if (o->waited != LIN_NEVER) {
        uart_printf(u, " until %u", o->returned);
    }
    uart_printf(u, ": ");
    if (o->action.kind == LIN_SELECT && o->chosen != LIN_NONE) {
        uart_printf(u, "case %u, ", o->chosen);
    }
    uart_printf(u, "%s", error_name(o->result));
    if (receives && o->result == 0) {
        uart_printf(u, ", got %u", o->got);
    }
    uart_printf(u, "\r\n");
}

void lin_print(const struct lin_history *h)
{
    struct uart *u = board_uarts[0];

    uart_printf(u, "  capacity %u, %u\r\n", h->capacity[0], h->capacity[1]);
    for (unsigned i = 0; i < h->count; i++) {
        const struct lin_op *o = &h->ops[i];

        uart_printf(u, "  %2u  ", i);
        if (o->who < LIN_TASKLETS) {
            uart_printf(u, "T%u ", o->who);
        } else if (o->who == LIN_POLLER) {
            uart_printf(u, "poll context ");
        }
        print_action(u, &o->action);
        print_end(u, o);
    }
}
