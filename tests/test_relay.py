# SPDX-License-Identifier: MIT
"""The relay, a bad wire between two machines: what it does to frames, by seed."""
import socket
import tempfile
from pathlib import Path
from typing import Iterator

import pytest

from harness.relay import Counts, Direction, Faults, Plug, Relay

BAD = 'loss=20,dup=10,reorder=30,corrupt=10,delay=200,jitter=500,seed=7'
IP = bytes(12) + b'\x08\x00'


def frames(count: int) -> list[bytes]:
    return [IP + number.to_bytes(4, 'big') + bytes(96) for number in range(count)]


def carried(faults: str, count: int, kind: int = 0x0800) -> tuple[Counts, list[bytes]]:
    """What arrives of so many frames, one each 10 us, in its order."""
    direction, arrivals = Direction(Faults.parse(faults)), []
    for number, frame in enumerate(frames(count)):
        typed = frame[:12] + kind.to_bytes(2, 'big') + frame[14:]
        arrivals += direction.carry(typed, number * 10)
    return direction.counts, [frame for _, frame in sorted(arrivals, key=lambda item: item[0])]


def test_the_same_seed_is_the_same_run() -> None:
    counts, arrived = carried(BAD, 10000)
    # As drivers/net/host_wire.c does: tests/net/wire_suite.c has these figures, too.
    assert counts == Counts(carried=10000, lost=1929, duplicated=787, reordered=2413, corrupted=808)
    assert len(arrived) == 10000 - 1929 + 787
    assert carried(BAD, 10000) == (counts, arrived)
    assert carried(BAD + '1', 10000)[1] != arrived


def test_a_clean_wire_changes_nothing() -> None:
    assert carried('', 500)[1] == frames(500)


def test_jitter_keeps_the_order_and_holding_back_does_not() -> None:
    assert carried('jitter=500', 500)[1] == frames(500)
    _, arrived = carried('reorder=10', 500)
    assert arrived != frames(500) and sorted(arrived) == frames(500)


def test_one_byte_is_spoilt_behind_the_header() -> None:
    counts, arrived = carried('corrupt=100', 500)
    assert counts.corrupted == 500
    for before, after in zip(frames(500), arrived):
        assert before[:14] == after[:14]
        assert sum(x != y for x, y in zip(before, after)) == 1
    assert carried('corrupt=100', 500, kind=0x0806)[0].corrupted == 0  # ARP has no checksum


def test_rate() -> None:
    direction = Direction(Faults.parse('rate=1000,delay=0'))  # 1 ms for 101 bytes and 24 more
    (first, _), = direction.carry(bytes(101), 0)
    (second, _), = direction.carry(bytes(101), 0)
    assert (first, second) == (1000, 2000)
    for _ in range(300):
        direction.carry(bytes(101), 0)
    assert direction.counts.crowded == 302 - 201


def test_the_link_flaps() -> None:
    plug = Plug(Faults.parse('up=30,down=10'))
    up = sum(plug.is_up(ms * 1000) for ms in range(4000))
    assert 2700 < up < 3300 and 85 < plug.flaps < 115
    assert all(Plug(Faults()).is_up(ms * 1000) for ms in range(100))


@pytest.mark.parametrize('text', ['loss', 'los=1', 'loss=-1', 'loss=1;dup=2'])
def test_what_is_no_fault(text: str) -> None:
    with pytest.raises(ValueError):
        Faults.parse(text)


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix='stint-') as name:  # short: sockets' paths have a limit
        yield Path(name)


def machine(path: Path) -> socket.socket:
    end = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    end.bind(str(path))
    end.settimeout(20)
    return end


def test_between_two_sockets(folder: Path) -> None:
    left, a, right, b = (folder / name for name in ('left', 'a', 'right', 'b'))
    with machine(a) as at_a, machine(b) as at_b, Relay(left, a, right, b, Faults(loss=20)) as relay:
        for number, frame in enumerate(frames(50)):
            at_a.sendto(frame, str(left))
            at_b.sendto(b'back' + bytes([number]) + frame, str(right))
        there = [at_b.recv(2048) for _ in range(50 - lost(50, 1))]
        back = [at_a.recv(2048) for _ in range(50 - lost(50, 2))]
        assert relay.directions[0].counts.unheard == 0
    assert [frame for frame in frames(50) if frame in there] == there
    assert len(back) < 50 and all(frame.startswith(b'back') for frame in back)


def lost(count: int, seed: int) -> int:
    return carried(f'loss=20,seed={seed}', count)[0].lost
