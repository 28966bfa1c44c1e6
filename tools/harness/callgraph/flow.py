# SPDX-License-Identifier: MIT
"""From machine code to frames: how deep the stack is at each call of a function, and at most. The
depth is followed along all branches, so that what is called before the frame is made, or after it is
gone (a tail call), counts for no more than it takes."""
from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from harness.callgraph import elf

LINE = re.compile(r'^ *([0-9a-f]+):\t(\S+)(?:\t(.*))?$')
TOO_OFTEN = 8  # an instruction that is reached with ever more depth: it grows the stack in a loop


@dataclass
class Instruction:
    address: int
    name: str
    operands: str


@dataclass
class Step:
    """What an instruction does to the flow and to the stack."""
    grows: int = 0  # bytes; < 0: shrinks
    jumps: int | None = None  # a branch to this address
    calls: int | None = None  # a call of the function at this address
    indirect: bool = False  # a call, or with `stops` a jump, to where a register says
    table: bool = False  # a jump by a table, to somewhere in the function
    stops: bool = False  # the next instruction does not follow
    returns: bool = False
    unknown: bool = False  # the stack grows by an amount that is not known


@dataclass
class Call:
    depth: int  # of the caller's frame there
    target: int | None  # the function's address; None: where a register says
    tail: bool = False


@dataclass
class Code:
    """One function."""
    address: int
    end: int
    instructions: list[Instruction] = field(default_factory=list)
    words: dict[int, int] = field(default_factory=dict)  # data between the instructions
    depth: int = 0  # at most, without what it calls
    plain_depth: int = 0  # the same when nobody has used floating point
    calls: list[Call] = field(default_factory=list)
    unbounded: bool = False
    returns: bool = False
    floats: bool = False
    taken: set[int] = field(default_factory=set)  # functions whose address it takes

    def reaches(self, address: int) -> bool:
        """Its last instruction, of 2 or 4 bytes, comes right before this address."""
        return bool(self.instructions) and address - self.instructions[-1].address <= 4


class Reader(Protocol):
    """What thumb.py and riscv.py know."""

    def steps(self, code: Code, known: set[int]) -> list[Step]: ...
    def taken(self, code: Code, known: set[int]) -> set[int]: ...
    def is_float(self, instruction: Instruction) -> bool: ...


def disassemble(image: elf.Elf, path: Path, objdump: str, sections: elf.Ranges) -> dict[int, Code]:
    """All functions of the image, by address. One whose size is not said, as in some libraries, ends where its
    section does, or the next begins: what lies behind may be constants."""
    text = subprocess.run([objdump, '-d', '--no-show-raw-insn', '-w', str(path)], stdout=subprocess.PIPE, text=True,
                          check=True).stdout
    starts = {s.address: s.address + s.size if s.size else sections.end_of(s.address) for s in image.symbols
              if s.kind == elf.FUNCTION and (where := image.where(s.address)) and where.flags & elf.EXECUTABLE}
    found: dict[int, Code] = {}
    code: Code | None = None
    for line in text.splitlines():
        match = LINE.match(line)
        if not match:
            continue
        address = int(match[1], 16)
        if address in starts:
            code = found[address] = Code(address, address)
        if code is not None and address < starts[code.address]:
            read_line(code, address, match[2], (match[3] or ''))
    return found


def read_line(code: Code, address: int, name: str, operands: str) -> None:
    if name in ('.word', '.short', '.byte', '.hword'):
        code.words[address] = int(operands.split()[0], 16)
    else:
        code.instructions.append(Instruction(address, name, operands))
    code.end = max(code.end, address + 4)  # 2 too far, if a short instruction is the last


