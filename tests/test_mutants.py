# SPDX-License-Identifier: MIT
"""A sample of small faults in kernel/ and io/, the same each time: the suites of this machine see all of them, except
for those that tests/budget/mutants.txt explains. `make mutants` tries all."""
from pathlib import Path

import pytest

from harness import mutants, mutation

SAMPLE, SEED = 100, 1

CODE = '''\
int f(int a)
{
    if (a > 0 && g(a)) {
        h(a);
    }
    return a == 3;
}
'''


def test_a_sample_is_seen() -> None:
    left = mutation.survivors(mutation.judge(mutation.chosen([], SAMPLE, SEED)))
    assert not left, '\n'.join(f'{m.path}:{m.line}: {" -> ".join(m.rows())}' for m in left)


def test_explanations_are_of_mutants() -> None:
    """A line that changed takes its explanation with it."""
    possible = {mutation.key_of(mutant) for path in mutation.files() for mutant in mutants.mutants_of(path)}
    stale = mutation.known().keys() - possible
    assert not stale, '\n'.join(' | '.join(key) for key in sorted(stale))


def test_explanations_say_why() -> None:
    assert all(reason.strip() for reason in mutation.known().values())


@pytest.mark.parametrize('change', [
    'if (a >= 0 && g(a)) {', 'if (a <= 0 && g(a)) {', 'if (a > 1 && g(a)) {', 'if (a > 0 || g(a)) {', 'if (a > 0) {',
    'if (!(a > 0 && g(a))) {', ';', 'return a != 3;', 'return a == 4;', 'return a == 2;', 'return 0;', 'return 1;',
])
def test_kinds_of_mutants(change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mutants, 'text_of', lambda path: CODE)
    assert change in [mutant.rows()[1] for mutant in mutants.mutants_of('x.c')]


@pytest.mark.parametrize('text, passes', [
    ('suite x: 1 passed, 0 failed', True), ('suite x: 0 passed, 1 failed', False), ('', False),
])
def test_a_suite_must_say_that_it_passed(text: str, passes: bool, tmp_path: Path) -> None:
    program = tmp_path / 'program'
    program.write_text(f'#!/bin/sh\necho "{text}"\n')
    program.chmod(0o755)
    assert mutation.passes(program) == passes


def test_a_loop_ends(tmp_path: Path) -> None:
    program = tmp_path / 'program'
    program.write_text('#!/bin/sh\nwhile :; do :; done\n')
    program.chmod(0o755)
    assert not mutation.passes(program)
