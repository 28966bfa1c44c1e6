# SPDX-License-Identifier: MIT
"""What people say about the graph. In C by the macros of kernel/callgraph.h, which leave lines in a
section of the image that is not loaded; for libraries in tools/callgraph/*.txt. A line is

    FILE calls FUNCTION : CALLEE ...           its indirect calls reach these; none if there are none
    FILE calls_argument FUNCTION : HELPER ...  it and these call the function that its caller gives it
    FILE recurses FUNCTION : DEPTH
    FILE must_not_switch FUNCTION
    FILE does_not_switch FUNCTION : CALLEE     it calls that only with NOWAIT
    FILE ends_in FUNCTION : CALLEE             what it calls there calls nobody
    FILE macro NAME : STRUCT.MEMBER            a macro of a library that calls through a member

where FILE is `*` in a .txt, which holds for all, and the source file in a record."""
from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from harness.callgraph.elf import Elf
from harness.tree import ROOT

SECTION = '.stint.callgraph'
VERBS = ('calls', 'calls_argument', 'recurses', 'must_not_switch', 'does_not_switch', 'ends_in', 'macro')


@dataclass(frozen=True)
class Note:
    file: str
    verb: str
    function: str
    words: tuple[str, ...]

    def fits(self, name: str, file: str) -> bool:
        """A note of a header, or on a function of a library, holds wherever it stands."""
        return self.function == name.split('.')[0] and (self.file in ('*', file) or self.file.endswith('.h') or not file)


@dataclass
class Notes:
    all: list[Note] = field(default_factory=list)

    def add(self, line: str) -> None:
        head, _, tail = line.partition(':')
        words = head.split()
        if len(words) != 3 or words[1] not in VERBS:
            raise ValueError(f'a note on the call graph that nobody understands: {line}')
        self.all.append(Note(words[0].removeprefix('./'), words[1], words[2], tuple(tail.replace(',', ' ').split())))

    def of(self, verb: str, name: str, file: str) -> Note | None:
        return next((note for note in self.all if note.verb == verb and note.fits(name, file)), None)

    def about(self, verb: str) -> list[Note]:
        return [note for note in self.all if note.verb == verb]


def read(image: Elf, folder: Path = ROOT / 'tools/callgraph') -> Notes:
    notes = Notes()
    for path in sorted(folder.glob('*.txt')):
        for line in path.read_text().splitlines():
            if line.strip() and not line.startswith('#'):
                notes.add(f'* {line}')
    for record in image.section(SECTION).split(b'\0'):
        if record:
            notes.add(record.decode())
    return notes
