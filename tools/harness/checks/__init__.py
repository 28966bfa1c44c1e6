# SPDX-License-Identifier: MIT
"""The checks of `make check`. Each returns what is wrong, and what is only worth telling."""
from __future__ import annotations

import importlib
from dataclasses import dataclass, field

NAMES = ('layers', 'layout', 'names', 'docs', 'suites')  # each a module with a function check()


@dataclass
class Report:
    """What a check found. Only problems make it fail."""
    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    about: str = ''  # what was looked at: "84 files"


def run(name: str) -> Report:
    return importlib.import_module(f'harness.checks.{name}').check()
