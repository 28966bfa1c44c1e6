# SPDX-License-Identifier: MIT
"""The models of the kernel's protocols (tests/models): SPIN looks at every state of each. The sound model
keeps all its promises and has no step that is never taken; each fault planted in it breaks the promise that
the head of the model names."""
from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from harness.tree import ROOT

HERE = ROOT / 'tests/models'
MODELS = sorted(path.stem for path in HERE.glob('*.pml'))
FAULT = re.compile(r'^ \*   (\d+) (\w+)  +\S', re.MULTILINE)
LTL = re.compile(r'^ltl (\w+)', re.MULTILINE)
ENDS = 'ends'  # the promise that nobody is stuck at the end: SPIN's own, all others have names in the model


def text_of(model: str) -> str:
    return (HERE / f'{model}.pml').read_text()


def faults_of(model: str) -> list[tuple[str, int, str]]:
    return [(model, int(number), promise) for number, promise in FAULT.findall(text_of(model))]


def promises_of(model: str) -> list[str]:
    """Those on whole runs."""
    return LTL.findall(text_of(model))


FAULTS = [fault for model in MODELS for fault in faults_of(model)]


class Verdict(NamedTuple):
    broken: str  # the promise; empty if none is
    output: str


def run(where: Path, *words: str, seconds: int) -> str:
    done = subprocess.run(words, cwd=where, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=seconds)
    assert done.returncode == 0, f'{" ".join(words)}\n{done.stdout}'
    return done.stdout


@pytest.fixture(scope='session', autouse=True)
def spin() -> None:
    subprocess.run([ROOT / 'tools/setup', 'models'], check=True)


def verifier(where: Path, model: str, fault: int, *options: str) -> None:
    """Makes `pan`, which searches one model. No state is left out to save time or memory, and no step is merged
    into another (-o3), so that one that is never taken shows."""
    liveness = ['-DLIVENESS'] if '-DNOCLAIM' not in options else []
    run(where, 'spin', '-a', '-o3', *liveness, f'-DFAULT={fault}', str(HERE / f'{model}.pml'), seconds=30)
    optimize = '-O0' if fault else '-O1'  # the search for a fault is short
    run(where, 'gcc', optimize, '-w', '-DNOREDUCE', '-DMEMLIM=1024', *options, '-o', 'pan', 'pan.c', seconds=60)


def promise_of(message: str, model: str) -> str:
    """The promise that pan says is broken. It shows the name of a promise as a number: names that are declared
    together are numbered from the last to the first."""
    if 'invalid end state' in message:
        return ENDS
    names = re.search(r'^mtype = \{([^}]*)\}', text_of(model), re.MULTILINE)
    number = re.search(r'\|\|\s*!\((\d+)\)\)? \(at depth', message)
    assert names and number, message
    return re.findall(r'\w+', names[1])[-int(number[1])]


def search(where: Path, model: str, *options: str) -> Verdict:
    output = run(where, './pan', '-m500000', *options, seconds=300)
    message = re.search(r'^pan:1: .*', output, re.MULTILINE)
    if message is None:
        assert 'errors: 0' in output and 'not completed' not in output and 'too small' not in output, output
        return Verdict('', output)
    return Verdict(options[-1] if 'acceptance cycle' in message[0] else promise_of(message[0], model), output)


def check_states(where: Path, model: str, fault: int = 0) -> Verdict:
    """Assertions and ends, in all states."""
    verifier(where, model, fault, '-DNOCLAIM')
    return search(where, model)


def check_runs(where: Path, model: str, promise: str, fault: int = 0) -> Verdict:
    """One promise on whole runs, in which no process that can go on is left out for ever."""
    verifier(where, model, fault, '-DNFAIR=3')
    return search(where, model, '-a', '-f', '-N', promise)


def steps_by_line(where: Path) -> dict[int, set[tuple[str, str]]]:
    """Each line of the model with its steps, by process and number. An inline has many steps on one line, one
    for each place where it stands. That a process comes to its end is no step, and what `watch` does it
    does only when a promise is broken."""
    lines: dict[int, set[tuple[str, str]]] = {}
    process = ''
    for text in run(where, './pan', '-d', seconds=10).splitlines():
        if begin := re.match(r'(?:proctype )?(\w+)$', text):
            process = begin[1]
        elif (step := re.match(r'\s+state +(\d+) -.*\.pml:(\d+) => (.*)', text)) and step[3] != '-end-' \
                and process != 'watch':
            lines.setdefault(int(step[2]), set()).add((process, step[1]))
    return lines


def never_taken(where: Path, output: str) -> list[int]:
    """The lines of the model that have steps, none of which was taken."""
    unreached = set()
    for part in re.split(r'^unreached in ', output, flags=re.MULTILINE)[1:]:
        process = part.splitlines()[0].split()[-1]
        unreached |= {(process, number) for number in re.findall(r'\.pml:\d+, state (\d+),', part)}
    return sorted(line for line, steps in steps_by_line(where).items() if steps <= unreached)


@pytest.mark.parametrize('model', MODELS)
def test_states(tmp_path: Path, model: str) -> None:
    verdict = check_states(tmp_path, model)
    assert not verdict.broken, verdict.output
    assert len(steps_by_line(tmp_path)) > 20 and not never_taken(tmp_path, verdict.output)


@pytest.mark.parametrize('model, promise', [(model, promise) for model in MODELS for promise in promises_of(model)])
def test_runs(tmp_path: Path, model: str, promise: str) -> None:
    verdict = check_runs(tmp_path, model, promise)
    assert not verdict.broken, verdict.output


@pytest.mark.parametrize('model, fault, promise', FAULTS)
def test_fault(tmp_path: Path, model: str, fault: int, promise: str) -> None:
    if promise in promises_of(model):
        verdict = check_runs(tmp_path, model, promise, fault)
    else:
        verdict = check_states(tmp_path, model, fault)
    assert verdict.broken == promise, verdict.output


@pytest.mark.parametrize('model', MODELS)
def test_each_planted_fault_is_in_the_list(model: str) -> None:
    listed = {number for _, number, _ in faults_of(model)}
    planted = {int(number) for number in re.findall(r'FAULT [!=]= (\d+)', text_of(model))}
    assert listed == planted and len(listed) >= 3


@pytest.mark.parametrize('model', MODELS)
def test_functions_it_speaks_of_are_the_kernels(model: str) -> None:
    head = text_of(model).split('*/', 1)[0]
    kernel = ' '.join(path.read_text() for path in sorted(ROOT.glob('kernel/*.[ch]')))
    named = set(re.findall(r'(\w+)\(\)', head))
    assert named and {name for name in named if not re.search(rf'\b{name}\(', kernel)} == set()


def test_the_page_lists_the_models() -> None:
    page = (ROOT / 'docs/proof.md').read_text()
    rows = re.findall(r'^\| `tests/models/(\w+)\.pml` \|', page, re.MULTILINE)
    assert sorted(rows) == MODELS
