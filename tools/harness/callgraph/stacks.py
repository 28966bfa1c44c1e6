# SPDX-License-Identifier: MIT
"""The stacks of an image: what can be on each, how deep it becomes, and how large it is."""
from __future__ import annotations

from dataclasses import dataclass, field

from harness.callgraph.elf import OBJECT
from harness.callgraph.graph import SWITCH, Graph, Node
from harness.callgraph.paths import Paths, Step
from harness.callgraph.spawns import Memory

# The end: who calls it does not come back, and its report may overflow a stack that is done with.
LAST_WORDS = frozenset({'panic', 'panic_finish', 'arch_reset', 'arch_exit', 'abort', '_exit'})
SWAP = 'stack_swap_in'  # runs on the scheduler's stack between two tasklets
PAINTED_WORD = 4  # bytes, the lowest of a stack, where no hardware guards it
URGENCIES = 3  # of interrupts (enum irq_urgency): so many handlers can be on the exception stack


@dataclass
class Stack:
    entry: str
    available: int | None  # bytes; None: nobody can tell
    bound: int
    path: list[Step]
    memory: str
    roots: tuple[Node, ...]
    below: int = 0  # of the bound: what lies under the entry's own frames
    hardware: int = 0  # of the bound: the frame of an exception
    base: int | None = None  # its low end, above the guard, if it has a fixed place

    @property
    def is_short(self) -> bool:
        return self.available is not None and self.bound > self.available


@dataclass
class Findings:
    stacks: list[Stack] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def of(self, entry: str) -> list[Stack]:
        return [stack for stack in self.stacks if stack.entry == entry]

    def entries(self) -> list[str]:
        return list(dict.fromkeys(stack.entry for stack in self.stacks))


