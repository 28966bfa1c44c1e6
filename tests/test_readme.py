# SPDX-License-Identifier: MIT
"""The program in README.md does what README.md says it does."""
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APP = ROOT / "apps" / "degrees.c"


def block(kind: str) -> str:
    text = (ROOT / "README.md").read_text()
    return re.search(rf"```{kind}\n(.*?)```", text, re.S).group(1)


def test_the_program_prints_what_is_shown() -> None:
    assert not APP.exists(), "apps/degrees.c is the name that README.md gives to its reader"
    APP.write_text(block("c"))
    try:
        subprocess.run(["make", "-s", "BOARD=host", "APP=degrees"], cwd=ROOT, check=True)
        image = next((ROOT / "build" / "host").glob("O2*/degrees.elf"))
        run = subprocess.run([image], stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                             env={"STINT_VIRTUAL": "1"}, check=False)
    finally:
        APP.unlink()
    assert run.stdout.decode().replace("\r\n", "\n") == block("output")


ROWS = {"yield": "yield_1000", "semaphore": "semaphore_one_way", "interrupt": "interrupt_to_tasklet", "channel": "chan_4_forever",
        "timer": "timer_1000"}


def test_the_figures_are_the_budgets() -> None:
    budget = dict(line.split()[:2] for line in
                  (ROOT / "tests" / "budget" / "cortex-m4.txt").read_text().splitlines()
                  if line and not line.startswith("#"))
    for row, name in ROWS.items():
        shown = re.search(rf"^\| {row}[^|]*\| (\d+) \|", (ROOT / "README.md").read_text(), re.M)
        assert shown and shown.group(1) == budget[name], f"{row}: {name} is {budget[name]}"


NETWORK = {"echo of 64 bytes": "echo_64", "receive 1,460 bytes": "receive_1460", "send 1,460": "send_1460",
           "accept and close": "accept_close", "HTTP request": "http"}


def test_the_network_figures_are_the_budgets() -> None:
    budget = dict(line.split()[:2] for line in
                  (ROOT / "tests" / "budget" / "network.txt").read_text().splitlines()
                  if line and not line.startswith("#"))
    for page in ("README.md", "docs/network.md"):
        for row, name in NETWORK.items():
            shown = re.search(rf"^\| {row}[^|]*\| ([\d,]+) \|", (ROOT / page).read_text(), re.M)
            assert shown and shown.group(1).replace(",", "") == budget[name], f"{page}, {row}: {budget[name]}"
