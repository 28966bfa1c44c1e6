# SPDX-License-Identifier: MIT
"""Images for the tests, built by `make` in a build folder of their own, with warnings as errors."""
from __future__ import annotations

import fcntl
import os
import re
import shlex
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Iterator

from harness.tree import ROOT

FOLDER = 'build/test'  # apart from what people build, which may go on at the same time
LOGS = ROOT / 'build/logs'

OVERFLOW = re.compile(r"region `\w+' overflowed by \d+ bytes|will not fit in region `\w+'")
PRINTED = ('IMAGE', 'EMULATOR', 'RUN_SETUP', 'CROSS', 'CPU', 'TARGET_CC', 'CPPFLAGS', 'CFLAGS', 'APP_OBJECTS', 'KEPT',
           'LDLIBS')


class BuildFailed(Exception):
    """The compiler or the linker said no; the message is what it said."""


class TooSmall(BuildFailed):
    """The board has not enough flash or RAM for the program."""


class NoNetwork(BuildFailed):
    """The program needs a network, and the board has none."""


@dataclass(frozen=True)
class Image:
    """A program for a board."""
    board: str
    app: str
    path: Path
    emulator: tuple[str, ...]  # the command that runs it, without the image; () on the host
    variables: dict[str, str]  # of make, as PRINTED

    @property
    def map(self) -> Path:
        return self.path.with_suffix('.map')

    @property
    def library(self) -> Path:
        return self.path.parent / 'libstint.a'

    def object(self, source: str) -> Path:
        """Of a source of the program itself."""
        return next(ROOT / path for path in self.variables['APP_OBJECTS'].split()
                    if path.endswith(f'/{Path(source).with_suffix(".o")}'))


def boards() -> list[str]:
    return sorted(path.parent.name for path in ROOT.glob('boards/*/board.mk'))


def apps() -> list[str]:
    files = [path.stem for path in ROOT.glob('apps/*.c')]
    return sorted(files + [path.parent.name for path in ROOT.glob('apps/*/main.c')])


def boards_with_network() -> list[str]:
    return sorted(path.parent.name for path in ROOT.glob('boards/*/net.c'))


def suites(*folders: str) -> list[str]:
    """Test images that say `suite NAME: N passed, M failed`: of these folders of tests/, or of all whose
    suites run on every board."""
    return sorted(path.stem for folder in folders or ('kernel', 'arch', 'block')
                  for path in ROOT.glob(f'tests/{folder}/*_suite.c'))


def suites_of_timers() -> list[str]:
    """What must pass with either form of the timers."""
    return ['lazy_suite', 'time_suite', 'timer_suite', 'watch_suite']


def suites_that_see_timers() -> list[str]:
    """Those, and what sees the assertions of either form."""
    return [*suites_of_timers(), 'assert_suite', 'shared_assert_suite']


def make(*words: str, warnings_fail: bool = True) -> subprocess.CompletedProcess[str]:
    """Runs make without looking at its result; stdout has all that it says."""
    env = {**os.environ, 'LC_ALL': 'C'}
    for name in ('MAKEFLAGS', 'MAKELEVEL', 'MFLAGS', 'MAKEOVERRIDES', 'CI'):
        env.pop(name, None)  # these tests may themselves be run by a make
    if warnings_fail:
        env['CI'] = '1'
    return subprocess.run(['make', *words], cwd=ROOT, env=env, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


@contextmanager
def one_at_a_time(board: str) -> Iterator[None]:
    """Two builds for one board share objects, so they must not run side by side."""
    folder = ROOT / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f'{board}.lock').open('w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@cache
def build(board: str, app: str, *settings: str) -> Image:
    """Builds APP for BOARD. `settings` are make's: 'OPT=-Os'. Raises TooSmall or BuildFailed."""
    goals = ['image', *(f'print-{name}' for name in PRINTED)]
    words = [f'BUILD={FOLDER}', f'BOARD={board}', f'APP={app}', *settings]
    with one_at_a_time(board):
        done = make(*words, *goals)
    printed = dict(re.findall(r'^([A-Z_]+)=(.*)$', done.stdout, re.MULTILINE))
    if done.returncode != 0:
        reason = TooSmall if OVERFLOW.search(done.stdout) else \
            NoNetwork if 'needs a network' in done.stdout else BuildFailed
        raise reason(f'make {shlex.join(words)}\n{done.stdout}')
    path = ROOT / printed['IMAGE']
    if 'warning' in done.stdout:
        path.unlink()  # so that the next build says it again
        raise BuildFailed(f'warnings of make {shlex.join(words)}\n{done.stdout}')
    return Image(board, app, path, tuple(shlex.split(printed['EMULATOR'])), printed)
