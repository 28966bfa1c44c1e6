# SPDX-License-Identifier: MIT
"""How many tasklets a board with 64 KB of RAM holds that wait for messages: tests/bench/blocked.c."""
from __future__ import annotations

import re

from harness.build import build
from harness.machine import Machine

BOARD = 'lm3s6965evb'
RAM = 64 * 1024
# What the processor pushes for an interrupt: eight registers, and a word that aligns them.
EXCEPTION = 9 * 4
PRINTED = re.compile(r'^blocked (\d+) (\d+) (\d+)$', re.MULTILINE)


def measure(*settings: str) -> dict[str, int]:
    """Bytes of RAM of each tasklet with its channel, of everything else, and of the stack that is used, with
    an interrupt where it is deepest."""
    with Machine(build(BOARD, 'blocked', *settings), 'blocked', virtual=True) as machine:
        output, code = machine.finish()
    found = PRINTED.search(output)
    if code != 0 or found is None:
        raise RuntimeError(f'exit code {code}: {output}')
    count, each, depth = map(int, found.groups())
    return {'blocked_stack': depth + EXCEPTION, 'blocked_each': each, 'blocked_others': RAM - count * each}


def count(others: int, each: int) -> int:
    return (RAM - others) // each
