# SPDX-License-Identifier: MIT
"""The fuzzers (tests/net/fuzz), over what they have kept and a bounded number of inputs more, the same each time.

To go on from there, for longer: `build/fuzz/NAME build/fuzz/corpus/NAME tests/net/fuzz/corpus/NAME`.
"""
from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from harness.tree import ROOT
from test_lwip_fixes import OPTIONS

pytestmark = pytest.mark.skipif(not shutil.which('clang'), reason='there is no clang')

FUZZ = ROOT / 'tests/net/fuzz'
OUT = ROOT / 'build/fuzz'
LWIP = '.tools/lwip/src/'
CONFIG = [f'-DCONFIG_{name}' for name in ('ASSERT=1', 'GUARD=0', 'ACCOUNT=0', 'PAINT=0', 'LIBC=0')]
SOURCES = {
    'http': [*(f'apps/httpd/{name}.c' for name in ('http', 'input', 'output', 'parse', 'text')), 'io/printf.c'],
    'telnet': ['apps/telnetd/telnet.c', 'kernel/ring.c'],
    'addr': ['net/addr.c', 'io/printf.c', *(f'{LWIP}core/{name}.c' for name in ('def', 'ip', 'ipv4/ip4_addr',
                                                                                'ipv6/ip6_addr'))],
}
LONGEST = {'http': 5000, 'telnet': 1500, 'addr': 64, 'frames': 3000, 'dns': 1200, 'dhcp': 1200}  # bytes of an input
RUNS = {'http': 10000, 'telnet': 20000, 'addr': 20000, 'frames': 10000, 'dns': 20000, 'dhcp': 20000}


def fuzz(program: Path, name: str) -> None:
    """New inputs are not kept; one that fails is, next to the program."""
    new = OUT / 'corpus' / name
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    words = FUZZ / f'{name}.dict'
    done = subprocess.run([program, f'-runs={RUNS[name]}', '-seed=1', '-timeout=10', f'-max_len={LONGEST[name]}',
                           *([f'-dict={words}'] if words.exists() else []), f'-artifact_prefix={OUT}/{name}-',
                           new, FUZZ / 'corpus' / name], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=120, env={**os.environ, 'ASAN_OPTIONS': 'detect_leaks=0'})
    assert done.returncode == 0, done.stdout[-4000:]


@pytest.mark.parametrize('name', SOURCES)
def test_fuzz(name: str) -> None:
    subprocess.run([ROOT / 'tools/setup', 'lwip', 'host'], check=True)
    OUT.mkdir(parents=True, exist_ok=True)
    subprocess.run(['clang', '-std=gnu11', '-g', '-O1', '-fsanitize=fuzzer,address,undefined',
                    '-fno-sanitize-recover=undefined', '-I.', '-Iarch/host', '-Inet/lwip', '-isystem',
                    f'{LWIP}include', '-DTICK_HZ=1000000', *CONFIG, '-o', OUT / name, FUZZ / f'{name}.c',
                    *SOURCES[name]], cwd=ROOT, check=True)
    fuzz(OUT / name, name)


@cache
def on_lwip(options: str) -> Path:
    """The directory of those that are built on lwIP, with one set of options."""
    where = OUT / f'{options}-{os.environ.get("PYTEST_XDIST_WORKER", "")}'
    shutil.rmtree(where, ignore_errors=True)
    subprocess.run([ROOT / 'tools/setup', 'lwip', 'host'], check=True)
    subprocess.run(['make', '-s', '-C', ROOT / 'tests/net/lwip_fixes', 'fuzz', f'B={where}',
                    f'OPTIONS={OPTIONS[options]}'], check=True)
    return where


@pytest.mark.parametrize('options, name', [('default', 'frames'), ('default', 'dns'), ('default', 'dhcp'),
                                           ('queueing', 'frames')])
def test_fuzz_lwip(options: str, name: str) -> None:
    """Every allocation is free again, too."""
    fuzz(on_lwip(options) / name, name)
