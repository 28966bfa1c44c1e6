// SPDX-License-Identifier: MIT
//
// What the kernel asks of a processor: the whole porting contract. A port is a folder arch/NAME with
// a `port.h` that defines the inline part, and sources for the rest; tests/arch checks that it keeps
// its word. docs/porting.md walks through one.
//
// Given by port.h, as static inline functions or constants:
//
//   ARCH_STACK_ALIGN       alignment of a stack pointer at a function call, in bytes
//   ARCH_STACK_MIN         least stack of a tasklet: a switch frame, an exception frame where the
//                          hardware pushes one on the tasklet's stack, and the kernel's own calls
//   ARCH_SWITCH_DEPTH      bytes that a tasklet's stack grows by at most, from wait_on() on, until arch_switch() has
//                          left its frame there
//   ARCH_WAIT_DEPTH        bytes that a short function takes, and a call in it that waits, until there
//   ARCH_COPIES_STACKS     attribute of functions that read and write the stacks of others, if the compiler must know
//   ARCH_FRAME_RETURN      among the words that arch_switch() leaves on a stack, from the stack pointer up,
//                          the index of the address where the tasklet goes on
//   ARCH_GUARD_SIZE        bytes at the low end of a stack that trap when touched; 0 if the guard is
//                          a limit register, if there is no hardware for it, or without CONFIG_GUARD
//   ARCH_GUARD_REACH       by so many bytes at most a frame may reach into the guard and nothing below is changed
//   struct arch_guard      what must be loaded to guard one stack (may be empty)
//   arch_guard_init(g, base)   computes it; base is aligned to ARCH_GUARD_SIZE
//   arch_guard_load(g)     loads it; called at each switch, in tasklet or poll context
//   arch_guard_end(g)      its tasklet is ending, and will soon be switched away from for good
//   arch_irq_save()        masks interrupts, returns the state before
//   arch_irq_restore(s)    the state of before
//   arch_in_interrupt()    true inside an interrupt or exception handler
//   arch_interrupted_pc()  inside a handler: the address of thread code that it has interrupted; 0 if there
//                          is none
//   arch_idle(&attention)  sleeps until an interrupt is pending, unless the pointer is not NULL: masks,
//                          looks at it, sleeps, unmasks. An interrupt between the look and the
//                          sleep ends the sleep, so no kick is ever slept over. Pending handlers
//                          have run when it returns. False: nothing will ever happen again, which
//                          only the host can know
//   ARCH_GUARD_CANARY      1 if a painted word at the stack's end must stand in for hardware
//   arch_stack_init(base, top, fn)   prepares a stack from base to top so that the first switch to the
//                          pointer that it returns calls fn with the value of the switch, then
//                          tasklet_exit(0)
//   arch_swapped_out()     a stack pointer for a tasklet whose stack is saved elsewhere: a switch to it goes on in
//                          the port's assembly, which sets the scheduler's stack, calls stack_swap_in()
//                          (kernel/shared_stack.h), and goes on with the tasklet that this returns
//   arch_libc_default()    the C library's per-thread structure of tasklets that have none of their own
//   arch_libc_load(p)      makes p the C library's per-thread structure (with CONFIG_LIBC)
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Puts the callee-saved registers and the return address on the current stack, stores the stack
// pointer in `save`, then takes the stack pointer of `load` and pops the same from there. To the caller
// it is a function that returns when somebody switches back; with save == load, at once. It returns
// the value that is then in `save`: a continuation is resumed with a value. Both are tasklets, or laid
// out as the beginning of one is (kernel/context.h).
intptr_t arch_switch(void *save, void *load);

// Calls fn(arg) with the stack pointer at `top`, rounded down as calls want it, and comes back to the caller's stack
// with the result. No switch happens in between; exceptions do.
intptr_t arch_call_on(uintptr_t top, intptr_t (*fn)(void *arg), void *arg);

// Restarts the machine; RAM outside .data and .bss keeps its contents.
_Noreturn void arch_reset(void);

// Makes an interrupt pending whose handler is software_interrupt(): a program may define that function
// and have an interrupt of its own, without a device; the kernel's tests do. Any context.
void arch_trigger(void);
void software_interrupt(void);

// Ends an emulation or a host process with an exit code; on silicon it stops with interrupts masked.
_Noreturn void arch_exit(int code);

// The memory of the first tasklet, and its size. The linker script reserves it; the Makefile's
// MAIN_STACK says how much.
void *arch_main_memory(size_t *size);

// RAM: bytes that the program occupies, and bytes that are left for a heap.
void arch_memory(size_t *used, size_t *left);

// The Internet checksum of `size` >= 0 bytes at any address (RFC 1071): the sum in ones' complement of
// the 16-bit words in memory order, an odd last byte taken as followed by a zero, not inverted. In the
// processor's byte order, as lwIP's LWIP_CHKSUM wants it; 0 only if all bytes are 0. No byte outside
// is read. arch/checksum.c is one for every little-endian processor. Any context.
uint16_t arch_checksum(const void *data, int size);

// Turns guards and fault handlers on. Called once, before the first switch.
void arch_init(void);

// Copy words from and to a device's FIFO whose port is mapped over eight words, at the processor's best
// speed. Only ports to which such devices are attached have them (arm-m).
void arch_window_read(void *to, const volatile uint32_t *window, size_t words);
void arch_window_write(volatile uint32_t *window, const uint32_t *from, size_t words);

#include "port.h"
