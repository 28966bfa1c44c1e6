# SPDX-License-Identifier: MIT
"""Sizes of stacks that are left to the build (STACK_OF): they are as small as they can be, they follow the source,
and what cannot be told is said."""
from __future__ import annotations

import re
from typing import NamedTuple

import pytest

from harness.build import Image, build, make, one_at_a_time
from harness.callgraph import fit
from harness.callgraph.graph import Graph
from harness.callgraph.stacks import Stacks
from harness.tree import ROOT

BOARDS = ('mps2-an385', 'microbit', 'mps2-an505', 'virt-rv32')
PROGRAM = '''#include "kernel/tasklet.h"

static TASKLET_MEMORY(memory, STACK_OF({name}));

static __attribute__((noinline)) int deeper(volatile int n)
{{
    return {deeper};
}}

static void work(void *unused)
{{
    volatile char page[{page}];

    (void)unused;
    page[0] = 1;
    tasklet_yield();
    page[0] = (char)deeper(page[0]);
}}

int main(void)
{{
    tasklet_spawn("work", work, NULL, memory, sizeof memory);
    return 0;
}}
'''


def stacks_of(image: Image) -> Stacks:
    stacks = Stacks(Graph(image.path, f'{image.variables["CROSS"]}objdump'))
    stacks.find()
    return stacks


def judge(image: Image) -> None:
    """All stacks of tests/callgraph/fitted.c fit, and none could be smaller."""
    stacks = stacks_of(image)
    assert stacks.found.problems == []
    for entry in ('add', 'dive', 'work', 'talk'):
        stack, = stacks.found.of(entry)
        assert 0 <= stack.available - stack.bound < stacks.align, entry


@pytest.mark.parametrize('board', BOARDS)
def test_they_fit(start, board: str) -> None:
    image = build(board, 'fitted')
    judge(image)
    output, code = start(image, virtual=True).finish()
    assert code == 0 and '11 of 11 went to the ground' in output, output


@pytest.mark.parametrize('board', ['mps2-an385', 'microbit', 'virt-rv64'])
@pytest.mark.parametrize('settings', [('OPT=-Os', 'CHECK=1'), ('GUARD=0', 'ASSERT=0'), ('OPT=-O1', 'PAINT=0')])
def test_they_fit_however_it_is_built(board: str, settings: tuple[str, ...]) -> None:
    judge(build(board, 'fitted', *settings))


def test_on_the_host_they_are_generous(start) -> None:
    output, code = start(build('host', 'fitted'), virtual=True).finish()
    assert code == 0 and '11 of 11 went to the ground' in output, output


# ---- Programs that change ----

class Made(NamedTuple):
    failed: bool
    said: str
    size: int | None  # of work()


def made(board: str, name: str = 'work', page: int = 200, deeper: str = 'n + 1', goal: str = 'image') -> Made:
    app = f'build/test/fit-{board}-{name}-{len(deeper)}'  # tests run side by side
    path = ROOT / f'{app}.c'
    text = PROGRAM.format(name=name, page=page, deeper=deeper)
    if not path.exists() or path.read_text() != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    with one_at_a_time(board):
        done = make('BUILD=build/test', f'BOARD={board}', f'APP={app}', 'CHECK=1', goal)
    told = re.search(r'^  FIT   work: (\d+)$', done.stdout, re.MULTILINE)
    return Made(done.returncode != 0, done.stdout, int(told[1]) if told else None)


def test_a_change_of_the_source_changes_them() -> None:
    first, more, less = made('microbit'), made('microbit', page=328), made('microbit')
    assert not (first.failed or more.failed or less.failed), first.said + more.said + less.said
    assert more.size == first.size + 128 and less.size == first.size
    table = made('microbit', page=328, goal='stack')
    assert re.search(r'^ +\d+ +\d+ +[04]  work', table.said, re.MULTILINE), table.said
    assert made('microbit', page=328).size is None  # nothing is done again


@pytest.mark.parametrize('board', BOARDS)
def test_a_recursion_is_told(board: str) -> None:
    done = made(board, deeper='n == 0 ? 0 : deeper(n - 1) + n')
    assert done.failed and 'STACK_OF(work): recursion: deeper; see RECURSES in kernel/callgraph.h' in done.said
    assert done.size is None


def test_a_pointer_is_told() -> None:
    done = made('mps2-an385', deeper='((int (*)(int))(uintptr_t)n)(1) + 1')
    assert done.failed and re.search(r'STACK_OF\(work\): deeper: whom it calls through a pointer is not known '
                                     r'\(build/test/fit-', done.said), done.said


@pytest.mark.parametrize('name', ['wrok', 'deeper'])
def test_a_function_that_is_no_tasklet_is_told(name: str) -> None:
    done = made('microbit', name=name)
    assert done.failed and f'STACK_OF({name}): no tasklet is spawned on a function of this name, but on run_main, ' \
        'work' in done.said


def test_others_who_are_spawned_there_are_told() -> None:
    """A size is for one function; another that is given the same memory may be deeper."""
    image = build('microbit', 'fitted')
    stacks = stacks_of(image)
    mine, = stacks.found.of('add')
    mine.available = mine.bound - 8
    assert fit.shortages(stacks.found, ['work']) == []
    assert fit.shortages(stacks.found, ['add'])[0].startswith(f'add: {mine.available} bytes of stack in adder_memory')


def test_make_says_what_it_would_do() -> None:
    done = make('-n', 'BUILD=build/test', 'BOARD=microbit', 'APP=fitted', 'TAG_EXTRA=-never', 'run')
    assert done.returncode == 0 and '--fit' in done.stdout and not list((ROOT / 'build/test/microbit').glob('*-never/*'))


def test_others_do_not_pay() -> None:
    done = make('-n', 'BUILD=build/test', 'BOARD=microbit', 'APP=hello', 'TAG_EXTRA=-never')
    assert done.returncode == 0 and '--fit' not in done.stdout and 'stacks.h' not in done.stdout
