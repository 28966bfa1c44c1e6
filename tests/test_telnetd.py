# SPDX-License-Identifier: MIT
"""Telnet into boards, byte by byte: what clients do, and what they should not."""
from __future__ import annotations

import re
import socket
import threading
import time
from typing import Callable, Iterator

import pytest

from harness import lan

SE, BRK, IP, AYT, SB, WILL, WONT, DO, DONT, IAC = 240, 243, 244, 246, 250, 251, 252, 253, 254, 255
ECHO, SGA, TIMING_MARK, NAWS, LINEMODE = 1, 3, 6, 31, 34
OPENING = bytes([IAC, WILL, ECHO, IAC, WILL, SGA, IAC, DONT, LINEMODE])
PROMPT = 'stint> '
CTRL_C = b'\x03'
SOON = 4.0  # seconds, of a command that would take 1,000


class Telnet:
    """A session. Text and commands of the server are kept apart."""

    def __init__(self, port: int) -> None:
        self.socket, self.raw = lan.call(port)
        self.text, self.options, self.left = '', [], b''
        self.take(self.raw)

    def take(self, data: bytes) -> None:
        data, self.left = self.left + data, b''
        for piece in re.finditer(rb'\xff\xff|\xff[\xfb-\xfe](.)?|\xff.?|[^\xff]+', data, re.DOTALL):
            word = piece[0]
            if word == b'\xff\xff':
                self.text += '\xff'
            elif word[0] != IAC:
                self.text += word.decode('latin-1')
            elif len(word) == 3:
                self.options.append((word[1], word[2]))
            else:
                self.left = word  # the rest comes in the next segment

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def until(self, text: str, limit: float = 15.0) -> str:
        """What came before the text."""
        end = time.monotonic() + limit
        while text not in self.text:
            self.socket.settimeout(max(0.01, end - time.monotonic()))
            data = self.socket.recv(4096)
            assert data, f'hung up after {self.text!r}'
            self.take(data)
        before, self.text = self.text.split(text, 1)
        return before

    def run(self, line: str, end: bytes = b'\r\n') -> str:
        self.send(line.encode('latin-1') + end)
        return self.until(PROMPT).replace('\r\n', '\n').split('\n', 1)[1]

    def rest(self, limit: float = 10.0) -> str:
        """What comes until the board hangs up."""
        self.socket.settimeout(limit)
        try:
            while data := self.socket.recv(4096):
                self.take(data)
        except ConnectionError:
            pass
        return self.text

    def close(self) -> None:
        self.socket.close()


@pytest.fixture(params=lan.boards())
def call(request, image, start) -> Iterator[Callable[[], Telnet]]:
    built, (port,) = lan.forwarded(image(request.param, 'telnetd', 'WIRE=user'), 23)
    start(built)
    open_ones: list[Telnet] = []

    def begin(ready: bool = True) -> Telnet:
        open_ones.append(Telnet(port))
        if ready:
            open_ones[-1].until(PROMPT)
        return open_ones[-1]

    yield begin
    for session in open_ones:
        session.close()


def test_negotiation(call) -> None:
    """Offers come first; each option is refused once, however often it is asked for."""
    telnet = call()
    assert telnet.raw.startswith(OPENING)
    telnet.options.clear()
    everything = [bytes([IAC, verb, option]) for option in range(256) for verb in (DO, WILL)]
    for _ in range(2):
        telnet.send(b''.join(everything))
    telnet.send(bytes([IAC, AYT, IAC, DONT, 24, IAC, WONT, 24]))
    telnet.until('[yes]\r\n')
    assert telnet.run('echo fine') == 'fine\n'
    answers = sorted(telnet.options)
    expected = [(WONT, option) for option in range(256) if option not in (ECHO, SGA, TIMING_MARK)]
    expected += [(DONT, option) for option in range(256) if option not in (SGA, LINEMODE)]
    expected += [(WILL, TIMING_MARK)] * 2 + [(DO, SGA)]
    assert answers == sorted(expected)


def test_flood_of_options_by_one_who_does_not_listen(call) -> None:
    deaf = call()
    deaf.socket.settimeout(0.5)
    try:
        for _ in range(200):
            deaf.socket.sendall(bytes([IAC, DO, TIMING_MARK, IAC, AYT]) * 200)
    except TimeoutError:
        pass  # the board has stopped reading
    assert call().run('echo well') == 'well\n'
    deaf.close()
    assert call().run('echo still') == 'still\n'


