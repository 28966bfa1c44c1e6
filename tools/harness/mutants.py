# SPDX-License-Identifier: MIT
"""Small faults, one at a time, in C source: another comparison, one more or less, a condition the other way round, a
statement or a part of an expression left out. A test suite is as good as the faults that it sees.

A fence for the compiler is no statement here: that it is missing shows on boards, at every instruction (test_sweep).
It relies on the layout that clang-format gives: a function's braces stand at the beginning of lines, operators with
two operands have a space on both sides, a statement ends its line.
"""
from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Iterator

from harness.tree import closing, code_of, line_at, text_of

# An operator with two operands, and what may stand there by mistake.
OPERATORS = {
    '<': ('<=', '>='), '<=': ('<', '>'), '>': ('>=', '<='), '>=': ('>', '<'), '==': ('!=',), '!=': ('==',),
    '&&': ('||',), '||': ('&&',), '+': ('-',), '-': ('+',), '*': ('/',), '/': ('*',), '%': ('/',),
    '&': ('|',), '|': ('&',), '^': ('|',), '<<': ('>>',), '>>': ('<<',),
    '+=': ('-=',), '-=': ('+=',), '|=': ('&=',), '&=': ('|=',),
}
BINARY = re.compile(r'(?<= )(' + '|'.join(map(re.escape, sorted(OPERATORS, key=len, reverse=True))) + r')(?=[ \n])')
STEP = re.compile(r'\+\+|--')
NOT = re.compile(r'!(?!=)')
NUMBER = re.compile(r'(?<![\w.])(0x[0-9A-Fa-f]+|\d+)(?:[uUlL]*)(?![\w.])')
HINT = re.compile(r'__builtin_expect\(.*, [01]\)$')  # its second argument is about speed only
WORD = re.compile(r'\b(true|false)\b')
ERRNO = re.compile(r'-E[A-Z]{3,}\b')
CONDITION = re.compile(r'\b(?:if|while) \(')
RETURN = re.compile(r'\breturn ([^;{]+);')
STATEMENT = re.compile(r'^ +((?:\*|\+\+|--)?[A-Za-z_][^;{}=]*?(?:\+\+|--|\([^;{}]*\)|(?: [-+|&^*]?= )[^;{}]*));',
                       re.MULTILINE)
JUMP = re.compile(r'\b(break|continue);')
FUNCTION = re.compile(r'^\w.*?\b(?!__attribute__)(\w+)\([^;{}]*\)\n\{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
DIRECTIVE = re.compile(r'^[ \t]*#(?:[^\n]*\\\n)*[^\n]*', re.MULTILINE)
NO_STATEMENT = re.compile(r'(?:return|if|while|for|switch|do|else|case|goto|struct|static|const|union|enum|unsigned|'
                          r'int|bool|char|size_t|void|uint\w+|int\w+|deadline_t|va_list|volatile|\w*barrier)\b')


@dataclass(frozen=True)
class Mutant:
    """A piece of a file, and what stands there instead."""
    path: str
    function: str
    start: int
    end: int
    new: str

    def text(self) -> str:
        text = text_of(self.path)
        return text[:self.start] + self.new + text[self.end:]

    @property
    def line(self) -> int:
        return line_at(text_of(self.path), self.start)

    def rows(self) -> tuple[str, str]:
        """The lines as they are and as they are now, without the space around: this names the mutant."""
        text = text_of(self.path)
        first, last = text.rfind('\n', 0, self.start) + 1, text.find('\n', self.end)
        new = text[first:self.start] + self.new + text[self.end:last]
        return ' '.join(text[first:last].split()), ' '.join(new.split())


def simple(code: str) -> Iterator[tuple[int, int, str]]:
    """Changes of a single token."""
    for match in BINARY.finditer(code):
        for new in OPERATORS[match[1]]:
            yield *match.span(1), new
    for match in STEP.finditer(code):
        yield *match.span(), '--' if match[0] == '++' else '++'
    for match in NOT.finditer(code):
        yield *match.span(), ''
    for match in WORD.finditer(code):
        yield *match.span(), 'false' if match[0] == 'true' else 'true'
    for match in ERRNO.finditer(code):
        yield *match.span(), '-EIO' if match[0] != '-EIO' else '-EINVAL'
    for match in NUMBER.finditer(code):
        value = int(match[1], 0)
        if HINT.search(code, code.rfind('\n', 0, match.start()) + 1, match.end() + 1):
            continue
        if value != 1 or code[match.start() - 3:match.end() + 1] != ' = 1;':  # a flag that is 2 is set, too
            yield *match.span(1), str(value + 1)
        if value > 0:
            yield *match.span(1), str(value - 1)


def conditions(code: str) -> Iterator[tuple[int, int, str]]:
    """The condition of an `if` or `while` the other way round; a single comparison changes anyway."""
    for match in CONDITION.finditer(code):
        start = match.end() - 1
        end = closing(code, start)
        inside = code[start + 1:end]
        if not re.fullmatch(r'[^&|]* [=!]= [^&|]*|!\S+', inside):
            yield start + 1, end, f'!({inside})'


def parts(code: str) -> Iterator[tuple[int, int, str]]:
    """An operand of && or || left out, with its operator: the one behind it."""
    for match in re.finditer(r' (&&|\|\|)\s+', code):
        end = match.end()
        depth = 0
        while depth >= 0 and not (depth == 0 and (code[end] in ',;?:' or code[end:end + 4] in (' && ', ' || ')
                                                  or code[end:end + 4] in (' &&\n', ' ||\n'))):
            depth += (code[end] == '(') - (code[end] == ')')
            end += depth >= 0
        yield match.start(), end, ''


def statements(code: str) -> Iterator[tuple[int, int, str]]:
    """A statement left out, another result."""
    for match in STATEMENT.finditer(code):
        if not NO_STATEMENT.match(match[1]) and not re.match(r'[A-Za-z_]\w* \*?[a-z]\w* =', match[1]):
            yield match.start(1), match.end(), ';'
    for match in JUMP.finditer(code):
        yield *match.span(), ';'
    for match in RETURN.finditer(code):
        if not re.fullmatch(r'0|true|false|NULL|-E[A-Z]+', match[1]):
            yield *match.span(1), '0'
        if match[1] in ('0', 'NULL'):
            continue
        if re.match(r'[a-z]\w* [<>=!]=? |!', match[1]):
            yield *match.span(1), '1'


def blanked(text: str) -> str:
    """Only what may be changed is left, at its place."""
    return DIRECTIVE.sub(lambda m: re.sub(r'[^\n]', ' ', m[0]), code_of(text))


def mutants_of(path: str) -> list[Mutant]:
    """All mutants of a file, in the order of its text."""
    code, found = blanked(text_of(path)), set()
    for function in FUNCTION.finditer(code):
        body, start = function[2], function.start(2)
        for kind in (simple, conditions, parts, statements):
            for first, last, new in kind(body):
                found.add((start + first, start + last, new, function[1]))
    text = text_of(path)
    return [Mutant(path, name, first, last, new) for first, last, new, name in sorted(found)
            if text[first:last] != new]
