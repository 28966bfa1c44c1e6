# SPDX-License-Identifier: MIT
"""What operations cost, in instructions: tests/bench/bench.c under an emulator that counts them.

Budgets: tests/budget/TARGET.txt has the median of each operation, prices.txt what each option of
kernel/config.h adds, peers.txt what other kernels need.
"""
from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from harness import tables
from harness.build import build
from harness.machine import Machine

OPTIONS = ('ASSERT', 'GUARD', 'ACCOUNT', 'PAINT')
PRICED = ('yield_2', 'semaphore_one_way', 'chan_4_forever', 'service_both_ways', 'spawn_run_join',
          'interrupt_to_tasklet')
PRICED_ON = 'cortex-m4'

BENCH = re.compile(r'^bench (\w+) (\d+) (\d+)$', re.MULTILINE)


@dataclass(frozen=True)
class Target:
    """A board, and how its emulator counts: an instruction takes 2^icount ns."""
    board: str
    icount: int
    settings: tuple[str, ...] = ()


# The code for Armv6-M runs as it is on the machine with a Cortex-M3, whose timer counts exactly.
TARGETS = {
    'cortex-m0': Target('mps2-an385', 10, ('CPU=cortex-m0',)),
    'cortex-m3': Target('mps2-an385', 10),
    'cortex-m4': Target('mps2-an386', 10, ('CPU=cortex-m4',)),
    'cortex-m4f': Target('mps2-an386', 10),
    'cortex-m33': Target('mps2-an505', 10),
    'rv32imac': Target('virt-rv32', 0),
    'rv64gc': Target('virt-rv64', 0),
}


def run(name: str, on: str = '', app: str = 'bench') -> str:
    """What the benchmark prints, with all options off but `on`."""
    target = TARGETS[name]
    options = [f'{option}={int(option == on)}' for option in OPTIONS]
    image = build(target.board, app, *target.settings, *options)
    log = f'{app}-{name}{"-" + on.lower() if on else ""}'
    with Machine(image, log, virtual=True, icount=target.icount) as machine:
        output, code = machine.finish()
    if code != 0:
        raise RuntimeError(f'{log}: exit code {code}:\n{output}')
    return output


@cache
def measure(name: str, on: str = '', app: str = 'bench') -> dict[str, int]:
    """The median of each operation in instructions."""
    rows = {operation: int(median) for operation, _, median in BENCH.findall(run(name, on, app))}
    if not rows:
        raise RuntimeError(f'{app} on {name}: no rows')
    if app == 'bench' and rows.pop('nops_100') != 100:
        raise RuntimeError(f'{name}: a hundred instructions are not counted as a hundred')
    for operation in ('stamp', 'lap'):
        rows.pop(operation, None)
    return rows


def shared() -> dict[str, dict[str, int]]:
    """Switches between tasklets that share a stack: by target, and by the words that are copied."""
    return {name: measure(name, app='shared_bench') for name in TARGETS}


def shared_budget() -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {name: {} for name in TARGETS}
    for name, operation, most in tables.read('shared'):
        found[name][operation] = int(most)
    return found


def prices() -> dict[str, list[int]]:
    """What each of OPTIONS adds to the operations of PRICED."""
    bare = measure(PRICED_ON)
    with_each = [measure(PRICED_ON, option) for option in OPTIONS]
    return {name: [rows[name] - bare[name] for rows in with_each] for name in PRICED}


def budget(name: str) -> dict[str, int]:
    return {operation: int(most) for operation, most in tables.read(name)}


def price_budget() -> dict[str, list[int]]:
    return {row[0]: [int(word) for word in row[1:]] for row in tables.read('prices')}


def update() -> None:
    for name in TARGETS:
        tables.write(name, [[operation, str(n)] for operation, n in measure(name).items()])
    tables.write('shared', [[name, operation, str(n)] for name, rows in shared().items()
                            for operation, n in rows.items()])
    tables.write('prices', [[name, *map(str, row)] for name, row in prices().items()])


def peers() -> tuple[list[str], dict[tuple[str, str], list[str]]]:
    """The names of the other kernels, and (target, operation) -> what each needs, '-' for nothing."""
    header, *rows = tables.read('peers')
    return header[2:], {(row[0], row[1]): row[2:] for row in rows}
