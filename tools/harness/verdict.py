# SPDX-License-Identifier: MIT
"""How a suite says that it passed: see tests/kernel/suite.h."""
from __future__ import annotations

import re

CLOSING = re.compile(r'^suite (\S+): (\d+) passed, (\d+) failed$', re.MULTILINE)


def problem_of(output: str, code: int) -> str:
    """What is wrong with the output and the exit code of a suite; '' if it passed."""
    closing = CLOSING.findall(output.replace('\r', ''))
    if not closing:
        return f'ended without its closing line, exit code {code}'
    _, passed, failed = closing[-1]
    if failed != '0' or passed == '0' or code != 0:
        return f'{passed} passed, {failed} failed, exit code {code}'
    return ''
