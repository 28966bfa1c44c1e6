# SPDX-License-Identifier: MIT
"""Computation and network together: a server hashes what it receives (tests/bench/net_mixed.c) while 1, 8
and 30 connections send as fast as they can. What the board executes besides the hashing must not depend on
how many they are, and all must be served alike. The method is netbench's. Needs root."""
from __future__ import annotations

import fcntl
import hashlib
import random
import socket
import struct
import tempfile
import termios
import time
import zlib
from dataclasses import dataclass
from pathlib import Path

from harness import netbench, tables, tap
from harness.netbench import GUEST, LIMIT, SEGMENT

APP = 'net_mixed'
BOARD = 'virt-rv32'
SEGMENTS = 4800  # of all connections together
COUNTS = (1, 8, 30)
HASHING = ('sha256_begin', 'sha256_add', 'sha256_block', 'sha256_end', 'crc32')
COPYING = ('memcpy', 'memmove')
HASHES = {
    'sha256': (30, lambda data: hashlib.sha256(data).digest()),
    'crc32': (31, lambda data: struct.pack('<I', zlib.crc32(data))),
}
FORCE_SEND_SPACE = 32  # SO_SNDBUFFORCE
NOISE = 1.06


@dataclass
class Result:
    hashing: float   # instructions per segment
    copying: float   # memcpy()
    overhead: float  # all others
    fairness: float  # least served by most served, when the first connection has reached the goal


def status(request: bytes = b'') -> list[int]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(1)
        for _ in range(LIMIT):
            s.sendto(request, (GUEST, 98))
            try:
                return [int(word) for word in s.recv(100).split()]
            except TimeoutError:
                continue
    raise TimeoutError('the board does not answer')


def wait_for_connections(count: int) -> None:
    for _ in range(LIMIT * 20):
        if status()[0] == count:
            return
        time.sleep(0.05)
    raise TimeoutError(f'not {count} connections')


def shut_down(s: socket.socket) -> None:
    """When all is acknowledged: Linux sends its FIN with the last data even if that fills the window, lwIP
    then drops the FIN alone, and a retransmission's time would pass."""
    while struct.unpack('i', fcntl.ioctl(s, termios.TIOCOUTQ, bytes(4)))[0] > 0:
        time.sleep(0.002)
    s.shutdown(socket.SHUT_WR)


def run(machine: netbench.Guest, kind: str, count: int) -> Result:
    port, expected = HASHES[kind]
    data = random.Random(count).randbytes(SEGMENTS // count * SEGMENT)
    wait_for_connections(0)
    connections = [netbench.connect(port) for _ in range(count)]
    wait_for_connections(count)

    goal = len(data) // 2
    for s in connections:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b'reno')
        s.setsockopt(socket.SOL_SOCKET, FORCE_SEND_SPACE, 4 * len(data))

    def race() -> None:
        for s in connections:
            s.sendall(data)  # Linux has it all, and sends as windows allow
        status(struct.pack('<I', goal))
        for s in connections:
            shut_down(s)
        answer = expected(data)
        for s in connections:
            got = s.recv(100)
            assert got == answer, f'{kind} {got.hex()}, not {answer.hex()}'

    spent = machine.profile(race)
    _, least, most = status()
    for s in connections:
        s.close()
    hashing, copying = (sum(spent.get(name, 0) for name in names) for names in (HASHING, COPYING))
    segments = count * len(data) / SEGMENT
    return Result(hashing / segments, copying / segments,
                  (sum(spent.values()) - hashing - copying) / segments, least / most)


def patient(net: tap.Network) -> None:
    """Linux sends nothing twice: a board that computes is slow to acknowledge."""
    net.run('sysctl', '-w', 'net.ipv4.tcp_early_retrans=0', check=True)
    net.run('ip', 'route', 'change', '10.9.0.0/24', 'dev', tap.TAP, 'src', tap.HOST, 'rto_min', '3s', check=True)


def measure() -> dict[str, Result]:
    with tempfile.TemporaryDirectory() as folder, tap.network('mixed') as net, \
            netbench.guest(APP, net, Path(folder), BOARD) as machine:
        patient(net)
        return {f'{kind}_{count}': net.call(lambda: run(machine, kind, count))
                for kind in HASHES for count in COUNTS}


# ---- The table ----

@dataclass
class Row:
    measured: Result
    alone: float  # overhead with one connection
    budget: str
    ratio: str
    fair: str

    @property
    def flatness(self) -> float:
        return self.measured.overhead / self.alone

    @property
    def problems(self) -> list[str]:
        found = []
        if self.measured.overhead > int(self.budget) * NOISE:
            found.append(f'{self.measured.overhead:.0f} instructions besides hashing, budget {self.budget}')
        if self.flatness > float(self.ratio):
            found.append(f'{self.flatness:.2f} times the overhead of one connection, promised {self.ratio}')
        if self.measured.fairness < float(self.fair):
            found.append(f'the slowest has {self.measured.fairness:.2f} of what the first has, promised {self.fair}')
        return found


def table() -> dict[str, Row]:
    results = measure()
    return {name: Row(results[name], results[f'{name.split("_")[0]}_1'].overhead, budget, ratio, fair)
            for name, budget, ratio, fair in tables.read('network_mixed')}


def update() -> None:
    tables.write('network_mixed', [[name, f'{row.measured.overhead:.0f}', row.ratio, row.fair]
                                   for name, row in table().items()])
