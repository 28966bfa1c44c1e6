# SPDX-License-Identifier: MIT
"""docs/performance.md and docs/growth.svg, written from tests/budget/*.txt."""
from __future__ import annotations

import math
from pathlib import Path

from harness import bench, blocked, sizes, tables
from harness.tree import ROOT

PAGE = ROOT / 'docs/performance.md'
PICTURE = ROOT / 'docs/growth.svg'
BEGIN, END = '<!-- written by make bench UPDATE=1 -->', '<!-- end -->'

TITLES = {'cortex-m0': 'M0', 'cortex-m3': 'M3', 'cortex-m4': 'M4', 'cortex-m4f': 'M4F', 'cortex-m33': 'M33',
          'rv32imac': 'RV32', 'rv64gc': 'RV64'}
OPERATIONS = {
    'yield_2': 'yield, 2 tasklets', 'yield_10': 'yield, 10', 'yield_100': 'yield, 100', 'yield_1000': 'yield, 1,000',
    'cooperative_5': 'Thread-Metric cooperative, 5 threads, a step',
    'waitq_one_way': 'wait queue, one way', 'semaphore_one_way': 'semaphore, one way',
    'semaphore_uncontended': 'semaphore give and take, nobody waits', 'mutex_uncontended': 'mutex lock and unlock, free',
    'chan_4_forever': 'channel, 4 bytes, one way', 'chan_4_deadline': 'the same with deadlines',
    'queue_4_forever': 'buffered channel, 4 bytes, one way',
    'chan_64_forever': 'channel, 64 bytes, one way', 'chan_64_deadline': 'the same with deadlines',
    'service_both_ways': 'service, call and reply', 'pool_128': 'pool, 128 bytes, alloc and free',
    'spawn_run_join': 'spawn, run, end, join',
    'timer_1': 'timer arm and cancel, 1 armed', 'timer_10': 'the same, 10', 'timer_100': 'the same, 100',
    'timer_1000': 'the same, 1,000', 'timer_earliest': 'the same, sooner than the 1,000: sets the alarm',
    'interrupt_to_tasklet': 'interrupt to waiting tasklet, idle system',
}

BESIDE = ('On the M4, -Os, all options off. The last row counts: a board with a Cortex-M3 and 64 KiB of RAM is filled with',
          'tasklets, each with the least stack that is allowed and a channel of one slot, and all of them answer.')


def row(*cells: object) -> str:
    return f'| {" | ".join(map(str, cells))} |'


def rule(columns: int) -> str:
    return row('---', *['---:'] * (columns - 1))


def number(word: str | int) -> str:
    return f'{int(word):,}' if word != '-' else '-'


def own_table() -> list[str]:
    budgets = {target: bench.budget(target) for target in TITLES}
    lines = [row('', *TITLES.values()), rule(len(TITLES) + 1)]
    for name, title in OPERATIONS.items():
        lines.append(row(title, *(number(budget.get(name, '-')) for budget in budgets.values())))
    return lines


def peer_table(target: str) -> list[str]:
    names, peers = bench.peers()
    ours = bench.budget(target)
    shown = [name for name in OPERATIONS if (target, name) in peers]
    used = [i for i in range(len(names)) if any(peers[target, name][i] != '-' for name in shown)]
    lines = [row('', 'Stint', *(names[i] for i in used)), rule(len(used) + 2)]
    for name in shown:
        lines.append(row(OPERATIONS[name], number(ours[name]), *(number(peers[target, name][i]) for i in used)))
    return lines


def price_table() -> list[str]:
    lines = [row('', *bench.OPTIONS), rule(len(bench.OPTIONS) + 1)]
    for name, prices in bench.price_budget().items():
        lines.append(row(OPERATIONS[name], *prices))
    return lines


def size_table() -> list[str]:
    lines = [row('', 'bytes', 'promised'), rule(3)]
    for name, budget, promised in tables.read('size'):
        lines.append(row(sizes.TITLES.get(name, name), number(budget), number(promised)))
    return lines


def peer_size_table() -> list[str]:
    ours = {name: int(budget) for name, budget, _ in tables.read('size')}
    ours['blocked_in_64k'] = blocked.count(ours['blocked_others'], ours['blocked_each'])
    (_, *names), *peers = tables.read('peers_size')
    lines = [row('', 'Stint', *names), rule(len(names) + 2)]
    for name, *words in peers:
        lines.append(row(sizes.TITLES[name], number(ours[name]), *map(number, words)))
    return lines


