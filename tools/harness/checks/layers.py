# SPDX-License-Identifier: MIT
"""The include path is the architecture: who may include whom, and that nothing below io/ blocks."""
from __future__ import annotations

import re

from harness.checks import Report
from harness.tree import ROOT, closing, code_of, line_at, text_of, tracked

CLASS_HEADER = r'drivers/(\w+)/\1\.h'  # the interface of a class of drivers: drivers/uart/uart.h
PLATFORM = r'arch/riscv/platform\.h'  # what RISC-V leaves to boards and drivers

# What a folder may include besides its own files. Folders that are not here may include everything.
MAY_INCLUDE = {
    'arch': [r'kernel/.*'],
    'kernel': [r'kernel/.*', r'port\.h'],
    'drivers': [r'kernel/.*', r'drivers/.*', PLATFORM],
    'boards': [r'kernel/.*', r'drivers/.*', r'boards/.*', PLATFORM],
    'io': [r'kernel/.*', r'io/.*', CLASS_HEADER],
    'fs': [r'kernel/.*', r'io/.*', r'fs/.*', CLASS_HEADER],
    'net': [r'kernel/.*', r'io/.*', r'net/.*', r'lwip/.*', CLASS_HEADER],
    'posix': [r'(kernel|io|fs|net|posix)/.*', r'boards/board\.h', CLASS_HEADER],
}
NEVER_BLOCKS = ('arch', 'boards', 'drivers')

# Below io/ there is no C library but what a compiler brings or calls by itself. The host's parts
# stand on Linux.
FREESTANDING = {'errno.h', 'limits.h', 'stdarg.h', 'stdatomic.h', 'stdbool.h', 'stddef.h', 'stdint.h',
                'string.h'}

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.MULTILINE)
# Public functions that may wait take a deadline last. These have none.
TAKES_DEADLINE = re.compile(r'^(?:KERNEL_INLINE |static inline )?int\s+(\w+)\s*\([^()]*\bdeadline_t\s+\w+\)\s*;', re.MULTILINE)
BLOCKS_ALWAYS = {'sleep_ms', 'tasklet_yield'}


def include_problems(path: str, text: str) -> list[str]:
    """The includes of a file that its layer does not allow."""
    layer, group, *_ = [*path.split('/'), '']
    allowed = MAY_INCLUDE.get(layer)
    if allowed is None:
        return []
    on_host = 'host' in re.split(r'[/._]', path)
    found = []
    for match in INCLUDE.finditer(text):
        style, name = match.groups()
        if style == '<':
            bad = layer in ('arch', 'kernel', 'drivers', 'boards') and not on_host and \
                name not in FREESTANDING
        else:
            # One folder of each of these two is on the include path.
            bare = layer in ('arch', 'posix') and any(ROOT.glob(f'{layer}/*/{name}'))
            bad = not (bare or any(re.fullmatch(rule, name) for rule in allowed) or
                       layer == 'arch' and name.startswith(f'{layer}/{group}/'))
        if bad:
            found.append(f'{path}:{line_at(text, match.start(2))}: {layer}/ may not include {name}')
    return found


def blocking_functions() -> set[str]:
    headers = [code_of(text_of(path)) for path in tracked('.h')
               if path.split('/')[0] in ('kernel', 'io', 'fs', 'net')]
    return BLOCKS_ALWAYS.union(*(TAKES_DEADLINE.findall(text) for text in headers))


def blocking_problems(path: str, text: str, blocking: set[str]) -> list[str]:
    """Calls that may wait, in a file that lies below the layer that blocks."""
    if path.split('/')[0] not in NEVER_BLOCKS:
        return []
    code, found = code_of(text), []
    for match in re.finditer(r'\b(\w+)\s*\(', code):
        if match[1] not in blocking:
            continue
        last = code[match.end():closing(code, match.end() - 1)].rsplit(',', 1)[-1].strip()
        if last != 'NOWAIT':
            found.append(f'{path}:{line_at(code, match.start())}: {match[1]}() may block; nothing '
                         'below io/ does')
    return found


def check() -> Report:
    report = Report()
    blocking = blocking_functions()
    sources = tracked('.c', '.h', '.S')
    for path in sources:
        report.problems += include_problems(path, text_of(path))
        report.problems += blocking_problems(path, text_of(path), blocking)
    report.about = f'{len(sources)} files, {len(blocking)} functions that block'
    return report
