# SPDX-License-Identifier: MIT
"""How many connections a board with 64 KB of RAM holds at once, a tasklet to each, with a stack of its own
(apps/echo.c) or on one that all share (apps/crowd.c). Needs root and /dev/net/tun."""
from __future__ import annotations

import random
import socket
import subprocess
import time
from typing import Iterator

import pytest

from harness import tap
from harness.machine import Machine
from test_wire import DNSMASQ, WIRE, in_network, receive

pytestmark = pytest.mark.skipif(not tap.possible(), reason='needs root and /dev/net/tun, for a network of '
                                'its own')
BOARD = 'lm3s6965evb'
GUEST = '10.9.0.100'  # by DHCP
OWN_STACKS, SHARED_STACK = 12, 50  # connections at least
IDLE = 4  # seconds
LIMIT = 30
AT_ONCE = 16
MARGIN = 1.5


@pytest.fixture
def net() -> Iterator[tap.Network]:
    with tap.network('dense') as found:
        server = subprocess.Popen(found.words(*DNSMASQ), stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        try:
            yield found
        finally:
            server.kill()
            server.wait()


def say(machine: Machine, text: str) -> None:
    machine.log.write(f'{text}\n')
    print(text)


def connect(patience: float) -> socket.socket:
    s = socket.create_connection((GUEST, 7), timeout=patience)
    s.settimeout(patience)
    return s


def answers(s: socket.socket) -> bool:
    """Somebody serves it: a connection may also wait to be accepted."""
    s.sendall(b'?')
    try:
        return s.recv(1) == b'?'
    except TimeoutError:
        return False


def first_connection() -> socket.socket:
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        try:
            return connect(2)
        except OSError:  # it has no address yet
            time.sleep(0.2)
    raise TimeoutError('the board does not serve')


def fill(at_most: int) -> list[socket.socket]:
    """Connections that are served, until one is not."""
    held: list[socket.socket] = []
    s = first_connection()
    while answers(s):
        s.settimeout(LIMIT)
        held.append(s)
        if len(held) == at_most:
            return held
        try:
            s = connect(2)
        except OSError:
            return held
    tap.reset_on_close(s)
    s.close()
    return held


def echo_all(held: list[socket.socket]) -> None:
    """A kilobyte each, many at once: more than there are buffers, so some of it is sent again."""
    chance = random.Random(5)
    for first in range(0, len(held), AT_ONCE):
        data = [(s, chance.randbytes(1024)) for s in held[first:first + AT_ONCE]]
        for s, block in data:
            s.sendall(block)
        for s, block in data:
            assert receive(s, len(block)) == block


@pytest.mark.parametrize('app, at_least', [('echo', OWN_STACKS), ('crowd', SHARED_STACK)])
def test_idle_connections(image, start, net: tap.Network, app: str, at_least: int) -> None:
    machine = start(in_network(image(BOARD, app, WIRE), net))
    held = net.call(lambda: fill(2 * at_least))
    say(machine, f'{len(held)} connections at once, {len(held) - at_least} more than promised')
    assert len(held) >= at_least
    time.sleep(IDLE)
    net.call(lambda: echo_all(held))
    for s in held:
        s.close()


def depth() -> list[int]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(1)
        for _ in range(LIMIT):
            s.sendto(b'?', (GUEST, 99))
            try:
                return [int(word) for word in s.recv(100).split()]
            except TimeoutError:
                continue
    raise TimeoutError('the board does not answer')


def test_depth_of_stacks(image, start, net: tap.Network) -> None:
    """The stack that the build gives apps/echo.c suffices, and is not much more than what is used."""
    machine = start(in_network(image(BOARD, 'echo_depth', WIRE), net))
    held = net.call(lambda: fill(2 * OWN_STACKS))
    net.call(lambda: echo_all(held))
    count, size, used = net.call(depth)
    say(machine, f'{count} tasklets with {size} bytes of stack, at most {used} used')
    assert count == len(held) and used <= size <= used * MARGIN
    for s in held:
        s.close()