def analyse(codes: dict[int, Code], reader: Reader) -> None:
    known = set(codes)
    in_order = sorted(codes)
    steps = {address: reader.steps(code, known) for address, code in codes.items()}
    ends = {address for address in codes if not any(step.returns for step in steps[address])}
    following = dict(zip(in_order, in_order[1:]))
    # A function whose end is not one goes on with the next.
    falls = {a: after for a, after in following.items() if codes[a].reaches(after) and not last(codes[a], steps[a]).stops}
    # Who never returns, and leaves to nobody who does, does not return; calls of it are ends, too.
    while changed := {a for a in ends if any(leaves(step, codes[a], codes, ends) for step in steps[a])
                      or a in falls and falls[a] not in ends and last(codes[a], steps[a]).calls not in ends}:
        ends -= changed
    for address, code in codes.items():
        code.returns = address not in ends
        code.taken = reader.taken(code, known)
        code.floats = any(reader.is_float(i) for i in code.instructions)
        Flow(code, steps[address], ends, falls.get(address), reader).run()


def last(code: Code, steps: list[Step]) -> Step:
    """The last instruction that is not padding."""
    return next((step for i, step in zip(reversed(code.instructions), reversed(steps)) if 'nop' not in i.name), steps[-1])


def leaves(step: Step, code: Code, codes: dict[int, Code], ends: set[int]) -> bool:
    if step.indirect and step.stops:
        return True
    outside = step.jumps is not None and not code.address <= step.jumps < code.end
    return outside and step.jumps not in ends


class Flow:
    """The walk through one function."""

    def __init__(self, code: Code, steps: list[Step], ends: set[int], falls_to: int | None, reader: Reader) -> None:
        self.code, self.steps, self.ends, self.falls_to = code, steps, ends, falls_to
        self.floats = [reader.is_float(i) for i in code.instructions]
        self.index = {i.address: n for n, i in enumerate(code.instructions)}
        self.depths: dict[int, int] = {}
        self.visits = [0] * len(steps)
        self.falls = False
        self.tables = -1  # depth at the jumps by a table, if there are any

    def run(self) -> None:
        if any(self.floats):  # first without what saves floating-point registers, and what follows that
            self.walk(0, 0, plain=True)
            self.code.plain_depth = self.deepest()
            self.depths.clear()
        self.walk(0, 0)
        self.falls = len(self.steps) - 1 in self.depths  # its last instruction is not only padding
        if self.tables >= 0:  # what only a table leads to
            for n in range(len(self.steps)):
                if n not in self.depths:
                    self.walk(n, self.tables)
        self.code.depth = self.deepest()
        if not any(self.floats):
            self.code.plain_depth = self.code.depth
        self.collect()

    def deepest(self) -> int:
        return max((depth + max(self.steps[n].grows, 0) for n, depth in self.depths.items()), default=0)

    def walk(self, start: int, depth: int, plain: bool = False) -> None:
        todo = [(start, depth)]
        while todo:
            n, depth = todo.pop()
            while n < len(self.steps) and self.depths.get(n, -1) < depth and not (plain and self.floats[n]):
                self.visits[n] += 1
                if self.visits[n] > TOO_OFTEN:
                    self.code.unbounded = True
                    return
                self.depths[n] = depth
                step = self.steps[n]
                if step.table or step.indirect and step.stops:
                    self.tables = max(self.tables, depth)
                depth = max(depth + step.grows, 0)
                if step.jumps in self.index:
                    todo.append((self.index[step.jumps], depth))
                if step.stops or step.calls in self.ends and step.calls is not None:
                    break
                n += 1

    def collect(self) -> None:
        code = self.code
        for n, depth in sorted(self.depths.items()):
            step = self.steps[n]
            code.unbounded |= step.unknown
            if step.calls is not None:
                code.calls.append(Call(depth, step.calls))
            elif step.indirect and not (step.stops and depth > 0):  # with a frame it is a jump by a table
                code.calls.append(Call(depth, None, step.stops))
            elif step.jumps is not None and step.jumps not in self.index:
                code.calls.append(Call(depth, step.jumps, True))
        if self.falls_to is not None and self.falls and self.steps[-1].calls not in self.ends:
            code.calls.append(Call(self.depths[len(self.steps) - 1], self.falls_to, True))
