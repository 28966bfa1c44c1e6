# SPDX-License-Identifier: MIT
"""What GCC writes beside each object with -fcallgraph-info=su: per function its frame, and where in
the source each of its calls stands."""
from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

TITLE = re.compile(r'^graph: \{ title: "([^"]*)"')
NODE = re.compile(r'^node: \{ title: "([^"]*)" label: "([^"]*)"')
EDGE = re.compile(r'^edge: \{ sourcename: "([^"]*)" targetname: "([^"]*)"(?: label: "([^"]*)")?')
FRAME = re.compile(r'\\n(\d+) bytes \(([\w,]+)\)')
PLACE = re.compile(r'^(?:\./)?(.*):(\d+):(\d+)$')
INDIRECT = '__indirect_call'


@dataclass(frozen=True)
class Place:
    """A point in the source."""
    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f'{self.file}:{self.line}'


@dataclass
class Said:
    """What the compiler said of one function."""
    name: str
    size: int
    dynamic: bool  # its frame grows at run time (alloca)
    calls: list[tuple[str, Place]] = field(default_factory=list)

    def indirect(self) -> list[Place]:
        return [place for name, place in self.calls if name == INDIRECT]


@cache
def read(path: Path) -> tuple[str, dict[str, Said]]:
    """The source file, and what was said by name of the function; nothing if there is no such file."""
    file, found = '', {}
    if not path.exists():
        return file, found
    for line in path.read_text().splitlines():
        if match := TITLE.match(line):
            file = match[1]
        elif match := NODE.match(line):
            frame = FRAME.search(match[2])
            if frame:
                name = plain(match[1])
                found[name] = Said(name, int(frame[1]), frame[2] == 'dynamic')
        elif (match := EDGE.match(line)) and plain(match[1]) in found:
            place = PLACE.match(match[3] or '')
            where = Place(place[1], int(place[2]), int(place[3])) if place else Place('?', 0, 0)
            found[plain(match[1])].calls.append((plain(match[2]), where))
    return file, found


def plain(title: str) -> str:
    """A static function's title has its file in front."""
    return title.rpartition(':')[2]
