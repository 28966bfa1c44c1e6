// SPDX-License-Identifier: MIT
//
// Faults of a process in brief (`make REPORT=brief`): the system's two words.
void host_catch_faults(void);

void host_catch_faults(void)
{
}
