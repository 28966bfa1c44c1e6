# SPDX-License-Identifier: MIT
"""Stacks: that of every program is large enough, as `make stack` computes it, and no stack becomes
deeper than that when the program runs."""
from __future__ import annotations

import re
import socket
import tempfile
from pathlib import Path

import pytest

from harness import lan
from harness.build import Image, NoNetwork, apps, boards, boards_with_network, build
from harness.callgraph.blocking import Blocking
from harness.callgraph.graph import Graph
from harness.callgraph.stacks import Stack, Stacks
from harness.gdbstub import Debugger, with_debugger
from harness.verdict import problem_of

ON_SILICON = [board for board in boards() if board != 'host']
WITH_LITTLE = ('blink', 'hello', 'shell', 'stdio')
WITH_NETWORK = [board for board in ('mps2-an385', 'lm3s6965evb', 'mps3-an547', 'virt-rv32', 'virt-rv64')
                if board in boards_with_network()]
NARROW, WIDE = 'mps2-an385', 'virt-rv64'  # with all programs; on the others netdemo has most of them inside
MEASURED = ('mps2-an385', 'mps2-an386', 'mps2-an505', 'microbit', 'virt-rv32')
SUITES = ('chan_suite', 'join_suite', 'select_suite', 'sync_suite', 'tasklet_suite', 'poll_stack_suite')
WRAPPED = ('APP_EXTRA=tests/kernel/suite.c tests/callgraph/depth.c', 'TAG_EXTRA=-depth',
           'ARCH_LDFLAGS=-Wl,--wrap=tasklet_spawn,--wrap=tasklet_join,--wrap=arch_exit')
PAINT = bytes.fromhex('1d7a1957')  # kernel/stack.c
SPECIAL = {'main': 'run_main', 'poll': '(poll context)', 'exceptions': '(exceptions)'}
CLOSE = 1.5  # a bound is not more than so many times what was measured


def graph_of(image: Image) -> Graph:
    return Graph(image.path, f'{image.variables["CROSS"]}objdump')


# ---- Every program ----

def programs() -> list[tuple[str, str]]:
    others = [app for app in apps() if app not in WITH_LITTLE]
    return [(board, app) for board in ON_SILICON for app in WITH_LITTLE] + \
        [(board, app) for board in WITH_NETWORK for app in others if app == 'netdemo' or board in (NARROW, WIDE)]


@pytest.mark.parametrize('board, app', programs())
def test_stacks_are_large_enough_and_nothing_waits_that_must_not(board: str, app: str) -> None:
    graph = graph_of(build(board, app))
    found = Stacks(graph).find()
    assert found.problems == []
    assert all(stack.available is not None for stack in found.stacks)
    assert Blocking(graph).problems() == []


# ---- Measured: the kernel's suites ----

def depths(output: str) -> dict[str, int]:
    """By function, its address in hexadecimal or a word of SPECIAL, the bytes that its stack has used."""
    return {who: int(used) for who, used in re.findall(r'^depth (\S+) (\d+)$', output, re.MULTILINE)}


def prints(stack: Stack) -> bool:
    return any(step.node.name == 'io_format' for step in stack.path)


@pytest.mark.parametrize('board', MEASURED)
@pytest.mark.parametrize('suite', SUITES)
def test_bounds_hold_and_are_close(start, board: str, suite: str) -> None:
    image = build(board, suite, *WRAPPED)
    output, code = start(image, virtual=True).finish()
    assert problem_of(output[:output.index('depth ')], code) == '', output
    graph = graph_of(image)
    stacks = Stacks(graph).find().stacks
    used = depths(output)
    for word, entry in SPECIAL.items():
        bound = next(stack.bound for stack in stacks if stack.entry == entry)
        assert 0 < used.pop(word) <= bound, word
    workers = [(stack, depth) for who, depth in used.items() for stack in stacks
               if graph.nodes[int(who, 16) & ~1] in stack.roots]
    for stack, depth in workers:
        assert 0 < depth <= stack.bound, stack.entry
    if suite == 'poll_stack_suite':
        return  # deepest is what it does when a check fails, and none does
    quiet = [(stack.bound - stack.hardware, depth) for stack, depth in workers if not prints(stack)]
    assert max(bound for bound, _ in quiet) < CLOSE * max(depth for _, depth in quiet)


# ---- Measured: programs, from outside ----

def unpainted(memory: bytes) -> int:
    """Bytes from the first word that is neither paint nor zero to the end."""
    at = 0
    while at < len(memory) and memory[at:at + 4] in (PAINT, bytes(4)):
        at += 4
    return len(memory) - at


def used_now(image: Image, path: Path) -> dict[str, tuple[int, int]]:
    """By stack of the program, what has been used, and the bound."""
    stacks = Stacks(graph_of(image))
    found: dict[str, tuple[int, int]] = {}
    debugger = Debugger(path)
    for stack in stacks.find().stacks:
        if stack.base is not None and stack.available:
            used = unpainted(debugger.read(stack.base, stack.available))
            before = found.get(stack.memory, (0, 0))
            found[stack.memory] = max(before[0], used), max(before[1], stack.bound)
    debugger.close()
    return found


def judge(found: dict[str, tuple[int, int]], *busy: str) -> None:
    for memory, (used, bound) in found.items():
        assert used <= bound, f'{memory}: {used} bytes used, and the bound is {bound}'
    for memory in busy:
        assert found[memory][0] > 0, f'{memory} was not used'


@pytest.mark.parametrize('board', MEASURED)
def test_shell_stays_within_its_bounds(start, board: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / 'gdb'
        image = build(board, 'shell')
        machine = start(with_debugger(image, path))
        machine.expect_text('stint> ')
        for line in ('help', 'ps', 'uptime', 'spawn sleep 9', 'echo all is well', 'kill nobody', 'ps'):
            machine.send(f'{line}\r')
            machine.expect_text('stint> ')
        judge(used_now(image, path), 'MAIN_STACK', 'POLL_STACK', 'EXC_STACK')


@pytest.mark.parametrize('board', ['mps2-an385', 'virt-rv32'])
def test_netdemo_stays_within_its_bounds(start, board: str) -> None:
    try:
        image = build(board, 'netdemo', 'WIRE=user')
    except NoNetwork:
        pytest.skip(f'{board} has no network')
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / 'gdb'
        forwarded, (web, telnet) = lan.forwarded(image, 80, 23)
        start(with_debugger(forwarded, path))
        session, _ = lan.call(telnet)
        session.sendall(b'ps\rnetstat\rifconfig\rfetch http://10.0.2.15/status\r')
        for page in ('/', '/status', '/none'):
            assert b'HTTP/1.1' in asked(web, page)
        seen = b''
        while b'uptime' not in seen:
            seen += session.recv(4096)
        judge(used_now(image, path), 'MAIN_STACK', 'POLL_STACK', 'tasklets', 'workers')
        session.close()


def asked(port: int, page: str) -> bytes:
    with socket.create_connection((lan.LOCAL, port), timeout=30) as connection:
        connection.sendall(f'GET {page} HTTP/1.1\r\nHost: board\r\nConnection: close\r\n\r\n'.encode())
        said = b''
        while got := connection.recv(4096):
            said += got
        return said
