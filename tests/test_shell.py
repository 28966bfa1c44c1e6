# SPDX-License-Identifier: MIT
"""A conversation with apps/shell on every board, as a person at a terminal would have it."""
from __future__ import annotations

import re
from typing import Callable

import pexpect
import pytest

from harness.build import boards
from harness.machine import Machine

PROMPT = 'stint> '
CTRL_C, CTRL_U, BACKSPACE, UP = '\x03', '\x15', '\x7f', '\x1b[A'
COMMANDS = ('help', 'ps', 'uptime', 'free', 'sleep', 'spawn', 'kill', 'echo', 'spin', 'watch', 'crash', 'reboot')
PATIENCE, TRIES = 4.0, 30  # seconds after which something is typed again that may have been lost


class Shell:
    """The machine, seen from its terminal."""

    def __init__(self, machine: Machine, on_host: bool) -> None:
        self.machine = machine
        self.on_host = on_host
        machine.expect_text(PROMPT)

    def run(self, line: str) -> str:
        """Types a line; what its command printed."""
        self.machine.send(f'{line}\r')
        said = self.machine.expect_text(PROMPT).replace('\r', '')
        return said.split('\n', 1)[1]

    def insist(self, typed: str, text: str) -> None:
        """Types until the text comes: the port may be too busy to take everything."""
        for _ in range(TRIES):
            self.machine.send(typed)
            try:
                self.machine.child.expect_exact(text, timeout=PATIENCE)
                return
            except pexpect.TIMEOUT:
                continue
        pytest.fail(f'no {text!r} after {typed!r}')

    def answers(self) -> None:
        """Somebody is there, and says the right thing."""
        self.insist(f'{CTRL_C}echo all\bl is well\r', '\nall is well\r')
        self.insist('\r', PROMPT)


@pytest.fixture(params=boards())
def shell(request, image, start: Callable[..., Machine]) -> Shell:
    return Shell(start(image(request.param, 'shell')), request.param == 'host')


def test_help_lists_the_commands(shell: Shell) -> None:
    names = [line.split()[0] for line in shell.run('help').splitlines()]
    assert set(COMMANDS) <= set(names)


def test_ps_shows_each_tasklet(shell: Shell) -> None:
    header, *rows = shell.run('ps').splitlines()
    for column in ('name', 'state', 'on', 'stack used', 'ran', 'most'):
        assert column in header
    main = [row for row in rows if row.startswith('main ')]
    assert len(main) == 1 and 'running' in main[0]
    used, size = map(int, re.search(r'(\d+)/ *(\d+)', main[0]).groups())
    assert 0 < used < size


def test_time_and_memory(shell: Shell) -> None:
    assert re.fullmatch(r'up 0 days, 00:\d\d:\d\d\n', shell.run('uptime'))
    assert re.search(r'\d+ bytes', shell.run('free')) or shell.on_host
    assert shell.run('sleep 0.05') == ''
    assert shell.run('echo one two') == 'one two\n'


def test_what_is_wrong_is_said(shell: Shell) -> None:
    assert 'no such command' in shell.run('nonsense')
    assert 'wrong argument' in shell.run('sleep')
    assert 'wrong argument' in shell.run('sleep 1x')
    assert 'no such command or name' in shell.run('kill nobody')
    assert shell.run('') == ''


def test_line_editing(shell: Shell) -> None:
    assert shell.run(f'echp{BACKSPACE}o ne{BACKSPACE}{BACKSPACE}fine') .endswith('fine\n')
    assert shell.run(f'nonsense{CTRL_U}echo clean') == 'clean\n'
    assert shell.run(f'{BACKSPACE}{BACKSPACE}echo empty') == 'empty\n'


def test_history(shell: Shell) -> None:
    shell.run('echo first')
    shell.run('echo second')
    assert shell.run(UP) == 'second\n'
    assert shell.run(UP + UP) == 'first\n'


def test_ctrl_c_abandons_a_line(shell: Shell) -> None:
    shell.machine.send(f'echo never{CTRL_C}')
    shell.machine.expect_text('^C')
    shell.machine.expect_text(PROMPT)
    assert shell.run('echo now') == 'now\n'


def test_ctrl_c_ends_a_command(shell: Shell) -> None:
    shell.machine.send('sleep 1000\r')
    shell.machine.expect_text('\n')
    shell.insist(CTRL_C, 'cancelled')  # the first may come before the command, and wait for its end
    shell.answers()


def test_a_background_job_is_seen_and_killed(shell: Shell) -> None:
    name = shell.run('spawn sleep 1000').strip()
    assert re.fullmatch(r'job\d', name)
    job = [row for row in shell.run('ps').splitlines() if row.startswith(f'{name} ')]
    assert len(job) == 1 and 'sleep' in job[0]
    assert shell.run(f'kill {name}') == ''
    assert f'\n{name} ' not in shell.run('ps')


def test_a_job_that_crashes_ends_alone(shell: Shell) -> None:
    name = shell.run('spawn crash').split()[0]
    shell.machine.expect_text('the crash command was used')
    shell.machine.expect_text('the others go on')
    shell.machine.send('\r')
    shell.machine.expect_text(PROMPT)
    assert f'\n{name} ' not in shell.run('ps')
    assert shell.run('echo alive') == 'alive\n'


def test_a_hog_is_told(shell: Shell) -> None:
    if shell.on_host:
        pytest.skip('a process has no interrupt that could look at who runs')
    shell.run('watch 100')
    shell.machine.send('spin 500\r')
    shell.machine.expect(r'hog: main has held the processor for 100 ms, at 0x[0-9a-f]+')
    shell.machine.expect(r'hog: main has held the processor for 200 ms')
    shell.machine.expect_text(PROMPT)
    assert shell.run('watch off') == ''


def test_spin_is_seen_in_ps(shell: Shell) -> None:
    assert '20 ms' in shell.run('spin 20')
    main = re.search(r'^main .* (\d+)$', shell.run('ps'), re.MULTILINE)
    assert int(main[1]) >= 20000


@pytest.mark.parametrize('rubbish', [
    pytest.param('\0' * 500, id='nul'),
    pytest.param(''.join(map(chr, range(2, 256))) * 4, id='all_bytes'),  # but for the emulators' Ctrl-A
    pytest.param('x' * 10240, id='ten_kilobytes'),
    pytest.param(f'{UP}\x1b[\x1b[[[\x1bO{UP}' * 20, id='escapes'),
])
def test_rubbish_does_no_harm(shell: Shell, rubbish: str) -> None:
    shell.machine.send(rubbish)
    shell.answers()


def test_crash_leaves_a_record(shell: Shell) -> None:
    why = '*** the crash command was used'
    shell.machine.send('crash\r')
    shell.machine.expect_text(why)
    if shell.on_host:
        assert shell.machine.finish()[1] == 134  # as after abort()
        return
    shell.machine.expect_text('The last run ended with:')
    shell.machine.expect_text(why)
    shell.machine.expect_text(PROMPT)
    assert shell.run('echo again') == 'again\n'


def test_reboot(shell: Shell) -> None:
    shell.machine.send('reboot\r')
    shell.machine.expect_text('\nagain')
    if shell.on_host:
        assert shell.machine.finish()[1] == 134
        return
    assert 'The last run' not in shell.machine.expect_text(PROMPT)
    assert shell.run('uptime').startswith('up 0 days')
