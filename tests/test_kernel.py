# SPDX-License-Identifier: MIT
"""Every suite of tests/kernel, tests/arch and tests/block on every board, in the emulator's virtual time."""
import pytest

from harness.build import boards, suites
from harness.verdict import problem_of


@pytest.mark.parametrize('board', boards())
@pytest.mark.parametrize('suite', suites())
def test_suite(image, start, suite: str, board: str) -> None:
    machine = start(image(board, suite), virtual=True)
    output, code = machine.finish()
    assert problem_of(output, code) == '', output
