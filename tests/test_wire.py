# SPDX-License-Identifier: MIT
"""A board on a wire with real clients and hostile ones, in a network namespace of the test's own. Needs
root and /dev/net/tun."""
from __future__ import annotations

import os
import random
import re
import socket
import struct
import subprocess
import time
from dataclasses import dataclass, replace
from typing import Callable, Iterator

import pytest

from harness import tap
from harness.build import Image, boards_with_network
from harness.machine import Machine

pytestmark = pytest.mark.skipif(not tap.possible(), reason='needs root and /dev/net/tun, for a network of '
                                'its own')
GUEST = '10.9.0.2'
BOARDS = [board for board in boards_with_network() if board != 'host']
MAIN = 'mps2-an386'
LIMIT = 60
SETTLE = 40  # seconds, at most, until what lingers is over
WIRE = f'WIRE=tap,ifname={tap.TAP},script=no,downscript=no'


def in_network(image: Image, net: tap.Network) -> Image:
    return replace(image, emulator=(*net.words(), *image.emulator))


@dataclass
class Target:
    """tests/wire/target.c on a board, and the network that it is in."""
    net: tap.Network
    machine: Machine

    def call(self, function: Callable[[], object]) -> object:
        return self.net.call(function)

    def status(self) -> dict[str, list[int]]:
        def ask() -> bytes:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                s.settimeout(1)
                for _ in range(LIMIT):
                    s.sendto(b'?', (GUEST, 99))
                    try:
                        return s.recv(2000)
                    except TimeoutError:
                        continue
            raise TimeoutError('the board does not answer')
        rows = [line.split() for line in self.net.call(ask).decode().splitlines()]
        return {name: [int(number) for number in numbers] for name, *numbers in rows}

    def in_use(self) -> dict[str, int]:
        return {name: numbers[0] for name, numbers in self.status().items()
                if len(numbers) == 4 or name == 'workers'}

    def rests_as(self, before: dict[str, int]) -> bool:
        """Everything that was in use is given back, sooner or later. (Connections that the other side
        abandoned linger, so they are told to go by a reset: nobody knows them any more.)"""
        for _ in range(SETTLE):
            now = self.in_use()
            if all(now[name] <= count for name, count in before.items()):
                return True
            time.sleep(1)
        return False


@pytest.fixture
def target(image, start, request) -> Iterator[Target]:
    board = getattr(request, 'param', MAIN)
    with tap.network(re.sub(r'\W', '', request.node.name)[-6:]) as net:
        machine = start(in_network(image(board, 'target', WIRE), net))
        machine.expect_text('ready')
        found = Target(net, machine)
        found.status()
        yield found
        machine.close()


def connect(port: int = 7, host: str = GUEST) -> socket.socket:
    return socket.create_connection((host, port), timeout=LIMIT)


def receive(s: socket.socket, n: int) -> bytes:
    data = b''
    while len(data) < n:
        part = s.recv(n - len(data))
        if not part:
            break
        data += part
    return data


def echoes(s: socket.socket, data: bytes = b'are you there?') -> bool:
    s.sendall(data)
    return receive(s, len(data)) == data


def comes_back(s: socket.socket, data: bytes) -> bool:
    """A datagram may be lost where memory is short, but not five times."""
    s.settimeout(2)
    for _ in range(5):
        s.sendto(data, (GUEST, 7))
        try:
            return s.recv(4000) == data
        except TimeoutError:
            continue
    return False


@pytest.mark.parametrize('target', BOARDS, indirect=True)
def test_talks(target: Target) -> None:
    before = target.in_use()

    def talk() -> None:
        chance = random.Random(1)
        for size in (1, 64, 1459, 1460, 1461, 20000):
            data = chance.randbytes(size)
            with connect() as s:
                assert echoes(s, data)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            for size in (0, 1, 1472, 1473, 2000):
                assert comes_back(s, chance.randbytes(size)), size
        with connect(9) as s:
            s.sendall(bytes(200000))
    target.call(talk)
    said = target.net.run('ping', '-c', '20', '-i', '0.02', '-s', '1400', GUEST).stdout
    assert ' 0% packet loss' in said, said
    assert target.rests_as(before), target.status()


