# SPDX-License-Identifier: MIT
"""tests/arch/sweep.c: an interrupt at every instruction boundary loses no wake-up. Each boundary was
really met, and faults planted in the scheduler are found."""
from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.build import LOGS, Image
from harness.machine import command_of
from harness.tree import ROOT
from harness.verdict import problem_of

# An instruction takes 2 to the power of this, in ns: 3.2 ticks of the MPS2 boards (2.6 of AN505), and
# 2.6 of RISC-V's virt. So no boundary falls between two ticks.
SHIFTS = {'arm': 7, 'riscv': 8}
BOARDS = ['mps2-an385', 'mps2-an386', 'mps2-an505', 'virt-rv32', 'virt-rv64']
LIMIT = 120

# Where a strike must have come before each instruction that is executed at all. Those that a
# compiler inlines stand in others of the list.
FUNCTIONS = ('arch_switch', 'wait_forever', 'wait_with_care', 'wait_end', 'wait_end_ok', 'wait_abort', 'wait_timeout', 'sched_run',
             'sched_credit_spent', 'run_kicked', 'tasklet_yield', 'timer_arm', 'timer_cancel', 'limit',
             'arm_earliest', 'earliest', 'advance', 'insert', 'set_alarm', 'set_next_alarm', 'poll',
             'timers_before_idle', 'time_now', 'signal_wait', 'signal_poll', 'semaphore_take',
             'semaphore_give', 'semaphore_take_after_turn', 'account_slice', 'arch_begin', 'sleep_until')

ALWAYS = ('arch_switch', 'wait_with_care', 'sched_run', 'tasklet_yield', 'timer_arm', 'timer_cancel',
          'signal_wait', 'signal_poll')

# A strike may fail to come between two instructions that are executed a few times only.
TOLERATED = 0.01

# Faults in copies of kernel/sched.c: what is replaced, by what.
FAULTS = {
    'idle does not mask interrupts': (
        r'if \(!arch_idle\(.*?\n\s*return;\n\s*\}',
        'if (sched.attention == NULL) { __asm__ volatile("wfi" ::: "memory"); }'),
    'attention is cleared after the pollers ran': (
        r'(    sched\.attention = NULL;\n    sched_barrier\(\);\n)(.*?run_kicked\(.*?\n    \}\n)',
        r'\2\1'),
    'only the poller that is named runs': (
        r'if \(any_kicked\(\)\) \{\n.*?\n    \}',
        '(void)any_kicked, (void)run_kicked;'),
}


def run(image: Image, name: str, *options: str) -> tuple[str, int]:
    """Runs the image in virtual time, which makes it the same on any machine."""
    shift = SHIFTS['arm' if 'arm' in image.emulator[0] else 'riscv']
    words = command_of(image, virtual=True, icount=shift)
    done = subprocess.run([words[0], *options, *words[1:]], cwd=ROOT, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT, check=False)
    output = done.stdout.decode('latin-1').replace('\r', '')
    LOGS.mkdir(parents=True, exist_ok=True)
    (LOGS / f'{name}.log').write_text(output, encoding='utf-8')
    return output, done.returncode


# ---- Which instructions were hit ----

@dataclass(frozen=True)
class Instruction:
    address: int
    size: int
    text: str


def instructions_of(image: Image) -> dict[str, list[Instruction]]:
    """Every function's instructions, from the disassembly."""
    tool = image.variables['CROSS'] + 'objdump'
    listing = subprocess.run([tool, '-d', '--no-show-raw-insn', str(image.path)], text=True,
                             stdout=subprocess.PIPE, check=True).stdout
    functions: dict[str, list[Instruction]] = {}
    for name, body in re.findall(r'^[0-9a-f]+ <([^>]+)>:\n((?:.+\n)*)', listing, re.MULTILINE):
        lines = re.findall(r'^\s*([0-9a-f]+):\t(.+)$', body, re.MULTILINE)
        starts = [int(address, 16) for address, _ in lines]
        sizes = [after - at for at, after in zip(starts, starts[1:] + starts[-1:])]
        functions.setdefault(name, []).extend(
            Instruction(at, size, text.replace('\t', ' '))
            for at, size, (_, text) in zip(starts, sizes, lines) if not text.startswith('.'))
    return functions


def hits_of(output: str) -> set[int]:
    """The addresses that strikes interrupted, from the report's bit maps."""
    hits: set[int] = set()
    for base, words in re.findall(r'^hits ([0-9a-f]+):((?: [0-9a-f]+)+)$', output, re.MULTILINE):
        for number, word in enumerate(words.split()):
            start = int(base, 16) + number * 64
            hits.update(start + 2 * bit for bit in range(32) if int(word, 16) >> bit & 1)
    return hits


