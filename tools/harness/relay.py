# SPDX-License-Identifier: MIT
"""A bad wire between two machines with Unix datagram sockets for Ethernet, a frame a datagram: frames
are lost, doubled, held back, spoilt and late, by a seed. drivers/net/host_wire.h says what the faults
are; from the same seed the same becomes of the n-th frame of a direction. The way to the left has the
seed after the given one.

    machine A --> `left`:  relay --> machine B
    machine A <-- relay : `right` <-- machine B

By hand: relay.py LEFT A-PATH RIGHT B-PATH loss=3,delay=2000,seed=7
"""
from __future__ import annotations

import heapq
import select
import socket
import sys
import threading
import time
from dataclasses import dataclass, fields, replace
from pathlib import Path

ETHERNET = 14   # bytes of its header
OVERHEAD = 24   # bytes that a frame takes besides its own
LONGEST = 1514
PATIENCE = 200_000  # microseconds that a frame waits for its turn when the rate is reached, at most
RETRY = 500         # microseconds between two attempts to deliver to one who is busy
BUSY = 2_000_000    # microseconds after which a frame for such a one is lost


@dataclass(frozen=True)
class Faults:
    """As struct wire_faults: per cent, microseconds, kilobits per second, milliseconds."""
    loss: int = 0
    dup: int = 0
    reorder: int = 0
    corrupt: int = 0
    delay: int = 100
    jitter: int = 0
    hold: int = 1000
    rate: int = 0
    up: int = 0
    down: int = 0
    seed: int = 1

    @classmethod
    def parse(cls, text: str) -> Faults:
        known = {field.name for field in fields(cls)}
        found: dict[str, int] = {}
        for word in filter(None, text.split(',')):
            name, equals, value = word.partition('=')
            if name not in known or not equals or not value.isdecimal():
                raise ValueError(f'{word} is no fault; these are: {", ".join(sorted(known))}')
            found[name] = int(value)
        return cls(**found)


class Chance:
    """Marsaglia: Xorshift RNGs, 2003."""

    def __init__(self, seed: int) -> None:
        self.state = seed * 2654435761 & 0xFFFFFFFF | 1

    def draw(self, limit: int) -> int:
        """Less than the limit."""
        self.state ^= self.state << 13 & 0xFFFFFFFF
        self.state ^= self.state >> 17
        self.state ^= self.state << 5 & 0xFFFFFFFF
        return (self.state >> 8) % limit


@dataclass
class Counts:
    """Frames, since the beginning."""
    carried: int = 0
    lost: int = 0
    duplicated: int = 0
    reordered: int = 0
    corrupted: int = 0
    crowded: int = 0  # lost because too many waited for their turn
    cut: int = 0      # lost because the link was down
    unheard: int = 0  # nobody took them at the other end


