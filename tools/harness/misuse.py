# SPDX-License-Identifier: MIT
"""The misuses that tests/kernel/misuse.c knows, and what a run of one must say."""
from __future__ import annotations

from typing import NamedTuple

from harness.tree import ROOT

TABLE = ROOT / 'tests/kernel/misuse.txt'
PANIC = 42  # the exit code that misuse.c gives a panic


class Misuse(NamedTuple):
    number: int
    sentence: str  # a part of what the panic says
    where: str  # all; fault: where the processor reports faults


def misuses() -> list[Misuse]:
    rows = [line.split('\t') for line in TABLE.read_text().splitlines() if line]
    return [Misuse(int(number), sentence, where) for number, sentence, where in rows]


def problem_of(misuse: Misuse, output: str, code: int) -> str:
    """What is wrong with the output and the exit code; '' if the program ended as it should."""
    said = [line for line in output.splitlines() if line.startswith('*** ')]
    if len(said) != 1 or misuse.sentence not in said[0]:
        return f'misuse {misuse.number} does not say: {misuse.sentence}'
    return '' if code == PANIC else f'misuse {misuse.number} ends with exit code {code}'
