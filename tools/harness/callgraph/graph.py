# SPDX-License-Identifier: MIT
"""The call graph of a linked image. Functions are those in it, by address; what was inlined or
collected is not there. Direct calls come from the machine code, so that libraries are in it like our
own code; the compiler's word is taken for where indirect calls stand, and for frames where the code
does not tell."""
from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from harness.callgraph import ci, dwarf, elf, flow, notes, riscv, sources, spawns, thumb

SWITCH, CALL_ON, BEGIN = 'arch_switch', 'arch_call_on', 'arch_begin'
# Go on with what they are given, on a stack that is given up; or return where the hardware knows.
RESTARTS = ('arch_restart_at', 'arch_leave_trap_at', 'arch_fault')
ANYWHERE = ('', '')
PLACED = re.compile(r'^ \.(?:text|init)[\w.$-]*\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) (\S+)$', re.MULTILINE)
MEMBER_OF_ARCHIVE = re.compile(r'^.*\.a\((.*)\)$')


@dataclass(repr=False)
class Edge:
    depth: int  # of the caller's frame
    target: Node
    on_poll_stack: bool = False  # in a tasklet, the call runs on the scheduler's stack
    ends: bool = False  # ENDS_IN: called from here, the target calls nobody
    stays: bool = False  # DOES_NOT_SWITCH: called from here, the target does not switch
    indirect: bool = False


@dataclass(eq=False, repr=False)
class Node:
    address: int
    name: str
    object: str  # the file it comes from
    code: flow.Code
    said: ci.Said | None = None
    file: str = ''  # the source file of its compilation unit, if it is known
    edges: list[Edge] = field(default_factory=list)
    unresolved: list[str] = field(default_factory=list)

    @property
    def frame(self) -> int:
        return max(self.code.depth, self.said.size if self.said else 0)

    def __repr__(self) -> str:  # the graph has cycles
        return self.name


