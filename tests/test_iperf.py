# SPDX-License-Identifier: MIT
"""The board measured by iperf 2."""
from __future__ import annotations

import re
import socket
import subprocess
import time

import pytest

from harness import lan


def iperf(port: int, *words: str) -> str:
    return subprocess.run(['timeout', '30', 'iperf', '-c', lan.LOCAL, '-p', str(port), '-t', '1', *words],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False).stdout


@pytest.mark.parametrize('board', lan.boards())
def test_tcp_and_udp(image, start, board: str) -> None:
    built, (tcp, udp) = lan.forwarded(image(board, 'iperf', 'WIRE=user'), 5001, udp=(5001,))
    machine = start(built)
    machine.expect_text('iperf server')
    with socket.create_connection((lan.LOCAL, tcp)) as probe:  # until it has an address
        probe.sendall(b'x')
    machine.expect(r'tcp 10\.0\.2\.2:\d+: 1 bytes')
    assert 'bits/sec' in iperf(tcp)
    counted = int(re.search(r': (\d+) bytes', machine.expect(r'tcp \S+: \d+ bytes in \d+ ms.*\n'))[1])
    assert counted > 100_000
    said = iperf(udp, '-u', '-b', '1M')
    report = re.search(r'Server Report:\s*\n.*?(\d+)/\s*(\d+)', said, re.DOTALL)
    assert report, said
    printed = re.search(r'(\d+) datagrams, (\d+) lost', machine.expect(r'\d+ datagrams, \d+ lost'))
    assert int(printed[1]) > 50 and int(printed[2]) < 20
    time.sleep(0.1)