def executed_of(log: Path) -> set[int]:
    """The addresses that the emulator translated, which it does when they are to be executed."""
    text = log.read_text(encoding='latin-1')
    return {int(address, 16) for address in re.findall(r'^0x([0-9a-f]+):', text, re.MULTILINE)}


def masked(function: list[Instruction]) -> set[int]:
    """The addresses that run with interrupts masked: behind an instruction that masks them, up to the
    one that unmasks them, along all branches."""
    by_address = {i.address: i for i in function}
    todo = [i.address + i.size for i in function if re.match(r'cpsid|csr\w*c\w* mstatus', i.text)]
    found: set[int] = set()
    while todo:
        instruction = by_address.get(todo.pop())
        if instruction is None or instruction.address in found:
            continue
        found.add(instruction.address)
        if re.match(r'cpsie|csr\w*s\w* mstatus', instruction.text):
            continue
        branch = re.match(r'(c?b\w*(?:\.\w)?|j) (?:.*,\s*)?([0-9a-f]+) <', instruction.text)
        if branch:
            todo.append(int(branch[2], 16))
        if not branch or branch[1] not in ('b', 'b.n', 'b.w', 'j'):
            todo.append(instruction.address + instruction.size)
    return found


def once(function: list[Instruction]) -> set[int]:
    """The entry of a function that loops for ever: what stands before the start of its loop."""
    targets = [int(target, 16) for i in function for target in re.findall(r'([0-9a-f]+) <', i.text)]
    start = min(target for target in targets if target > function[0].address)
    return {i.address for i in function if i.address < start}


@dataclass
class Coverage:
    lines: list[str]
    ran: int  # instructions that were executed with interrupts enabled
    missed: list[str]  # those of them that no strike interrupted

    def report(self) -> str:
        return '\n'.join([*self.lines, f'missed {len(self.missed)} of {self.ran}:', *self.missed, ''])


def coverage_of(image: Image, hits: set[int], executed: set[int]) -> Coverage:
    columns = '{:20} {:>12} {:>8} {:>6} {:>5}'.format
    result = Coverage([columns('function', 'instructions', 'executed', 'masked', 'hit')], 0, [])
    for name, function in instructions_of(image).items():
        if not name.split('.')[0] in FUNCTIONS:
            continue
        ran = {i.address for i in function} & executed
        if name == 'sched_run':
            ran -= once(function)
        hidden = masked(function) & ran - hits
        result.lines.append(columns(name, len(function), len(ran), len(hidden), len(ran & hits)))
        result.ran += len(ran - hidden)
        result.missed += [f'{name}: {i.address:x} {i.text}' for i in function
                          if i.address in ran - hidden - hits]
    return result


@pytest.mark.parametrize('board', BOARDS)
def test_every_boundary(image, board: str) -> None:
    built = image(board, 'sweep')
    translated = LOGS / f'sweep-{board}-translated.log'
    LOGS.mkdir(parents=True, exist_ok=True)
    output, code = run(built, f'sweep-{board}', '-d', 'in_asm', '-D', str(translated))
    assert problem_of(output, code) == '', output
    coverage = coverage_of(built, hits_of(output), executed_of(translated))
    translated.unlink()
    report = coverage.report()
    (LOGS / f'sweep-{board}-coverage.log').write_text(report, encoding='utf-8')
    assert all(f'{name} ' in report for name in ALWAYS), report
    assert len(coverage.missed) <= coverage.ran * TOLERATED, report


# ---- That the sweep can fail ----

def planted(fault: str) -> str:
    """A copy of the scheduler with the fault in it; its path from ROOT."""
    pattern, replacement = FAULTS[fault]
    source = (ROOT / 'kernel/sched.c').read_text(encoding='utf-8')
    changed, count = re.subn(pattern, replacement, source, flags=re.DOTALL)
    assert count == 1, f'kernel/sched.c has changed: the fault "{fault}" finds no place'
    path = ROOT / 'build/planted' / fault.replace(' ', '_') / 'sched.c'
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding='utf-8') != changed:
        path.write_text(changed, encoding='utf-8')
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize('board', ['mps2-an386', 'virt-rv32'])
@pytest.mark.parametrize('fault', FAULTS)
def test_planted_fault(image, board: str, fault: str) -> None:
    name = fault.replace(' ', '_')
    built = image(board, 'sweep', f'PLANTED={planted(fault)}', f'TAG_EXTRA=-{name}')
    output, code = run(built, f'sweep-{board}-{name}')
    assert 'was lost' in output and code != 0, output
