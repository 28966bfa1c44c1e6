# SPDX-License-Identifier: MIT
"""Sizes of stacks that are left to the build: what STACK_OF() stands for (kernel/tasklet.h). They are read from an
image in which these stacks have any size, for how deep a tasklet goes does not depend on it; and looked at again
in the image that has them."""
from __future__ import annotations

from harness.callgraph.stacks import Findings, Stacks, shortage


def sizes(stacks: Stacks, names: list[str]) -> tuple[dict[str, int], list[str]]:
    """By function, the bytes that its memory is declared with; and what stands against it. Of functions of the same
    name the deepest counts."""
    found, problems = {}, []
    for name in names:
        mine = stacks.found.of(name)
        roots = [root for stack in mine for root in stack.roots]
        reached = [node for root in [*roots, *stacks.graph.beginnings] for node in stacks.tasklet.reachable(root)]
        problems += [f'STACK_OF({name}): {doubt}' for doubt in stacks.doubts(reached, stacks.tasklet)]
        if mine:
            found[name] = declared(stacks, max(stack.bound for stack in mine))
        else:
            others = [entry for entry in stacks.found.entries() if not entry.startswith('(')]
            problems.append(f'STACK_OF({name}): no tasklet is spawned on a function of this name, but on '
                            f'{", ".join(others)}')
    return found, problems


def declared(stacks: Stacks, bound: int) -> int:
    """TASKLET_MEMORY() and its like add what every tasklet needs, and what alignment takes."""
    return max(stacks.rounded(bound + stacks.painted) - stacks.graph.dwarf.constants['ARCH_STACK_MIN'], 0)


def header(found: dict[str, int]) -> str:
    lines = ''.join(f'    stack_of_{name} = {size},\n' for name, size in found.items())
    return f'// What STACK_OF() stands for in this program: docs/stack.md.\nenum {{\n{lines}}};\n'


def shortages(found: Findings, names: list[str]) -> list[str]:
    """Stacks that are too small, among those with memory that one of these functions is spawned in."""
    memories = {stack.memory for name in names for stack in found.of(name)}
    return [shortage(stack) for stack in found.stacks if stack.memory in memories and stack.is_short]
