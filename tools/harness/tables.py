# SPDX-License-Identifier: MIT
"""Budgets are data: tables of words, one row per line, in tests/budget/*.txt. Lines that begin with
`#` are kept when a table is rewritten; the last of them names the columns."""
from __future__ import annotations

from pathlib import Path

from harness.tree import ROOT

FOLDER = ROOT / 'tests/budget'


def read(name: str) -> list[list[str]]:
    path = FOLDER / f'{name}.txt'
    if not path.exists():
        return []
    return [line.split() for line in path.read_text().splitlines() if line and line[0] != '#']


def write(name: str, rows: list[list[str]]) -> Path:
    """Replaces the rows; columns are lined up."""
    path = FOLDER / f'{name}.txt'
    head = [line for line in path.read_text().splitlines() if line.startswith('#')]
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = ['  '.join(word.ljust(width) for word, width in zip(row, widths)).rstrip() for row in rows]
    path.write_text('\n'.join(head + lines) + '\n')
    return path
