# SPDX-License-Identifier: MIT
"""The suites of kernel, block devices and network on this machine: gcc and clang, address and undefined-behaviour
sanitizers, virtual time."""
from __future__ import annotations

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

from harness.build import LOGS, BuildFailed, build, suites, suites_of_timers
from harness.checks import Report
from harness.tree import ROOT
from harness.verdict import problem_of

COMPILERS = ('gcc', 'clang')
SANITIZE = 'SANITIZE=address,undefined'
FOLDERS = ('kernel', 'block', 'net', 'host')
LIMIT = 300  # seconds; virtual time needs a few milliseconds, so this only ends what hangs


def run_suite(compiler: str, suite: str, *settings: str) -> list[str]:
    image = build('host', suite, f'CC_HOST={compiler}', SANITIZE, *settings)
    env = {**os.environ, 'STINT_VIRTUAL': '1', 'UBSAN_OPTIONS': 'print_stacktrace=1'}
    LOGS.mkdir(parents=True, exist_ok=True)
    what = ' '.join((suite, *settings))
    path = LOGS / f'host-{compiler}-{what.replace(" ", "-")}.log'
    with path.open('w') as log:
        try:
            done = subprocess.run([str(image.path)], env=env, stdin=subprocess.DEVNULL, stdout=log,
                                  stderr=subprocess.STDOUT, timeout=LIMIT, check=False)
        except subprocess.TimeoutExpired:
            return [f'{what} with {compiler}: hangs, see {path.relative_to(ROOT)}']
    problem = problem_of(path.read_text(errors='replace'), done.returncode)
    return [f'{what} with {compiler}: {problem}, see {path.relative_to(ROOT)}'] if problem else []


def run_all(compiler: str) -> list[str]:
    found = []
    for suite, *settings in [*((name,) for name in suites(*FOLDERS)),
                             *((name, 'TIMERS=list') for name in suites_of_timers())]:
        try:
            found += run_suite(compiler, suite, *settings)
        except BuildFailed as error:
            found.append(f'{suite} with {compiler} does not build:\n{error}')
    return found


def check() -> Report:
    report = Report(about=f'{len(suites(*FOLDERS))} suites with {" and ".join(COMPILERS)}')
    with ThreadPoolExecutor(len(COMPILERS)) as pool:
        for found in pool.map(run_all, COMPILERS):
            report.problems += found
    return report