def test_ends_of_lines_and_of_segments(call) -> None:
    telnet = call()
    for end in (b'\r\0', b'\r\n', b'\r'):
        assert telnet.run('echo one', end) == 'one\n'
    telnet.send(b'\r\n')
    assert telnet.until(PROMPT) == '\r\n'  # no empty lines were left over
    noise = bytes([IAC, DO, 200, IAC, SB, NAWS, 0, 80, IAC, IAC, 24, IAC, SE, IAC, WILL, NAWS, IAC, IAC])
    for byte in b'echo ' + noise + b'b\r\ni'[:3]:
        telnet.send(bytes([byte]))
        time.sleep(0.005)
    assert telnet.until(PROMPT).endswith('\nb\r\n')
    assert (WONT, 200) in telnet.options and (DONT, NAWS) in telnet.options


def test_endless_subnegotiation_ends_the_session(call) -> None:
    telnet = call()
    telnet.send(bytes([IAC, SB, NAWS]) + b'x' * 4000)
    telnet.rest()
    assert call().run('echo next') == 'next\n'


def test_output_is_escaped(call) -> None:
    """A page with all bytes, printed by fetch, comes through."""
    page = bytes(c for c in range(256) if c not in b'\r\n') + b'\xff' * 300 + b'|\rx'
    with socket.create_server((lan.LOCAL, 0)) as server:
        def serve() -> None:
            peer, _ = server.accept()
            with peer:
                request = b''
                while not request.endswith(b'\r\n\r\n'):  # unread bytes would make a reset of the end
                    request += peer.recv(4096)
                peer.sendall(page)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        telnet = call()
        said = telnet.run(f'fetch http://{lan.HOST}:{server.getsockname()[1]}/')
        thread.join(5)
    assert said.encode('latin-1').startswith(page.replace(b'\rx', b'\r\0x')), said
    assert f'{len(page)} bytes' in said


@pytest.mark.parametrize('key', [CTRL_C, bytes([IAC, IP]), bytes([IAC, BRK]), b'typed ahead\r\n' * 40 + CTRL_C],
                         ids=['ctrl_c', 'ip', 'brk', 'behind_much'])
def test_ctrl_c_ends_a_command(call, key: bytes) -> None:
    telnet = call()
    for pause in (0.3, 0):
        begin = time.monotonic()
        telnet.send(b'sleep 1000\r\n')
        time.sleep(pause)
        telnet.send(key)
        telnet.until('cancelled')
        assert time.monotonic() - begin < SOON
        telnet.until(PROMPT)
    assert telnet.run('echo again') == 'again\n'


def test_several_at_once_and_a_full_house(call) -> None:
    sessions = [call() for _ in range(3)]
    for n, session in enumerate(sessions):
        session.send(f'sleep 0.{5 + n}\r\n'.encode())
    for n, session in reversed(list(enumerate(sessions))):
        session.until(PROMPT)
        assert session.run(f'echo number {n}') == f'number {n}\n'
    while True:
        another = call(ready=False)
        if OPENING not in another.raw:
            break
        sessions.append(another)
        assert len(sessions) < 10
    assert 'busy' in another.rest()
    for session in sessions:  # who hangs up ends what runs
        session.send(b'sleep 1000\r\n')
    time.sleep(0.2)
    for session in sessions:
        session.close()
    time.sleep(0.3)
    assert call().run('echo room') == 'room\n'


def test_jobs_end_with_their_session(call) -> None:
    telnet = call()
    assert telnet.run('spawn sleep 1000').startswith('job')
    assert 'job1' in telnet.run('ps')
    telnet.send(b'exit\r\n')
    telnet.rest()
    assert 'job1' not in call().run('ps')


def test_idle_sessions_end(image, start) -> None:
    built, (port,) = lan.forwarded(image('mps2-an386', 'telnet_idle', 'WIRE=user'), 23)
    start(built)
    quiet, busy = Telnet(port), Telnet(port)
    quiet.until(PROMPT)
    quiet.send(b'sleep 1000\r\n')
    begin = time.monotonic()
    for _ in range(6):
        time.sleep(0.4)
        busy.send(b' ')
    quiet.rest()
    assert time.monotonic() - begin < 8
    busy.until(PROMPT)
    assert busy.run('echo here') == 'here\n'
    for telnet in (quiet, busy):
        telnet.close()
