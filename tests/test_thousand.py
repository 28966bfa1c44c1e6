# SPDX-License-Identifier: MIT
"""How many conversations apps/thousand.c has at once, in 64 KB and in 160 KB, and that all of them answer."""
from __future__ import annotations

import re

import pytest

ROUNDS = 3


@pytest.mark.parametrize('board, ram_kb, at_least', [('lm3s6965evb', 64, 220), ('mps2-an385', 160, 550)])
def test_conversations(image, start, board: str, ram_kb: int, at_least: int) -> None:
    machine = start(image(board, 'thousand', f'RAM_KB={ram_kb}'), virtual=True)
    output, code = machine.finish()
    told = re.search(r'(\d+) conversations at once, (\d+) answers', output)
    assert code == 0 and told, output
    conversations, answers = map(int, told.groups())
    assert conversations >= at_least and answers == ROUNDS * conversations, output
