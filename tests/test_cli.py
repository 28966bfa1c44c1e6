# SPDX-License-Identifier: MIT
"""What one types: make and its targets, for every board and application."""
import re
import subprocess

import pytest

from harness.build import apps, boards, make
from harness.tree import ROOT

TARGETS = ('run', 'size', 'check', 'format', 'test', 'bench', 'selftest', 'boards', 'clean')


def test_help_names_every_target() -> None:
    done = make('help')
    assert done.returncode == 0
    for target in TARGETS:
        assert re.search(rf'\bmake {target}\b', done.stdout), target
    assert max(map(len, done.stdout.splitlines())) <= 110


def test_boards_has_a_line_for_each() -> None:
    lines = make('boards').stdout.splitlines()[1:]
    assert [line.split()[0] for line in lines] == boards()
    for line in lines:
        columns = re.split(r'\s{2,}|(?<=\S) (?=[\d-]+[KM]? {2})', line)
        assert len(columns) >= 5, line


@pytest.mark.parametrize('words, valid', [(['BOARD=nothing'], boards), (['APP=nothing'], apps)])
def test_a_wrong_name_lists_the_right_ones(words: list[str], valid) -> None:
    done = make(*words)
    assert done.returncode != 0
    assert "'nothing'" in done.stdout
    assert set(valid()) <= set(re.findall(r'[\w-]+', done.stdout))


@pytest.mark.parametrize('board', boards())
def test_a_board_says_all_there_is_to_know(board: str) -> None:
    wanted = ('CPU', 'TICK_HZ', 'DRIVERS', 'VERIFIED', 'ABOUT')
    wanted += () if board == 'host' else ('EMULATOR', 'RUN_SETUP')
    done = make(f'BOARD={board}', *(f'print-{name}' for name in wanted))
    values = dict(line.split('=', 1) for line in done.stdout.splitlines())
    assert [name for name in wanted if not values[name]] == []


@pytest.mark.parametrize('board', boards())
@pytest.mark.parametrize('app', apps())
def test_application_builds_without_a_warning(image, app: str, board: str) -> None:
    assert image(board, app).path.exists()


@pytest.mark.parametrize('board', ['mps2-an386', 'microbit', 'virt-rv32', 'virt-rv64', 'host'])
@pytest.mark.parametrize('settings', ['ASSERT=0', 'GUARD=0', 'ACCOUNT=0', 'PAINT=0', 'STDIO=1', 'OPT=-Og'])
def test_options_build_without_a_warning(image, settings: str, board: str) -> None:
    assert image(board, 'hello', settings).path.exists()


@pytest.mark.parametrize('target', ['run', 'size', 'check', 'test', 'bench', 'selftest'])
def test_make_knows_what_to_do(target: str) -> None:
    assert make('-n', 'APP=hello', target, warnings_fail=False).returncode == 0


def linked(*settings: str) -> bytes:
    """The image that these settings make, after those before."""
    done = make('BUILD=build/test/cli', *settings)
    assert done.returncode == 0, done.stdout
    path = next(word for word in done.stdout.split() if word.endswith('.elf') and word.startswith('build/'))
    return (ROOT / path).read_bytes()


def test_settings_of_one_build_are_not_left_in_the_next() -> None:
    """Applications share sources; what is linked is made with the flags of the one that is built."""
    telnetd = ('BOARD=lm3s6965evb', 'APP=telnetd')
    clean = linked(*telnetd)
    for between in (('BOARD=lm3s6965evb', 'APP=client'), (*telnetd, 'APP_CPPFLAGS=-DTELNETD_SESSIONS=2')):
        assert linked(*between) != clean
        assert linked(*telnetd) == clean, between


def test_an_image_is_checked_though_it_was_made_unchecked() -> None:
    """CHECK=0 does not last."""
    hello = ('BUILD=build/test/cli', 'APP=hello')
    assert 'tools/blocking' not in make(*hello, 'CHECK=0', 'V=1').stdout
    assert 'tools/blocking' in make(*hello, 'V=1').stdout


def test_size_accounts_for_every_byte(image) -> None:
    built = image('mps2-an386', 'hello')
    listed = subprocess.run([ROOT / 'tools/size', built.map], stdout=subprocess.PIPE, text=True, check=True)
    flash, ram = map(int, listed.stdout.splitlines()[-1].split()[:2])
    sections = subprocess.run(['arm-none-eabi-size', built.path], stdout=subprocess.PIPE, text=True,
                              check=True)
    text, data, bss = map(int, sections.stdout.splitlines()[1].split()[:3])
    assert abs(flash - text - data) <= 16 and abs(ram - data - bss) <= 16  # gaps between sections


def test_pico_images_have_their_checksum(image) -> None:
    if 'rpi-pico' in boards():
        built = image('rpi-pico', 'hello')
        subprocess.run([ROOT / 'tools/rp2040-boot2', '--check', built.path], check=True)
