# SPDX-License-Identifier: MIT
"""Ethernet drivers and sources of entropy on every board that has a network, in real time: the world on
the other side of the wire knows no other."""
from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

import pytest

from harness.build import Image, boards_with_network
from harness.verdict import problem_of

GATEWAY = bytes.fromhex('52550a000202')  # slirp's Ethernet address
ARP, ARP_LENGTH, SHORTEST = b'\x08\x06', 42, 60

VIRTIO = [board for board in boards_with_network() if board.startswith('virt-')]
LAYOUTS = {'legacy': [], 'modern': ['-global', 'virtio-mmio.force-legacy=false']}
BOARDS = [board for board in boards_with_network() if board != 'host']
MACHINES = [pytest.param(board, words, id=f'{board}-{name}' if name else board)
            for board in BOARDS
            for name, words in (LAYOUTS if board in VIRTIO else {'': []}).items()]


def with_words(image: Image, *words: str) -> Image:
    return replace(image, emulator=(image.emulator[0], *words, *image.emulator[1:]))


def without_device(image: Image, name: str) -> Image:
    at = image.emulator.index(name)
    return replace(image, emulator=image.emulator[:at - 1] + image.emulator[at + 1:])


def frames(path: Path) -> list[bytes]:
    """Of a recording in the format of tcpdump (pcap 2.4, little-endian)."""
    recording, at, found = path.read_bytes(), 24, []
    while at < len(recording):
        size, = struct.unpack_from('<I', recording, at + 8)
        found.append(recording[at + 16:at + 16 + size])
        at += 16 + size
    return found


@pytest.mark.parametrize('board, words', MACHINES)
def test_driver(image, start, tmp_path: Path, board: str, words: list[str]) -> None:
    path = tmp_path / 'wire.pcap'
    built = with_words(image(board, 'netdev_suite', 'WIRE=user'), *words,
                       '-object', f'filter-dump,id=dump,netdev=wire,file={path}')
    output, code = start(built).finish()
    assert problem_of(output, code) == '', output
    sent = [frame for frame in frames(path) if frame[6:12] != GATEWAY]
    assert min(len(frame) for frame in sent) >= SHORTEST
    padding = {frame[ARP_LENGTH:] for frame in sent if frame[12:14] == ARP}
    assert padding == {bytes(SHORTEST - ARP_LENGTH)}


@pytest.mark.parametrize('board', VIRTIO)
def test_virtio_driver(image, start, board: str) -> None:
    output, code = start(image(board, 'virtio_suite', 'WIRE=user')).finish()
    assert problem_of(output, code) == '', output


@pytest.mark.parametrize('board, words', MACHINES)
def test_entropy(image, start, board: str, words: list[str]) -> None:
    built = with_words(image(board, 'entropy_suite', 'WIRE=user'), *words)
    output, code = start(built).finish()
    assert problem_of(output, code) == '', output
    has_source = 'virtio-rng-device' in built.emulator
    assert f'source {"virtio-rng" if has_source else "jitter"}' in output


@pytest.mark.parametrize('board', VIRTIO)
def test_entropy_without_its_device(image, start, board: str) -> None:
    output, code = start(without_device(image(board, 'entropy_suite', 'WIRE=user'),
                                        'virtio-rng-device')).finish()
    assert problem_of(output, code) == '', output
    assert 'source jitter' in output


@pytest.mark.parametrize('board, source', [('microbit', 'nRF51 RNG'), ('rpi-pico', 'RP2040 ring oscillator')])
def test_entropy_of_boards_without_network(image, start, board: str, source: str) -> None:
    output, code = start(image(board, 'entropy_suite')).finish()
    assert problem_of(output, code) == '', output
    assert f'source {source}' in output
