# SPDX-License-Identifier: MIT
"""What is written where the compiler says that a call stands: which pointer an indirect call goes
through, what a spawn is given, and which function a line belongs to."""
from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from harness.callgraph.ci import Place
from harness.tree import ROOT, code_of

IDENTIFIER = re.compile(r'[A-Za-z_]\w*')
CLOSERS = {'(': ')', '[': ']', '{': '}'}
SPAN = 12  # lines that a call may take


@dataclass(frozen=True)
class Callee:
    """The pointer that a call goes through: x->y.member(...), name(...), name[i](...)."""
    name: str  # the member, or the variable
    root: str  # the first identifier
    path: tuple[str, ...]  # the members after it; () if a call is in between
    is_member: bool
    count: int  # of arguments


@cache
def lines_of(file: str) -> list[str]:
    """The lines of a source file without comments and strings; [] if it cannot be read."""
    try:
        return code_of((ROOT / file).read_text(encoding='utf-8', errors='replace')).split('\n')
    except OSError:
        return []


def text_at(place: Place) -> str:
    lines = lines_of(place.file)[place.line - 1:place.line - 1 + SPAN]
    return '\n'.join([lines[0][place.column - 1:], *lines[1:]]) if lines else ''


def closing(text: str, opening: int) -> int:
    """Where the bracket at `opening` is closed; the end of the text if it is not."""
    depth = 0
    for at in range(opening, len(text)):
        depth += (text[at] in '([{') - (text[at] in ')]}')
        if depth == 0:
            return at
    return len(text) - 1


def callee_of(text: str) -> tuple[Callee, str] | None:
    """The call at the start of the text, and what is between its parentheses; None if it is none."""
    start = re.match(r'[(*&! ]*', text).end()
    root = IDENTIFIER.match(text, start)
    if not root:
        return None
    name, at, path, plain = root[0], root.end(), (), True
    while at < len(text):
        if match := re.compile(r'\s*(?:->|\.)\s*(\w+)').match(text, at):
            name, path, at = match[1], (*path, match[1]), match.end()
        elif match := re.compile(r'[\s)]*\[').match(text, at):
            at = closing(text, match.end() - 1) + 1
        elif match := re.compile(r'[\s)]*\(').match(text, at):
            after = closing(text, match.end() - 1)
            if not re.compile(r'\s*(?:->|\.|\[|\()').match(text, after + 1):
                inside = text[match.end():after]
                return Callee(name, root[0], path if plain else (), bool(path), len(split(inside))), inside
            at, plain = after + 1, False
        else:
            return None
    return None


def callees_at(place: Place) -> list[Callee]:
    """The call that stands there; then, in case it is a direct one, those among its arguments: the
    compiler gives all of them one place when it has moved them together."""
    text = re.sub(r'\s+', ' ', text_at(place))
    read = callee_of(text)
    if read is None:
        return []
    outer, inside = read
    inner = [callee_of(inside[match.start():]) for match in re.finditer(r'\w+(?:->|\.)[\w.>-]*\(', inside)]
    return [outer, *(found[0] for found in inner if found)]


def split(text: str) -> list[str]:
    """The arguments in a text, by the commas outside of brackets."""
    found, depth, word = [], 0, ''
    for letter in text:
        depth += (letter in '([{') - (letter in ')]}')
        if letter == ',' and depth == 0:
            found.append(word.strip())
            word = ''
        else:
            word += letter
    return [*found, word.strip()] if text.strip() else []


def arguments_at(place: Place, function: str) -> list[str]:
    """The arguments of the call of `function` that stands there; [] if there is none."""
    text = text_at(place)
    match = re.search(rf'\b{function}\s*\(', text)
    if not match:
        return []
    return split(text[match.end():closing(text, match.end() - 1)])


@cache
def function_at(file: str, line: int) -> str:
    """The name of the function whose body a line is in: the body opens in column 0."""
    lines = lines_of(file)
    at = min(line, len(lines)) - 1
    while at >= 0 and not lines[at].startswith('{'):
        at -= 1
    head = ''
    while at > 0 and lines[at - 1].strip() and not lines[at - 1].startswith(('}', '#')):
        at -= 1
        head = f'{lines[at]} {head}'
    names = re.findall(r'(\w+)\s*\(', re.sub(r'__attribute__\s*\(\(.*?\)\)', '', head))
    return names[0] if names else ''
