# SPDX-License-Identifier: MIT
"""What Thumb instructions do to the stack and to the flow, as objdump writes them."""
from __future__ import annotations

import re

from harness.callgraph.flow import Code, Instruction, Step

CONDITION = r'(?:eq|ne|cs|cc|hs|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)'
BRANCH = re.compile(rf'b({CONDITION})?(?:\.[nw])?$')
TARGET = re.compile(r'(?:^|, *)([0-9a-f]+) <')
LITERAL = re.compile(r'(\w+), \[pc.*@ \(([0-9a-f]+)')
IMMEDIATE = re.compile(r'^(?:sp, )?sp, #(\d+)')
REGISTERS = {'sl': 10, 'fp': 11, 'ip': 12, 'lr': 14, 'pc': 15, 'sp': 13}
RETURN_SPAN = 4  # instructions between a pop of the return address and the jump to it (Armv6-M)
CASE = re.compile(r'<__gnu_thumb1_case_\w+>')


def without_condition(name: str) -> tuple[str, bool]:
    """The plain mnemonic, and whether it is executed on a condition (in an IT block)."""
    stem = name.split('.')[0]
    match = re.fullmatch(rf'(push|pop|ldmia|stmdb|ldr|bx|blx|mov|add|sub|str|strd|ldrd|vpush|vpop|bl){CONDITION}', stem)
    return (match[1], True) if match else (stem, False)


def bytes_of(registers: str) -> int:
    """How many bytes a register list is: {r4, r5, lr}, {s16-s31}, {d8}."""
    count = 0
    for word in registers[registers.index('{') + 1:registers.index('}')].split(','):
        word = word.strip()
        size = 8 if word[0] == 'd' else 4
        first, _, last = word.partition('-')
        count += size * (int(last[1:]) - int(first[1:]) + 1 if last else 1)
    return count


class Thumb:
    def steps(self, code: Code, known: set[int]) -> list[Step]:
        steps, constants = [], {}
        for n, instruction in enumerate(code.instructions):
            self.remember(instruction, code, constants)
            popped = ' '.join(i.operands for i in code.instructions[max(n - RETURN_SPAN, 0):n] if i.name == 'pop')
            steps.append(self.step(instruction, popped, constants))
        return steps

    def remember(self, i: Instruction, code: Code, constants: dict[str, int]) -> None:
        """Constants in registers, for frames too large for an immediate operand."""
        if match := LITERAL.match(i.operands):
            value = code.words.get(int(match[2], 16))
            if value is not None:
                constants[match[1]] = value - (1 << 32) if value >> 31 else value
        elif match := re.match(r'(\w+), #(-?\d+)', i.operands):
            if i.name.startswith('mov'):
                constants[match[1]] = int(match[2])
        elif match := re.match(r'(\w+), (\w+)$', i.operands):
            if i.name == 'negs' and match[2] in constants:
                constants[match[1]] = -constants[match[2]]

    def step(self, i: Instruction, popped: str, constants: dict[str, int]) -> Step:
        name, conditional = without_condition(i.name)
        target = TARGET.search(i.operands)
        if (branch := BRANCH.match(i.name)) and target:
            return Step(jumps=int(target[1], 16), stops=branch[1] is None)
        if i.name in ('cbz', 'cbnz') and target:
            return Step(jumps=int(target[1], 16))
        if name == 'bl' and target:
            case = bool(CASE.search(i.operands))
            return Step(calls=None if case else int(target[1], 16), table=case, stops=case)
        if name == 'blx':
            return Step(indirect=True)
        if name in ('tbb', 'tbh'):
            return Step(table=True, stops=True)
        if name == 'bx':
            back = i.operands == 'lr' or i.operands in popped
            return Step(stops=not conditional, returns=back, indirect=not back)
        if name == 'mov' and i.operands.startswith('pc'):
            back = i.operands == 'pc, lr'
            return Step(stops=not conditional, returns=back, table=not back)
        if name == 'ldr' and i.operands.startswith('pc'):
            back = '[sp]' in i.operands
            return Step(stops=not conditional, returns=back, table=not back)
        if name == 'udf':
            return Step(stops=True)
        return self.stack(name, i.operands, conditional, constants)

    def stack(self, name: str, operands: str, conditional: bool, constants: dict[str, int]) -> Step:
        if name in ('push', 'vpush') or name in ('stmdb', 'vstmdb') and operands.startswith('sp!'):
            return Step(grows=bytes_of(operands))
        if name in ('pop', 'vpop') or name in ('ldmia', 'vldmia') and operands.startswith('sp!'):
            back = 'pc' in operands
            return Step(grows=0 if conditional else -bytes_of(operands), stops=back and not conditional, returns=back)
        if name in ('ldmia', 'ldmdb', 'ldm') and 'pc' in operands:
            return Step(stops=not conditional, returns=True)
        if match := re.search(r'\[sp, #-(\d+)\]!', operands):
            return Step(grows=int(match[1]))
        if match := re.search(r'\[sp\], #(\d+)', operands):
            return Step(grows=-int(match[1]))
        sign = {'sub': 1, 'subw': 1, 'add': -1, 'addw': -1}.get(name, 0)
        if sign and (match := IMMEDIATE.match(operands)):
            return Step(grows=sign * int(match[1]))
        if sign and (match := re.match(r'(?:sp, )?sp, (\w+)$', operands)):
            known = match[1] in constants
            return Step(grows=sign * constants[match[1]] if known else 0, unknown=not known)
        return Step()

    def taken(self, code: Code, known: set[int]) -> set[int]:
        """Functions whose address is among its literals, or is put together by MOVW and MOVT."""
        found = {word & ~1 for word in code.words.values() if word & 1 and word & ~1 in known}
        low: dict[str, int] = {}
        for i in code.instructions:
            if i.name == 'movw' and (match := re.match(r'(\w+), #(\d+)', i.operands)):
                low[match[1]] = int(match[2])
            elif i.name == 'movt' and (match := re.match(r'(\w+), #(\d+)', i.operands)):
                found.add((int(match[2]) << 16 | low.get(match[1], 0)) & ~1)
        return found & known

    def is_float(self, instruction: Instruction) -> bool:
        return instruction.name.startswith('v') and instruction.name not in ('vlldm', 'vlstm')