def test_multicast(target: Target) -> None:
    """A datagram to a group that the board has joined is answered; one to another group is not."""
    target.net.run('ip', 'route', 'add', '224.0.0.0/4', 'dev', tap.TAP)

    def ask(group: str) -> bool:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(1)
            for _ in range(5 if group == '239.1.2.3' else 1):
                s.sendto(b'who is there?', (group, 7))
                try:
                    return s.recvfrom(100) == (b'who is there?', (GUEST, 7))
                except TimeoutError:
                    continue
            return False
    assert target.call(lambda: ask('239.1.2.3'))
    assert not target.call(lambda: ask('239.1.2.4'))


def test_ipv6(target: Target) -> None:
    mac = target.net.run('ip', 'neigh', 'show', GUEST).stdout.split('lladdr ')[1].split()[0]
    parts = [int(part, 16) for part in mac.split(':')]
    address = 'fe80::%02x%02x:%02xff:fe%02x:%02x%02x' % (parts[0] ^ 2, *parts[1:])
    for _ in range(LIMIT):
        said = target.net.run('ping', '-6', '-c', '3', '-i', '0.2', f'{address}%{tap.TAP}').stdout
        if ' 0% packet loss' in said:
            break
    assert ' 0% packet loss' in said, said

    def talk() -> None:
        index = socket.if_nametoindex(tap.TAP)
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as s:
            s.settimeout(LIMIT)
            s.connect((address, 7, 0, index))
            assert echoes(s, bytes(range(256)) * 40)
    target.call(talk)


def raw() -> socket.socket:
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    s.bind((tap.TAP, 0))
    return s


def checksum(data: bytes) -> int:
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f'>{len(data) // 2}H', data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def tcp_frame(mac: bytes, source: bytes, sport: int, dport: int, seq: int, flags: int,
              data: bytes = b'') -> bytes:
    target = socket.inet_aton(GUEST)
    tcp = struct.pack('>HHIIBBHHH', sport, dport, seq, 0, 5 << 4, flags, 5000, 0, 0) + data
    pseudo = source + target + struct.pack('>BBH', 0, 6, len(tcp))
    tcp = tcp[:16] + struct.pack('>H', checksum(pseudo + tcp)) + tcp[18:]
    ip = struct.pack('>BBHHHBBH4s4s', 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0, source, target)
    ip = ip[:10] + struct.pack('>H', checksum(ip)) + ip[12:]
    return mac + b'\x02\x99\x99\x99\x99\x99' + b'\x08\x00' + ip + tcp


def mac_of(target: Target) -> bytes:
    said = target.net.run('ip', 'neigh', 'show', GUEST).stdout
    return bytes.fromhex(said.split('lladdr ')[1].split()[0].replace(':', ''))


def test_syn_flood(target: Target) -> None:
    """2,000 connections that are never completed: a live one goes on, and new ones are taken at once."""
    before, mac = target.in_use(), mac_of(target)

    def flood() -> None:
        chance = random.Random(2)
        with raw() as wire, connect() as live:
            assert echoes(live)
            for i in range(2000):
                source = bytes((10, 9, 0, chance.randrange(10, 250)))
                wire.send(tcp_frame(mac, source, chance.randrange(1024, 65536), 7, chance.getrandbits(32), 2))
                if i % 100 == 0:
                    assert echoes(live)
            assert echoes(live)
            for _ in range(5):
                with connect() as s:
                    s.settimeout(LIMIT)
                    assert echoes(s)
    target.call(flood)
    assert target.rests_as(before), target.status()


