# SPDX-License-Identifier: MIT
"""Boards behind QEMU's user network: their ports are ports of this machine, and this machine is
10.0.2.2 to them."""
from __future__ import annotations

import socket
import time
from dataclasses import replace

from harness.build import Image
from harness.tree import ROOT

HOST = '10.0.2.2'  # this machine, as boards see it
LOCAL = '127.0.0.1'
PATIENCE = 30.0


def boards() -> list[str]:
    """One for each driver, of those that have a network under QEMU."""
    return [board for board in ('mps2-an386', 'lm3s6965evb', 'virt-rv32')
            if (ROOT / f'boards/{board}/net.c').exists()]


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((LOCAL, 0))
        return probe.getsockname()[1]


def forwarded(image: Image, *ports: int, udp: tuple[int, ...] = ()) -> tuple[Image, list[int]]:
    """The image (built with WIRE=user) with these ports of the board, and this machine's for them."""
    pairs = [('tcp', port, free_port()) for port in ports]
    pairs += [('udp', port, free_port(socket.SOCK_DGRAM)) for port in udp]
    wire = ','.join(['user', *(f'hostfwd={kind}:{LOCAL}:{ours}-:{port}' for kind, port, ours in pairs)])
    emulator = tuple(word.replace('user,', f'{wire},', 1) if word.startswith('user,') else word
                     for word in image.emulator)
    return replace(image, emulator=emulator), [ours for _, _, ours in pairs]


def call(port: int) -> tuple[socket.socket, bytes]:
    """Connects to a server that speaks first, and returns what it says first. The emulator accepts
    connections before the board listens, so what counts is the first word."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            connection = socket.create_connection((LOCAL, port), timeout=5)
            first = connection.recv(4096)
            if first:
                return connection, first
            connection.close()
        except OSError:
            pass
        time.sleep(0.2)
    raise TimeoutError(f'nobody answers on port {port}')
