# SPDX-License-Identifier: MIT
"""Do the host suites see a fault in the kernel? Each mutant is compiled (one file, or for a header those that include
it), linked with one suite after the other, and run until a suite fails."""
from __future__ import annotations

import hashlib
import os
import random
import re
import resource
import shutil
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Callable

from harness import misuse
from harness.build import Image, build, suites, suites_that_see_timers
from harness.mutants import Mutant, mutants_of
from harness.tree import ROOT, text_of, tracked
from harness.verdict import problem_of

TABLE = ROOT / 'tests/budget/mutants.txt'
FOLDERS = ('kernel', 'host', 'block')
SETTINGS = ('OPT=-O0', 'DEBUG_INFO=-g0', 'ACCOUNT=1', 'PAINT=1')
MORE = {'brief_suite': ('TINY=1',)}
TRAPS = ('-fsanitize=undefined', '-fsanitize-undefined-trap-on-error')  # in what is mutated
OUT = ROOT / 'build/mutants'
JOBS = 2
SECONDS = 2  # of processor time, ten times what the longest suite needs: ends what loops
LIMIT = 60  # of real time: ends what sleeps
MEMORY = 1 << 30
DEADLOCK = 70  # exit code of a process all of whose tasklets wait for ever
SOURCES = re.compile(r'(kernel|io)/\w+\.[ch]')

INVALID, SAME = 'the compiler', 'no difference'  # instead of a suite: it is no C; both are the same program


@dataclass(frozen=True)
class Suite:
    """A test program as it is linked: its own objects, and the folder of the library."""
    name: str
    folder: Path
    sources: tuple[str, ...]  # of its own, and those that are linked whole
    libraries: tuple[str, ...]  # words for the linker


@dataclass
class Verdict:
    mutant: Mutant
    by: str  # the suite that saw it; '' if none did; INVALID, SAME
    reason: str = ''  # why nobody needs to see it


# ---- The programs without a fault ----

@cache
def images() -> list[Image]:
    wanted = [*((name, *MORE.get(name, ())) for name in suites(*FOLDERS)), ('misuse',),
              *((name, 'TIMERS=list') for name in suites_that_see_timers())]
    return [build('host', name, *SETTINGS, *settings) for name, *settings in wanted]


@cache
def built() -> list[Suite]:
    found = []
    for image in images():
        folder, variables = image.path.parent, image.variables
        objects = f'{variables["APP_OBJECTS"]} {variables["KEPT"]}'.split()
        sources = tuple(str((ROOT / o).relative_to(folder).with_suffix('.c')) for o in objects)
        found.append(Suite(image.app, folder, sources, tuple(variables['LDLIBS'].split())))
    return found


@cache
def compiler() -> list[str]:
    """Its name and flags, except for warnings and optimization."""
    variables = images()[0].variables
    flags = [flag for flag in variables['CFLAGS'].split() if not re.match('-[WOg]', flag)]
    return [variables['TARGET_CC'], *variables['CPPFLAGS'].split(), '-w', *flags]


@cache
def users_of(folder: Path, path: str) -> list[str]:
    """The sources of the library or of suites in a folder of objects that a file is part of."""
    name = re.compile(rf'[ /]{re.escape(path)}[ :\n]')
    return sorted(str(listing.relative_to(folder).with_suffix('.c')) for listing in folder.rglob('*.d')
                  if name.search(listing.read_text()))


@cache
def functions_of(program: Path) -> set[str]:
    """What is linked: a suite does not see a fault in what it has not."""
    done = subprocess.run(['nm', program], check=True, stdout=subprocess.PIPE, text=True)
    return {line.split()[-1] for line in done.stdout.splitlines()}


# ---- One mutant ----

