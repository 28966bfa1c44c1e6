# SPDX-License-Identifier: MIT
"""Every suite of tests/kernel, tests/arch and tests/block on every board, in the emulator's virtual time."""
import pytest

from harness.build import boards, suites, suites_of_timers
from harness.verdict import problem_of


@pytest.mark.parametrize('board', boards())
@pytest.mark.parametrize('suite', suites())
def test_suite(image, start, suite: str, board: str) -> None:
    machine = start(image(board, suite), virtual=True)
    output, code = machine.finish()
    assert problem_of(output, code) == '', output


@pytest.mark.parametrize('board', ['host', 'mps2-an386', 'stm32vldiscovery'])
@pytest.mark.parametrize('suite', suites_of_timers())
def test_suite_with_timers_in_a_list(image, start, suite: str, board: str) -> None:
    machine = start(image(board, suite, 'TIMERS=list'), virtual=True)
    output, code = machine.finish()
    assert problem_of(output, code) == '', output
