# SPDX-License-Identifier: MIT
"""The board as a client of a server on this machine."""
from __future__ import annotations

import http.server
import re
import threading

import pytest

from harness import lan

PROMPT = 'http://'


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = self.path.encode() * (2000 if self.path == '/long' else 1)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope='module')
def port():
    server = http.server.ThreadingHTTPServer((lan.LOCAL, 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()


@pytest.mark.parametrize('board', lan.boards())
def test_pages(image, start, board: str, port: int) -> None:
    machine = start(lan.forwarded(image(board, 'client', 'WIRE=user'))[0])
    machine.expect_text(PROMPT)

    def get(url: str) -> str:
        machine.send(f'{url}\r')
        return machine.expect_text(f'\n{PROMPT}').replace('\r', '')

    said = get(f'{lan.HOST}:{port}/short')
    assert '200 OK' in said and '\n/short' in said
    times = re.search(r'name (\d+) us, connected (\d+) us, first byte (\d+) us, all (\d+) us: (\d+) bytes', said)
    name, connected, first, everything, length = map(int, times.groups())
    assert 0 <= name < connected < first <= everything and length > 50
    assert said_of(get(f'{PROMPT}{lan.HOST}:{port}/long')).count('/long') == 2000
    assert 'error' in get(f'{lan.HOST}:{lan.free_port()}/')
    assert 'error' in get('https://10.0.2.2/')
    assert 'error' in get(f'{lan.HOST}:99999/')


def said_of(text: str) -> str:
    """The body of the answer."""
    return text.split('\n\n', 1)[1]
