# SPDX-License-Identifier: MIT
"""The smallest forms of everything: hello as its budget measures it, and panics in brief."""
import re

import pytest

from harness.sizes import BARE, SMALLEST

BOARDS = ('microbit', 'mps2-an386', 'stm32vldiscovery')


@pytest.mark.parametrize('board', BOARDS)
def test_hello(image, start, board: str) -> None:
    machine = start(image(board, 'hello', *BARE, *SMALLEST))
    machine.expect_text(f'Hello from Stint on {board}.')
    machine.expect_text('a second has passed')
    machine.expect_text('a second has passed')


@pytest.mark.parametrize('board', BOARDS)
@pytest.mark.parametrize('number, sentence', [('49', r'misuse: a panic'), ('61', 'fault')])
def test_panic(image, start, number: str, sentence: str, board: str) -> None:
    machine = start(image(board, 'misuse', *SMALLEST))
    machine.expect_text('misuse?')
    machine.send(f'{number}\r')
    output, _ = machine.finish()
    assert re.search(rf'^\*\*\* {sentence}.* at 0x[0-9a-f]{{8}}\r?$', output, re.MULTILINE), output
