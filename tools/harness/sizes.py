# SPDX-License-Identifier: MIT
"""Flash and RAM: of a whole image by module, from the linker's map, and of what has a budget."""
from __future__ import annotations

import re
import subprocess
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from harness import blocked, tables
from harness.build import Image, build
from harness.tree import ROOT

# The smallest forms of everything, for whom each byte counts.
SMALLEST = ('REPORT=brief', 'TINY=1')
BARE = ('OPT=-Os', 'ASSERT=0', 'ACCOUNT=0', 'GUARD=0', 'PAINT=0')
ALL = ('ASSERT=1', 'ACCOUNT=1', 'GUARD=1', 'PAINT=1', 'STDIO=1')
CPU = 'CPU=cortex-m4'
TITLES = {
    'kernel_flash': 'flash: tasklets, waits, timers, pollers, priorities, cancellation (-Os, M4)',
    'talk_flash': 'flash of these, channels, select, services', 'talk_list': 'the same with the list of timers',
    'kernel_list': 'flash of the same with the list of timers', 'kernel_ram': 'RAM of the same, less the stacks',
    'tasklet_core': 'struct tasklet, no option', 'tasklet_all': 'struct tasklet, all options',
    'semaphore': 'semaphore', 'mutex': 'mutex', 'channel': 'channel, less its slots', 'timer': 'timer',
    'blocked_stack': 'stack used by a tasklet that waits for a message, with an interrupt',
    'blocked_each': 'such a tasklet and its channel, all in all', 'blocked_others': 'RAM of the program around them',
    'blocked_in_64k': 'such tasklets in 64 KiB',
    'idle_pcb': "idle connection: lwIP's tcp_pcb", 'idle_sock': 'idle connection: struct sock',
    'idle_tasklet': 'idle connection: control block and guard', 'idle_stack': 'idle connection: stack',
    'idle_connection': 'idle connection: all',
    'hello_flash': 'flash of hello on stm32vldiscovery', 'hello_ram': 'its RAM, less the stacks',
}
KERNEL = ('sched', 'tasklet', 'wait', 'timer', 'timer_list', 'timer_alarm', 'time', 'boot', 'stack')

# Output sections, and where their bytes lie.
IN_FLASH = {'.text', '.rodata', '.ARM.exidx', '.data', '.tdata', '.init'}
IN_RAM = {'.data', '.bss', '.tbss', '.noinit', '.stacks'}

PLACED = re.compile(r'^ (?:\S+|\*fill\*) +0x[0-9a-f]+ +0x([0-9a-f]+)(?: (\S.*?))?\s*$')
OUTPUT = re.compile(r'^(\.[\w.]+)(?:\s+0x[0-9a-f]+\s+0x([0-9a-f]+))?')


@dataclass
class Bytes:
    flash: int = 0
    ram: int = 0


def module_of(member: str, out: str) -> tuple[str, str]:
    """(folder, file) of an object of ours, or (library, member) of another's archive."""
    if match := re.search(r'/([\w.+-]+\.a)\((\S+)\)$', member):
        return match[1], match[2]
    folder, _, name = re.sub(r'^[\w-]+\.own/', '', member.removeprefix(out)).rpartition('/')
    return folder, Path(name).stem


def modules(path: Path) -> dict[tuple[str, str], Bytes]:
    """Flash and RAM of each object in an image, from its map."""
    map_text, out = path.read_text(), f'{path.resolve().parent.relative_to(ROOT)}/'
    text = re.sub(r'^( ?\.\S+)\n +(?=0x)', r'\1 ', map_text.split('Linker script and memory map', 1)[1],
                  flags=re.MULTILINE)  # long names stand on a line of their own
    found: dict[tuple[str, str], Bytes] = defaultdict(Bytes)
    section = ''
    for line in text.splitlines():
        if output := OUTPUT.match(line):
            section = output[1]
            if section == '.stacks' and output[2]:
                add(found[('', 'stacks of interrupts, poll context and main')], section, int(output[2], 16))
        elif (placed := PLACED.match(line)) and section != '.stacks':
            module = module_of(placed[2], out) if placed[2] and '*fill*' not in line else ('', 'alignment')
            add(found[module], section, int(placed[1], 16))
    return {module: size for module, size in found.items() if size.flash or size.ram}


def add(size: Bytes, section: str, count: int) -> None:
    size.flash += count if section in IN_FLASH else 0
    size.ram += count if section in IN_RAM else 0


# ---- What has a budget ----

@dataclass
class Row:
    measured: int
    budget: str
    promise: str


def sizes_in(image: Image) -> dict[str, int]:
    """By X, how large the objects named size_of_X of tests/budget/*.c are."""
    done = subprocess.run([f'{image.variables["CROSS"]}nm', '--print-size',
                           str(image.object(f'tests/budget/{image.app}.c'))], stdout=subprocess.PIPE, text=True,
                          check=True)
    found = re.findall(r'^\w+ (\w+) \w size_of_(\w+)$', done.stdout, re.MULTILINE)
    return {name: int(size, 16) for size, name in found}


def sizes_of_types(*settings: str) -> dict[str, int]:
    return sizes_in(build('mps2-an386', 'sizes', CPU, *settings))


def idle_connection() -> dict[str, int]:
    """What a connection that waits in sock_recv() takes on a small board, as it is built there."""
    size = sizes_in(build('lm3s6965evb', 'net_sizes'))
    return {'idle_pcb': size['pcb'],
            'idle_sock': size['sock'],
            'idle_tasklet': size['worker'] - size['stack'],
            'idle_stack': size['stack'],
            'idle_connection': size['pcb'] + size['sock'] + size['worker']}


def kernel(*settings: str, app: str = 'kernel', parts: tuple[str, ...] = ()) -> Bytes:
    found = modules(build('mps2-an386', app, CPU, *BARE, 'REPORT=brief', *settings).map)
    base = [size for (folder, name), size in found.items() if folder == 'kernel' and name in (*KERNEL, *parts)]
    return Bytes(sum(size.flash for size in base), sum(size.ram for size in base))


def talk(*settings: str) -> int:
    return kernel(*settings, app='talk', parts=('timer_list', 'chan', 'select', 'service', 'pool')).flash


@cache
def measure() -> dict[str, int]:
    with_heap, types = kernel('TIMERS=heap'), sizes_of_types(*BARE)
    rows = {'kernel_flash': with_heap.flash,
            'kernel_list': kernel('TIMERS=list').flash,
            'talk_flash': talk('TIMERS=heap'),
            'talk_list': talk('TIMERS=list'),
            'kernel_ram': with_heap.ram,
            'tasklet_core': types.pop('tasklet'),
            'tasklet_all': sizes_of_types(*ALL)['tasklet'],
            **types,
            **blocked.measure(*BARE, 'REPORT=brief'),
            **idle_connection()}
    hello = modules(build('stm32vldiscovery', 'hello', *BARE, *SMALLEST).map)
    rows['hello_flash'] = sum(size.flash for size in hello.values())
    rows['hello_ram'] = sum(size.ram for (_, name), size in hello.items() if 'stacks' not in name)
    return rows


def table() -> dict[str, Row]:
    kept = {name: (budget, promise) for name, budget, promise in tables.read('size')}
    return {name: Row(count, *kept.get(name, ('-', '-'))) for name, count in measure().items()}


def update() -> None:
    tables.write('size', [[name, str(row.measured), row.promise] for name, row in table().items()])
