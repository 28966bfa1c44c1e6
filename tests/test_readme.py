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


def rows_of(name: str) -> list[list[str]]:
    return [line.split() for line in (ROOT / "tests" / "budget" / name).read_text().splitlines()
            if line and not line.startswith("#")]


def numbers_in(text: str) -> set[int]:
    return {int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", text)}


PEERS = {"yield": "yield_", "semaphore": "semaphore_one_way", "interrupt": "interrupt_to_tasklet", "channel": "chan_4_forever",
         "timer": "timer_1"}
TICK = 46105  # ThreadX's, with 1,000 timers armed


def test_the_best_peers_figures_are_theirs() -> None:
    for row, name in PEERS.items():
        of = [[int(cell) for cell in cells[2:] if cell != "-"] for cells in rows_of("peers.txt")
              if cells[0] == "cortex-m4" and cells[1].startswith(name)]
        shown = re.search(rf"^\| {row}[^|]*\| \d+ \| ([^|]*)\|", (ROOT / "README.md").read_text(), re.M)
        assert shown and {min(cells) for cells in of if cells is of[0]} <= numbers_in(shown.group(1)), f"{row}: {of}"
        assert numbers_in(shown.group(1)) - {TICK} <= {cell for cells in of for cell in cells}, f"{row}: {of}"


NETWORK = {"echo of 64 bytes": "echo_64", "receive 1,460 bytes, borrowed": "receive_1460",
           "receive 1,460 bytes, copied": "receive_1460_copy", "send 1,460 constant": "send_1460",
           "send 1,460 bytes, copied": "send_1460_copy", "accept and close": "accept_close", "HTTP request": "http",
           "the same, 20 connections": "http_20"}
SHOWN = {"README.md": 5, "docs/network.md": 8}  # rows


def test_the_network_figures_are_the_budgets() -> None:
    """The first figure is ours and the last the peer's."""
    for page, count in SHOWN.items():
        text, found = (ROOT / page).read_text(), 0
        for name, ours, _, _, theirs in rows_of("network.txt"):
            row = next((row for row, key in NETWORK.items() if key == name), None)
            shown = row and re.search(rf"^\| {row}[^|]*\| ([\d,]+) \|(?:.*\|)? ([\d,]*) ?\|$", text, re.M)
            if shown:
                found += 1
                assert shown.group(1).replace(",", "") == ours, f"{page}, {row}: {ours}"
                assert (shown.group(2).replace(",", "") or "-") == theirs, f"{page}, {row}: {theirs}"
        assert found == count


def test_the_idle_connections_bytes_are_the_budgets() -> None:
    budget = {name: int(bytes_) for name, bytes_, _ in rows_of("size.txt")}
    text = re.search(r"An idle connection.*?\.", (ROOT / "docs/network.md").read_text(), re.S)
    assert text and {budget[f"idle_{part}"] for part in ("connection", "pcb", "sock", "tasklet", "stack")} <= \
        numbers_in(text.group(0))
