# SPDX-License-Identifier: MIT
"""A running image: the board's emulator, or a process of this machine, behind a pseudo-terminal."""
from __future__ import annotations

import os
import signal
from pathlib import Path

import pexpect

from harness.build import LOGS, Image
from harness.tree import ROOT

# A run ends by what it prints or by its exit. The limit only ends what hangs, so it is generous:
# machines that run tests may be slow and busy.
LIMIT = 120.0
SHIFT = 5  # virtual time: one instruction takes 2^SHIFT ns

# QEMU 7.2 rounds the deadline of the SSE timer down to a time at which it has not come yet; a clock that
# leaps from deadline to deadline stands still there. These boards idle in real time.
NO_LEAPS = ('mps3-an547',)
# Should this program be killed, then so is what it started. QEMU does not always heed a hang-up.
TIED = ('setpriv', '--pdeathsig', 'KILL')


def command_of(image: Image, virtual: bool, icount: int | None) -> list[str]:
    """The words that run the image. In virtual time the emulator's clock counts instructions and
    leaps over idle time, so that a run is quick and the same on any machine."""
    words = list(image.emulator)
    if not words:
        return [str(image.path)]
    if virtual and 'qemu' in words[0]:
        shift = SHIFT if icount is None else icount
        leaps = 'on' if image.board in NO_LEAPS else 'off'
        words[1:1] = ['-icount', f'shift={shift},sleep={leaps}']
    elif virtual and words[0].endswith('rp2040-run'):
        words.insert(1, '--fast')
    if '/' in words[0]:
        words[0] = str(ROOT / words[0])
    return [*words, str(image.path)]


class Machine:
    """Starts the image at once. Use as a context: at its end the run has ended, one way or the other.

    All that the machine prints goes to build/logs/NAME.log as well.
    """

    def __init__(self, image: Image, name: str, virtual: bool = False, icount: int | None = None,
                 limit: float = LIMIT) -> None:
        LOGS.mkdir(parents=True, exist_ok=True)
        words = [*TIED, *command_of(image, virtual, icount)]
        env = {key: value for key, value in os.environ.items() if key != 'STINT_VIRTUAL'}
        if virtual:
            env['STINT_VIRTUAL'] = '1'
        self.path: Path = LOGS / f'{name}.log'
        self.log = self.path.open('w', encoding='utf-8')
        self.log.write(f'$ {" ".join(words)}\n')
        # The child is the leader of a session and process group of its own.
        self.child = pexpect.spawn(words[0], words[1:], cwd=ROOT, env=env, echo=False, timeout=limit,
                                   encoding='latin-1')  # any byte, both ways
        self.child.delaybeforesend = None
        self.child.logfile_read = self.log

    def __enter__(self) -> Machine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def expect(self, pattern: str) -> str:
        """Reads until the regular expression matches, and returns what it matched."""
        self.child.expect(pattern)
        return self.child.match[0]

    def expect_text(self, text: str) -> str:
        """Reads until the text comes, and returns what came before it."""
        self.child.expect_exact(text)
        return self.child.before

    def send(self, text: str) -> None:
        self.child.send(text)

    def finish(self) -> tuple[str, int]:
        """Reads to the end of the run: what it printed, and its exit code (-N: by signal N)."""
        self.child.expect(pexpect.EOF)
        text = self.child.before.replace('\r', '')
        self.child.wait()
        killed_by = self.child.signalstatus
        return text, self.child.exitstatus if killed_by is None else -killed_by

    def close(self) -> None:
        """Ends what was started here and nothing else."""
        if self.child.isalive():
            try:
                os.killpg(self.child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.child.wait()
        self.child.close(force=True)
        self.log.close()
