# SPDX-License-Identifier: MIT
"""A network of its own: a namespace with a tap device, for emulators and real clients. Needs root."""
from __future__ import annotations

import ctypes
import os
import socket
import struct
import subprocess
import threading
from contextlib import contextmanager
from typing import Callable, Iterator, TypeVar

T = TypeVar('T')
CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)
TAP = 'tap0'
HOST = '10.9.0.1'


def possible() -> bool:
    return os.geteuid() == 0 and os.path.exists('/dev/net/tun')


class Network:
    """A namespace of this process's own. `run` starts a program in it, `call` a function."""

    def __init__(self, name: str) -> None:
        self.name = name

    def words(self, *command: str) -> list[str]:
        return ['ip', 'netns', 'exec', self.name, *command]

    def run(self, *command: str, **how: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(self.words(*command), text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, **how)

    def call(self, function: Callable[[], T]) -> T:
        """Calls the function in a thread that has entered the namespace: its sockets are in there."""
        result: list[T] = []
        failed: list[BaseException] = []

        def inside() -> None:
            try:
                with open(f'/run/netns/{self.name}', encoding='ascii') as namespace:
                    if LIBC.setns(namespace.fileno(), CLONE_NEWNET) != 0:
                        raise OSError(ctypes.get_errno(), 'setns')
                result.append(function())
            except BaseException as error:  # handed on to the caller
                failed.append(error)

        thread = threading.Thread(target=inside)
        thread.start()
        thread.join()
        if failed:
            raise failed[0]
        return result[0]


@contextmanager
def network(name: str) -> Iterator[Network]:
    name = f'stint-{name}-{os.getpid()}'
    ip = ['ip', '-n', name]
    subprocess.run(['ip', 'netns', 'add', name], check=True)
    try:
        for words in (['link', 'set', 'lo', 'up'],
                      ['tuntap', 'add', TAP, 'mode', 'tap'],
                      ['addr', 'add', f'{HOST}/24', 'dev', TAP],
                      ['link', 'set', TAP, 'up']):
            subprocess.run([*ip, *words], check=True)
        yield Network(name)
    finally:
        subprocess.run(['ip', 'netns', 'del', name], check=True)


def reset_on_close(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
