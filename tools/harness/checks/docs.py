# SPDX-License-Identifier: MIT
"""What the documentation shows is compiled, and what it names exists."""
from __future__ import annotations

import re
import shlex
from pathlib import Path

from harness.build import FOLDER, BuildFailed, build, make
from harness.checks import Report
from harness.tree import ROOT, code_of, line_at, text_of, tracked

BOARD = 'mps2-an386'
FENCE = re.compile(r'^```(\w*)[^\n]*\n(.*?)^```', re.MULTILINE | re.DOTALL)
OURS = ('apps', 'posix', 'net', 'fs', 'io', 'boards', 'drivers', 'kernel', 'arch', 'linker', 'tests',
        'tools', 'docs')
FOR_THE_READER = ('apps/degrees.c',)  # files that a page asks its reader to write
TICKED_PATH = re.compile(r'`((?:%s)/[\w./-]*\w)`' % '|'.join(OURS))
TICKED_CALL = re.compile(r'`(\w+)\(\)`')


def pages() -> list[str]:
    """README.md, also before it is committed, and docs/."""
    paths = [Path('README.md'), *sorted(Path(path).relative_to(ROOT) for path in ROOT.glob('docs/*.md'))]
    return [str(path) for path in paths if (ROOT / path).is_file()]


def example_problems(page: str, number: int, source: str, line: int) -> list[str]:
    """Builds one example: a program if it has main(), else as an object."""
    name = f'{FOLDER}/examples/{Path(page).stem}-{number}'
    path = ROOT / f'{name}.c'
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text() != source:
        path.write_text(source)
    try:
        if re.search(r'\bmain\s*\(', source):
            build(BOARD, name)
        else:
            compile_alone(name)
    except BuildFailed as error:
        lines = [text for text in str(error).splitlines() if 'error' in text] or [str(error)]
        return [f'{page}:{line}: the example does not compile: {lines[0]}']
    return []


def compile_alone(name: str) -> None:
    out = build(BOARD, 'hello').path.parent.relative_to(ROOT)
    done = make(f'BUILD={FOLDER}', f'BOARD={BOARD}', f'APP={name}', f'{out}/{name}.o')
    if done.returncode != 0:
        raise BuildFailed(done.stdout)


def command_problems(page: str, block: str, line: int) -> list[str]:
    """Each `make ...` of a shell block names targets that make knows."""
    found = []
    for offset, text in enumerate(block.splitlines(), 1):
        match = re.match(r'(?:\$ )?make\b([^#|&;>]*)', text)
        words = shlex.split(match[1]) if match else []
        if match and '-C' not in words and make('-n', *words, warnings_fail=False).returncode != 0:
            found.append(f'{page}:{line + offset}: make does not know how: {text.strip()}')
    return found


def path_problems(page: str, text: str) -> list[str]:
    """Paths in backticks, but for placeholders such as boards/NAME/board.c."""
    return [f'{page}:{line_at(text, match.start())}: there is no {match[1]}'
            for match in TICKED_PATH.finditer(text)
            if not re.search(r'/[A-Z]+\b(?!\.md)', match[1]) and match[1] not in FOR_THE_READER
            and not (ROOT / match[1]).exists()]


def call_problems(page: str, text: str, functions: set[str]) -> list[str]:
    return [f'{page}:{line_at(text, match.start())}: there is no function {match[1]}()'
            for match in TICKED_CALL.finditer(text) if match[1] not in functions]


def functions_of_sources() -> set[str]:
    found: set[str] = set()
    for path in tracked('.c', '.h'):
        found.update(re.findall(r'\b(\w+)\s*\(', code_of(text_of(path))))
    for path in tracked('.S'):
        found.update(re.findall(r'^(\w+):', text_of(path), re.MULTILINE))
    return found


def check() -> Report:
    report, examples, commands = Report(), 0, 0
    for page in pages():
        text = (ROOT / page).read_text(encoding='utf-8')
        for number, match in enumerate(FENCE.finditer(text), 1):
            language, block = match.groups()
            line = line_at(text, match.start())
            if language == 'c':
                examples += 1
                report.problems += example_problems(page, number, block, line)
            elif language == 'sh':
                commands += 1
                report.problems += command_problems(page, block, line)
        report.problems += path_problems(page, text)
        if page == 'docs/walk.md':
            report.problems += call_problems(page, text, functions_of_sources())
    report.about = f'{len(pages())} pages, {examples} examples, {commands} blocks of commands'
    return report