class Graph:
    def __init__(self, path: Path, objdump: str) -> None:
        self.image = elf.read(path)
        self.dwarf = dwarf.Dwarf(path, objdump, self.image)
        self.notes = notes.read(self.image)
        placed = placed_by(path.with_suffix('.map').read_text())
        codes = flow.disassemble(self.image, path, objdump, elf.Ranges({at: end for at, (end, _) in placed.items()}))
        flow.analyse(codes, thumb.Thumb() if self.image.is_arm else riscv.Riscv())
        self.compiled: dict[str, dict[str, ci.Said]] = {}  # by source file
        self.nodes = self.make_nodes(codes, {at: owner for at, (_, owner) in placed.items()})
        self.by_name: dict[str, list[Node]] = defaultdict(list)
        for symbol in self.image.symbols:
            if symbol.kind == elf.FUNCTION and symbol.address in self.nodes:
                for name in {symbol.name, symbol.name.split('.')[0]}:  # f.constprop.0 is f, too
                    self.by_name[name].append(self.nodes[symbol.address])
        self.spawns: list[spawns.Spawn] = []
        for exact in (True, False):  # who is named in one is no candidate for the others
            self.spawns += [spawn for spawn in spawns.find(self) if spawn.exact == exact]
        self.connect()
        self.connect_arguments()
        self.connect_poll_stack()

    # ---- Functions ----

    def make_nodes(self, codes: dict[int, flow.Code], owners: dict[int, str]) -> dict[int, Node]:
        names: dict[int, elf.Symbol] = {}
        for symbol in self.image.symbols:
            if symbol.kind == elf.FUNCTION and symbol.address in codes:
                known = names.get(symbol.address)
                if known is None or symbol.is_global and not known.is_global:
                    names[symbol.address] = symbol
        found = {}
        for address, code in codes.items():
            owner = owners.get(address)
            node = found[address] = Node(address, names[address].name, owner or '', code)
            if owner and owner.endswith('.o'):
                node.file, said = ci.read(Path(owner).with_suffix('.ci'))
                self.compiled[node.file] = said
                node.said = said.get(node.name)
        return found

    def named(self, name: str, file: str = '*') -> list[Node]:
        """The functions of that name, of one file if it has one."""
        found = self.by_name.get(name, [])
        return [node for node in found if node.file == file] or found

    # ---- Calls ----

    def connect(self) -> None:
        for node in self.nodes.values():
            for call in node.code.calls:
                if call.target is not None:
                    target = self.nodes.get(call.target) or self.containing(call.target)
                    if target is not None and (target is not node or call.target == node.address):
                        node.edges.append(Edge(call.depth, target))
            self.mark(node)
            self.connect_indirect(node)

    def mark(self, node: Node) -> None:
        """Notes on direct calls hold if all calls of the callee in this function are those meant."""
        for edge in node.edges:
            for verb in ('ends_in', 'does_not_switch'):
                notes_of = [self.notes.of(verb, *caller) for caller in self.written_in(node, edge.target)]
                if all(note is not None and edge.target.name in note.words for note in notes_of):
                    edge.ends |= verb == 'ends_in'
                    edge.stays |= verb == 'does_not_switch'

    def written_in(self, node: Node, target: Node) -> set[tuple[str, str]]:
        """In which functions, by name and file, the calls of `target` stand that `node` has now: in its
        own, and in those that were inlined."""
        if node.said is None:
            return {(node.name, node.file)}
        places = [place for name, place in node.said.calls if name == target.name]
        return {(sources.function_at(place.file, place.line), place.file) for place in places} or \
            {(node.name, node.file)}

    def containing(self, address: int) -> Node | None:
        """Assembly may jump into the middle of a function."""
        return next((n for n in self.nodes.values() if n.address <= address < n.code.end), None)

    def connect_indirect(self, node: Node) -> None:
        depths = [call.depth for call in node.code.calls if call.target is None]
        if not depths or node.name in (SWITCH, CALL_ON, *RESTARTS) or node in self.beginnings:
            return
        targets = self.targets_of(node)
        node.edges += [Edge(max(depths), target, indirect=True) for target in sorted(targets, key=lambda n: n.address)]

    def targets_of(self, node: Node) -> set[Node]:
        notes_of = [note for note in self.notes.about('calls') if note.fits(node.name, node.file)]
        if notes_of:
            return {target for note in notes_of for target in self.named_by(note)}
        if node.said is None:
            node.unresolved.append('no source')
            return set()
        found: set[Node] = set()
        for place in sorted(set(node.said.indirect()), key=str):
            targets = self.targets_at(place, node)
            if targets is None:
                node.unresolved.append(str(place))
            else:
                found |= targets
        return found

    def named_by(self, note: notes.Note) -> set[Node]:
        return {node for word in note.words for node in self.named(word, note.file)}

    def targets_at(self, place: ci.Place, node: Node) -> set[Node] | None:
        note = self.notes.of('calls', sources.function_at(place.file, place.line), place.file)
        if note is not None:
            return self.named_by(note)
        found: set[Node] = set()
        told = False
        for callee in sources.callees_at(place):
            targets = self.candidates(callee, node)
            if targets is not None:
                told = True
                found |= targets
        return found if told else None

    def candidates(self, callee: sources.Callee, node: Node) -> set[Node] | None:
        """Whom a call through this pointer can reach; None if it is no pointer that is known."""
        macro = next((n for n in self.notes.about('macro') if n.function == callee.name), None)
        if macro is not None:
            record, _, member = macro.words[0].partition('.')
            known = {pair for pair in self.dwarf.members.get(member, set()) if pair[0] == record}
            return self.through_members(known, member, None)
        if callee.is_member:
            constant = self.constant_member(callee)
            if constant is not None:
                return constant
            records = self.dwarf.members_by_path(node.file, callee.root, callee.path) or \
                self.dwarf.members.get(callee.name, set())
            return self.through_members(records, callee.name, callee.count) if records else None
        table = self.constant_table(callee.name)
        if table is not None:
            return table
        signatures = self.dwarf.variables.get((node.file, callee.name))
        return self.fitting(signatures, callee.count) if signatures else None

    def through_members(self, records: set[tuple[str, str]], member: str, count: int | None) -> set[Node]:
        """`records`: structures that have the member, and what type of function it points to. A
        function that stands only in tables is reached only through what it initialises there; one that
        is deferred, only through its record."""
        if any(record == 'defer' for record, _ in records):
            return set(self.deferred)
        fitting = self.fitting({signature for _, signature in records}, count)
        places = {(record, member) for record, _ in records}
        constant = all(record in self.dwarf.constant_records for record, _ in records)
        in_tables = {n for n in fitting if self.tables_of.get(n, set()) & places}
        if constant and in_tables:
            return in_tables
        return in_tables | {n for n in fitting if ANYWHERE in self.tables_of.get(n, {ANYWHERE})}

    def fitting(self, signatures: set[str], count: int | None) -> set[Node]:
        """Functions whose address is taken and whose type fits; not those where a tasklet or the
        machine begins."""
        found = {node for node in self.taken if self.signature_of(node) in signatures}
        if count is not None:
            found = {node for node in found if arity(self.signature_of(node)) == count}
        begun = {function for spawn in self.spawns if spawn.exact for function in spawn.functions}
        return {n for n in found - begun - self.deferred
                if n not in self.beginnings and n.address != self.image.entry}

    @cached_property
    def deferred(self) -> set[Node]:
        """The functions that are named in calls of defer()."""
        found = set()
        for node in self.nodes.values():
            for name, place in node.said.calls if node.said else []:
                arguments = sources.arguments_at(place, name) if name == 'defer' else []
                if len(arguments) == 3 and re.fullmatch(r'\w+', arguments[1]):
                    found |= set(self.named(arguments[1], node.file))
        return found

    def signature_of(self, node: Node) -> str:
        return self.dwarf.signatures.get(node.address) or self.dwarf.declared.get(node.name, '?')

    def constant_member(self, callee: sources.Callee) -> set[Node] | None:
        """What a member of a constant object points to, by the object's name."""
        ranges = [(s.address, s.address + s.size) for s in self.image.symbols if s.name == callee.root
                  and s.kind == elf.OBJECT and s.size and self.image.is_constant(s.address)]
        if not ranges or not callee.path:
            return None
        places = [slot.address for slot in self.dwarf.slots if slot.member == callee.name
                  and any(start <= slot.address < end for start, end in ranges)]
        return {node for place in places if (node := self.pointed_by(place))}

    def constant_table(self, name: str) -> set[Node] | None:
        """The functions in a constant array of pointers, by its name."""
        tables = [s for s in self.image.symbols if s.name == name and s.kind == elf.OBJECT and s.size
                  and self.image.is_constant(s.address)]
        if not tables:
            return None
        return {node for s in tables for at in range(s.address, s.address + s.size, self.image.word)
                if (node := self.pointed_by(at))}

    def pointed_by(self, address: int) -> Node | None:
        value = self.image.word_at(address)
        if self.image.is_arm:
            if not value & 1:
                return None
            value &= ~1
        return self.nodes.get(value)

    def everything(self) -> list[Node]:
        """All nodes, with the copies that callers of some functions have."""
        found, todo = dict.fromkeys(self.nodes.values()), list(self.nodes.values())
        while todo:
            for edge in todo.pop().edges:
                if edge.target not in found:
                    found[edge.target] = None
                    todo.append(edge.target)
        return list(found)

    # ---- Addresses ----

    @cached_property
    def taken_in_code(self) -> set[Node]:
        return {self.nodes[a] for node in self.nodes.values() for a in node.code.taken}

    @cached_property
    def taken_in_data(self) -> dict[Node, set[int]]:
        """Functions that pointers in data lead to, with the places of these pointers."""
        found: dict[Node, set[int]] = defaultdict(set)
        functions = elf.Ranges({n.address: n.code.end for n in self.nodes.values()})
        bit = 1 if self.image.is_arm else 0
        pointers = {node.address | bit: node for node in self.nodes.values()}
        for address, word in self.image.words():
            node = pointers.get(word)
            if node is not None and functions.start_of(address) is None:
                found[node].add(address)
        return found

    @cached_property
    def taken(self) -> set[Node]:
        return self.taken_in_code | set(self.taken_in_data)

    @cached_property
    def tables_of(self) -> dict[Node, set[tuple[str, str]]]:
        """Structure and member where a function stands in initialised objects; ANYWHERE too if its
        address is also taken elsewhere."""
        members: dict[int, set[tuple[str, str]]] = defaultdict(set)
        for slot in self.dwarf.slots:
            members[slot.address].add((slot.record, slot.member))
        found: dict[Node, set[tuple[str, str]]] = defaultdict(set)
        for node, places in self.taken_in_data.items():
            found[node] = set().union(*(members[place] for place in places))
            if node in self.taken_in_code or not all(place in members for place in places):
                found[node].add(ANYWHERE)
        return found

    @cached_property
    def beginnings(self) -> set[Node]:
        """Where a tasklet begins: the port's first switch to it arrives there."""
        return set(self.by_name.get(BEGIN, []))

    # ---- Functions that call what they are given ----

    def connect_arguments(self) -> None:
        """A function with a note CALLS_ARGUMENT, and those of its helpers that are told there, stand in
        the graph once more for each caller that names a function: they call that one."""
        for note in self.notes.about('calls_argument'):
            group = [node for name in (note.function, *note.words) for node in self.named(name, note.file)]
            called = {edge.target for node in group for edge in node.edges if edge.indirect}
            for caller in list(self.nodes.values()):
                given = {self.nodes[a] for a in caller.code.taken} & called
                if given and caller not in group and any(e.target is group[0] for e in caller.edges):
                    self.copy_group(group, caller, given)

    def copy_group(self, group: list[Node], caller: Node, given: set[Node]) -> None:
        copies = {node: replace(node, edges=[]) for node in group}
        for node, copy in copies.items():
            depths = [edge.depth for edge in node.edges if edge.indirect]
            copy.edges = [replace(edge, target=copies.get(edge.target, edge.target))
                          for edge in node.edges if not edge.indirect]
            copy.edges += [Edge(max(depths), target, indirect=True) for target in given if depths]
        for edge in caller.edges:
            edge.target = copies[group[0]] if edge.target is group[0] else edge.target

    # ---- Calls on the scheduler's stack ----

    def connect_poll_stack(self) -> None:
        """on_poll_stack(fn, arg) is a plain call in poll context and a call on another stack in a
        tasklet. Whoever leads to arch_call_on() and names no function passes one on: his callers name
        it."""
        gates = set(self.by_name.get(CALL_ON, []))
        self.on_poll_stack: set[Node] = set()
        while True:
            callers = [n for n in self.nodes.values() if n not in gates and any(e.target in gates for e in n.edges)]
            passing = {n for n in callers if not self.deep_functions(n)}
            for node in callers if not passing else []:
                self.connect_deep(node, gates)
            if not passing:
                return
            for node in passing:
                node.edges = [e for e in node.edges if e.target not in self.taken]
            gates |= passing

    def deep_functions(self, node: Node) -> set[Node]:
        return {self.nodes[a] for a in node.code.taken
                if re.fullmatch(r'(int|long|long int|long long int)\(void\*\)', self.dwarf.signatures.get(a, ''))}

    def connect_deep(self, node: Node, gates: set[Node]) -> None:
        deep = self.deep_functions(node)
        self.on_poll_stack |= deep
        bodies = {(function.name, function.file) for function in deep}
        for edge in node.edges:  # the plain call, which may have been inlined
            edge.on_poll_stack |= edge.target in deep or self.written_in(node, edge.target) <= bodies
        for depth in [e.depth + e.target.frame for e in node.edges if e.target in gates]:
            node.edges += [Edge(depth, target, True) for target in deep]


def arity(signature: str) -> int:
    """How many parameters: commas outside of inner parentheses."""
    inside = signature[signature.index('(') + 1:-1] if '(' in signature else ''
    return len(sources.split(inside))


def placed_by(map_text: str) -> dict[int, tuple[int, str]]:
    """The sections of code: where each ends, and the file that it comes from, by its address, from the linker's
    map. As a rule a section is one function."""
    text = map_text.split('Linker script and memory map', 1)[1]
    text = re.sub(r'^( \.\S+)\n +(?=0x)', r'\1 ', text, flags=re.MULTILINE)
    found = {}
    for address, size, path in PLACED.findall(text):
        if int(size, 16):
            member = MEMBER_OF_ARCHIVE.match(path)
            owner = member[1] if member and '/' in member[1] else path
            found[int(address, 16)] = int(address, 16) + int(size, 16), owner
    return found
