# SPDX-License-Identifier: MIT
"""Reads the memory of a machine while it runs, through the emulator's port for debuggers (the GDB remote
serial protocol), so that nothing has to be added to the program that is looked at."""
from __future__ import annotations

import re
import socket
import time
from dataclasses import replace
from pathlib import Path

from harness.build import Image

CHUNK = 1024
PATIENCE = 20.0


def with_debugger(image: Image, path: Path) -> Image:
    """The image, whose emulator has its port for debuggers at this path."""
    program, *rest = image.emulator
    return replace(image, emulator=(program, '-gdb', f'unix:{path},server=on,wait=off', *rest))


class Debugger:
    """The machine stands still from here on."""

    def __init__(self, path: Path) -> None:
        end = time.monotonic() + PATIENCE
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        while True:
            try:
                self.socket.connect(str(path))
                break
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)
        self.said = ''

    def ask(self, what: str) -> str:
        """The answer; that the machine has stopped, which is told in between, is none."""
        self.socket.sendall(f'${what}#{sum(what.encode()) & 255:02x}'.encode())
        while True:
            answer = self.packet()
            self.socket.sendall(b'+')
            if answer[:1] not in ('T', 'S'):
                return answer

    def packet(self) -> str:
        while not (match := re.match(r'\+*\$([^#]*)#..', self.said)):
            got = self.socket.recv(4096)
            if not got:
                raise EOFError('the emulator has ended')
            self.said += got.decode()
        self.said = self.said[match.end():]
        return match[1]

    def read(self, address: int, size: int) -> bytes:
        return b''.join(bytes.fromhex(self.ask(f'm{at:x},{min(CHUNK, address + size - at):x}'))
                        for at in range(address, address + size, CHUNK))

    def close(self) -> None:
        self.socket.close()