def page_body() -> str:
    parts = ['## On all processors', '', *own_table(), '']
    for target in TITLES:
        if any(key[0] == target for key in bench.peers()[1]):
            parts += [f'## {TITLES[target]}, beside others', '', *peer_table(target), '']
    parts += ['## What options add', '', 'Each alone, on the M4.', '', *price_table(), '',
              '## Bytes', '', *size_table(), '',
              '## Bytes, beside others', '', *BESIDE, '',
              *peer_size_table()]
    return '\n'.join(parts)


def page() -> str:
    """The page as it should be: its own words, and the tables between the marks."""
    text = PAGE.read_text(encoding='utf-8')
    before, rest = text.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    return f'{before}{BEGIN}\n\n{page_body()}\n\n{END}{after}'


# ---- The picture: operations over the number of tasklets or timers, both axes logarithmic ----

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 400, 320, 52, 86, 34, 40
FIRST, LAST, LEAST, MOST = 1, 1000, 10, 10000
COLOURS = {'Stint': '#d1495b', 'FreeRTOS': '#2e86ab', 'ThreadX': '#6a994e', 'ChibiOS': '#8d6a9f', 'RIOT': '#b07d2b'}
COUNTS = (2, 10, 100, 1000)


def x_of(count: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * math.log10(count / FIRST) / math.log10(LAST / FIRST)


def y_of(cost: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * math.log10(cost / LEAST) / math.log10(MOST / LEAST)


def curves(operation: str, counts: tuple[int, ...]) -> dict[str, list[tuple[int, int]]]:
    """By kernel: (how many, instructions), as far as they are known."""
    names, peers = bench.peers()
    ours = bench.budget('cortex-m4')
    found = {'Stint': [(n, ours[f'{operation}_{n}']) for n in counts]}
    for i, name in enumerate(names):
        points = [(n, peers.get(('cortex-m4', f'{operation}_{n}'), ['-'] * len(names))[i]) for n in counts]
        known = [(n, int(cost)) for n, cost in points if cost != '-']
        if name in COLOURS and known:
            found[name] = known
    return found


def text(x: float, y: float, words: str, anchor: str = 'start', colour: str = '#777') -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{words}</text>'


def axes(title: str, below: str) -> list[str]:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    parts = [text(LEFT, TOP - 14, title), text((LEFT + right) / 2, HEIGHT - 6, below, 'middle')]
    for power in range(4):
        x, y = x_of(10 ** power), y_of(10 ** (power + 1))
        parts.append(f'<path d="M{x:.1f} {TOP}V{bottom}M{LEFT} {y:.1f}H{right}" stroke="#888" stroke-opacity=".3"/>')
        parts.append(text(x, bottom + 16, f'{10 ** power:,}', 'middle'))
        parts.append(text(LEFT - 6, y + 4, f'{10 ** (power + 1):,}', 'end'))
    return parts


def labels(ends: dict[str, float]) -> dict[str, float]:
    """Heights for the names at the right, so that none covers another."""
    placed: dict[str, float] = {}
    last = -math.inf
    for name, y in sorted(ends.items(), key=lambda item: item[1]):
        placed[name] = last = max(y, last + 13)
    return placed


def panel(operation: str, counts: tuple[int, ...], title: str, below: str) -> list[str]:
    parts = axes(title, below)
    found = curves(operation, counts)
    heights = labels({name: y_of(points[-1][1]) for name, points in found.items()})
    for name, points in found.items():
        at = [(x_of(n), y_of(cost)) for n, cost in points]
        width = 2.5 if name == 'Stint' else 1.5
        line = ' '.join(f'{x:.1f},{y:.1f}' for x, y in at)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{COLOURS[name]}" stroke-width="{width}"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{COLOURS[name]}"/>' for x, y in at]
        parts.append(text(at[-1][0] + 8, heights[name] + 4, name, colour=COLOURS[name]))
    return parts


def picture() -> str:
    left = panel('yield', COUNTS, 'yield, instructions', 'ready tasklets')
    right = panel('timer', (1, 10, 100, 1000), 'timer arm and cancel, instructions', 'armed timers')
    return '\n'.join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDTH} {HEIGHT}" font-family="sans-serif" '
        'font-size="12">', *left, f'<g transform="translate({WIDTH})">', *right, '</g>', '</svg>', ''])


def written() -> dict[Path, str]:
    return {PAGE: page(), PICTURE: picture()}


def update() -> None:
    for path, content in written().items():
        path.write_text(content, encoding='utf-8')
