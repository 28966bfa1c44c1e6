# SPDX-License-Identifier: MIT
"""What of kernel/ and io/ the tests on this machine never execute or never decide.

clang counts how often each region of code runs, how often each condition is true and false, and which conditions
decide their expression alone (MC/DC). Each thing that is missing is a gap, named by its text and not by its line.
"""
from __future__ import annotations

import json
import os
import re
import subprocess
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Iterator

from harness.build import Image, build, suites, suites_that_see_timers
from harness.misuse import misuses, typed
from harness.tree import ROOT, closing, text_of

EXCEPTIONS = ROOT / 'tests/budget/uncovered.txt'
SETTINGS = ('CC_HOST=clang-19', 'COVERAGE=1', 'OPT=-O0', 'ACCOUNT=1', 'PAINT=1')
MORE = {'brief_suite': ('TINY=1',)}  # not always, for sanitizers do not start with a foreign memcpy()
OUT = ROOT / 'build/coverage'
LIMIT = 60  # seconds; a run takes milliseconds, so this only ends what hangs
SOURCES = re.compile(r'(kernel|io)/\w+\.[ch]')
# Kinds of regions in clang's mapping.
CODE, EXPANSION, BRANCH, CONDITION = 0, 1, 4, 6


@dataclass(frozen=True, order=True)
class Gap:
    """Something that no test does. `kind` is `line`: never executed; `true`, `false`: the condition never has this
    value; `alone`: it has both, but never decides its expression alone."""
    path: str
    function: str
    kind: str
    text: str


def places(*parts: slice) -> Callable[[list[list[int]]], list[tuple]]:
    """What tells rows of clang's apart: these parts, and the how manieth of the same it is: the conditions in a macro
    all stand where its parameter does."""
    def of(rows: list[list[int]]) -> list[tuple]:
        seen: Counter[tuple] = Counter()
        found = []
        for row in rows:
            place = tuple(number for part in parts for number in row[part])
            found.append((*place, seen[place]))
            seen[place] += 1
        return found
    return of


def merge(mine: list[list[int]], new: list[list[int]], places_of: Callable[[list[list[int]]], list[tuple]],
          *counts: int) -> None:
    """Adds counts of the same place."""
    known = dict(zip(places_of(mine), mine, strict=True))
    for place, row in zip(places_of(new), new, strict=True):
        if place in known:
            for count in counts:
                known[place][count] += row[count]
        else:
            mine.append(row)


@dataclass
class Function:
    """One function's counts, summed over all programs and over all files that include it."""
    path: str
    name: str
    regions: list[list[int]]
    branches: list[list[int]]
    decisions: list[list]

    def unused(self) -> bool:
        """A file includes it and does not call it: clang then tells where it stands, and no more."""
        return len(self.regions) == 1 and self.regions[0][4] == 0

    def add(self, other: Function) -> None:
        """Where an option of the build decides, one build may have regions that another does not."""
        merge(self.regions, other.regions, places(slice(0, 4), slice(5, 8)), 4)
        merge(self.branches, other.branches, places(slice(0, 4), slice(6, 9)), 4, 5)
        for mine, new in zip(self.decisions, other.decisions, strict=True):
            mine[-1] = [a or b for a, b in zip(mine[-1], new[-1], strict=True)]


@dataclass
class Result:
    """What a measurement found."""
    gaps: set[Gap] = field(default_factory=set)
    totals: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))  # by file


# ---- Running ----

def run(image: Image, number: int, said: str = '') -> Path:
    """Runs a program in virtual time with `said` as its input; the file of what was counted. How the program ends is
    the matter of other tests."""
    counted = OUT / f'{image.app}-{number}.profraw'
    env = {**os.environ, 'STINT_VIRTUAL': '1', 'LLVM_PROFILE_FILE': str(counted)}
    counted.unlink(missing_ok=True)
    with typed(said) as keys:
        subprocess.run([str(image.path)], env=env, stdin=keys, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       timeout=LIMIT, check=False)
    if not counted.exists():
        raise RuntimeError(f'{image.path.relative_to(ROOT)} with input {said!r} did not write what it counted')
    return counted


