# SPDX-License-Identifier: MIT
"""Everything at once: what make run boots on boards with a network."""
from __future__ import annotations

import json
import re
import socket
import struct
import threading
import time
import urllib.request

import pytest

from harness import lan
from harness.build import boards_with_network, make
from test_telnetd import PROMPT, Telnet

FROM_1900 = 2208988800


class Clock(threading.Thread):
    """A time server: answers each request with what `answer` makes of it."""

    def __init__(self, answer) -> None:
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((lan.LOCAL, 0))
        self.port = self.socket.getsockname()[1]
        self.answer = answer
        self.start()

    def run(self) -> None:
        while True:
            try:
                request, peer = self.socket.recvfrom(512)
            except OSError:
                return
            for packet in self.answer(request):
                self.socket.sendto(packet, peer)


def packet(request: bytes, when: int, first: int = 0x24, stratum: int = 2, origin: bytes | None = None,
           reference: bytes = b'TEST') -> bytes:
    """An NTP packet that says it is `when`, seconds since 1970."""
    stamp = struct.pack('>II', (when + FROM_1900) & 0xFFFFFFFF, 0)
    head = struct.pack('>BBBbII4s', first, stratum, 6, -20, 0, 0, reference)
    return head + stamp + (request[40:48] if origin is None else origin) + stamp + stamp


@pytest.fixture(params=[board for board in boards_with_network() if board != 'host'])
def demo(request, image, start):
    built, ports = lan.forwarded(image(request.param, 'netdemo', 'WIRE=user'), 23, 7, 80)
    machine = start(built)
    machine.expect(r'eth0: 10\.0\.2\.15')
    machine.expect_text(PROMPT)
    return machine, *ports


def run(machine, line: str) -> str:
    machine.send(f'{line}\r')
    return machine.expect_text(PROMPT).replace('\r', '').split('\n', 1)[1]


def test_all_at_once(demo) -> None:
    machine, telnet_port, echo_port, http_port = demo
    telnet = Telnet(telnet_port)
    telnet.until(PROMPT)
    telnet.send(b'sleep 1\r\n')
    with socket.create_connection((lan.LOCAL, echo_port), timeout=10) as echo:
        data = bytes(range(256)) * 40
        sender = threading.Thread(target=echo.sendall, args=(data,), daemon=True)
        sender.start()
        got = b''
        while len(got) < len(data):
            piece = echo.recv(4096)
            assert piece
            got += piece
        assert got == data
        listed = run(machine, 'netstat')
        for port in (7, 23, 80):
            assert re.search(rf'tcp +\S+:{port} .* listen', listed)
        for port in (7, 23):
            assert re.search(rf'tcp +\S+:{port} +10\.0\.2\.2:\d+ +established', listed)
    with urllib.request.urlopen(f'http://{lan.LOCAL}:{http_port}/status', timeout=20) as answer:
        assert json.load(answer)['addresses'][0] == '10.0.2.15'
    telnet.until(PROMPT)
    names = {row.split()[0] for row in telnet.run('ps').splitlines()[1:]}
    assert {'main', 'telnetd', 'telnet', 'echod', 'httpd'} <= names
    telnet.close()
    listed = run(machine, 'ifconfig')
    assert 'link up' in listed and '10.0.2.15' in listed and 'gateway 10.0.2.2' in listed
    assert '2 sent, 2 received' in run(machine, 'ping 10.0.2.2 2')
    assert 'is 10.0.2.2' in run(machine, 'nslookup 10.0.2.2')
    assert 'wrong argument' in run(machine, 'ping 10.0.2.2 0')


@pytest.mark.parametrize('when', [
    1795502863,  # 2026-11-24
    951782400,   # 2000-02-29
    2214000000,  # 2040-02-28, in the second era of NTP
    4107542390,  # 2100-02-28, and 1 March comes next
    4107542400,
])
def test_dates(demo_once, when: int) -> None:
    clock = Clock(lambda request: [packet(request, when)])
    said = run(demo_once, f'ntp {lan.HOST}:{clock.port}')
    clock.socket.close()
    texts = [time.strftime('%a %Y-%m-%d %H:%M:%S UTC', time.gmtime(when + n)) for n in range(3)]
    assert any(text in said for text in texts), said


def test_answers_that_are_none(demo_once) -> None:
    now = int(time.time())

    def forged(request: bytes) -> list[bytes]:
        return [packet(request, 0, origin=b'12345678'), packet(request, 0)[:47],
                packet(request, 0, first=0x23), packet(request, now)]

    clock = Clock(forged)
    year = time.strftime('%Y', time.gmtime(now))
    assert f' {year}-' in run(demo_once, f'ntp {lan.HOST}:{clock.port}')
    clock.answer = lambda request: [packet(request, 0, stratum=0, reference=b'RATE')]
    assert 'RATE' in run(demo_once, f'ntp {lan.HOST}:{clock.port}')
    clock.answer = lambda request: [packet(request, 0, first=0xE4)]  # not synchronised
    assert 'error' in run(demo_once, f'ntp {lan.HOST}:{clock.port}')
    clock.answer = lambda request: []
    assert 'no answer' in run(demo_once, f'ntp {lan.HOST}:{clock.port}')
    assert f' {year}-' in run(demo_once, 'date')
    clock.socket.close()


@pytest.fixture
def demo_once(image, start):
    machine = start(lan.forwarded(image('mps2-an386', 'netdemo', 'WIRE=user'))[0])
    machine.expect_text('10.0.2.15')
    machine.expect_text(PROMPT)
    assert 'nobody' in run(machine, 'date')
    return machine


def test_make_run_finds_free_ports() -> None:
    """It says which, and takes others while the usual ones are in use."""
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind((lan.LOCAL, 2323))
            taken.listen()
        except OSError:
            pass  # somebody else has it: as good
        said = make('-n', 'BOARD=mps2-an386', 'run', warnings_fail=False).stdout
    pairs = re.findall(r'(\d+)-:(\d+)', re.search(r'tools/ports --tell (.*)', said)[1])
    ours = {port: mine for mine, port in pairs}
    assert {'23', '7'} <= set(ours) and ours['23'] != '2323'
    for mine in ours.values():
        assert f'tcp:127.0.0.1:{mine}-:' in said
