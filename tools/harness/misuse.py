# SPDX-License-Identifier: MIT
"""The misuses that tests/kernel/misuse.c knows, and what a run of one must say."""
from __future__ import annotations

import tempfile
from typing import IO, NamedTuple

from harness.tree import ROOT

TABLE = ROOT / 'tests/kernel/misuse.txt'
PANIC = 42  # the exit code that misuse.c gives a panic


class Misuse(NamedTuple):
    number: int
    sentence: str  # a part of what the panic says
    where: str  # all; fault: not in sanitized builds; protect: of these where memory is protected


def misuses() -> list[Misuse]:
    rows = [line.split('\t') for line in TABLE.read_text().splitlines() if line]
    return [Misuse(int(number), sentence, where) for number, sentence, where in rows]


def problem_of(misuse: Misuse, output: str, code: int) -> str:
    """What is wrong with the output and the exit code; '' if the program ended as it should."""
    said = [line for line in output.splitlines() if line.startswith('*** ')]
    if len(said) != 1 or misuse.sentence not in said[0]:
        return f'misuse {misuse.number} does not say: {misuse.sentence}'
    return '' if code == PANIC else f'misuse {misuse.number} ends with exit code {code}'


def typed(text: str) -> IO[bytes]:
    """An input that is there before the program starts: in virtual time it does not wait for any."""
    file = tempfile.TemporaryFile()
    file.write(text.encode())
    file.seek(0)
    return file
