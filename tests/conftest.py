# SPDX-License-Identifier: MIT
"""What tests share: images for boards, and machines that run them and surely end."""
from __future__ import annotations

import re
from typing import Callable, Iterator

import pytest

from harness.build import Image, NoNetwork, TooSmall, build
from harness.machine import Machine


@pytest.fixture(scope='session')
def image() -> Callable[..., Image]:
    """image(board, app, 'OPT=-Os', ...) builds it; a board without room or network for it skips the
    test."""
    def get(board: str, app: str, *settings: str) -> Image:
        try:
            return build(board, app, *settings)
        except NoNetwork:
            pytest.skip(f'{board} has no network')
        except TooSmall as error:
            overflow = re.search(r"region `(\w+)' overflowed by (\d+) bytes", str(error))
            pytest.skip(f'{board} has too little {overflow[1]}: {overflow[2]} bytes are missing'
                        if overflow else f'{board} is too small')
    return get


@pytest.fixture
def start(request: pytest.FixtureRequest) -> Iterator[Callable[..., Machine]]:
    """start(image, virtual=..., icount=...) runs an image; it is ended after the test at the latest."""
    running: list[Machine] = []

    def begin(built: Image, **how: object) -> Machine:
        name = re.sub(r'[^\w-]+', '-', request.node.name).strip('-')
        running.append(Machine(built, f'{name}-{len(running)}' if running else name, **how))
        return running[-1]

    yield begin
    for machine in running:
        machine.close()
