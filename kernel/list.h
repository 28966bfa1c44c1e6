// SPDX-License-Identifier: MIT
//
// Doubly linked circular lists: the only queue in the kernel. A list is a node whose neighbours are
// its first and last element; an empty list is a node that is its own neighbour. Insertion and
// removal are a handful of stores without a branch, and removal needs no knowledge of the list.
// Contexts: tasklet and poll; never from an interrupt.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "kernel/config.h"

struct list {
    struct list *next; // the first element of a list; the successor of an element
    struct list *prev; // the last element of a list; the predecessor of an element
};

// The static initialiser: `struct list jobs = LIST_INIT(jobs);`
#define LIST_INIT(self)                                                                            \
    {                                                                                              \
        &(self), &(self)                                                                           \
    }

// The object that holds `ptr` as its member.
#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

static inline void list_init(struct list *l)
{
    l->next = l;
    l->prev = l;
}

static inline bool list_empty(const struct list *l)
{
    return l->next == l;
}

// Puts `node` before `pos`; with a list as `pos`, at its end.
KERNEL_INLINE void list_insert_before(struct list *pos, struct list *node);

KERNEL_INLINE void list_insert_before(struct list *pos, struct list *node)
{
    struct list *prev = pos->prev;

    node->next = pos;
    node->prev = prev;
    prev->next = node;
    pos->prev = node;
}

// Takes `node` out of the list it is in. The node's own links keep pointing there: list_init() it
// if somebody will ask whether it is linked.
static inline void list_remove(struct list *node)
{
    struct list *next = node->next, *prev = node->prev;

    prev->next = next;
    next->prev = prev;
}
