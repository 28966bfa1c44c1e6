// SPDX-License-Identifier: MIT
//
// Faults in brief (`make REPORT=brief`): where, and the fault status register.
#include "kernel/arch.h"
#include "kernel/panic.h"

uint32_t fault_report(uint32_t *frame, const uint32_t *saved, uint32_t exc_return);

uint32_t fault_report(uint32_t *frame, const uint32_t *saved, uint32_t exc_return)
{
    struct panic_record *r = &panic_record;

    (void)saved;
    (void)exc_return;
#if ARM_HAS_MPU_V7
    ARM_MPU_CTRL = 0;
#endif
    r->why = "fault";
    r->sp = frame[6]; // pc
    r->tasklet[0] = '\0';
    panic_finish(r, PANIC_TASKLET);
}
