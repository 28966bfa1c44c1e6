# SPDX-License-Identifier: MIT
"""Who can switch to another tasklet, and who must not: what was marked so, and all that runs in poll
context, in an interrupt, or on the scheduler's stack."""
from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from harness.callgraph.graph import SWITCH, Graph, Node
from harness.callgraph.notes import Note
from harness.callgraph.stacks import vectors

LOOP = 'sched_run'  # switches to tasklets, and never runs in one
IN_POLL_CONTEXT = {'void(struct poller*)': 'a poller', 'void(struct timer*)': "a timer's function"}


@dataclass
class Blocking:
    graph: Graph

    def __post_init__(self) -> None:
        self.next: dict[Node, Node] = {}  # towards the switch, on a shortest way
        callers: dict[Node, list[Node]] = {}
        for node in self.graph.everything():
            for edge in node.edges if node.name != LOOP else []:
                if not edge.stays and not edge.ends:
                    callers.setdefault(edge.target, []).append(node)
        todo = deque(self.graph.by_name.get(SWITCH, []))
        while todo:
            target = todo.popleft()
            for caller in callers.get(target, []):
                if caller not in self.next and caller.name != SWITCH:
                    self.next[caller] = target
                    todo.append(caller)

    def path(self, node: Node) -> list[Node]:
        """From the function to the switch; only itself if it cannot."""
        found = [node]
        while (following := self.next.get(found[-1])) is not None:
            found.append(following)
        return found

    def switching(self) -> list[Node]:
        """Functions of ours and of the program, not of libraries, that can switch."""
        return sorted((node for node in self.next if node.file), key=lambda n: (n.file, n.name))

    def forbidden(self) -> dict[Node, str]:
        """Functions that must not, and why."""
        graph, found = self.graph, {}
        for node in graph.taken:
            reason = IN_POLL_CONTEXT.get(graph.signature_of(node))
            if reason:
                found[node] = reason
        for node in graph.on_poll_stack - graph.beginnings:
            found[node] = "called on the scheduler's stack"
        for node in [*vectors(graph, 'vectors'), *vectors(graph, 'board_irqs')]:
            if node.address != graph.image.entry:
                found[node] = 'an interrupt handler'
        for note in graph.notes.about('must_not_switch'):
            for node in self.marked(note):
                found[node] = f'MUST_NOT_SWITCH in {note.file}'
        return found

    def problems(self) -> list[str]:
        found = []
        for node, reason in sorted(self.forbidden().items(), key=lambda item: item[0].address):
            if node in self.next:
                way = ' -> '.join(str(step) for step in self.path(node))
                found.append(f'{node} ({reason}) must not switch, and can: {way}')
        for note in self.graph.notes.about('must_not_switch'):
            if self.vanished(note):
                found.append(f'{note.function} in {note.file} must not switch, but was inlined everywhere, so that '
                             'nobody can tell: give it __attribute__((noinline))')
        return found

    def marked(self, note: Note) -> list[Node]:
        return [node for node in self.graph.named(note.function) if note.file in ('*', node.file)]

    def vanished(self, note: Note) -> bool:
        """True for a function that its file, which is in the image, has no code of its own for."""
        compiled = self.graph.compiled.get(note.file)
        return compiled is not None and note.function not in {name.split('.')[0] for name in compiled}
