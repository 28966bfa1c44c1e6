# SPDX-License-Identifier: MIT
"""Channels are linearizable: tests/lin/lin_suite.c, on the host in virtual time."""
from harness.verdict import problem_of


def test_channels_are_linearizable(image, start) -> None:
    output, code = start(image('host', 'lin_suite'), virtual=True, limit=600).finish()
    assert problem_of(output, code) == '', output
