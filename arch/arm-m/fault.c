// SPDX-License-Identifier: MIT
//
// Faults in words. Reads the fault status registers (DDI0403 B3.2.15, DDI0553 D1.2), names the
// cause in one sentence, and hands the record to panic.c.
#include <string.h>

#include "kernel/arch.h"
#include "kernel/contain.h"
#include "kernel/stack.h"

uint32_t fault_report(uint32_t *frame, const uint32_t *saved, uint32_t exc_return);
void arch_unexpected(void);
void systick_handler(void);

const char *const arch_register_names[] = { "r0", "r1", "r2", "r3",   "r4",  "r5",
                                            "r6", "r7", "r8", "r9",   "r10", "r11",
                                            "ip", "lr", "pc", "xpsr", NULL };

#if defined(__ARM_ARCH_6M__)

static const char *cause_of(uint32_t status)
{
    (void)status;
    return "hard fault (Armv6-M does not say why)";
}

static uint32_t fault_status(void)
{
    return 0;
}

static bool fault_address(uint32_t status, uintptr_t *address)
{
    (void)status;
    (void)address;
    return false;
}

static bool frame_lost(uint32_t status)
{
    (void)status;
    return false;
}

static bool overflowed(uint32_t status)
{
    (void)status;
    return false;
}

#else

enum {
    MMARVALID = 1 << 7,
    MSTKERR = 1 << 4,
    MLSPERR = 1 << 5,
    BFARVALID = 1 << 15,
    STKOF = 1 << 20,
};

static const char *cause_of(uint32_t status)
{
    static const struct {
        uint32_t bit;
        const char *text;
    } causes[] = {
        { 1u << 0, "memory fault: execution from forbidden memory" },
        { 1u << 1, "memory fault: access to forbidden memory" },
        { 1u << 3, "memory fault: return from exception" },
        { 1u << 8, "bus fault: instruction fetch" },
        { 1u << 9, "bus fault: data access" },
        { 1u << 10, "bus fault: data access, reported late" },
        { 1u << 11, "bus fault: return from exception" },
        { 1u << 12, "bus fault: entry of an exception, is the stack in RAM?" },
        { 1u << 13, "bus fault: lazy floating-point save" },
        { 1u << 16, "usage fault: undefined instruction" },
        { 1u << 17, "usage fault: not Thumb state (a call through a wild pointer?)" },
        { 1u << 18, "usage fault: bad return from exception" },
        { 1u << 19, "usage fault: no such coprocessor (is the FPU off?)" },
        { 1u << 24, "usage fault: unaligned access" },
        { 1u << 25, "usage fault: division by zero" },
    };

    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        if (status & causes[i].bit) {
            return causes[i].text;
        }
    }
    return "hard fault";
}

static uint32_t fault_status(void)
{
    return ARM_CFSR;
}

static bool fault_address(uint32_t status, uintptr_t *address)
{
    if (status & MMARVALID) {
        *address = ARM_MMFAR;
    } else if (status & BFARVALID) {
        *address = ARM_BFAR;
    } else {
        return false;
    }
    return true;
}

// The hardware could not push the exception frame: what lies there is not one.
static bool frame_lost(uint32_t status)
{
    return (status & (STKOF | MSTKERR | MLSPERR)) != 0;
}

// The limit register says so itself; of the MPU's guard the address, or a failed push of a frame.
static bool overflowed(uint32_t status)
{
    const uintptr_t guard = ARCH_GUARD_SIZE;
    uintptr_t address = 0;

    if (frame_lost(status)) {
        return true;
    }
    return sched_current() != NULL && fault_address(status, &address) && (status & MMARVALID) &&
           address - (uintptr_t)sched_current()->base < guard;
}

#endif

// BKPT 0xAB is a semihosting call. Without a debugger it faults; then nobody listens, and the call
// returns -1.
static bool skip_semihosting(uint32_t *frame)
{
    if (!arch_is_image((const void *)(uintptr_t)frame[6]) ||
        *(const uint16_t *)(uintptr_t)frame[6] != 0xBEAB) {
        return false;
    }
    frame[0] = UINT32_MAX;
    frame[6] += 2;
    return true;
}

// SVCall, NMI, DebugMonitor; and PendSV and SysTick if nobody else has them.
void arch_unexpected(void)
{
    panic("an exception without a handler");
}

void software_interrupt(void) __attribute__((weak, alias("arch_unexpected")));
void systick_handler(void) __attribute__((weak, alias("arch_unexpected")));

static void guard_again(void)
{
#if !defined(__ARM_ARCH_6M__) && CONFIG_GUARD
    ARM_MPU_CTRL = ARM_MPU_ON;
#endif
}

// The tasklet that failed goes on with reap(), on its stack from the top: the handler returns to a frame that
// the hardware might have pushed there, without floating-point state, whatever there was before.
static uint32_t go_on_with_reap(uint32_t exc_return)
{
    uint32_t *frame = (uint32_t *)tasklet_stack_top(sched_current()) - 8;

    memset(frame, 0, 8 * sizeof *frame);
    frame[6] = (uint32_t)reap & ~UINT32_C(1);
    frame[7] = 1u << 24; // xPSR: Thumb state, not in an IT block
    __asm__ volatile("msr psp, %0" ::"r"(frame));
#if !defined(__ARM_ARCH_6M__)
    ARM_CFSR = ARM_CFSR; // cleared by ones
    ARM_HFSR = ARM_HFSR;
#endif
#if ARM_HAS_FPU
    ARM_FPCCR &= ~UINT32_C(1); // LSPACT: what was to be saved is not wanted any more
#endif
    guard_again();
    return exc_return | 1u << 4;
}

// `frame` is what the hardware pushed: r0-r3, r12, lr, pc, xpsr. After a failed push it holds
// nothing of the kind, but lies in RAM all the same.
uint32_t fault_report(uint32_t *frame, const uint32_t *saved, uint32_t exc_return)
{
    struct panic_record *r = &panic_record;
    uint32_t status = fault_status();

#if !defined(__ARM_ARCH_6M__)
    ARM_MPU_CTRL = 0; // the report reads the overflowed stack, and code wherever it went
#endif
    bool overflow = overflowed(status), readable = arch_is_ram(frame) && !frame_lost(status);

    if (readable && skip_semihosting(frame)) {
        guard_again();
        return exc_return;
    }
    memset(r, 0, sizeof *r);
    r->status = status;
    r->sp = (uintptr_t)frame;
    r->has_address = fault_address(status, &r->address);
    r->has_regs = readable;
    r->overflow = overflow;
    r->why = overflow ? "stack overflow" : cause_of(status);
    if (r->has_regs) {
        memcpy(&r->regs[0], frame, 4 * sizeof *frame);
        memcpy(&r->regs[4], saved + 5, 4 * sizeof *saved);
        memcpy(&r->regs[8], saved, 4 * sizeof *saved);
        memcpy(&r->regs[12], frame + 4, 4 * sizeof *frame);
    }
    // Thread mode, or the handler that the fault interrupted?
    enum panic_context context = (exc_return & 8) == 0     ? PANIC_INTERRUPT
                                 : sched_current() != NULL ? PANIC_TASKLET
                                                           : PANIC_POLL;

    if (panic_contained(r, context, readable ? frame[6] : 0)) {
        return go_on_with_reap(exc_return);
    }
    panic_finish(r, context);
}
