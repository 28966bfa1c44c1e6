# SPDX-License-Identifier: MIT
"""What the suites of this machine execute and decide of kernel/ and io/: all, except for what tests/budget/uncovered.txt
explains."""
import pytest

from harness import coverage
from harness.coverage import Function, Gap

GAP = Gap('kernel/x.c', 'f', 'true', 'a == b')


def test_everything_is_covered_or_explained() -> None:
    problems = coverage.problems_of(coverage.measure().gaps, coverage.allowed())
    assert not problems, '\n'.join(problems)


@pytest.mark.parametrize('gaps, known, problems', [
    ({GAP}, {GAP: 'why'}, 0),
    ({GAP}, {}, 1),
    (set(), {GAP: 'why'}, 1),
    ({GAP}, {GAP: ' '}, 1),
])
def test_gaps_and_explanations_must_agree(gaps: set[Gap], known: dict[Gap, str], problems: int) -> None:
    assert len(coverage.problems_of(gaps, known)) == problems


def counted(times_true: int, times_false: int, alone: bool) -> Function:
    """boot.c begins with `// SPDX-License-Identifier`: characters 4 to 8 stand for a decision of two conditions."""
    return Function('kernel/boot.c', 'f', [[1, 1, 1, 9, times_true + times_false, 0, 0, 0]],
                    [[1, 4, 1, 5, times_true, times_false, 0, 0, 6], [1, 7, 1, 8, 1, 1, 0, 0, 6]],
                    [[1, 4, 1, 8, 0, 5, [alone, True]]])


@pytest.mark.parametrize('function, kinds', [
    (counted(1, 1, True), []),
    (counted(0, 1, False), ['true']),
    (counted(1, 0, False), ['false']),
    (counted(1, 1, False), ['alone']),
    (counted(0, 0, False), ['line']),
])
def test_gaps_are_seen(function: Function, kinds: list[str]) -> None:
    assert [gap.kind for gap in coverage.gaps_of(function)] == kinds


def test_programs_are_summed() -> None:
    function = counted(0, 1, False)
    function.add(counted(1, 0, True))
    assert not list(coverage.gaps_of(function))
