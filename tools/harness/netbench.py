# SPDX-License-Identifier: MIT
"""What network operations cost: instructions that the guest executes per operation, counted by a QEMU
plug-in while a Linux peer talks to it over a tap device. Needs root."""
from __future__ import annotations

import array
import socket
import subprocess
import tempfile
import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterator

from harness import tables, tap
from harness.build import Image, build
from harness.tree import ROOT

BOARD = 'mps2-an385'
BARE = ('ASSERT=0', 'ACCOUNT=0', 'GUARD=0', 'PAINT=0')
GUEST = '10.9.0.2'
LIMIT = 60
PLUGIN = ROOT / 'build/test/profile.so'
CODE = 0x100000
BASES = {'virt-rv32': 0x80000000}  # where code begins; elsewhere at 0
SEGMENT = 1460
REQUEST = (b'GET /page HTTP/1.1\r\nHost: 10.9.0.2\r\nUser-Agent: bench/1.0\r\nAccept: */*\r\n\r\n')
ANSWER = 66 + 100  # bytes: header and page


def plugin() -> Path:
    source = ROOT / 'tests/bench/profile.c'
    if not PLUGIN.exists() or PLUGIN.stat().st_mtime < source.stat().st_mtime:
        PLUGIN.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(['gcc', '-O2', '-shared', '-fPIC', '-o', str(PLUGIN), str(source)], check=True)
    return PLUGIN


def symbols(image: Image) -> list[tuple[int, str]]:
    said = subprocess.run([f'{image.variables["CROSS"]}nm', '-n', str(image.path)], text=True,
                          stdout=subprocess.PIPE, check=True).stdout
    return [(int(line.split()[0], 16) & ~1, line.split()[2]) for line in said.splitlines()
            if len(line.split()) == 3 and line.split()[1] in 'tTwW']


class Guest:
    """A running image; instructions by function between two marks."""

    def __init__(self, image: Image, folder: Path) -> None:
        self.image, self.folder, self.marks = image, folder, 0
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.settimeout(1)

    def mark(self) -> array.array:
        path = self.folder / f'counts.{self.marks}'
        for _ in range(LIMIT):
            self.udp.sendto(b'm', (GUEST, 99))
            try:
                self.udp.recv(8)
                break
            except TimeoutError:
                continue
        self.marks = len(list(self.folder.glob('counts.*'))) - 1
        path = self.folder / f'counts.{self.marks}'
        counts = array.array('Q')
        counts.frombytes(path.read_bytes())
        return counts

    def profile(self, work: Callable[[], None]) -> dict[str, int]:
        before = self.mark()
        work()
        after = self.mark()
        names, found = symbols(self.image), defaultdict(int)
        at, base = -1, BASES.get(self.image.board, 0)
        for index in range(len(after)):
            while at + 1 < len(names) and names[at + 1][0] <= base + 2 * index:
                at += 1
            spent = after[index] - before[index]
            if spent:
                found[names[at][1] if at >= 0 else '?'] += spent
        return found


@contextmanager
def guest(app: str, net: tap.Network, folder: Path, board: str = BOARD) -> Iterator[Guest]:
    image = build(board, app, *BARE, f'WIRE=tap,ifname={tap.TAP},script=no,downscript=no')
    mark = next(address for address, name in symbols(image) if name == 'mark')
    words = list(image.emulator)
    words[1:1] = ['-plugin', f'{plugin()},out={folder}/counts,base={BASES.get(board, 0):#x},size={CODE},'
                  f'mark={mark:#x}']
    with subprocess.Popen(net.words(*words, str(image.path)), stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL) as process:
        try:
            yield net.call(lambda: Guest(image, folder))
        finally:
            process.kill()


def connect(port: int) -> socket.socket:
    for _ in range(LIMIT):
        try:
            s = socket.create_connection((GUEST, port), timeout=LIMIT)
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return s
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(f'nobody on port {port}')


