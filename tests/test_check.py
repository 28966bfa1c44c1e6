# SPDX-License-Identifier: MIT
"""The checks of `make check`, and that they see what they are there to see."""
import pytest

from harness import checks
from harness.checks import docs, layers, layout, names


@pytest.mark.parametrize('name', checks.NAMES)
def test_check(name: str) -> None:
    report = checks.run(name)
    assert not report.problems, '\n'.join(report.problems)


@pytest.mark.parametrize('path, include', [
    ('kernel/wait.c', '"io/uart.h"'),
    ('kernel/wait.c', '"drivers/uart/uart.h"'),
    ('kernel/wait.c', '<stdio.h>'),
    ('arch/riscv/start.c', '"arch/arm-m/port.h"'),
    ('arch/riscv/start.c', '"boards/board.h"'),
    ('drivers/uart/uart.c', '"boards/board.h"'),
    ('drivers/uart/uart.c', '"arch/riscv/asm.h"'),
    ('boards/host/board.c', '"io/uart.h"'),
    ('io/uart.c', '"drivers/uart/pl011.h"'),
])
def test_layers_forbid(path: str, include: str) -> None:
    assert layers.include_problems(path, f'#include {include}\n')


@pytest.mark.parametrize('path, include', [
    ('kernel/arch.h', '"port.h"'),
    ('kernel/wait.c', '<stdint.h>'),
    ('arch/riscv/trap.S', '"asm.h"'),
    ('boards/host/board.c', '<stdlib.h>'),
    ('boards/virt-rv32/board.c', '"arch/riscv/platform.h"'),
    ('io/uart.c', '"drivers/uart/uart.h"'),
    ('apps/hello.c', '"drivers/uart/pl011.h"'),
])
def test_layers_allow(path: str, include: str) -> None:
    assert not layers.include_problems(path, f'#include {include}\n')


@pytest.mark.parametrize('call, blocks', [
    ('sleep_ms(5);', True),
    ('chan_send(&c, (x, &e), after_ms(5));', True),
    ('chan_send(&c, &e, NOWAIT);', False),
    ('// sleep_ms(5);', False),
    ('text = "sleep_ms(5)";', False),
])
def test_nothing_below_io_blocks(call: str, blocks: bool) -> None:
    found = layers.blocking_problems('drivers/uart/x.c', call, {'sleep_ms', 'chan_send'})
    assert bool(found) == blocks


def test_the_functions_that_block_are_known() -> None:
    assert {'chan_send', 'chan_select', 'semaphore_take', 'tasklet_join', 'uart_read', 'wait_any'} <= \
        layers.blocking_functions()


@pytest.mark.parametrize('code, wrong', [
    ('if (a) { b(); } else { c(); }', False),
    ('if (a) b();', True),
    ('if (a) { b(); } else c();', True),
    ('if (a) { b(); } else if (c) { d(); }', False),
    ('do { a(); } while (b);', False),
    ('while (a(b)) ;', True),
    ('#if A\nfor (;;) { }\n#else\n#endif', False),
])
def test_braces(code: str, wrong: bool) -> None:
    assert bool(layout.brace_problems('x.c', code)) == wrong


@pytest.mark.parametrize('text, wrong', [
    ('// SPDX-License-Identifier: MIT\n//\n// What it is for.\n', False),
    ('// SPDX-License-Identifier: MIT\n#include "io/x.h"\n', False),
    ('// SPDX-License-Identifier: MIT\n#include "io/y.h"\n', True),
    ('// What it is for.\n', True),
])
def test_heads(text: str, wrong: bool) -> None:
    assert bool(layout.head_problems('io/x.c', text)) == wrong


@pytest.mark.parametrize('symbol, wrong', [
    ('malloc', True), ('poll', True), ('socket', True), ('pthread_create', True), ('tcp_write', True),
    ('mbedtls_ssl_read', True), ('lfs_mount', True), ('tud_task', True), ('__malloc_lock', False),
    ('sock_recv', False), ('chan_send', False), ('uart_read', False),
])
def test_names(symbol: str, wrong: bool) -> None:
    others = {**names.of_the_system(), '__malloc_lock': 'libc_nano.a'}
    assert bool(names.problems_of([('a.o', symbol)], others, names.overrides(), 'x')) == wrong


def test_documents() -> None:
    assert docs.path_problems('x.md', 'see `kernel/nothing.c`')
    assert not docs.path_problems('x.md', 'see `kernel/wait.c` and `boards/NAME/board.c`')
    assert docs.call_problems('x.md', '`no_such_function()`', docs.functions_of_sources())
    assert not docs.call_problems('x.md', '`wait_on()`', docs.functions_of_sources())
    assert docs.command_problems('x.md', '$ make no-such-target\n', 1)
    assert not docs.command_problems('x.md', 'make help   # the list\n', 1)
