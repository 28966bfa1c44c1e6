// SPDX-License-Identifier: MIT
//
// Every sentence that an assertion of block devices can say, in their calls.
#include "drivers/block/ram.h"
#include "io/block.h"
#include "tests/host/says.h"
#include "tests/kernel/suite.h"

// Volatile, so that the compiler does not see what we are up to.
static void *volatile null;

static struct block_ram ram = BLOCK_RAM_INIT(ram, "ram", 1, 512, 1, 0);
static uint8_t buffer[512];

static void read_nowhere(void)
{
    block_read(null, 0, buffer, 1, FOREVER);
}

static void read_into_nothing(void)
{
    block_read(&ram.device, 0, null, 1, FOREVER);
}

static void write_nowhere(void)
{
    block_write(null, 0, buffer, 1, FOREVER);
}

static void write_nothing(void)
{
    block_write(&ram.device, 0, null, 1, FOREVER);
}

static void flush_nothing(void)
{
    block_flush(null, FOREVER);
}

static void calls(void)
{
    says("block_read: NULL", read_nowhere);
    says("block_read: NULL", read_into_nothing);
    says("block_write: NULL", write_nowhere);
    says("block_write: NULL", write_nothing);
    says("block_flush: NULL", flush_nothing);
}

int main(void)
{
    static const struct suite_case cases[] = { CASE(calls) };

    SUITE_RUN("block_assert", cases);
}