def run_all() -> tuple[list[Path], list[Path]]:
    """The programs, and the files of what was counted."""
    OUT.mkdir(parents=True, exist_ok=True)
    images, counted = [], []
    for suite in suites('kernel', 'host', 'block'):
        images.append(build('host', suite, *SETTINGS, *MORE.get(suite, ())))
        counted.append(run(images[-1], 0))
    for suite in suites_that_see_timers():
        images.append(build('host', suite, *SETTINGS, 'TIMERS=list'))
        counted.append(run(images[-1], 1))
    images.append(build('host', 'misuse', *SETTINGS))
    counted += [run(images[-1], m.number, f'{m.number}\r') for m in misuses() if m.where == 'all']
    counted.append(run(images[-1], 0))  # nobody types: nothing can ever run again
    return [image.path for image in images], counted


def exported() -> dict:
    """clang's own account of all runs."""
    programs, counted = run_all()
    merged = OUT / 'all.profdata'
    subprocess.run(['llvm-profdata-19', 'merge', '-o', merged, *counted], check=True)
    objects = [word for program in programs for word in ('-object', program)]
    done = subprocess.run(['llvm-cov-19', 'export', f'-instr-profile={merged}', *objects], check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return json.loads(done.stdout)['data'][0]


# ---- Reading ----

def short(path: str) -> str:
    return str(Path(path).relative_to(ROOT)) if Path(path).is_relative_to(ROOT) else path


def functions_of(data: dict) -> list[Function]:
    found: dict[tuple[str, str, int], Function] = {}
    for raw in data['functions']:
        path = short(raw['filenames'][0])
        if not SOURCES.fullmatch(path):
            continue
        function = Function(path, raw['name'].split(':')[-1], raw['regions'], raw['branches'], raw['mcdc_records'])
        key = (path, function.name, function.regions[0][0])
        known = found.get(key)
        if known is None or known.unused():
            found[key] = function
        elif not function.unused():
            known.add(function)
    return list(found.values())


def offset(text: str, line: int, column: int) -> int:
    at = 0
    for _ in range(line - 1):
        at = text.index('\n', at) + 1
    return at + column - 1


def words(text: str) -> str:
    return ' '.join(text.split())


def piece(path: str, region: list[int]) -> str:
    """The source text of a region; of a macro's call, the whole call."""
    text = text_of(path)
    start, end = offset(text, *region[:2]), offset(text, *region[2:4])
    if text[end:end + 1] == '(':
        end = closing(text, end) + 1
    return words(text[start:end])


def first_statement(path: str, region: list[int]) -> str:
    text = text_of(path)
    start = offset(text, *region[:2])
    inside = text[start:offset(text, *region[2:4])].lstrip('{ \n')
    return words(inside.partition('\n')[0].partition(' //')[0])


def expansions(function: Function) -> dict[int, list[int]]:
    """Where a macro is called in the function's own file, by the number that its expansion has."""
    direct = {region[6]: region for region in function.regions if region[7] == EXPANSION}
    found = {}
    for number, region in direct.items():
        while region[5] != 0:
            region = direct[region[5]]
        found[number] = region
    return found


def covers(outer: list[int], inner: list[int]) -> bool:
    return outer is not inner and outer[:2] <= inner[:2] and inner[2:4] <= outer[2:4]


def lines_missed(function: Function) -> Iterator[str]:
    """Regions that never run; of nested ones the outermost. Inside of macros the conditions tell."""
    missed = [region for region in function.regions
              if region[4] == 0 and region[5] == 0 and region[7] == CODE and region[:2] != region[2:4]]
    for region in missed:
        if not any(covers(other, region) for other in missed):
            yield first_statement(function.path, region)


def balanced(text: str) -> str:
    """Without the parentheses that open or close something else."""
    text = text.strip()
    while text.count('(') > text.count(')'):
        text = text[1:]
    while text.count(')') > text.count('('):
        text = text[:-1]
    return text.strip()


def conditions_of(call: str, count: int) -> list[str]:
    """The conditions in the first argument of a macro's call: clang knows only the macro's own text."""
    argument = call.partition('(')[2].partition(', "')[0]
    parts = [balanced(part) for part in re.split(r'&&|\|\|', argument)]
    return parts if len(parts) == count else [f'#{i + 1}' for i in range(count)]


def own_conditions(function: Function, decision: list) -> list[tuple[list[int], str]]:
    """The counts and texts of the conditions of a decision that stands in no macro."""
    return [(branch, piece(function.path, branch)) for branch in function.branches
            if branch[8] == CONDITION and branch[6] == 0 and covers(decision, branch)]


def macro_conditions(function: Function, number: int, call: str) -> list[tuple[list[int], str]]:
    inside = [branch for branch in function.branches if branch[8] == CONDITION and branch[6] == number]
    return list(zip(inside, conditions_of(call, len(inside)), strict=True))


def decisions_of(function: Function) -> Iterator[tuple[str, list[bool], list[tuple[list[int], str]]]]:
    """The text of each decision, which conditions decide it alone, and these. clang's records are in this order:
    decisions of the function's own file, then those in macros, as they are called."""
    macros = expansions(function)
    in_macros = iter(sorted({branch[6] for branch in function.branches if branch[8] == CONDITION} - {0}))
    for record in function.decisions:
        inside = own_conditions(function, record)
        text = piece(function.path, record) if inside else ''
        if not inside:
            number = next(in_macros, 0)
            if number == 0:
                continue  # of constants only
            text = piece(function.path, macros[number])
            inside = macro_conditions(function, number, text)
        yield text, record[-1], inside


def value_missed(counts: list[int]) -> str:
    """`true` or `false` if the condition never is; a condition that is neither does not run, or is a constant."""
    if (counts[4] == 0) == (counts[5] == 0):
        return ''
    return 'true' if counts[4] == 0 else 'false'


def without_constants(alone: list[bool], count: int) -> list[bool]:
    """A condition that is a constant, such as an option's, decides nothing, and has no counts."""
    found = list(alone)
    while len(found) > count and False in found:
        found.remove(False)
    return found


def decisions_missed(function: Function) -> Iterator[tuple[str, str]]:
    """Of conditions that are parts of a decision."""
    for text, alone, conditions in decisions_of(function):
        decide = without_constants(alone, len(conditions))
        for decides, (counts, condition) in zip(decide, conditions, strict=True):
            kind = value_missed(counts) or ('' if decides or not any(counts[4:6]) else 'alone')
            if kind:
                yield kind, f'{condition} in {text}'


def values_missed(function: Function) -> Iterator[tuple[str, str]]:
    """Of conditions that are a decision by themselves. That an assertion of several parts holds is told of these."""
    macros = expansions(function)
    parted = {branch[6] for branch in function.branches if branch[8] == CONDITION} - {0}
    for branch in function.branches:
        kind, number = value_missed(branch), branch[6]
        if kind and branch[8] == BRANCH and number not in parted:
            yield kind, piece(function.path, macros[number] if number else branch)


def gaps_of(function: Function) -> Iterator[Gap]:
    for text in lines_missed(function):
        yield Gap(function.path, function.name, 'line', text)
    for kind, text in (*values_missed(function), *decisions_missed(function)):
        yield Gap(function.path, function.name, kind, text)


def totals_of(function: Function) -> Counter[str]:
    runs = [region[4] for region in function.regions if region[7] == CODE and region[5] == 0]
    values = [count for branch in function.branches for count in branch[4:6] if any(branch[4:6])]
    alone = [condition for record in function.decisions for condition in record[-1]]
    return Counter({'pieces': len(runs), 'pieces run': sum(count > 0 for count in runs),
                    'values': len(values), 'values seen': sum(count > 0 for count in values),
                    'conditions': len(alone), 'conditions alone': sum(alone)})


def measure() -> Result:
    result = Result()
    for function in functions_of(exported()):
        result.gaps.update(gaps_of(function))
        result.totals[function.path] += totals_of(function)
    return result


# ---- What is allowed ----

def allowed() -> dict[Gap, str]:
    """The gaps that are known, and why each is one."""
    rows = [line.split('\t') for line in EXCEPTIONS.read_text().splitlines() if line and line[0] != '#']
    return {Gap(*row[:4]): row[4] for row in rows}


def described(gap: Gap) -> str:
    missing = {'line': 'never runs', 'true': 'is never true', 'false': 'is never false',
               'alone': 'never decides alone'}[gap.kind]
    return f'{gap.path}: {gap.function}(): {gap.text} {missing}'


def problems_of(gaps: set[Gap], known: dict[Gap, str]) -> list[str]:
    table = EXCEPTIONS.relative_to(ROOT)
    return [f'{described(gap)}, and {table} does not say why' for gap in sorted(gaps - known.keys())] + \
        [f'{described(gap)}: so says {table}, but a test does it' for gap in sorted(known.keys() - gaps)] + \
        [f'{described(gap)}: {table} gives no reason' for gap, reason in known.items() if not reason.strip()]
