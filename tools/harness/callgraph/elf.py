# SPDX-License-Identifier: MIT
"""An ELF file of 32 or 64 bits, little-endian: its sections and symbols."""
from __future__ import annotations

import struct
from bisect import bisect_right
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterator

ALLOCATED, EXECUTABLE, WRITABLE = 2, 4, 1  # sh_flags
NO_BITS = 8  # sh_type of what has no bytes in the file
OBJECT, FUNCTION = 1, 2  # symbol types
ARM = 40  # e_machine


@dataclass(frozen=True)
class Section:
    name: str
    kind: int
    flags: int
    address: int
    offset: int
    size: int


@dataclass(frozen=True)
class Symbol:
    name: str
    address: int  # of a Thumb function without its lowest bit
    size: int
    kind: int
    is_global: bool


@dataclass
class Elf:
    data: bytes
    word: int  # bytes of an address
    machine: int
    entry: int  # where the machine begins, or a part of it
    sections: list[Section] = field(default_factory=list)
    symbols: list[Symbol] = field(default_factory=list)

    @property
    def is_arm(self) -> bool:
        return self.machine == ARM

    def section(self, name: str) -> bytes:
        """The bytes of a section, b'' if there is none."""
        return b''.join(self.data[s.offset:s.offset + s.size] for s in self.sections if s.name == name)

    def value(self, name: str) -> int:
        """The address of a symbol; KeyError if there is none."""
        for symbol in self.symbols:
            if symbol.name == name:
                return symbol.address
        raise KeyError(name)

    def where(self, address: int) -> Section | None:
        for section in self.sections:
            if section.flags & ALLOCATED and section.address <= address < section.address + section.size:
                return section
        return None

    def bytes_at(self, address: int, size: int) -> bytes:
        """What lies there before the program runs."""
        section = self.where(address)
        if section is None or section.kind == NO_BITS:
            return bytes(size)
        start = section.offset + address - section.address
        return self.data[start:start + size]

    def word_at(self, address: int, size: int = 0) -> int:
        return int.from_bytes(self.bytes_at(address, size or self.word), 'little')

    def words(self) -> Iterator[tuple[int, int]]:
        """All aligned words of the image as it is loaded, with their addresses."""
        for section in self.sections:
            if section.flags & ALLOCATED and section.kind != NO_BITS:
                skip = -section.address % self.word
                count = (section.size - skip) // self.word
                if count > 0:
                    words = struct.unpack_from(f'<{count}{"Q" if self.word == 8 else "I"}', self.data,
                                               section.offset + skip)
                    yield from zip(range(section.address + skip, section.address + section.size, self.word), words)

    def is_constant(self, address: int) -> bool:
        section = self.where(address)
        return section is not None and not section.flags & WRITABLE or \
            section is not None and section.name == '.text'


def read(path: Path) -> Elf:
    data = path.read_bytes()
    wide = data[4] == 2
    machine, = struct.unpack_from('<H', data, 18)
    table, = struct.unpack_from('<Q' if wide else '<I', data, 40 if wide else 32)
    size, count, names = struct.unpack_from('<HHH', data, 58 if wide else 46)
    entry, = struct.unpack_from('<Q' if wide else '<I', data, 24)
    elf = Elf(data, 8 if wide else 4, machine, entry & ~(machine == ARM))
    rows = [struct.unpack_from('<IIQQQQIIQQ' if wide else '<IIIIIIIIII', data, table + i * size)
            for i in range(count)]
    for row in rows:
        elf.sections.append(Section(string(data, rows[names][4] + row[0]), row[1], row[2], row[3], row[4], row[5]))
    for row in rows:
        if row[1] == 2:  # SHT_SYMTAB
            elf.symbols = list(symbols(data, row, rows[row[6]][4], wide, machine == ARM))
    return elf


def symbols(data: bytes, table: tuple[int, ...], strings: int, wide: bool, arm: bool) -> list[Symbol]:
    found = []
    for row in struct.iter_unpack('<IBBHQQ' if wide else '<IIIBBH', data[table[4]:table[4] + table[5]]):
        name, address, size, info = (row[0], row[4], row[5], row[1]) if wide else row[:4]
        kind = info & 15
        if arm and kind == FUNCTION:
            address &= ~1
        found.append(Symbol(string(data, strings + name), address, size, kind, info >> 4 != 0))
    return found


def string(data: bytes, offset: int) -> str:
    return data[offset:data.index(b'\0', offset)].decode()


class Ranges:
    """Finds which of several ranges an address lies in."""

    def __init__(self, starts: dict[int, int]) -> None:
        """`starts`: the end of each range by its start."""
        self.starts = sorted(starts)
        self.ends = starts

    def start_of(self, address: int) -> int | None:
        at = bisect_right(self.starts, address) - 1
        if at < 0 or address >= self.ends[self.starts[at]]:
            return None
        return self.starts[at]

    def end_of(self, address: int) -> int:
        """Of the range that it lies in; of none: the address itself."""
        start = self.start_of(address)
        return address if start is None else self.ends[start]