class Stacks:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.guard = graph.dwarf.constants.get('ARCH_GUARD_SIZE', 0)
        self.reach = graph.dwarf.constants.get('ARCH_GUARD_REACH', 0)
        self.align = graph.dwarf.constants.get('TASKLET_ALIGN', 8)
        self.painted = PAINTED_WORD if 'guard_check' in graph.by_name else 0
        self.tasklet = Paths(graph, True, LAST_WORDS)
        self.poll = Paths(graph, False, LAST_WORDS)
        self.exception = Paths(graph, False, frozenset({'arch_reset', 'arch_exit', 'abort', '_exit'}))
        self.found = Findings()

    def find(self) -> Findings:
        self.tasklets()
        self.scheduler()
        self.exceptions()
        self.complain()
        return self.found

    # ---- Tasklets ----

    def tasklets(self) -> None:
        begin = min(self.graph.beginnings, key=lambda n: n.address, default=None)
        if begin is None:
            self.found.problems.append('where a tasklet begins cannot be told: there is no arch_begin()')
            return
        under = max((call.depth for call in begin.code.calls if call.target is None), default=begin.frame)
        leaving = self.tasklet.depth(begin, False)  # tasklet_exit(), which begin() itself calls
        for spawn in self.graph.spawns:
            if not spawn.functions:
                self.found.problems.append(f'{spawn.place}: who is spawned here cannot be told')
            for function in spawn.functions:
                floats = self.tasklet.uses_float(function)
                depth = self.tasklet.depth(function, floats)
                path = self.tasklet.path(function)
                hardware = self.hardware(floats)
                bound = max(under + depth, leaving) + hardware
                for memory in spawn.memories:
                    base = None if memory.address is None else self.base(memory.address)
                    self.found.stacks.append(Stack(function.name, self.room(memory), self.rounded(bound), path,
                                                   memory.name, (function,), under, hardware, base))
                    if memory.size is None:
                        self.found.problems.append(f'{spawn.place}: the size of {memory.name} cannot be told')

    def room(self, memory: Memory) -> int | None:
        """What is left without the control block, the guard, the painted word, and alignment."""
        if memory.size is None:
            return None
        address = memory.address or 0
        unit = self.graph.dwarf.constants.get('ARCH_STACK_ALIGN', 8)
        above = self.graph.dwarf.constants['SAVE_CHUNK'] if memory.shared else self.graph.dwarf.sizes['tasklet']
        top = (address + memory.size - above) // unit * unit
        return top - self.base(address)

    def base(self, address: int) -> int:
        return -(-address // self.align) * self.align + self.guard + self.painted

    def hardware(self, floats: bool) -> int:
        """What an exception pushes on the stack it interrupts: Cortex-M 8 words, 18 more with
        floating-point state, and one for alignment; RISC-V nothing."""
        if not self.graph.image.is_arm:
            return 0
        return (8 + (18 if floats and self.has_fpu else 0) + 1) * 4

    @property
    def has_fpu(self) -> bool:
        """The switch, which is in several pieces, saves floating-point registers then."""
        return any(node.code.floats for name, nodes in self.graph.by_name.items() if name.startswith(SWITCH)
                   for node in nodes)

    def rounded(self, size: int) -> int:
        unit = self.graph.dwarf.constants.get('ARCH_STACK_ALIGN', 8)
        return -(-size // unit) * unit

    # ---- The scheduler's stack ----

    def scheduler(self) -> None:
        """From reset to the loop and its pollers; and, under a running tasklet, what it calls there, and what
        brings one back to a stack that it shares."""
        root = self.graph.nodes.get(self.graph.image.entry)
        loop = next(iter(self.graph.by_name.get('sched_run', [])), None)
        if root is None or loop is None:
            self.found.problems.append("the scheduler's loop is not found: sched_run(), or where the machine begins")
            return
        floats = self.poll.uses_float(root)
        depth, path = self.poll.depth(root, floats), self.poll.path(root)
        under = self.depth_to(root, loop) + loop.frame + self.poll.depth(self.graph.by_name[SWITCH][0], False)
        called = self.graph.on_poll_stack - self.graph.beginnings | set(self.graph.by_name.get(SWAP, []))
        for function in sorted(called, key=lambda n: n.address):
            deep = under + self.poll.depth(function, floats)
            if deep > depth:
                depth, path = deep, [Step(loop, under), *self.poll.path(function)]
        base = self.graph.image.value('__poll_stack_base') + self.guard
        size = self.graph.image.value('__poll_stack_top') - base
        hardware = self.hardware(floats)
        self.found.stacks.append(Stack('(poll context)', size, self.rounded(depth + hardware), path, 'POLL_STACK',
                                       (root,), 0, hardware, base))

    def depth_to(self, root: Node, target: Node) -> int:
        """Bytes in use when `root`, by whatever way, calls `target`."""
        deepest: dict[Node, int] = {}

        def walk(node: Node) -> int:
            if node is target:
                return 0
            if node not in deepest:
                deepest[node] = -1
                below = [edge.depth + walk(edge.target) for edge in self.poll.edges(node)
                         if walk(edge.target) >= 0]
                deepest[node] = max(below, default=-1)
            return deepest[node]

        return max(walk(root), 0)

    # ---- The exception stack ----

    def exceptions(self) -> None:
        graph = self.graph
        base = graph.image.value('__exc_stack_base')
        size = graph.image.value('__exc_stack_top') - base
        if graph.image.is_arm:
            bound, path = self.nested_handlers()
        else:
            trap = graph.by_name['arch_trap'][0]
            report = graph.by_name['fault_report'][0]
            bound, path = self.exception.depth(trap, True), self.exception.path(trap)
            interrupt = Paths(graph, False, LAST_WORDS | {'fault_report'})
            inside = interrupt.depth(trap, True) + self.exception.depth(report, True)
            if inside > bound:
                bound, path = inside, [*interrupt.path(trap), *self.exception.path(report)]
        self.found.stacks.append(Stack('(exceptions)', size, self.rounded(bound), path, 'EXC_STACK', (), base=base))

    def nested_handlers(self) -> tuple[int, list[Step]]:
        """One handler of each urgency, the system's above them, and a fault in the innermost."""
        own, lines = vectors(self.graph, 'vectors'), vectors(self.graph, 'board_irqs')
        faults = [node for node in own if node.name == 'arch_fault']
        system = [node for node in own if node not in faults and node.address != self.graph.image.entry]
        handlers = Paths(self.graph, False, LAST_WORDS)
        depths = sorted(((handlers.depth(n, False), n.address, n) for n in lines), reverse=True)[:URGENCIES]
        urgent = max(((handlers.depth(n, False), n.address, n) for n in system), default=None)
        frame = self.hardware(False)
        bound, path = 0, []
        for depth, _, node in [*depths, *([urgent] if urgent else [])]:
            bound += depth + (frame if path else 0)
            path.append(Step(node, depth))
        for node in faults[:1]:
            depth = self.exception.depth(node, False)
            bound += depth + frame
            path += self.exception.path(node)
        return bound, path

    # ---- What is wrong ----

    def complain(self) -> None:
        self.found.problems += [shortage(stack) for stack in self.found.stacks if stack.is_short]
        self.found.problems += self.doubts(self.reached(), self.tasklet, self.poll, self.exception)
        self.large_frames()

    def doubts(self, reached: list[Node], *contexts: Paths) -> list[str]:
        """Why it cannot be told how deep these functions go."""
        found: dict[str, None] = {}
        for node in reached:
            for place in node.unresolved:
                found[f'{node}: whom it calls through a pointer is not known ({place}); '
                      'see CALLS in kernel/callgraph.h'] = None
            if node.code.unbounded and not node.said or node.said and node.said.dynamic:
                found[f'{node}: its frame grows at run time'] = None
        for paths in contexts:
            for cycle in [c for c in paths.cycles if set(c) & set(reached)]:
                text = ' -> '.join(str(node) for node in cycle)
                found[f'recursion: {text}; see RECURSES in kernel/callgraph.h'] = None
        return list(found)

    def reached(self) -> list[Node]:
        roots = self.graph.beginnings | {f for spawn in self.graph.spawns for f in spawn.functions}
        found: dict[Node, None] = {}
        for root in sorted(roots, key=lambda n: n.address):
            found.update(dict.fromkeys(self.tasklet.reachable(root)))
        start = self.graph.nodes.get(self.graph.image.entry)
        for root in [start, *sorted(self.graph.on_poll_stack, key=lambda n: n.address)]:
            if root is not None:
                found.update(dict.fromkeys(self.poll.reachable(root)))
        return list(found)

    def large_frames(self) -> None:
        """A frame can step over a guard that is smaller, which matters where the stack is not known to
        be large enough. PSPLIM has no size, and is not stepped over."""
        doubtful = [s for s in self.found.stacks if s.available is None or s.is_short]
        for stack in doubtful if self.reach > 0 else []:
            frames = {node.name: node.frame for root in stack.roots for node in self.tasklet.reachable(root)
                      if node.frame > self.reach and node.name != SWITCH}
            if frames:
                listed = ', '.join(f'{name} {size}' for name, size in frames.items())
                self.found.problems.append(f'{stack.entry}: frames larger than the guard reaches, {self.reach} bytes, which '
                                           f'can step over it: {listed}')


def vectors(graph: Graph, name: str) -> list[Node]:
    """The functions in a table of handlers, each once."""
    found = {}
    for symbol in graph.image.symbols:
        if symbol.name == name and symbol.kind == OBJECT:
            for address in range(symbol.address, symbol.address + symbol.size, graph.image.word):
                node = graph.pointed_by(address)
                if node is not None:
                    found[node] = None
    return list(found)


def shortage(stack: Stack) -> str:
    return f'{stack.entry}: {stack.available} bytes of stack in {stack.memory}, and it can need {stack.bound}:\n' + \
        chain(stack)


def chain(stack: Stack) -> str:
    """The deepest path, a line for each function: bytes of its frame, and of all so far."""
    lines, total = [], stack.below
    if stack.below:
        lines.append(f'    {stack.below:6} {total:6}  where each tasklet begins')
    for step in stack.path:
        total += step.bytes
        lines.append(f'    {step.bytes:6} {total:6}  {step.node}  {step.node.file or step.node.object}')
    if stack.hardware:
        total += stack.hardware
        lines.append(f'    {stack.hardware:6} {total:6}  an exception')
    return '\n'.join(lines)
