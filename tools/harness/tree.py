# SPDX-License-Identifier: MIT
"""The source tree: which files it has, and their text with or without comments."""
from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

NOT_CODE = re.compile(r'''//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*\'''', re.DOTALL)


@cache
def tracked(*suffixes: str) -> list[str]:
    """The files that git tracks and that still exist, by path from ROOT; all, or these suffixes."""
    listing = subprocess.run(['git', 'ls-files', '-z'], cwd=ROOT, stdout=subprocess.PIPE, text=True,
                             check=True).stdout
    paths = [path for path in listing.split('\0') if (ROOT / path).is_file()]
    return sorted(path for path in paths if not suffixes or path.endswith(suffixes))


@cache
def text_of(path: str) -> str:
    return (ROOT / path).read_text(encoding='utf-8')


def code_of(text: str) -> str:
    """The text with comments, strings and characters blanked out; every line stays in its place."""
    return NOT_CODE.sub(lambda m: re.sub(r'[^\n]', ' ', m[0]), text)


def line_at(text: str, offset: int) -> int:
    return text.count('\n', 0, offset) + 1


def closing(text: str, opening: int) -> int:
    """The offset of the parenthesis that closes the one at `opening`; the end if none does."""
    depth = 0
    for at in range(opening, len(text)):
        depth += (text[at] == '(') - (text[at] == ')')
        if depth == 0:
            return at
    return len(text) - 1
