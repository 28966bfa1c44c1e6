# SPDX-License-Identifier: MIT
"""apps/httpd as honest and hostile clients meet it: over QEMU's user network, in real time."""
from __future__ import annotations

import gzip
import json
import re
import socket
import struct
import subprocess
import time
from dataclasses import dataclass
from typing import Iterator

import pytest

from harness.machine import Machine
from harness.tree import ROOT

BOARD = 'mps2-an386'
HEAD_S, IDLE_S, BODY_S = 1.5, 4.0, 1.5  # the server's limits, made short
LIMITS = f'-DHTTPD_HEAD_MS={HEAD_S * 1000:.0f} -DHTTPD_IDLE_MS={IDLE_S * 1000:.0f} ' \
         f'-DHTTPD_BODY_MS={BODY_S * 1000:.0f} -DHTTPD_LINGER_MS=500'
PATIENCE = 10.0
WORKERS = 64
INDEX = (ROOT / 'apps/httpd/www/index.html').read_bytes()


@dataclass
class Answer:
    status: int
    fields: dict[str, str]
    content: bytes


class Client:
    """One connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(('127.0.0.1', port), PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.came = b''

    def send(self, data: bytes | str) -> None:
        self.socket.sendall(data.encode('latin-1') if isinstance(data, str) else data)

    def more(self) -> None:
        piece = self.socket.recv(65536)
        if not piece:
            raise EOFError(self.came)
        self.came += piece

    def take(self, n: int) -> bytes:
        while len(self.came) < n:
            self.more()
        taken, self.came = self.came[:n], self.came[n:]
        return taken

    def line(self) -> str:
        while b'\r\n' not in self.came:
            self.more()
        line, self.came = self.came.split(b'\r\n', 1)
        return line.decode()

    def chunks(self) -> bytes:
        content = b''
        while size := int(self.line(), 16):
            content += self.take(size)
            assert self.line() == ''
        assert self.line() == ''
        return content

    def event(self) -> dict:
        text = b''
        while not text.endswith(b'\n\n'):
            text += self.take(int(self.line(), 16))
            assert self.line() == ''
        return json.loads(text.removeprefix(b'data: '))

    def answer(self, head_only: bool = False) -> Answer:
        version, status, *_ = self.line().split(' ')
        assert version == 'HTTP/1.1'
        fields = {}
        while line := self.line():
            name, value = line.split(': ', 1)
            assert name.lower() not in fields
            fields[name.lower()] = value
        if head_only or status in ('100', '204', '304'):
            content = b''
        elif 'transfer-encoding' in fields:
            content = self.chunks()
        elif 'content-length' in fields:
            content = self.take(int(fields['content-length']))
        else:
            content = self.rest()
        return Answer(int(status), fields, content)

    def rest(self) -> bytes:
        """What comes until the server closes; a reset is an error."""
        try:
            while True:
                self.more()
        except EOFError:
            rest, self.came = self.came, b''
            return rest

    def abort(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        self.socket.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


@pytest.fixture(scope='module')
def port(image) -> Iterator[int]:
    number = free_port()
    built = image(BOARD, 'httpd', f'WIRE=user,hostfwd=tcp:127.0.0.1:{number}-:80', f'APP_CPPFLAGS={LIMITS}')
    with Machine(built, 'httpd', limit=PATIENCE) as machine:
        machine.expect(r'http://10\.0\.2\.15/')
        yield number
        assert machine.child.isalive()


@pytest.fixture
def client(port: int) -> Iterator[Client]:
    made = Client(port)
    yield made
    made.socket.close()


def ask(client: Client, line: str, *fields: str, content: str = '') -> Answer:
    client.send('\r\n'.join([f'{line} HTTP/1.1', 'Host: stint', *fields, '', content]))
    return client.answer(head_only=line.startswith('HEAD'))


def status(port: int) -> dict:
    client = Client(port)
    answer = ask(client, 'GET /status', 'Connection: close')
    assert answer.status == 200 and answer.fields['content-type'] == 'application/json'
    assert client.rest() == b''
    return json.loads(answer.content)


def calm(port: int) -> dict:
    """Waits until nobody but ourselves is served, and says what the board has then."""
    end = time.monotonic() + IDLE_S + 4
    while True:
        now = status(port)
        used = {pool['name']: pool['used'] for pool in now['pools']}
        if now['http']['busy'] == 1 and used['sockets'] == 2 and used['buffers'] <= 1:
            return now
        assert time.monotonic() < end, now
        time.sleep(0.1)


# ---- What honest clients do ----

def test_hello_and_keep_alive(client: Client) -> None:
    for _ in range(3):
        answer = ask(client, 'GET /hello')
        assert (answer.status, answer.content) == (200, b'Hello from Stint.\n')
        assert 'connection' not in answer.fields and 'date' not in answer.fields
    answer = ask(client, 'GET /hello', 'Connection: Close')
    assert answer.fields['connection'] == 'close' and client.rest() == b''


def test_head_has_the_fields_of_get(client: Client) -> None:
    for path in ('/', '/hello', '/status', '/style.css'):
        head, get = ask(client, f'HEAD {path}'), ask(client, f'GET {path}')
        assert head.fields == get.fields and head.status == 200
    assert ask(client, 'HEAD /nothing').status == 404
    assert ask(client, 'GET /hello').status == 200


def test_byte_by_byte(client: Client) -> None:
    for byte in 'POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n':
        client.send(byte)
    assert client.answer().content == b'abc'
    assert ask(client, 'GET /hello').status == 200


def test_twenty_requests_in_one_segment(client: Client) -> None:
    client.send(''.join(f'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{n:02}'
                        for n in range(20)))
    assert [client.answer().content for _ in range(20)] == [b'%02d' % n for n in range(20)]


def test_http_1_0(client: Client, port: int) -> None:
    client.send('GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')
    assert client.answer().fields['connection'] == 'keep-alive'
    client.send('GET /status HTTP/1.0\r\n\r\n')
    answer = client.answer()
    assert 'transfer-encoding' not in answer.fields and answer.fields['connection'] == 'close'
    assert json.loads(answer.content)['board'] == BOARD


def test_targets(client: Client) -> None:
    assert ask(client, 'GET http://stint:80/hello').status == 200
    assert ask(client, 'GET HTTP://stint').content == INDEX
    assert ask(client, 'GET http://stint?x').content == INDEX
    assert ask(client, 'GET /%68ell%6F?x=%zz').status == 200
    assert ask(client, 'GET /index.html').content == INDEX
    assert ask(client, 'GET /hello/').status == 404


def test_methods(client: Client) -> None:
    answer = ask(client, 'OPTIONS *')
    assert answer.status == 204 and 'GET' in answer.fields['allow']
    assert 'content-length' not in answer.fields
    assert ask(client, 'OPTIONS /hello').fields['allow'] == 'OPTIONS, GET, HEAD'
    answer = ask(client, 'DELETE /')
    assert answer.status == 405 and answer.fields['allow'] == 'OPTIONS, GET, HEAD'
    assert ask(client, 'GET /echo').fields['allow'] == 'OPTIONS, POST, PUT'
    assert ask(client, 'POST /nothing', 'Content-Length: 3', content='abc').status == 404
    assert ask(client, 'POST /hello', 'Content-Length: 3', content='abc').status == 405
    assert ask(client, 'BREW /hello').status == 501 and client.rest() == b''


def test_echo(client: Client) -> None:
    data = ''.join(chr(32 + n % 90) for n in range(40000))
    assert ask(client, 'PUT /echo', f'Content-Length: {len(data)}', content=data).content == data.encode()
    chunks = ''.join(f'{len(part):x};a=b\r\n{part}\r\n' for part in re.findall('.{1,777}', data))
    answer = ask(client, 'POST /echo', 'Transfer-Encoding: Chunked', content=f'{chunks}0\r\nX: y\r\n\r\n')
    assert answer.content == data.encode() and answer.fields['transfer-encoding'] == 'chunked'
    assert ask(client, 'POST /echo', 'Content-Length: 0').content == b''


def test_expect_continue(client: Client) -> None:
    client.send('POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n')
    assert client.answer().status == 100
    client.send('abc')
    assert client.answer().content == b'abc'
    # Refused before a byte of it was sent: the connection ends, for it may come or not.
    answer = ask(client, 'POST /hello', 'Expect: 100-continue', 'Content-Length: 3')
    assert answer.status == 405 and client.rest() == b''


def test_files_and_encodings(client: Client) -> None:
    plain = ask(client, 'GET /')
    assert plain.content == INDEX and plain.fields['content-type'].startswith('text/html')
    assert 'content-encoding' not in plain.fields and plain.fields['vary'] == 'Accept-Encoding'
    for value in ('gzip', 'br, GZIP;q=0.5', '*', 'x-gzip; q=1'):
        zipped = ask(client, 'GET /', f'Accept-Encoding: {value}')
        assert zipped.fields['content-encoding'] == 'gzip' and gzip.decompress(zipped.content) == INDEX
        assert zipped.fields['etag'] != plain.fields['etag']
    for value in ('gzip;q=0', '*, gzip;q=0.000', 'br', '*;q=0', 'identity'):
        assert ask(client, 'GET /', f'Accept-Encoding: {value}').content == INDEX
    assert ask(client, 'GET /favicon.svg').fields['content-type'] == 'image/svg+xml'


def test_entity_tags(client: Client) -> None:
    tag = ask(client, 'GET /').fields['etag']
    for value in (tag, f'W/{tag}', f'"x", "y,z" , {tag}', '*'):
        answer = ask(client, 'GET /', f'If-None-Match: {value}')
        assert (answer.status, answer.fields['etag']) == (304, tag)
    for value in ('"00000000"', f'"{tag}"', tag.strip('"'), ''):
        assert ask(client, 'GET /', f'If-None-Match: {value}').status == 200


@pytest.mark.parametrize('asked, part', [
    ('bytes=0-0', slice(0, 1)), ('bytes=10-19', slice(10, 20)), ('bytes=-5', slice(-5, None)),
    ('bytes=100-', slice(100, None)), ('bytes=100-99999999999', slice(100, None)),
    ('bytes=-999999', slice(0, None)),
])
def test_ranges(client: Client, asked: str, part: slice) -> None:
    answer = ask(client, 'GET /', f'Range: {asked}')
    start, stop, _ = part.indices(len(INDEX))
    assert answer.status == 206 and answer.content == INDEX[part]
    assert answer.fields['content-range'] == f'bytes {start}-{stop - 1}/{len(INDEX)}'


def test_ranges_that_are_not(client: Client) -> None:
    answer = ask(client, 'GET /', 'Range: bytes=999999-')
    assert (answer.status, answer.fields['content-range']) == (416, f'bytes */{len(INDEX)}')
    assert ask(client, 'GET /', 'Range: bytes=-0').status == 416
    for value in ('bytes=9-1', 'bytes=1-2,4-5', 'bytes=', 'bytes=-', 'lines=1-2', 'bytes=x-'):
        assert ask(client, 'GET /', f'Range: {value}').content == INDEX
    assert ask(client, 'GET /', 'Range: bytes=0-0', 'If-Range: "00000000"').status == 200
    tag = ask(client, 'GET /').fields['etag']
    assert ask(client, 'GET /', 'Range: bytes=0-0', f'If-Range: {tag}').status == 206
    assert ask(client, 'GET /', 'Range: bytes=0-0', f'If-Range: W/{tag}').status == 200


def test_a_long_cookie_is_read_past(client: Client) -> None:
    assert ask(client, 'GET /hello', f'Cookie: {"x" * 1900}', f'Another: {"y" * 1000}').status == 200
    assert ask(client, 'GET /hello').status == 200


def test_events(port: int) -> None:
    watchers = []
    try:
        for _ in range(10):
            watchers.append(Client(port))
            watchers[-1].send('GET /events HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n')
            assert 'Content-Type: text/event-stream' in [watchers[-1].line() for _ in range(5)]
        for watcher in watchers:
            first, second, third = (watcher.event()['uptime_ms'] for _ in range(3))
            assert 900 < second - first < 1400 and 900 < third - second < 1400
        assert status(port)['http']['busy'] >= 11
    finally:
        for number, watcher in enumerate(watchers):
            watcher.abort() if number % 2 else watcher.socket.close()
    calm(port)


# ---- What hostile ones do ----

HOST = 'Host: a\r\n'
BAD = {
    'nonsense': ('hello\r\n\r\n', 400),
    'http_0_9': ('GET /\r\n\r\n', 400),
    'two_spaces': (f'GET  / HTTP/1.1\r\n{HOST}\r\n', 400),
    'trailing_space': (f'GET / HTTP/1.1 \r\n{HOST}\r\n', 400),
    'lower_case_version': (f'GET / http/1.1\r\n{HOST}\r\n', 400),
    'version': (f'GET / HTTP/2.0\r\n{HOST}\r\n', 505),
    'preface': ('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505),
    'method': (f'get / HTTP/1.1\r\n{HOST}\r\n', 501),
    'connect': (f'CONNECT a:80 HTTP/1.1\r\n{HOST}\r\n', 501),
    'no_host': ('GET / HTTP/1.1\r\n\r\n', 400),
    'two_hosts': (f'GET / HTTP/1.1\r\n{HOST}{HOST}\r\n', 400),
    'host_of_nobody': ('GET / HTTP/1.1\r\nHost: a/b\r\n\r\n', 400),
    'climbs': (f'GET /../x HTTP/1.1\r\n{HOST}\r\n', 400),
    'climbs_encoded': (f'GET /x/%2e%2E/y HTTP/1.1\r\n{HOST}\r\n', 400),
    'climbs_slash': (f'GET /..%2fx HTTP/1.1\r\n{HOST}\r\n', 400),
    'nul': (f'GET /%00 HTTP/1.1\r\n{HOST}\r\n', 400),
    'percent': (f'GET /%4 HTTP/1.1\r\n{HOST}\r\n', 400),
    'fragment': (f'GET /#x HTTP/1.1\r\n{HOST}\r\n', 400),
    'asterisk': (f'GET * HTTP/1.1\r\n{HOST}\r\n', 400),
    'other_scheme': (f'GET ftp://a/ HTTP/1.1\r\n{HOST}\r\n', 400),
    'beyond_ascii': (f'GET /\xe4 HTTP/1.1\r\n{HOST}\r\n', 400),
    'obs_fold': (f'GET / HTTP/1.1\r\n{HOST}A: b\r\n c\r\n\r\n', 400),
    'space_before_colon': (f'GET / HTTP/1.1\r\n{HOST}A : b\r\n\r\n', 400),
    'no_colon': (f'GET / HTTP/1.1\r\n{HOST}A\r\n\r\n', 400),
    'no_name': (f'GET / HTTP/1.1\r\n{HOST}: b\r\n\r\n', 400),
    'nul_in_value': (f'GET / HTTP/1.1\r\n{HOST}A: \0\r\n\r\n', 400),
    'cr_in_value': (f'GET / HTTP/1.1\r\n{HOST}A: b\rc\r\n\r\n', 400),
    'both_lengths': (f'POST /echo HTTP/1.1\r\n{HOST}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n'
                     '0\r\n\r\n', 400),
    'two_lengths': (f'POST /echo HTTP/1.1\r\n{HOST}Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd', 400),
    'list_of_lengths': (f'POST /echo HTTP/1.1\r\n{HOST}Content-Length: 4, 4\r\n\r\nabcd', 400),
    'signed_length': (f'POST /echo HTTP/1.1\r\n{HOST}Content-Length: +4\r\n\r\nabcd', 400),
    'length_in_hex': (f'POST /echo HTTP/1.1\r\n{HOST}Content-Length: 0x4\r\n\r\nabcd', 400),
    'chunked_twice': (f'POST /echo HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked, chunked\r\n\r\n', 400),
    'chunked_first': (f'POST /echo HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked, gzip\r\n\r\n', 400),
    'coding_of_1_0': (f'POST /echo HTTP/1.0\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400),
    'other_coding': (f'POST /echo HTTP/1.1\r\n{HOST}Transfer-Encoding: gzip, chunked\r\n\r\n', 501),
    'hidden_coding': (f'POST /echo HTTP/1.1\r\n{HOST}Transfer-Encoding: xchunked\r\n\r\n', 400),
    'chunk_size': (f'POST /echo HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\nx\r\n', 400),
    'chunk_end': (f'POST /echo HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n1\nx\r\n0\r\n\r\n', 400),
    'chunk_too_big': (f'POST /echo HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\nfffffffff\r\n', 413),
    'too_much': (f'POST /echo HTTP/1.1\r\n{HOST}Content-Length: 65537\r\n\r\n', 413),
    'far_too_much': (f'POST /echo HTTP/1.1\r\n{HOST}Content-Length: 99999999999999999999\r\n\r\n', 413),
    'expectation': (f'POST /echo HTTP/1.1\r\n{HOST}Expect: tea\r\nContent-Length: 1\r\n\r\n', 417),
    'long_target': (f'GET /{"x" * 5000} HTTP/1.1\r\n{HOST}\r\n', 414),
    'long_line': (f'GET / HTTP/1.1\r\n{HOST}Cookie: {"x" * 3000}\r\n\r\n', 431),
    'long_line_of_ours': (f'GET / HTTP/1.1\r\n{HOST}If-None-Match: {"x" * 1500}\r\n\r\n', 431),
    'many_lines': (f'GET / HTTP/1.1\r\n{HOST}' + 'A: b\r\n' * 2000 + '\r\n', 431),
    'long_name': (f'GET / HTTP/1.1\r\n{HOST}{"x" * 3000}', 431),
}


@pytest.mark.parametrize('name', BAD)
def test_refused_and_closed(client: Client, name: str) -> None:
    sent, expected = BAD[name]
    # A second request must not be served, whatever the first one hid.
    client.send(sent + 'GET /hello HTTP/1.1\r\nHost: a\r\n\r\n' * 3)
    answer = client.answer()
    assert answer.status == expected and answer.fields['connection'] == 'close'
    assert client.rest() == b''


def test_bare_line_feeds_are_tolerated_in_heads(client: Client) -> None:
    client.send('\r\n\nGET /hello HTTP/1.1\nHost: a\n\n')
    assert client.answer().status == 200


def test_slow_head(client: Client) -> None:
    begin = time.monotonic()
    client.socket.settimeout(0.2)
    client.send('GET / HTTP/1.1\r\nHost: a\r\n')
    while time.monotonic() < begin + PATIENCE:  # a byte now and then does not help
        try:
            client.more()
            break
        except socket.timeout:
            client.send('X: y\r\n')
    client.socket.settimeout(PATIENCE)
    answer = client.answer()
    assert answer.status == 408 and answer.fields['connection'] == 'close'
    assert HEAD_S - 0.1 < time.monotonic() - begin < HEAD_S + 2


def test_slow_content(client: Client) -> None:
    client.send('POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n')
    assert client.answer().status == 408


def test_idle(client: Client) -> None:
    assert ask(client, 'GET /hello').status == 200
    begin = time.monotonic()
    assert client.rest() == b''
    assert IDLE_S - 0.5 < time.monotonic() - begin < IDLE_S + 2


def test_aborted_in_the_middle(port: int) -> None:
    before = calm(port)
    for number in range(40):
        client = Client(port)
        client.send(('GET / HTTP/1.1\r\nHost: a\r\n\r\n' * 8, 'GET /sta', 'GET /events HTTP/1.1\r\nHost: a\r\n\r\n',
                     'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n' + 'x' * 30000)[number % 4])
        if number % 3:
            client.more() if number % 4 in (0, 2) else time.sleep(0.01)
        client.abort()
    after = calm(port)
    for was, now in zip(before['pools'], after['pools']):
        if was['name'] != 'tcp':  # which has those in TIME-WAIT
            assert abs(now['used'] - was['used']) <= 4, now


def test_idle_connections_make_room(port: int) -> None:
    before = status(port)['http']['evicted']
    crowd = []
    for _ in range(WORKERS):
        crowd.append(Client(port))
        assert ask(crowd[-1], 'GET /hello').status == 200
    newcomer = Client(port)
    assert ask(newcomer, 'GET /hello', 'Connection: close').status == 200
    assert crowd[0].rest() == b''
    for member in crowd:
        member.socket.close()
    assert calm(port)['http']['evicted'] > before


# ---- Tools ----

def test_curl(port: int) -> None:
    at = f'http://127.0.0.1:{port}'

    def curl(*words: str) -> bytes:
        return subprocess.run(['curl', '-sS', '--fail', '-m', '10', *words], stdout=subprocess.PIPE,
                              check=True).stdout

    assert curl('--compressed', f'{at}/', f'{at}/hello') == INDEX + b'Hello from Stint.\n'
    assert curl('-r', '3-7', f'{at}/') == INDEX[3:8]
    assert curl('-0', f'{at}/hello') == b'Hello from Stint.\n'
    page = '@apps/httpd/www/index.html'
    assert curl('--data-binary', page, f'{at}/echo') == INDEX
    assert curl('--data-binary', page, '-H', 'Transfer-Encoding: chunked', f'{at}/echo') == INDEX
    assert b'405' in subprocess.run(['curl', '-sSi', '-X', 'DELETE', '-m', '10', f'{at}/'], check=True,
                                    stdout=subprocess.PIPE).stdout


# The emulator's user network listens with a backlog of 1: of many who knock at once, some are not heard
# for seconds; what does reach the board is answered. So 50 at a time come with connections that last.
@pytest.mark.parametrize('words', [('-k', '-c', '50'), ('-c', '4')], ids=['lasting', 'short'])
def test_a_thousand_requests(port: int, words: tuple[str, ...]) -> None:
    for path in ('/hello', '/'):
        said = subprocess.run(['ab', '-q', '-n', '1000', *words, f'http://127.0.0.1:{port}{path}'], check=True,
                              stdout=subprocess.PIPE, text=True, timeout=30).stdout
        assert re.search(r'Complete requests: +1000\n', said) and re.search(r'Failed requests: +0\n', said)
        assert 'Non-2xx' not in said


def test_everything_is_given_back(port: int) -> None:
    now = calm(port)
    assert not any(pool['refused'] for pool in now['pools']), now['pools']
    workers = [tasklet for tasklet in now['tasklets'] if tasklet['name'] == 'http']
    assert len(workers) == 1 and workers[0]['stack_used'] < workers[0]['stack'] - 200
