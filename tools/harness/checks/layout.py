# SPDX-License-Identifier: MIT
"""How a source file looks: clang-format, braces, the head of each file, lengths."""
from __future__ import annotations

import re
import shutil
import subprocess

from harness.checks import Report
from harness.tree import ROOT, closing, code_of, line_at, text_of, tracked

VERSION = 14  # other releases of clang-format disagree in details
COMMENT = re.compile(r'\s*(//|\*|/\*|#\s|""")\W*\w')
FILE_LINES, FILE_LIMIT, FUNCTION_LINES = 400, 500, 60
TEST_LIMIT = 700  # a suite is a list


def clang_format() -> str | None:
    """The program, if it is the release that decides."""
    for name in (f'clang-format-{VERSION}', 'clang-format'):
        if shutil.which(name):
            said = subprocess.run([name, '--version'], stdout=subprocess.PIPE, text=True, check=True)
            if re.search(rf'version {VERSION}\.', said.stdout):
                return name
    return None


def format_problems(program: str, paths: list[str]) -> list[str]:
    done = subprocess.run([program, '--dry-run', '--Werror', '--ferror-limit=1', *paths], cwd=ROOT,
                          stderr=subprocess.PIPE, text=True, check=False)
    if re.search(r'\.clang-format:\d+:\d+: error', done.stderr):
        return [done.stderr.splitlines()[0].removeprefix(f'{ROOT}/')]
    found = re.findall(r'^([^:\n]+):(\d+):\d+: error: code should be clang-formatted', done.stderr,
                       re.MULTILINE)
    return [f'{path}:{line}: not as clang-format would have it (make format)' for path, line in found]


def brace_problems(path: str, text: str) -> list[str]:
    """Statements without braces, which clang-format 14 does not see."""
    code = re.sub(r'\\\n', ' \n', code_of(text))
    code = re.sub(r'^\s*#\s*(if|else|elif|error|warning).*', '', code, flags=re.MULTILINE)
    found = []
    for match in re.finditer(r'\b(if|for|while)\s*\(|\b(else)\b', code):
        end = match.end() if match[2] else closing(code, match.end() - 1) + 1
        after = code[end:].lstrip()
        ends_do = match[1] == 'while' and code[:match.start()].rstrip().endswith('}')
        fine = ends_do or after.startswith('{') or match[2] and re.match(r'if\b', after)
        if not fine:
            found.append(f'{path}:{line_at(code, match.start())}: {match[1] or match[2]} without braces')
    return found


def head_problems(path: str, text: str) -> list[str]:
    """On top: the licence, and one paragraph on what the file is for. The header of the same name may
    have the paragraph for both."""
    lines = [line for line in text.splitlines()[:6] if not line.startswith('#!')]
    if not lines or 'SPDX-License-Identifier: MIT' not in lines[0]:
        return [f'{path}:1: no SPDX line on top']
    own_header = f'#include "{path.removesuffix(".c")}.h"'
    told = any(COMMENT.match(line) for line in lines[1:4]) or lines[1:2] == [own_header]
    return [] if told else [f'{path}:2: no paragraph on what this file is for']


def long_functions(path: str, text: str) -> list[str]:
    """A function's body opens and closes in column 0."""
    found, start = [], 0
    for number, line in enumerate(text.splitlines(), 1):
        if line == '{':
            start = number
        elif line == '}' and start:
            if number - start > FUNCTION_LINES:
                found.append(f'{path}:{start}: a function of {number - start} lines')
            start = 0
    return found


def length_of(path: str, text: str, report: Report) -> None:
    lines = text.count('\n')
    if lines > FILE_LINES:
        limit = TEST_LIMIT if path.startswith('tests/') else FILE_LIMIT
        where = report.problems if lines > limit else report.remarks
        where.append(f'{path}: {lines} lines; look for the missing module')


def is_script(path: str) -> bool:
    return path.startswith(('tools/', '.ci/')) and text_of(path).startswith('#!')


def check() -> Report:
    report = Report()
    c_files, others = tracked('.c', '.h'), tracked('.S', '.ld', '.py')
    scripts = [path for path in tracked() if is_script(path)]
    for path in c_files + others + scripts:
        text = text_of(path)
        if not path.endswith('memory.ld'):
            report.problems += head_problems(path, text)
        if path not in scripts:
            length_of(path, text, report)
    for path in c_files:
        report.problems += brace_problems(path, text_of(path))
        report.remarks += long_functions(path, text_of(path))
    program = clang_format()
    if program is None:
        report.remarks.append(f'no clang-format {VERSION}: the format was not checked')
    else:
        report.problems += format_problems(program, c_files)
    report.about = f'{len(c_files + others + scripts)} files'
    return report
