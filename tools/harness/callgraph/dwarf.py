# SPDX-License-Identifier: MIT
"""Types from the debug information: of functions, of members and variables that point to functions,
and of objects, so that a table's entries can be told by the member they initialise."""
from __future__ import annotations

import re
import subprocess
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Iterator

from harness.callgraph.elf import Elf

HEAD = re.compile(r'^ <(\w+)><(\w+)>: Abbrev Number: \d+ \(DW_TAG_(\w+)\)')
ATTRIBUTE = re.compile(r'^    <\w+>   DW_AT_(\w+)\s*: (.*)$')
WANTED = {'name', 'type', 'low_pc', 'byte_size', 'upper_bound', 'count', 'data_member_location', 'location',
          'abstract_origin', 'specification', 'const_value', 'external', 'declaration'}
FOLLOWED = {'const_type', 'volatile_type', 'typedef', 'atomic_type', 'restrict_type'}
RECORDS = {'structure_type': 'struct', 'union_type': 'union', 'enumeration_type': 'enum', 'class_type': 'struct'}
MANY = 4096  # elements of an array are looked at up to here


@dataclass(repr=False)
class Die:
    tag: str
    unit: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Die] = field(default_factory=list)
    parent: Die | None = None

    @property
    def name(self) -> str:
        return self.attributes.get('name', '')

    def number(self, attribute: str, default: int = 0) -> int:
        text = self.attributes.get(attribute, '').split('\t')[0].strip()
        return int(text, 0) if re.fullmatch(r'-?\d+|0x[0-9a-f]+', text) else default


@dataclass(frozen=True)
class Slot:
    """A word in an object that stands in the image: which member of which structure it is."""
    record: str
    member: str
    address: int