def test_port_scan(target: Target) -> None:
    mac = mac_of(target)

    def scan() -> int:
        with raw() as wire:
            wire.settimeout(2)
            wire.setsockopt(socket.SOL_SOCKET, 33, 1 << 24)  # SO_RCVBUFFORCE
            for port in range(1, 1025):
                wire.send(tcp_frame(mac, socket.inet_aton(tap.HOST), 40000, port, 1, 2))
                if port % 16 == 0:
                    time.sleep(0.01)  # more would be lost in the device
            resets = 0
            try:
                while resets < 1000:
                    frame = wire.recv(2000)
                    if frame[6:12] == mac and frame[23:24] == b'\x06' and frame[47] & 4:
                        resets += 1
            except TimeoutError:
                pass
            return resets
    assert target.call(scan) >= 900
    assert target.call(lambda: echoes(connect()))


def mutations(mac: bytes, chance: random.Random) -> Iterator[bytes]:
    """Frames that are nearly right: every layer, any byte of the headers, any length."""
    ip6 = bytes.fromhex('fe80000000000000') + b'\0' * 7 + b'\x09'
    all6 = bytes.fromhex('ff02') + b'\0' * 13 + b'\x01'
    host, stranger = b'\x02\x99\x99\x99\x99\x99', socket.inet_aton('10.9.0.200')
    arp = mac + host + bytes.fromhex('08060001080006040001') + host + stranger + \
        b'\0' * 6 + socket.inet_aton(GUEST)
    icmp6 = [bytes((kind, 0, 0, 0)) + b'\0' * 4 + all6 + bytes((1, 1)) + host
             for kind in (128, 133, 134, 135, 136, 137, 130, 131, 1, 2)]
    bases = [arp, tcp_frame(mac, stranger, 4000, 7, 1, 2, b'x' * 40)]
    for kind in (1, 2, 17, 6, 0, 58):
        ip = struct.pack('>BBHHHBBH4s4s', 0x46, 0, 80, 7, 0x2000, 64, kind, 0, stranger,
                         socket.inet_aton(GUEST))
        bases.append(mac + host + b'\x08\x00' + ip + bytes(60))
    for body in icmp6:
        ip = struct.pack('>IHBB', 6 << 28, len(body), 58, 255) + ip6 + all6
        bases.append(b'\x33\x33\0\0\0\x01' + host + b'\x86\xdd' + ip + body)
    while True:
        frame = bytearray(chance.choice(bases))
        for _ in range(chance.randrange(4)):
            frame[chance.randrange(12, len(frame))] = chance.choice((0, 1, 255, 128, chance.randrange(256)))
        if frame[12:14] == b'\x08\x00' and chance.random() < 0.9:
            length = (frame[14] & 15) * 4
            frame[24:26] = b'\0\0'
            frame[24:26] = struct.pack('>H', checksum(bytes(frame[14:14 + length])))
        yield bytes(frame[:chance.randrange(14, len(frame) + 1)]) if chance.random() < 0.3 else bytes(frame)


def test_malformed_frames(target: Target) -> None:
    before, mac = target.in_use(), mac_of(target)

    def send() -> None:
        with raw() as wire, connect() as live:
            for i, frame in zip(range(6000), mutations(mac, random.Random(3))):
                wire.send(frame)
                if i % 200 == 0:
                    time.sleep(0.02)
                    assert echoes(live)
    target.call(send)
    target.net.run('ip', 'neigh', 'flush', 'all')
    assert target.call(lambda: echoes(connect()))
    assert target.rests_as(before), target.status()


def test_more_clients_than_places(target: Target) -> None:
    """Those that have a place are served; the others wait, and are served when places are free."""
    before = target.in_use()

    def crowd() -> None:
        clients = [connect() for _ in range(26)]  # 20 workers, and some in the queue
        assert all(echoes(s) for s in clients[:20])
        for s in clients[:10]:
            s.close()
        assert all(echoes(s) for s in clients[10:26])
        for s in clients[10:]:
            s.close()
    target.call(crowd)
    assert target.rests_as(before), target.status()


