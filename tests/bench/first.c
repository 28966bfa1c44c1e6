#include "kernel/tasklet.h"
#include "kernel/panic.h"
#include "kernel/time.h"
extern uint32_t clock_read(void);
static TASKLET_MEMORY(m, 256);
static uint32_t s[64];
static void other(void *a) { (void)a; for (;;) { tasklet_yield(); } }
int main(void)
{
    tasklet_spawn("o", other, 0, m, sizeof m);
    for (int i = 0; i < 32; i++) { uint32_t a = clock_read(); uint32_t b=clock_read(); tasklet_yield(); uint32_t c=clock_read(); s[i] = ((c-b)-(b-a)) ; }
    for (int i = 0; i < 4; i++) { panic_hex((s[i+4]*5+64)/128); panic_text("\r\n"); }
    sleep_ms(10);
    panic_text("slept\r\n");
    for (int i=0;i<8;i++) sleep_ms(5);
    panic_hex((uintptr_t)time_us());
    arch_exit(3);
}