class Dwarf:
    def __init__(self, path: Path, objdump: str, image: Elf) -> None:
        self.image = image
        self.dies: dict[int, Die] = {}
        text = subprocess.run([objdump, '--dwarf=info', str(path)], stdout=subprocess.PIPE, text=True,
                              check=True).stdout
        self.parse(text)

    def parse(self, text: str) -> None:
        levels: list[Die] = []
        unit, die = '', Die('', '')
        for line in text.split('\n'):
            if line.startswith('    <'):
                match = ATTRIBUTE.match(line)
                if match and match[1] in WANTED:
                    die.attributes[match[1]] = value_of(match[2])
                    if match[1] == 'name' and die.tag == 'compile_unit':
                        unit = die.unit = die.name
            elif line.startswith(' <'):
                match = HEAD.match(line)
                if not match:
                    continue
                level = int(match[1], 16)
                die = Die(match[3], unit)
                del levels[level:]
                if levels:
                    die.parent = levels[-1]
                    levels[-1].children.append(die)
                levels.append(die)
                self.dies[int(match[2], 16)] = die

    def target(self, die: Die, attribute: str = 'type') -> Die | None:
        reference = die.attributes.get(attribute)
        return self.dies.get(int(reference.strip('<>'), 16)) if reference else None

    def origin(self, die: Die) -> Die:
        """The DIE that has the name and the type: an inlined or separate instance has neither."""
        for attribute in ('abstract_origin', 'specification'):
            other = self.target(die, attribute)
            if other is not None:
                return self.origin(other)
        return die

    def bare(self, die: Die | None) -> Die | None:
        """Without qualifiers and typedefs."""
        while die is not None and die.tag in FOLLOWED:
            die = self.target(die)
        return die

    # ---- Types in words ----

    def type_name(self, die: Die | None, depth: int = 0) -> str:
        typedef = ''
        while die is not None and die.tag in FOLLOWED:
            typedef = die.name or typedef
            die = self.target(die)
        if die is None:
            return 'void'
        if die.tag == 'pointer_type':
            return self.type_name(self.target(die), depth + 1) + '*' if depth < 6 else '*'
        if die.tag in RECORDS:
            return f'{RECORDS[die.tag]} {die.name or typedef}'
        if die.tag == 'subroutine_type':
            return self.signature(die, depth + 1)
        if die.tag == 'array_type':
            return self.type_name(self.target(die), depth + 1) + '*'
        return die.name

    def signature(self, die: Die, depth: int = 0) -> str:
        parameters = [self.type_name(self.target(child), depth) if child.tag == 'formal_parameter' else '...'
                      for child in die.children if child.tag in ('formal_parameter', 'unspecified_parameters')]
        return f'{self.type_name(self.target(die), depth)}({",".join(parameters)})'

    def called_type(self, die: Die | None) -> str | None:
        """The signature behind a pointer to a function, or an array of such; None for other types."""
        die = self.bare(die)
        while die is not None and die.tag == 'array_type':
            die = self.bare(self.target(die))
        if die is None or die.tag != 'pointer_type':
            return None
        pointed = self.bare(self.target(die))
        return self.signature(pointed) if pointed is not None and pointed.tag == 'subroutine_type' else None

    # ---- What there is ----

    @cached_property
    def signatures(self) -> dict[int, str]:
        """Of functions, by address."""
        found = {}
        for die in self.dies.values():
            if die.tag == 'subprogram' and 'low_pc' in die.attributes:
                found[die.number('low_pc')] = self.signature(self.origin(die))
        return found

    @cached_property
    def declared(self) -> dict[str, str]:
        """Signatures by name, for functions that were compiled elsewhere without debug information."""
        return {die.name: self.signature(die) for die in self.dies.values()
                if die.tag == 'subprogram' and 'declaration' in die.attributes}

    @cached_property
    def members(self) -> dict[str, set[tuple[str, str]]]:
        """By name of a member: the structures that have it, and the signature that it points to."""
        found: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for die in self.dies.values():
            if die.tag == 'member' and (called := self.called_type(self.target(die))):
                found[die.name].add((die.parent.name if die.parent else '', called))
        return found

    @cached_property
    def named(self) -> dict[tuple[str, str], list[Die]]:
        """Types of variables and parameters, by compilation unit and name."""
        found: dict[tuple[str, str], list[Die]] = defaultdict(list)
        for die in self.dies.values():
            if die.tag in ('variable', 'formal_parameter') and die.name and (kind := self.target(die)):
                found[die.unit, die.name].append(kind)
        return found

    def members_by_path(self, unit: str, root: str, path: tuple[str, ...]) -> set[tuple[str, str]]:
        """As above, for root->path[0]->path[1]...; empty if that cannot be followed."""
        return {(self.pointed(owner).name, called) for kind, owner in self.follow(unit, root, path)
                if (called := self.called_type(kind))}

    def types_by_path(self, unit: str, root: str, path: tuple[str, ...]) -> list[Die]:
        return [kind for kind, _ in self.follow(unit, root, path)]

    def follow(self, unit: str, root: str, path: tuple[str, ...]) -> Iterator[tuple[Die, Die]]:
        """Types that the path leads to, each with that of what it is a member of."""
        for kind in self.named.get((unit, root), []):
            owner: Die = kind
            for name in path:
                structure = self.pointed(kind)
                member = next((m for m in structure.children if m.tag == 'member' and m.name == name), None) \
                    if structure else None
                owner, kind = kind, self.target(member) if member else None
                if kind is None:
                    break
            else:
                yield kind, owner

    def offsets(self, record: str) -> dict[str, int]:
        """Of the members of a structure."""
        for die in self.dies.values():
            if die.tag == 'structure_type' and die.name == record and die.children:
                return {m.name: m.number('data_member_location') for m in die.children if m.tag == 'member'}
        return {}

    def without_dimensions(self, die: Die, count: int) -> Die:
        """An array's type without its first dimensions."""
        rest = [child for child in die.children if child.tag == 'subrange_type'][count:]
        return Die(die.tag, die.unit, die.attributes, rest)

    def pointed(self, die: Die | None) -> Die | None:
        """The structure behind pointers and arrays."""
        die = self.bare(die)
        while die is not None and die.tag in ('pointer_type', 'array_type'):
            die = self.bare(self.target(die))
        return die

    @cached_property
    def variables(self) -> dict[tuple[str, str], set[str]]:
        """Signatures that variables and parameters point to, by compilation unit and name."""
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for die in self.dies.values():
            if die.tag in ('variable', 'formal_parameter') and (called := self.called_type(self.target(die))):
                found[die.unit, die.name].add(called)
        return found

    @cached_property
    def constant_records(self) -> set[str]:
        """Structures of which there are constants only: tables of operations, as a rule."""
        constant, variable = set(), set()
        for die in self.dies.values():
            if die.tag not in ('variable', 'member') or 'declaration' in die.attributes:
                continue
            kind = self.bare(self.target(die))
            while kind is not None and kind.tag == 'array_type':
                kind = self.bare(self.target(kind))
            if kind is not None and kind.tag == 'structure_type' and kind.name:
                place = re.search(r'DW_OP_addr: (\w+)\)$', die.attributes.get('location', ''))
                fixed = place is not None and self.image.is_constant(int(place[1], 16))
                (constant if fixed else variable).add(kind.name)
        return constant - variable

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Of structures, by name."""
        return {die.name: die.number('byte_size') for die in self.dies.values()
                if die.tag == 'structure_type' and die.name and 'byte_size' in die.attributes}

    @cached_property
    def constants(self) -> dict[str, int]:
        return {die.name: die.number('const_value') for die in self.dies.values() if die.tag == 'enumerator'}

    @cached_property
    def objects(self) -> list[tuple[str, str, int, Die | None]]:
        """(unit, name, address, type) of the variables with a fixed place."""
        found = []
        for die in self.dies.values():
            place = re.search(r'DW_OP_addr: (\w+)\)$', die.attributes.get('location', ''))
            if die.tag == 'variable' and place:
                origin = self.origin(die)
                kind = self.target(die) or self.target(origin)  # an array's own type has its length
                found.append((die.unit, origin.name, int(place[1], 16), kind))
        return found

    def size_of(self, die: Die | None) -> int:
        die = self.bare(die)
        if die is None:
            return 0
        if die.tag == 'array_type':
            size = self.size_of(self.target(die))
            for child in die.children:
                size *= child.number('count', child.number('upper_bound', -1) + 1)
            return size
        return die.number('byte_size')

    @cached_property
    def slots(self) -> list[Slot]:
        """All pointers in objects that have a value before the program runs."""
        found: list[Slot] = []
        for _, name, address, kind in self.objects:
            section = self.image.where(address)
            if section is not None and section.kind != 8:
                self.walk(kind, address, '', name, found)
        return found

    def walk(self, die: Die | None, address: int, record: str, member: str, found: list[Slot]) -> None:
        die = self.bare(die)
        if die is None:
            return
        if die.tag == 'pointer_type' or die.tag == 'base_type' and die.number('byte_size') == self.image.word:
            found.append(Slot(record, member, address))
        elif die.tag == 'array_type':
            element = self.target(die)
            size = self.size_of(element)
            for i in range(min(self.size_of(die) // size, MANY) if size else 0):
                self.walk(element, address + i * size, record, member, found)
        elif die.tag in ('structure_type', 'union_type'):
            for child in die.children:
                if child.tag == 'member':
                    self.walk(self.target(child), address + child.number('data_member_location'), die.name,
                              child.name or member, found)


def value_of(text: str) -> str:
    if text.startswith('(indirect'):
        return text.split('): ', 1)[1].strip()
    return text.strip()
