# SPDX-License-Identifier: MIT
"""The network's suites, on the host in virtual time. `make check` runs them under sanitizers."""
import pytest

from harness.build import suites
from harness.verdict import problem_of


@pytest.mark.parametrize('suite', suites('net'))
def test_suite(image, start, suite: str) -> None:
    first, code = start(image('host', suite), virtual=True).finish()
    assert problem_of(first, code) == '', first
    again, _ = start(image('host', suite), virtual=True).finish()
    assert first == again, 'a run in virtual time repeats exactly'