class Trial:
    """A mutant in a folder of its own, and what was compiled with it so far."""

    def __init__(self, mutant: Mutant, where: Path) -> None:
        self.mutant, self.where = mutant, where
        self.made: dict[str, Path | None] = {}
        self.write(mutant.text())

    def write(self, text: str) -> None:
        path = self.where / self.mutant.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def compile(self, source: str, *options: str) -> Path | None:
        made = self.where / Path(source).with_suffix('.o')
        made.parent.mkdir(parents=True, exist_ok=True)
        path = self.where / source if source == self.mutant.path else source
        done = subprocess.run([compiler()[0], f'-I{self.where}', *compiler()[1:], *options, '-c', '-o', made, path],
                              cwd=ROOT, stderr=subprocess.DEVNULL, check=False)
        return made if done.returncode == 0 else None

    def object(self, source: str) -> Path | None:
        if source not in self.made:
            self.made[source] = self.compile(source, '-O0', *TRAPS)
        return self.made[source]

    def link(self, suite: Suite) -> Path | None:
        """None if that cannot be done: then it is no mutant."""
        changed = users_of(suite.folder, self.mutant.path)
        own = [self.object(source) if source in changed else suite.folder / Path(source).with_suffix('.o')
               for source in suite.sources]
        of_library = [self.object(source) for source in changed if not source.startswith('tests/')
                      and source not in suite.sources]
        if None in own + of_library:
            return None
        program = self.where / suite.name
        done = subprocess.run([compiler()[0], '-pthread', '-Wl,--gc-sections', f'-L{suite.folder}', '-o', program, *own,
                               *of_library, *suite.libraries], cwd=ROOT, stderr=subprocess.DEVNULL, check=False)
        return program if done.returncode == 0 else None

    def seen_by(self, order: list[Suite]) -> str:
        """The first suite that fails; '' if none does."""
        for suite in order:
            if self.mutant.function not in functions_of(suite.folder / f'{suite.name}.elf'):
                continue
            program = self.link(suite)
            if program is None:
                return INVALID
            if not passes(program):
                return suite.name
            program.unlink()
        return SAME if self.same() else ''

    def same(self) -> bool:
        """The optimizer makes the same of both: then nobody can see a difference."""
        sources = users_of(built()[0].folder, self.mutant.path) or [self.mutant.path]
        for source in sources:
            self.write(self.mutant.text())
            changed = self.digest(source)
            self.write(text_of(self.mutant.path))
            if changed != self.digest(source):
                return False
        return True

    def digest(self, source: str) -> bytes:
        made = self.compile(source, '-O2')
        return hashlib.sha256(made.read_bytes()).digest() if made else b''


def run(program: Path, said: str = '') -> tuple[str, int]:
    """Output and exit code, within limits."""
    with misuse.typed(said) as typed, \
            subprocess.Popen([program], env={**os.environ, 'STINT_VIRTUAL': '1'}, stdin=typed, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL) as process:
        try:
            resource.prlimit(process.pid, resource.RLIMIT_CPU, (SECONDS, SECONDS))
            resource.prlimit(process.pid, resource.RLIMIT_AS, (MEMORY, MEMORY))
            output, _ = process.communicate(timeout=LIMIT)
        except (subprocess.TimeoutExpired, ProcessLookupError):
            process.kill()
            output, _ = process.communicate()
    return output.decode(errors='replace'), process.returncode


def passes(program: Path) -> bool:
    """A suite says so; each misuse ends in the right panic, and without one nothing can ever run again."""
    if program.name != 'misuse':
        return not problem_of(*run(program))
    if run(program)[1] != DEADLOCK:
        return False
    return not any(misuse.problem_of(m, *run(program, f'{m.number}\r')) for m in misuse.misuses() if m.where == 'all')


# ---- All of them ----

def known() -> dict[tuple[str, ...], str]:
    """Mutants that no test can see, by file, function and the line before and after, and why not."""
    rows = [line.split('\t') for line in TABLE.read_text().splitlines() if line and line[0] != '#']
    return {tuple(row[:4]): row[4] for row in rows}


def key_of(mutant: Mutant) -> tuple[str, ...]:
    return (mutant.path, mutant.function, *mutant.rows())


def files() -> list[str]:
    return [path for path in tracked('.c', '.h') if SOURCES.fullmatch(path)]


def chosen(only: list[str], sample: int, seed: int) -> list[Mutant]:
    """All mutants of some files, or as many of them as wanted, the same for the same seed."""
    found = [mutant for path in (only or files()) for mutant in mutants_of(path)]
    if 0 < sample < len(found):
        found = random.Random(seed).sample(found, sample)
    return found


def judge(mutants: list[Mutant], tell: Callable[[Verdict], None] = lambda verdict: None) -> list[Verdict]:
    """Tries mutants, two at a time. A known one is not tried: it may loop, and says nothing."""
    reasons, kills = known(), Counter()

    def order(path: str) -> list[Suite]:
        stem = Path(path).stem
        return sorted(built(), key=lambda suite: (suite.name == 'misuse', not suite.name.startswith(stem),
                                                  -kills[suite.name]))

    def one(numbered: tuple[int, Mutant]) -> Verdict:
        number, mutant = numbered
        if reason := reasons.get(key_of(mutant)):
            return Verdict(mutant, '', reason)
        where = OUT / f'{os.getpid()}-{number}'
        verdict = Verdict(mutant, Trial(mutant, where).seen_by(order(mutant.path)))
        shutil.rmtree(where)
        kills[verdict.by] += 1
        tell(verdict)
        return verdict

    built(), compiler()
    with ThreadPoolExecutor(JOBS) as pool:
        return list(pool.map(one, enumerate(mutants)))


def survivors(verdicts: list[Verdict]) -> list[Mutant]:
    return [verdict.mutant for verdict in verdicts if not verdict.by and not verdict.reason]