def test_peers_that_vanish(target: Target) -> None:
    """Clients open connections, say something, and are never heard of again: no reset, no end."""
    before = target.in_use()

    def vanish() -> list[socket.socket]:
        clients = [connect() for _ in range(20)]
        for s in clients:
            s.sendall(b'x' * 1000)
        return clients
    clients = target.call(vanish)
    target.net.run('ip', 'link', 'set', tap.TAP, 'down')
    time.sleep(1)
    target.net.run('ip', 'link', 'set', tap.TAP, 'up')
    target.net.run('iptables', '-A', 'INPUT', '-p', 'tcp', '--sport', '7', '-d', tap.HOST, '-j', 'DROP')
    for s in clients:
        tap.reset_on_close(s)
    target.net.run('ip', 'addr', 'add', '10.9.0.77/24', 'dev', tap.TAP)
    assert target.rests_as({'workers': before['workers']}), target.status()
    for s in clients:
        s.close()

    def talk() -> bool:
        with socket.socket() as s:
            s.settimeout(LIMIT)
            s.bind(('10.9.0.77', 0))
            s.connect((GUEST, 7))
            return echoes(s)
    assert target.call(talk)


def test_resets_in_mid_transfer(target: Target) -> None:
    before = target.in_use()

    def tear() -> None:
        for i in range(60):
            s = connect(9 if i % 2 else 7)
            s.sendall(bytes(30000))
            tap.reset_on_close(s)
            s.close()
    target.call(tear)
    assert target.rests_as(before), target.status()


DNSMASQ = ('dnsmasq', '--keep-in-foreground', '--no-resolv', '--no-hosts', '--bind-interfaces', '--log-dhcp',
           '--log-facility=-', f'--interface={tap.TAP}', '--dhcp-range=10.9.0.100,10.9.0.100,1h',
           '--dhcp-option=3,10.9.0.1', '--address=/board.example/10.9.0.1', '--no-ping',
           '--leasefile-ro',
           '--enable-ra', f'--dhcp-range=::,constructor:{tap.TAP},ra-only', '--user=root', '--pid-file=')


@pytest.mark.parametrize('board', ['mps2-an385', 'virt-rv64'])
def test_dhcp_and_routers(image, start, board: str) -> None:
    """The address comes from a real server, and the IPv6 prefix from a real router."""
    with tap.network('dhcp') as net:
        net.run('ip', 'addr', 'add', '2001:db8:9::1/64', 'dev', tap.TAP, 'nodad')
        server = subprocess.Popen(net.words(*DNSMASQ), stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        try:
            machine = start(in_network(image(board, 'netdemo', WIRE), net))
            machine.expect_text('10.9.0.100')
            machine.expect_text('stint> ')
            for name, answer in (('board.example', '10.9.0.1'), ('nobody.example', 'no host')):
                machine.send(f'nslookup {name}\r')
                assert answer in machine.expect_text('stint> ')
            said = net.run('curl', '-s', '-m', '30', '--retry', '5', '--retry-connrefused',
                           'http://10.9.0.100/status').stdout
            assert f'"board":"{board}"' in said
            assert 'Hello' in net.run('wget', '-q', '-O', '-', 'http://10.9.0.100/hello').stdout
            assert net.run('nc', '-N', '10.9.0.100', '7', input='are you there?').stdout == 'are you there?'
            said = net.run('ab', '-q', '-n', '1000', '-c', '50', 'http://10.9.0.100/style.css').stdout
            assert re.search(r'Failed requests: +0\n', said) and re.search(r'Complete requests: +1000\n', said)
            mac = net.run('ip', 'neigh', 'show', '10.9.0.100').stdout.split('lladdr ')[1].split()[0]
            parts = [int(part, 16) for part in mac.split(':')]
            address = '2001:db8:9::%02x%02x:%02xff:fe%02x:%02x%02x' % (parts[0] ^ 2, *parts[1:])
            for _ in range(LIMIT):
                said = net.run('curl', '-s', '-m', '2', f'http://[{address}]/hello')
                if said.returncode == 0:
                    break
            assert said.returncode == 0, said.stdout
        finally:
            server.kill()
            server.wait()
