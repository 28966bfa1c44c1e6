# SPDX-License-Identifier: MIT
"""Which functions are tasklets, and in which memory: read from the calls of tasklet_spawn(), group_spawn(),
tasklet_pool_spawn() and tasklet_spawn_on() where the compiler says that they stand. So a program needs no second
list."""
from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.callgraph import sources
from harness.callgraph.ci import Place

if TYPE_CHECKING:
    from harness.callgraph.dwarf import Die
    from harness.callgraph.graph import Graph, Node

ENTRY = 'void(void*)'
CHAIN = re.compile(r'\(?\s*(?:\([\w *]+\)\s*)?&?\s*(\w+)((?:\s*\[[^]]*\]|\s*(?:->|\.)\s*\w+)*)\s*\)?$')
INSIDE = ('kernel/tasklet_pool.c', 'kernel/group.c')  # spawn what their callers name
# Where the function and the memory stand among the arguments.
SPAWNS = {'tasklet_spawn': (1, 3, 5), 'group_spawn': (2, 4, 6), 'tasklet_pool_spawn': (2, 0, 5),
          'tasklet_spawn_on': (2, 0, 5)}


@dataclass(frozen=True)
class Memory:
    """Memory for one tasklet; `size` is None if nobody can tell."""
    name: str
    address: int | None
    size: int | None
    shared: bool = False  # a stack for several, one after the other; their control blocks are elsewhere


@dataclass(frozen=True)
class Spawn:
    place: Place
    functions: tuple[Node, ...]
    memories: tuple[Memory, ...]
    exact: bool  # the function is named, not passed on


def find(graph: Graph) -> list[Spawn]:
    found = {}
    for node in graph.nodes.values():
        if node.said is None or node.file in INSIDE:
            continue
        for name, place in node.said.calls:
            if name in SPAWNS and (place, name) not in found:
                found[place, name] = read(graph, node, name, place)
    return list(found.values())


def read(graph: Graph, node: Node, name: str, place: Place) -> Spawn:
    arguments = sources.arguments_at(place, name)
    at, memory_at, count = SPAWNS[name]
    if len(arguments) != count:
        return Spawn(place, (), (), False)
    function, memory = arguments[at], arguments[memory_at]
    named = graph.named(function, node.file) if re.fullmatch(r'\w+', function) else []
    functions = named or passed_on(graph, node, function)
    if node.file == 'kernel/boot.c':
        base, end = graph.image.value('__main_base'), graph.image.value('__main_end')
        memories = [Memory('MAIN_STACK', base, end - base)]
    elif name == 'tasklet_pool_spawn':
        memories = pool_memory(graph, node, memory)
    elif name == 'tasklet_spawn_on':
        memories = shared_memory(graph, node, memory)
    else:
        memories = memory_of(graph, node, memory)
    return Spawn(place, tuple(functions), tuple(memories), bool(named))


def passed_on(graph: Graph, node: Node, expression: str) -> list[Node]:
    """Functions that a parameter or a member may stand for."""
    chain = parse(expression)
    if chain is None:
        return []
    root, path, _ = chain
    if path:
        records = graph.dwarf.members_by_path(node.file, root, path) or graph.dwarf.members.get(path[-1], set())
        found = graph.through_members(records, path[-1], None)
    else:
        found = graph.fitting({ENTRY}, None)
    return sorted(found, key=lambda n: n.address)


def parse(expression: str) -> tuple[str, tuple[str, ...], int] | None:
    """Root, members and number of indices of a[i].b->c."""
    match = CHAIN.match(expression)
    if not match:
        return None
    return match[1], tuple(re.findall(r'(?:->|\.)\s*(\w+)', match[2])), match[2].count('[')


def memory_of(graph: Graph, node: Node, expression: str) -> list[Memory]:
    chain = parse(expression)
    if chain is None:
        return [Memory(expression, None, None)]
    root, path, indices = chain
    name = '.'.join((root, *path))
    if not path:
        for unit, known, address, kind in graph.dwarf.objects:
            if known == root and unit == node.file:
                return [Memory(name, address, graph.dwarf.size_of(inner(graph, kind, indices)))]
    found = [graph.dwarf.size_of(inner(graph, kind, indices)) for kind in graph.dwarf.types_by_path(node.file, root, path)]
    sizes = [size for size in found if size > graph.image.word]  # a pointer's own size says nothing
    return [Memory(name, None, min(sizes) if sizes else None)]


def inner(graph: Graph, kind: Die | None, indices: int) -> Die | None:
    """The type of an element, after so many indices; a further dimension is an array's own."""
    kind = graph.dwarf.bare(kind)
    if indices and kind is not None and kind.tag == 'array_type':
        dimensions = [child for child in kind.children if child.tag == 'subrange_type']
        return graph.dwarf.without_dimensions(kind, indices) if len(dimensions) > indices else graph.dwarf.target(kind)
    return kind


def pool_memory(graph: Graph, node: Node, expression: str) -> list[Memory]:
    """Pieces of a TASKLET_POOL, or of all those that it may be."""
    offsets = graph.dwarf.offsets('tasklet_pool')
    return [Memory(name, graph.image.word_at(address + offsets['memory']),
                   graph.image.word_at(address + offsets['size'], 4))
            for name, address in objects_of(graph, node, expression, 'tasklet_pool')]


def shared_memory(graph: Graph, node: Node, expression: str) -> list[Memory]:
    """That of a STACK, or of all those that it may be; stack_init() says a size only when the program runs."""
    offsets = graph.dwarf.offsets('stack')
    found = [(name, graph.image.word_at(address + offsets['base']), graph.image.word_at(address + offsets['size']))
             for name, address in objects_of(graph, node, expression, 'stack')]
    return [Memory(name, base or None, size or None, shared=True) for name, base, size in found] or \
        [Memory(expression, None, None, shared=True)]


def objects_of(graph: Graph, node: Node, expression: str, record: str) -> list[tuple[str, int]]:
    """Names and addresses of the objects of a type that an expression may point to: the one that it names, those
    that a member points to before the program runs, or all."""
    chain = parse(expression)
    objects = [(unit, name, address) for unit, name, address, kind in graph.dwarf.objects
               if (bare := graph.dwarf.bare(kind)) and bare.name == record]
    found = objects
    if chain is not None and chain[1]:
        pointed = {graph.image.word_at(slot.address) for slot in graph.dwarf.slots if slot.member == chain[1][-1]}
        found = [known for known in objects if known[2] in pointed]
    elif chain is not None:
        found = [known for known in objects if known[:2] == (node.file, chain[0])] or objects
    return [(name, address) for _, name, address in found]