class Direction:
    """One of the two ways of a wire. Times are in microseconds, of any clock."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.counts = Counts()
        self.chance = Chance(faults.seed)
        self.in_order = self.busy_until = 0

    def leaves(self, now: int, size: int) -> int:
        """When the last bit of a frame that is sent now has left."""
        if not self.faults.rate:
            return now
        self.busy_until = max(self.busy_until, now) + (size + OVERHEAD) * 8000 // self.faults.rate
        return self.busy_until

    def carry(self, frame: bytes, now: int) -> list[tuple[int, bytes]]:
        """What arrives at the other end of a frame that is sent now, and when."""
        f, c, draw = self.faults, self.counts, self.chance.draw
        lost, doubled = draw(100) < f.loss, draw(100) < f.dup
        reordered, spoilt = draw(100) < f.reorder, draw(100) < f.corrupt
        jitter, late = draw(f.jitter + 1), draw(f.hold + 1)
        where, flipped = draw(LONGEST * 64), 1 + draw(255)
        c.carried += 1
        if self.busy_until > now + PATIENCE:
            c.crowded += 1
            return []
        when = self.leaves(now, len(frame)) + f.delay + jitter
        if lost:
            c.lost += 1
            return []
        if reordered:
            c.reordered += 1
            when += f.hold
        else:
            when = self.in_order = max(when, self.in_order)
        original = frame
        if spoilt and len(frame) > ETHERNET and frame[12:14] in (b'\x08\x00', b'\x86\xdd'):
            c.corrupted += 1
            where = ETHERNET + where % (len(frame) - ETHERNET)
            frame = frame[:where] + bytes([frame[where] ^ flipped]) + frame[where + 1:]
        if not doubled:
            return [(when, frame)]
        c.duplicated += 1
        return [(when, frame), (when + late, original)]


class Plug:
    """The link, which goes down now and then."""

    def __init__(self, faults: Faults) -> None:
        self.faults, self.chance = faults, Chance(faults.seed)
        self.up, self.flaps = True, 0
        self.change: int | None = None  # when the next is

    def span(self) -> int:
        """From half to one and a half of the average."""
        ms = self.faults.up if self.up else self.faults.down
        return (ms // 2 + self.chance.draw(ms + 1)) * 1000

    def is_up(self, now: int) -> bool:
        if not (self.faults.up and self.faults.down):
            return True
        if self.change is None:
            self.change = now + self.span()
        while now >= self.change:
            self.up = not self.up
            self.flaps += not self.up
            self.change += self.span() or 1
        return self.up


class Relay:
    """Frames that come to the socket `left` go to the path `b`, and those that come to `right` to `a`.
    Runs in a thread of its own from the beginning to the end of the context.

        with Relay(left, a, right, b, Faults.parse('loss=3')): ...
    """

    def __init__(self, left: Path, a: Path, right: Path, b: Path, faults: Faults) -> None:
        self.paths = (str(left), str(right))
        self.targets = (str(b), str(a))  # of what comes to the one and to the other
        self.directions = (Direction(faults), Direction(replace(faults, seed=faults.seed + 1)))
        self.plug = Plug(faults)
        self.sockets: list[socket.socket] = []
        self.flying: tuple[list[tuple[int, int, bytes]], ...] = ([], [])  # heaps: when, in order, what
        self.retry = [0, 0]  # when to offer the first again to one who was busy
        self.launched = 0
        self.wake, self.woken = socket.socketpair()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self) -> Relay:
        for path in self.paths:
            Path(path).unlink(missing_ok=True)
            self.sockets.append(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
            self.sockets[-1].bind(path)
            self.sockets[-1].setblocking(False)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.wake.send(b'.')
        self.thread.join()
        for end in (*self.sockets, self.wake, self.woken):
            end.close()
        for path in self.paths:
            Path(path).unlink(missing_ok=True)

    def run(self) -> None:
        while True:
            due = [max(flying[0][0], retry) for flying, retry in zip(self.flying, self.retry) if flying]
            wait = max(0, min(due) - now_us()) / 1e6 if due else None
            ready, _, _ = select.select([self.woken, *self.sockets], [], [], wait)
            if self.woken in ready:
                return
            for way in (0, 1):
                if self.sockets[way] in ready:
                    self.receive(way)
                self.deliver(way)

    def receive(self, way: int) -> None:
        frame, now = self.sockets[way].recv(65536), now_us()
        if not self.plug.is_up(now):
            self.directions[way].counts.cut += 1
            return
        for when, what in self.directions[way].carry(frame, now):
            self.launched += 1
            heapq.heappush(self.flying[way], (when, self.launched, what))

    def deliver(self, way: int) -> None:
        now, flying = now_us(), self.flying[way]
        while flying and max(flying[0][0], self.retry[way]) <= now:
            try:
                # From the socket that the receiver sends to, so that it knows where it came from.
                self.sockets[1 - way].sendto(flying[0][2], self.targets[way])
            except BlockingIOError:  # it does not read fast enough
                if flying[0][0] + BUSY > now:
                    self.retry[way] = now + RETRY
                    return
                self.directions[way].counts.unheard += 1
            except OSError:  # there is none yet, or none any more
                self.directions[way].counts.unheard += 1
            heapq.heappop(flying)


def now_us() -> int:
    return time.monotonic_ns() // 1000


def main() -> None:
    if len(sys.argv) not in (5, 6):
        sys.exit(__doc__)
    paths = [Path(word) for word in sys.argv[1:5]]
    with Relay(*paths, Faults.parse(sys.argv[5] if len(sys.argv) == 6 else '')) as relay:
        try:
            relay.thread.join()
        except KeyboardInterrupt:
            print(*(direction.counts for direction in relay.directions), sep='\n')


if __name__ == '__main__':
    main()
