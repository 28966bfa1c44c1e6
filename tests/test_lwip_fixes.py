# SPDX-License-Identifier: MIT
"""Our fixes to lwIP hold: each program in tests/net/lwip_fixes fails without the fix it is for."""
from __future__ import annotations

import subprocess

import pytest

from harness.tree import ROOT

HERE = ROOT / 'tests/net/lwip_fixes'
PROGRAMS = sorted(path.stem for path in HERE.glob('*.c') if path.stem != 'host')
OPTIONS = {'default': '', 'queueing': '-DLWIP_ND6_QUEUEING=1 -DLWIP_TCP_TIMESTAMPS=1 -DLWIP_NETIF_TX_SINGLE_PBUF=0'}


@pytest.fixture(scope='session', params=OPTIONS)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """The directory with all programs, built with one set of options."""
    subprocess.run([ROOT / 'tools/setup', 'lwip', 'host'], check=True)
    where = tmp_path_factory.mktemp(request.param)
    subprocess.run(['make', '-s', '-C', HERE, f'B={where}', f'OPTIONS={OPTIONS[request.param]}'], check=True)
    return where


@pytest.mark.parametrize('program', PROGRAMS)
def test_fix(built, program: str) -> None:
    done = subprocess.run([built / program], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