def receive(s: socket.socket, n: int) -> None:
    while n > 0:
        got = s.recv(min(n, 65536))
        if not got:
            raise ConnectionError
        n -= len(got)


# ---- Operations: each does `n` of its kind ----

def echo(n: int, connections: list[socket.socket]) -> None:
    for _ in range(n):
        connections[0].sendall(b'x' * 64)
        receive(connections[0], 64)


def send_blocks(n: int, connections: list[socket.socket]) -> None:
    connections[0].sendall(bytes(SEGMENT * n))
    time.sleep(0.5)


def receive_blocks(n: int, connections: list[socket.socket]) -> None:
    receive(connections[0], n * SEGMENT)


def open_and_close(n: int, _: list[socket.socket]) -> None:
    """The client ends each connection."""
    for _ in range(n):
        with connect(7) as s:
            s.shutdown(socket.SHUT_WR)
            s.recv(1)


def be_closed(n: int, _: list[socket.socket]) -> None:
    """The server does: it keeps each connection for a while, in TIME-WAIT."""
    for _ in range(n):
        with connect(21) as s:
            s.recv(1)


def requests(n: int, connections: list[socket.socket]) -> None:
    for i in range(n):
        s = connections[i % len(connections)]
        s.sendall(REQUEST)
        receive(s, ANSWER)


OPERATIONS: dict[str, tuple[int, Callable[[int, list[socket.socket]], None], int, int]] = {
    # name: port, work, operations, connections
    'echo_64': (7, echo, 2000, 1),
    'receive_1460': (9, send_blocks, 2000, 1),
    'receive_1460_copy': (10, send_blocks, 2000, 1),
    'send_1460': (19, receive_blocks, 2000, 1),
    'send_1460_copy': (20, receive_blocks, 2000, 1),
    'accept_close': (7, open_and_close, 500, 0),
    'accept_close_first': (21, be_closed, 500, 0),
    'http': (80, requests, 2000, 1),
    'http_20': (80, requests, 2000, 20),
}


def measure(app: str, folder: Path, only: str = '') -> dict[str, dict[str, int]]:
    """Instructions by function, per operation of each kind."""
    results = {}
    with tap.network('bench') as net, guest(app, net, folder) as machine:
        for name, (port, work, n, count) in OPERATIONS.items():
            if only and name != only:
                continue

            def run() -> dict[str, int]:
                connections = [connect(port) for _ in range(count)]
                warm_up = min(n, 100)
                work(warm_up, connections)
                found = machine.profile(lambda: work(n, connections))
                for s in connections:
                    tap.reset_on_close(s)
                    s.close()
                return found
            found = net.call(run)
            results[name] = {function: spent / n for function, spent in found.items()}
            time.sleep(0.3)
    return results


# ---- The table ----

APPS = ('net_callbacks', 'net_sockets')
NOISE = 1.06


@dataclass
class Row:
    callbacks: float
    sockets: float
    budget: str
    most: str
    ratio: str
    peers: str

    @property
    def problems(self) -> list[str]:
        found = []
        if self.sockets > int(self.budget) * NOISE:
            found.append(f'{self.sockets:.0f} instructions, budget {self.budget}')
        if self.most != '-' and self.sockets > int(self.most):
            found.append(f'{self.sockets:.0f} instructions, promised {self.most}')
        if round(self.sockets / self.callbacks, 2) > float(self.ratio):
            found.append(f'{self.sockets / self.callbacks:.2f} times the callbacks, promised {self.ratio}')
        return found


def table() -> dict[str, Row]:
    totals = {}
    for app in APPS:
        with tempfile.TemporaryDirectory() as folder:
            measured = measure(app, Path(folder))
        totals[app] = {name: sum(spent.values()) for name, spent in measured.items()}
    return {name: Row(totals['net_callbacks'][name], totals['net_sockets'][name], *rest)
            for name, *rest in tables.read('network')}


def update() -> None:
    tables.write('network', [[name, f'{row.sockets:.0f}', row.most, row.ratio, row.peers]
                             for name, row in table().items()])
