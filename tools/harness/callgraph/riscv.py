# SPDX-License-Identifier: MIT
"""What RISC-V instructions do to the stack and to the flow, as objdump writes them."""
from __future__ import annotations

import re

from harness.callgraph.flow import Code, Instruction, Step

TARGET = re.compile(r'(?:^|,)([0-9a-f]+) <')
COMMENT = re.compile(r'# ([0-9a-f]+)')
BRANCHES = ('beq', 'bne', 'blt', 'bge', 'bltu', 'bgeu', 'bgt', 'ble', 'bgtu', 'bleu', 'beqz', 'bnez', 'bltz', 'bgez',
            'blez', 'bgtz')


class Riscv:
    def steps(self, code: Code, known: set[int]) -> list[Step]:
        steps, constants = [], {}
        for instruction in code.instructions:
            self.remember(instruction, constants)
            steps.append(self.step(instruction, constants))
        return steps

    def remember(self, i: Instruction, constants: dict[str, int]) -> None:
        """Constants in registers, for frames too large for an immediate operand."""
        words = re.split(r'[ ,]+', i.operands)
        if i.name == 'li':
            constants[words[0]] = int(words[1], 0)
        elif i.name == 'lui':
            value = int(words[1], 0) << 12
            constants[words[0]] = value - (1 << 32) if value >> 31 & 1 else value
        elif i.name in ('add', 'addi', 'addiw') and len(words) > 2 and words[0] == words[1] and words[0] in constants:
            if re.fullmatch(r'-?\d+', words[2]):
                constants[words[0]] += int(words[2])

    def step(self, i: Instruction, constants: dict[str, int]) -> Step:
        target, comment = TARGET.search(i.operands), COMMENT.search(i.operands)
        if i.name in BRANCHES and target:
            return Step(jumps=int(target[1], 16))
        if i.name == 'j' and target:
            return Step(jumps=int(target[1], 16), stops=True)
        if i.name == 'jal' and target:
            return Step(calls=int(target[1], 16))
        if i.name == 'jalr':
            if comment:
                return Step(calls=int(comment[1], 16))
            return Step(indirect=True)
        if i.name == 'jr':
            if comment:
                return Step(jumps=int(comment[1], 16), stops=True)
            return Step(indirect=True, stops=True, returns=i.operands == 't0')
        if i.name in ('ret', 'mret'):
            return Step(stops=True, returns=True)
        if i.name in ('unimp', 'c.unimp'):
            return Step(stops=True)
        return self.stack(i, constants)

    def stack(self, i: Instruction, constants: dict[str, int]) -> Step:
        """Where objdump knows the sum, an address was put into sp, and not a frame made."""
        match = re.match(r'sp,sp,(-?\w+)', i.operands)
        if not match or COMMENT.search(i.operands) or i.name not in ('add', 'addi', 'sub'):
            return Step()
        sign = 1 if i.name == 'sub' else -1
        if re.fullmatch(r'-?\d+', match[1]):
            return Step(grows=sign * int(match[1]))
        known = match[1] in constants
        return Step(grows=sign * constants[match[1]] if known else 0, unknown=not known)

    def taken(self, code: Code, known: set[int]) -> set[int]:
        """Functions whose address it computes: objdump says where the second instruction points."""
        return {int(match[1], 16) for i in code.instructions if i.name in ('add', 'addi')
                and (match := COMMENT.search(i.operands))} & known

    def is_float(self, instruction: Instruction) -> bool:
        return instruction.name.startswith('f') and not instruction.name.startswith('fence')
