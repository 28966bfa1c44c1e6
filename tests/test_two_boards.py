# SPDX-License-Identifier: MIT
"""Two emulated boards on one wire, which a relay between them makes worse."""
from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from harness.relay import Faults, Relay

PAIRS = [('mps2-an385', 'virt-rv32'), ('virt-rv64', 'mps2-an505'), ('lm3s6965evb', 'mps2-an386')]
BAD = Faults(loss=3, dup=3, reorder=3, corrupt=1, delay=100, seed=5)
RESULT = r'result: (\d+) of (\d+) bytes, (\d+) wrong, end (-?\d+)'


def wire(local: Path, remote: Path) -> str:
    return f'WIRE=dgram,local.type=unix,local.path={local},remote.type=unix,remote.path={remote}'


@pytest.mark.parametrize('caller, target', PAIRS)
def test_bad_wire(image, start, caller: str, target: str) -> None:
    with tempfile.TemporaryDirectory(prefix='stint-') as name:  # short: sockets' paths have a limit
        folder = Path(name)
        left, one, right, two = (folder / end for end in ('l', 'a', 'r', 'b'))
        # An image is one whatever its wire: what differs is its emulator's words.
        images = [image(caller, 'caller', wire(one, left), 'MAC=02:00:00:00:00:0a'),
                  image(target, 'target', wire(two, right), 'MAC=02:00:00:00:00:0b')]
        with Relay(left, one, right, two, BAD) as relay:
            called = start(images[1])
            called.expect_text('ready')
            calling = start(images[0])
            said = calling.expect(RESULT)
            assert said == 'result: 200000 of 200000 bytes, 0 wrong, end 0'
            assert sum(way.counts.lost for way in relay.directions) > 3
