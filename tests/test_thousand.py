# SPDX-License-Identifier: MIT
"""How many conversations apps/thousand.c has at once, in 64 KB and in 160 KB, and that all of them answer."""
from __future__ import annotations

import re

import pytest

from harness.tree import ROOT

from harness.callgraph.graph import Graph
from harness.callgraph.stacks import Stacks

ROUNDS = 3
PAGE = (ROOT / 'docs/shared_stacks.md').read_text()


@pytest.mark.parametrize('board, ram_kb, at_least', [('lm3s6965evb', 64, 220), ('mps2-an385', 160, 550)])
def test_conversations(image, start, board: str, ram_kb: int, at_least: int) -> None:
    machine = start(image(board, 'thousand', f'RAM_KB={ram_kb}'), virtual=True)
    output, code = machine.finish()
    told = re.search(r'(\d+) conversations at once, (\d+) answers', output)
    assert code == 0 and told, output
    conversations, answers = map(int, told.groups())
    assert conversations >= at_least and answers == ROUNDS * conversations, output
    assert re.search(rf'\b{conversations}\s+conversations at once in {ram_kb} KB|, {conversations} in {ram_kb} KB', PAGE)


@pytest.mark.parametrize('board', ['mps2-an385', 'microbit', 'mps2-an505', 'virt-rv32'])
def test_depth_of_the_shared_stack(image, start, board: str) -> None:
    """The bound is that of all who share it: none goes deeper, and it fits."""
    built = image(board, 'thousand')
    found = Stacks(Graph(built.path, f'{built.variables["CROSS"]}objdump')).find()
    shared, = found.of('converse')
    assert found.problems == [] and shared.memory == 'stack' and shared.available >= shared.bound
    output, _ = start(built, virtual=True).finish()
    deep = re.search(r'goes (\d+) bytes deep', output)
    assert deep and shared.bound / 1.5 < int(deep[1]) <= shared.bound, output
