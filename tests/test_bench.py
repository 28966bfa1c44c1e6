# SPDX-License-Identifier: MIT
"""Instructions and bytes stay within tests/budget/*.txt."""
import re
import subprocess
import warnings
from pathlib import Path

import pytest

from harness import bench, figures, mixedbench, netbench, sizes, tap

COMPILER = '12.2'  # what the budgets were measured with


def version(compiler: str) -> str:
    return subprocess.run([compiler, '-dumpfullversion'], stdout=subprocess.PIPE, text=True,
                          check=True).stdout.strip()


def same_compiler(compiler: str) -> None:
    if not version(compiler).startswith(f'{COMPILER}.'):
        pytest.skip(f'the budgets hold for gcc {COMPILER}; {compiler} is {version(compiler)}')


def tell(better: list[str]) -> None:
    if better:
        warnings.warn(f'better than the budget, make bench UPDATE=1: {"; ".join(better)}')


def compare(measured: dict[str, int], budget: dict[str, int]) -> None:
    assert measured.keys() == budget.keys(), 'other rows than the budget has: make bench UPDATE=1'
    tell([f'{name} {n}, budget {budget[name]}' for name, n in measured.items() if n < budget[name]])
    worse = [f'{name} {n}, budget {budget[name]}' for name, n in measured.items() if n > budget[name]]
    assert not worse, f'over the budget: {"; ".join(worse)}'


@pytest.mark.parametrize('target', bench.TARGETS)
def test_instructions(target: str) -> None:
    same_compiler('arm-none-eabi-gcc' if target.startswith('cortex') else 'riscv64-unknown-elf-gcc')
    compare(bench.measure(target), bench.budget(target))


SHARED_FIXED = 40  # instructions of a swap, over the switch itself, and
SHARED_A_WORD = 1.5  # for each word that is copied,
SHARED_PROMISED = ('cortex-m3', 'cortex-m4', 'cortex-m4f')  # where loads take eight words, and no stack limit moves


@pytest.mark.parametrize('target', bench.TARGETS)
def test_shared_stacks(target: str) -> None:
    same_compiler('arm-none-eabi-gcc' if target.startswith('cortex') else 'riscv64-unknown-elf-gcc')
    measured = bench.measure(target, app='shared_bench')
    compare(measured, bench.shared_budget()[target])
    switch = measured['resident_0']
    for name, n in measured.items():
        words = int(name.split('_')[1])
        assert target not in SHARED_PROMISED or n - switch <= SHARED_FIXED + SHARED_A_WORD * words, name


def test_prices_of_options() -> None:
    same_compiler('arm-none-eabi-gcc')
    measured, budget = bench.prices(), bench.price_budget()
    assert measured.keys() == budget.keys()
    flat = [{f'{name} {option}': n for name, row in rows.items() for option, n in zip(bench.OPTIONS, row)}
            for rows in (measured, budget)]
    compare(*flat)


def test_two_runs_are_the_same() -> None:
    """On the processor whose timer counts no whole number of ticks in an instruction."""
    assert bench.run('cortex-m33') == bench.run('cortex-m33')


@pytest.mark.parametrize('path', figures.written(), ids=lambda path: path.name)
def test_the_docs_show_the_budgets(path: Path) -> None:
    assert path.read_text(encoding='utf-8') == figures.written()[path], 'make bench UPDATE=1 writes it'


def test_what_is_explained_is_what_was_measured() -> None:
    page = figures.PAGE.read_text(encoding='utf-8')
    explained = re.search(r"semaphore's hand-over on the M4, (\d+):", page)
    assert explained and int(explained[1]) == bench.budget('cortex-m4')['semaphore_one_way'], \
        'look where the instructions go, and write it into docs/performance.md'


def test_all_that_is_measured_has_a_budget() -> None:
    assert sizes.measure().keys() == {row[0] for row in sizes.tables.read('size')}


@pytest.mark.parametrize('name', [row[0] for row in sizes.tables.read('size')])
def test_bytes(name: str) -> None:
    same_compiler('arm-none-eabi-gcc')
    row = sizes.table()[name]
    compare({name: row.measured}, {name: int(row.budget)})
    assert row.promise == '-' or row.measured <= int(row.promise), \
        f'{name}: {row.measured} bytes, promised are {row.promise}'


needs_tap = pytest.mark.skipif(not tap.possible(), reason='needs root and /dev/net/tun, for a network of its own')


@needs_tap
def test_network() -> None:
    same_compiler('arm-none-eabi-gcc')
    # How segments meet depends on how busy this machine is; what is really worse is so each time.
    worse: dict[str, list[str]] = {}
    for _ in range(3):
        found = {name: row.problems for name, row in netbench.table().items() if row.problems}
        worse = {name: problems for name, problems in found.items() if name in worse or not worse}
        if not worse:
            return
    assert not worse


@needs_tap
def test_computation_and_network() -> None:
    """Hashing what connections send: the rest costs the same with 30 as with one, and all are served."""
    same_compiler('riscv64-unknown-elf-gcc')
    worse = {name: row.problems for name, row in mixedbench.table().items() if row.problems}
    assert not worse
