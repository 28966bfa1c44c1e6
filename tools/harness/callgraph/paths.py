# SPDX-License-Identifier: MIT
"""The deepest path from a function, in one context. In a tasklet, what runs on the scheduler's stack
counts there; elsewhere it is a plain call."""
from __future__ import annotations

import sys
from dataclasses import dataclass

from harness.callgraph.graph import SWITCH, Edge, Graph, Node

sys.setrecursionlimit(10000)


@dataclass(frozen=True)
class Step:
    """One function on a path, and how much of its frame is in use when it calls the next."""
    node: Node
    bytes: int


@dataclass(frozen=True)
class Best:
    """The deepest from a function on."""
    depth: int
    edge: Edge | None  # it leads there; None: its own frame is deepest
    cut: int | None = None  # what the target adds, if it is not gone into


WALKING = Best(0, None)  # of those that the present walk has not left yet


class Paths:
    def __init__(self, graph: Graph, in_tasklet: bool, stops: frozenset[str] = frozenset()) -> None:
        """`stops`: functions that are not gone into, for who calls them does not come back."""
        self.graph, self.in_tasklet, self.stops = graph, in_tasklet, stops
        self.cycles: list[list[Node]] = []
        self.noted: dict[Node, int] = {}  # functions whose recursion is noted, with its depth
        self.repeated: dict[Node, int] = {}  # what their recursive calls add
        self.floats: bool | None = None  # what `best` holds for
        self.best: dict[Node, Best] = {}
        self.group: dict[Node, int] = {}

    def edges(self, node: Node) -> list[Edge]:
        if node.name == SWITCH:
            return []
        return [edge for edge in node.edges if edge.target.name not in self.stops
                and not (self.in_tasklet and edge.on_poll_stack)]

    def followed(self, node: Node) -> list[Edge]:
        """Those behind which there may be more."""
        return [edge for edge in self.edges(node) if not edge.ends]

    def reachable(self, root: Node) -> list[Node]:
        """With the root first, in the order of a walk."""
        found, todo = {root: None}, [root]
        while todo:
            for edge in self.followed(todo.pop()):
                if edge.target not in found:
                    found[edge.target] = None
                    todo.append(edge.target)
        return list(found)

    def uses_float(self, root: Node) -> bool:
        return any(node.code.floats for node in self.reachable(root) if node.name != SWITCH)

    # ---- Depth ----

    def depth(self, root: Node, floats: bool) -> int:
        """The most bytes that `root` and all that it calls can take, without what exceptions add."""
        if not self.group:
            self.find_groups()
        if self.floats != floats:
            self.floats = floats
            self.best = {}
            self.repeated = dict.fromkeys(self.noted, 0)
            for times in range(1, max(self.noted.values(), default=1)):
                self.best = {}
                again = [node for node, limit in self.noted.items() if limit > times]
                self.repeated |= {node: self.walk(node, floats) for node in again}
            self.best = {}
        return self.walk(root, floats)

    def walk(self, node: Node, floats: bool) -> int:
        if node in self.best:
            return self.best[node].depth
        self.best[node] = WALKING
        own = node.code.plain_depth if node.name == SWITCH and not floats else node.frame
        found = Best(own, None)
        for edge in self.edges(node):
            cut = edge.ends or self.is_recursive(node, edge)
            if edge.ends:
                below = edge.target.frame
            elif cut:
                below = self.repeated.get(edge.target, 0)
            else:
                below = self.walk(edge.target, floats)
            if edge.depth + below > found.depth:
                found = Best(edge.depth + below, edge, below if cut else None)
        self.best[node] = found
        return found.depth

    def path(self, root: Node) -> list[Step]:
        """The deepest, after depth()."""
        steps, node = [], root
        while (edge := self.best[node].edge) is not None:
            steps.append(Step(node, edge.depth))
            if (rest := self.best[node].cut) is not None:
                return [*steps, Step(edge.target, rest)]
            node = edge.target
        return [*steps, Step(node, self.best[node].depth)]

    # ---- Recursion ----

    def is_recursive(self, node: Node, edge: Edge) -> bool:
        """An edge of a cycle that is cut: into a function whose recursion is noted, or, for want of a
        note, back to one that is being walked."""
        same = self.group.get(node) == self.group.get(edge.target)
        return same and (edge.target in self.repeated or self.best.get(edge.target) is WALKING)

    def find_groups(self) -> None:
        """Strongly connected components (Tarjan 1972); those of several functions, or of one that calls
        itself, are recursion."""
        index: dict[Node, int] = {}
        low: dict[Node, int] = {}
        stack: list[Node] = []

        def visit(node: Node) -> None:
            index[node] = low[node] = len(index)
            stack.append(node)
            for edge in self.followed(node):
                if edge.target not in index:
                    visit(edge.target)
                    low[node] = min(low[node], low[edge.target])
                elif edge.target not in self.group:
                    low[node] = min(low[node], index[edge.target])
            if low[node] == index[node]:
                members = stack[stack.index(node):]
                del stack[len(stack) - len(members):]
                self.group.update(dict.fromkeys(members, index[node]))
                if len(members) > 1 or any(edge.target is node for edge in self.followed(node)):
                    self.note_cycle(members)

        for node in self.graph.nodes.values():  # and, by their edges, the copies of some
            if node not in index:
                visit(node)

    def note_cycle(self, members: list[Node]) -> None:
        """Marks the functions whose recursion is noted; keeps the cycles that no note cuts."""
        for node in members:
            note = self.graph.notes.of('recurses', node.name, node.file)
            if note is not None:
                self.noted[node] = int(note.words[0])
        left = self.left_over(members)
        if left:
            self.cycles.append(sorted(left, key=lambda n: n.address))

    def left_over(self, nodes: list[Node]) -> list[Node]:
        """Those of a cycle that are still in one when the noted functions are taken out."""
        left = {node for node in nodes if node not in self.noted}
        while True:
            gone = {n for n in left if not any(e.target in left for e in self.followed(n))}
            if not gone:
                break
            left -= gone
        while True:
            called = {e.target for n in left for e in self.followed(n)}
            if left <= called:
                return list(left)
            left &= called
