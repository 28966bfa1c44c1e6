# SPDX-License-Identifier: MIT
"""Disks of emulated machines: what a board writes is in the file, what is in the file it reads, and what
the device refuses or fails arrives as an error."""
from __future__ import annotations

import random
import re
from dataclasses import replace
from pathlib import Path
from typing import Callable

import pytest

from harness.build import FOLDER, Image, make
from harness.machine import Machine
from harness.tree import ROOT
from harness.verdict import problem_of

BOARDS = sorted(path.parent.name for path in ROOT.glob('boards/*/block.c'))
LAYOUTS = {'legacy': [], 'modern': ['-global', 'virtio-mmio.force-legacy=false']}
SECTOR, SECTORS = 512, 256
FAULTS = 'file.inject-error.{i}.event={event},file.inject-error.{i}.sector={sector},file.inject-error.{i}.errno=5'


def hash_of(data: bytes) -> int:
    value = 0
    for byte in data:
        value = (value * 31 + byte) % 2**32
    return value


def pattern(count: int, seed: int) -> bytes:
    return bytes((i * 7 + i // SECTOR + seed) % 256 for i in range(count * SECTOR))


def with_drive(image: Image, drive: str | None, *words: str) -> Image:
    """The image with another drive than the Makefile's, or with none."""
    at = image.emulator.index('-drive')
    new = ['-drive', f'{drive},if=none,id=disk', '-device', 'virtio-blk-device,drive=disk'] if drive else []
    return replace(image, emulator=(image.emulator[0], *words, *image.emulator[1:at], *new,
                                    *image.emulator[at + 4:]))


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    path = tmp_path / 'disk.img'
    path.write_bytes(random.Random(1).randbytes(SECTORS * SECTOR))
    return path


class Drive:
    """The console of tests/blockdev/drive.c."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        machine.expect_text('drive ready')
        machine.expect_text('\n')

    def __call__(self, command: str) -> str:
        self.machine.send(f'{command}\r')
        return self.machine.expect_text('\n').rstrip('\r')  # the terminal adds another CR


@pytest.fixture
def drive(image, start) -> Callable[..., Drive]:
    def get(board: str, words: str, *more: str) -> Drive:
        return Drive(start(with_drive(image(board, 'drive'), words, *more)))
    return get


@pytest.mark.parametrize('layout', LAYOUTS)
@pytest.mark.parametrize('board', BOARDS)
def test_bytes_go_there_and_back(drive, disk: Path, board: str, layout: str) -> None:
    wanted = bytearray(disk.read_bytes())
    say = drive(board, f'file={disk},format=raw', *LAYOUTS[layout])
    assert say('info') == f'{SECTORS} {SECTOR} 5 rw'
    assert say(f'read 3 {11}') == f'moved 11 hash {hash_of(wanted[3 * SECTOR:14 * SECTOR])}'
    for sector, count, seed in [(0, 1, 1), (10, 7, 2), (SECTORS - 64, 64, 3), (12, 1, 4)]:
        assert say(f'write {sector} {count} {seed}') == f'moved {count}'
        wanted[sector * SECTOR:(sector + count) * SECTOR] = pattern(count, seed)
    moved = re.fullmatch(r'moved (\d+) most (\d+)', say('burst 100'))
    assert moved and moved.groups() == ('5', '5')
    for i in range(5):
        wanted[(100 + i) * SECTOR:(101 + i) * SECTOR] = bytes([i + 1]) * SECTOR
    assert say('flush') == 'ok'
    assert disk.read_bytes() == wanted
    assert say(f'read {SECTORS - 64} 64') == f'moved 64 hash {hash_of(wanted[-64 * SECTOR:])}'


@pytest.mark.parametrize('board', BOARDS)
def test_what_does_not_exist(drive, disk: Path, board: str) -> None:
    before = disk.read_bytes()
    say = drive(board, f'file={disk},format=raw')
    for command in (f'read {SECTORS} 1', f'write {SECTORS - 1} 2 0', 'read 0 0', 'read 4000000000 1'):
        assert say(command) == 'EINVAL', command
    assert say(f'read {SECTORS - 1} 1').startswith('moved 1 ')
    assert disk.read_bytes() == before


@pytest.mark.parametrize('board', BOARDS)
def test_read_only(drive, disk: Path, board: str) -> None:
    before = disk.read_bytes()
    say = drive(board, f'file={disk},format=raw,readonly=on')
    assert say('info').endswith(' ro')
    assert say('write 1 1 0') == 'EROFS'
    assert say('read 1 1') == f'moved 1 hash {hash_of(before[SECTOR:2 * SECTOR])}'
    assert say('flush') == 'ok'
    assert disk.read_bytes() == before


@pytest.mark.parametrize('board', BOARDS)
def test_no_drive(image, start, board: str) -> None:
    start(with_drive(image(board, 'drive'), None)).expect_text('drive ENODEV')
    start(with_drive(image(board, 'disk'), None)).expect_text('disk0: there is no such disk (error 19)')


@pytest.mark.parametrize('board', BOARDS)
def test_a_drive_that_fails(drive, disk: Path, board: str) -> None:
    """Sector 9 cannot be read, 20 not be written, and all around them can."""
    faults = ','.join(FAULTS.format(i=i, event=event, sector=sector)
                      for i, (event, sector) in enumerate([('read_aio', 9), ('write_aio', 20)]))
    say = drive(board, f'driver=raw,file.driver=blkdebug,file.image.driver=file,'
                       f'file.image.filename={disk},{faults}')
    assert say('read 9 1') == 'EIO'
    assert say('read 8 1').startswith('moved 1 ')
    assert say('read 4 10').startswith('moved 4 ')  # two pieces, of two sectors each
    assert say('write 9 1 5') == 'moved 1'
    assert say('write 20 1 5') == 'EIO'
    assert say('write 18 4 5') == 'moved 2'
    assert say('write 21 1 6') == 'moved 1'
    assert disk.read_bytes()[21 * SECTOR:22 * SECTOR] == pattern(1, 6)


@pytest.mark.parametrize('board', BOARDS)
def test_driver_against_a_liar(image, start, board: str) -> None:
    output, code = start(image(board, 'virtio_block_suite', 'DISK=/dev/null'), virtual=True).finish()
    assert problem_of(output, code) == '', output


# ---- The demonstration ----

def check_demonstration(machine: Machine) -> None:
    for i in range(1, 7):
        machine.expect_text(f'client {i}: wrote, read back, all as it was')
    machine.expect(r'the sector behind the last: error \d+')
    machine.expect(r'hasty writes: \d of 4 given up, none half done')
    machine.expect_text('flushed')
    machine.expect(r'server: \d+ calls answered, \d+ of them before an earlier one; at most 4 at once')


@pytest.mark.parametrize('board', BOARDS)
def test_demonstration(image, start, disk: Path, board: str) -> None:
    """Six clients with six sectors each: sector s begins with the byte 7 * s."""
    before = disk.read_bytes()
    check_demonstration(start(with_drive(image(board, 'disk'), f'file={disk},format=raw')))
    after = disk.read_bytes()
    written = [s for s in range(SECTORS) if after[s * SECTOR:][:SECTOR] != before[s * SECTOR:][:SECTOR]]
    assert len(written) == 36
    assert [s for s in written if after[s * SECTOR] not in (s * 7 % 256, (s * 7 + 1) % 256)] == []


def test_beside_a_network_device(image, start, disk: Path) -> None:
    """One that is there but was never started: the two share the board's handler."""
    built = image(BOARDS[0], 'disk', 'NET=1', 'WIRE=user')
    assert 'virtio-net-device,netdev=wire' in built.emulator
    check_demonstration(start(with_drive(built, f'file={disk},format=raw')))


@pytest.mark.parametrize('board', ['host', 'mps2-an386'])
def test_demonstration_in_ram(image, start, board: str) -> None:
    machine = start(image(board, 'disk'), virtual=True)
    machine.expect_text('ram0: 64 sectors of 512 bytes')
    check_demonstration(machine)


def test_make_run_for_a_newcomer(image, start) -> None:
    """There is no image of a disk: make makes one, and keeps one that is there."""
    path = ROOT / FOLDER / 'newcomer' / 'disk.img'
    path.unlink(missing_ok=True)
    words = (f'BUILD={path.parent.relative_to(ROOT)}', f'BOARD={BOARDS[0]}', 'APP=disk')
    make_run = replace(image(BOARDS[0], 'disk'), emulator=('make', *words), path=Path('run'))
    check_demonstration(start(make_run))
    assert path.stat().st_size == 1 << 20
    written = path.read_bytes()
    assert any(written)
    assert make(*words, str(path.relative_to(ROOT))).returncode == 0
    assert path.read_bytes() == written
