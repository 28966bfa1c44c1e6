#include "drivers/entropy/entropy.h"
#include "kernel/time.h"
#include <stdint.h>
const char entropy_source[] = "x";
const bool entropy_is_good = false;
size_t entropy_read(void *buf, size_t n)
{
    uint8_t *b = buf;
    for (size_t i = 0; i < n; i++)
        b[i] = (uint8_t)(clock_read() >> 3);
    return n;
}
