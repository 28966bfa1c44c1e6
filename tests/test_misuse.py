# SPDX-License-Identifier: MIT
"""Each misuse that tests/kernel/misuse.c knows ends in a panic with the right sentence, on every board."""
from __future__ import annotations

from typing import NamedTuple

import pytest

from harness.build import boards
from harness.tree import ROOT

TABLE = ROOT / 'tests/kernel/misuse.txt'
PANIC = 42  # the exit code that misuse.c gives a panic


class Misuse(NamedTuple):
    number: str
    sentence: str  # a part of what the panic says
    where: str  # all; fault: where the processor reports faults


def misuses() -> list[Misuse]:
    if not TABLE.exists():
        return []
    return [Misuse(*line.split('\t')) for line in TABLE.read_text().splitlines() if line]


@pytest.mark.parametrize('board', boards())
@pytest.mark.parametrize('misuse', misuses(), ids=lambda misuse: misuse.number)
def test_misuse_is_a_panic(image, start, misuse: Misuse, board: str) -> None:
    if misuse.where == 'fault' and board == 'host':
        pytest.skip('a Linux process does not see its own faults')
    machine = start(image(board, 'misuse'))
    machine.expect_text('misuse?')
    machine.send(f'{misuse.number}\r')
    output, code = machine.finish()
    said = [line for line in output.splitlines() if line.startswith('*** ')]
    assert len(said) == 1 and misuse.sentence in said[0], output
    assert code == PANIC, output
