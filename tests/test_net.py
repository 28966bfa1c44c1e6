# SPDX-License-Identifier: MIT
"""The network's suites, on the host in virtual time, which `make check` runs under sanitizers; and the
host's wires of real time."""
import socket
import tempfile
from pathlib import Path
from typing import Callable, Iterator

import pytest

from harness.build import suites
from harness.machine import Machine
from harness.relay import Faults, Relay
from harness.verdict import problem_of

MAC = bytes.fromhex('020000537469')
PEER = bytes.fromhex('020000000002')
LIMIT = 20


@pytest.mark.parametrize('suite', suites('net'))
def test_suite(image, start, suite: str) -> None:
    first, code = start(image('host', suite), virtual=True).finish()
    assert problem_of(first, code) == '', first
    again, _ = start(image('host', suite), virtual=True).finish()
    assert first == again, 'a run in virtual time repeats exactly'


class Peer:
    """The other end of a wire of datagrams."""

    def __init__(self, path: Path, target: Path) -> None:
        self.end = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.end.bind(str(path))
        self.end.settimeout(LIMIT)
        self.target = str(target)

    def send(self, data: bytes, kind: bytes = b'\x08\x00', to: bytes = MAC) -> None:
        self.end.sendto(to + PEER + kind + data, self.target)

    def receive(self) -> bytes:
        return self.end.recv(2048)


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix='stint-') as name:  # short: sockets' paths have a limit
        yield Path(name)


@pytest.fixture
def reflect(image, start, monkeypatch) -> Callable[..., Machine]:
    """reflect(wire) starts a machine on it that sends each frame back."""
    def begin(wire: str, **settings: str) -> Machine:
        monkeypatch.setenv('STINT_WIRE', wire)
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        return start(image('host', 'reflect', 'CC_HOST=clang', 'SANITIZE=address,undefined'))
    return begin


def test_datagrams(reflect, folder: Path) -> None:
    machine = reflect(f'dgram:{folder}/m:{folder}/p')
    machine.expect_text('ready, link up')
    peer = Peer(folder / 'p', folder / 'm')
    for size in (0, 1, 45, 46, 47, 1500):
        data = bytes(range(256)) * 6
        peer.send(data[:size])
        assert peer.receive() == PEER + MAC + b'\x08\x00' + data[:size].ljust(46, b'\0')
    peer.send(b'', to=PEER)       # not for the machine
    peer.send(bytes(1501))        # too long
    peer.end.sendto(b'x', peer.target)
    peer.send(b'', b'\x88\xb5')
    output, code = machine.finish()
    assert '7 received, 7 sent, 0 overruns, 2 errors' in output and code == 0
    assert not (folder / 'm').exists()


def test_the_address_is_a_setting(reflect, folder: Path) -> None:
    machine = reflect(f'dgram:{folder}/m:{folder}/p', STINT_MAC='02:00:00:00:00:01')
    machine.expect_text('ready')
    peer = Peer(folder / 'p', folder / 'm')
    peer.send(b'', b'\x88\xb5', to=b'\xff' * 6)
    assert peer.receive()[6:12] == bytes.fromhex('020000000001')


def test_through_the_relay(reflect, folder: Path) -> None:
    left, machine_path, right, peer_path = (folder / name for name in ('l', 'm', 'r', 'p'))
    faults = Faults(dup=20, reorder=20, jitter=300, seed=3)
    with Relay(left, machine_path, right, peer_path, faults) as relay:
        machine = reflect(f'dgram:{machine_path}:{left}')
        machine.expect_text('ready')
        peer = Peer(peer_path, right)
        came = set()
        for number in range(100):
            peer.send(number.to_bytes(46, 'big'))
        while len(came) < 100:
            came.add(peer.receive()[14:60])
        assert all(way.counts.duplicated > 0 and way.counts.reordered > 0 for way in relay.directions)
        peer.send(b'', b'\x88\xb5')
        assert machine.finish()[1] == 0


@pytest.mark.parametrize('wire', ['mirror', 'dgram:', 'dgram:x', 'nothing', 'tap:',
                                  'tap:name-that-is-too-long', f'dgram:/{"x" * 200}:y'])
def test_no_such_wire(reflect, wire: str) -> None:
    output, code = reflect(wire).finish()
    assert f"stint: the wire '{wire}' " in output and 'no device' in output and code == 1


def test_no_wire(reflect) -> None:
    reflect('none').expect_text('ready, link down')
