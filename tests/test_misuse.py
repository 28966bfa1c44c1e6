# SPDX-License-Identifier: MIT
"""Each misuse that tests/kernel/misuse.c knows ends in a panic with the right sentence, on every board."""
from __future__ import annotations

import re

import pytest

from harness.build import boards
from harness.misuse import Misuse, misuses, problem_of
from harness.tree import ROOT


UNPROTECTED = [board for board in boards() if re.search('^CPU = cortex-m0', (ROOT / f'boards/{board}/board.mk').read_text(),
                                                        re.MULTILINE)]


@pytest.mark.parametrize('board', boards())
@pytest.mark.parametrize('misuse', misuses(), ids=lambda misuse: str(misuse.number))
def test_misuse_is_a_panic(image, start, misuse: Misuse, board: str) -> None:
    if misuse.where == 'protect' and board in UNPROTECTED:
        pytest.skip('has nothing to protect memory with')
    machine = start(image(board, 'misuse'))
    machine.expect_text('misuse?')
    machine.send(f'{misuse.number}\r')
    output, code = machine.finish()
    assert problem_of(misuse, output, code) == '', output
