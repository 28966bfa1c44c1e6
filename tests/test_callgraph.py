# SPDX-License-Identifier: MIT
"""The analysis behind `make stack` and `make blocking`: on text, on small programs, and on planted
faults, each of which must be found."""
from __future__ import annotations

import re
from functools import cache

import pytest

from harness.build import Image, build, make
from harness.callgraph import ci, flow, riscv, sources, thumb
from harness.callgraph.blocking import Blocking
from harness.callgraph.graph import Graph
from harness.callgraph.notes import Notes
from harness.callgraph.stacks import Findings, Stacks
from harness.tree import ROOT

BOARDS = ('mps2-an385', 'microbit', 'mps2-an505', 'virt-rv32')


@cache
def graph_of(board: str, app: str) -> Graph:
    image: Image = build(board, app)
    return Graph(image.path, f'{image.variables["CROSS"]}objdump')


@cache
def findings(board: str, app: str) -> Findings:
    return Stacks(graph_of(board, app)).find()


# ---- Machine code ----

def code_of(text: str, reader: flow.Reader) -> flow.Code:
    """`text`: lines "ADDRESS NAME OPERANDS", of one function that begins at 0."""
    code = flow.Code(0, 0)
    for line in text.strip().splitlines():
        address, name, operands = (line.strip().split(None, 2) + [''])[:3]
        flow.read_line(code, int(address, 16), name, operands)
    flow.analyse({0: code, 0x100: flow.Code(0x100, 0x104, [flow.Instruction(0x100, 'ret', ''),
                                                           flow.Instruction(0x102, 'bx', 'lr')])}, reader)
    return code


def calls(code: flow.Code) -> list[tuple[int, int | None, bool]]:
    return [(call.depth, call.target, call.tail) for call in code.calls]


def test_thumb_depth_at_each_call() -> None:
    code = code_of('''
        0   cbz     r0, 12 <f+0x12>
        2   push    {r4, r5, lr}
        4   sub     sp, #20
        6   bl      100 <g>
        a   blx     r3
        c   add     sp, #20
        e   ldmia.w sp!, {r4, r5, lr}
        12  b.w     100 <g>''', thumb.Thumb())
    assert (code.depth, code.unbounded) == (32, False)
    assert sorted(calls(code), key=str) == [(0, 0x100, True), (32, 0x100, False), (32, None, False)]


def test_thumb_large_frame_and_tables() -> None:
    code = code_of('''
        0   push    {r4, lr}
        2   ldr     r4, [pc, #16] @ (14 <f+0x14>)
        4   add     sp, r4
        6   cmp     r0, #3
        8   tbb     [pc, r0]
        c   bl      100 <g>
        10  bx      lr
        14  .word   0xfffffc00''', thumb.Thumb())
    assert code.depth == 1024 + 8
    assert calls(code) == [(1032, 0x100, False)]  # only the table leads there


@pytest.mark.parametrize('instruction, grows', [
    ('vpush {s16-s31}', 64), ('vpush {d8-d9}', 16), ('str.w lr, [sp, #-8]!', 8), ('strd r4, r5, [sp, #-16]!', 16),
    ('stmdb sp!, {r4, r5, r6, lr}', 16), ('sub.w sp, sp, #1424 @ 0x590', 1424), ('ldr.w lr, [sp], #4', -4),
    ('popne {r4, pc}', 0), ('addw sp, sp, #1100', -1100)])
def test_thumb_stack(instruction: str, grows: int) -> None:
    name, operands = instruction.split(None, 1)
    step = thumb.Thumb().step(flow.Instruction(0, name, operands), '', {})
    assert step.grows == grows


def test_thumb_unknown_growth_is_told() -> None:
    assert code_of('0 sub.w sp, sp, r3\n4 bx lr', thumb.Thumb()).unbounded
    assert code_of('0 push {r4}\n2 b.n 0 <f>', thumb.Thumb()).unbounded  # for ever deeper


@pytest.mark.parametrize('last', ['2 mov.w r4, r0', '4 movs r4, r0'])
def test_a_function_that_falls_into_one_that_returns_returns(last: str) -> None:
    """Be its last instruction short or long; and what comes after a call of it counts."""
    def code(at: int, *lines: str) -> flow.Code:
        made = flow.Code(at, at)
        for line in lines:
            address, name, operands = (line.split(None, 2) + [''])[:3]
            flow.read_line(made, at + int(address, 16), name, operands)
        return made

    caller, upper, lower = code(0, '0 push {r4, lr}', '2 bl 20 <f>', '6 sub sp, #512', '8 bl 40 <h>', 'c pop {r4, pc}'), \
        code(0x20, '0 push {r4}', last), code(0x26, '0 add sp, #4', '2 bx lr')
    flow.analyse({0: caller, 0x20: upper, 0x26: lower, 0x40: code(0x40, '0 bx lr')}, thumb.Thumb())
    assert upper.returns and calls(upper) == [(4, 0x26, True)]
    assert caller.depth == 8 + 512 and calls(caller) == [(8, 0x20, False), (520, 0x40, False)]


def test_riscv_depth_at_each_call() -> None:
    code = code_of('''
        0   beqz    a0,14 <f+0x14>
        4   add     sp,sp,-32
        6   jal     100 <g>
        a   auipc   ra,0x0
        e   jalr    246(ra) # 100 <g>
        12  add     sp,sp,32
        14  jr      a5''', riscv.Riscv())
    assert code.depth == 32
    assert sorted(calls(code), key=str) == [(0, None, True), (32, 0x100, False), (32, 0x100, False)]


def test_riscv_large_frame_but_not_an_address() -> None:
    code = code_of('''
        0   auipc   sp,0x2
        4   add     sp,sp,1568 # 80002620 <__poll_stack_top>
        8   lui     t0,0xfffff
        a   add     t0,t0,16
        e   add     sp,sp,t0
        10  ret''', riscv.Riscv())
    assert (code.depth, code.unbounded) == (4096 - 16, False)


# ---- Text ----

def test_compilers_word(tmp_path) -> None:
    path = tmp_path / 'a.ci'
    path.write_text('''graph: { title: "net/a.c"
node: { title: "net/a.c:f" label: "f\\nnet/a.c:3:5\\n24 bytes (static)" }
node: { title: "g.part.0" label: "g\\nnet/a.c:9:5\\n16 bytes (dynamic)" }
node: { title: "__indirect_call" label: "Indirect Call Placeholder" shape : ellipse }
edge: { sourcename: "net/a.c:f" targetname: "__indirect_call" label: "./net/a.h:41:13" }
edge: { sourcename: "net/a.c:f" targetname: "g.part.0" label: "net/a.c:4:2" }
}''')
    file, said = ci.read(path)
    assert file == 'net/a.c'
    assert said['f'].size == 24 and said['f'].indirect() == [ci.Place('net/a.h', 41, 13)]
    assert said['g.part.0'].dynamic


@pytest.mark.parametrize('text, name, root, path, count', [
    ('d->ops->read(d, buf, n);', 'read', 'd', ('ops', 'read'), 3),
    ('irqs[line]();', 'irqs', 'irqs', (), 0),
    ('(*fn)(arg)', 'fn', 'fn', (), 1),
    ('the(x)->run(f(a, b))', 'run', 'the', (), 1),
    ('!c->ready(e)) {', 'ready', 'c', ('ready',), 1)])
def test_callee(text: str, name: str, root: str, path: tuple[str, ...], count: int) -> None:
    read = sources.callee_of(text)
    assert read is not None
    callee = read[0]
    assert (callee.name, callee.root, callee.path, callee.count) == (name, root, path, count)


def test_callee_that_is_not_one() -> None:
    assert sources.callee_of('(six ? parse_ipv6 : parse_ipv4)(text)') is None
    assert sources.callee_of('a + b;') is None


def test_notes_that_nobody_understands() -> None:
    with pytest.raises(ValueError):
        Notes().add('a.c likes f : g')


# ---- A program in which nothing is wrong ----

def targets(board: str, function: str) -> set[str]:
    node = graph_of(board, 'sound').named(function)[0]
    return {str(edge.target) for edge in node.edges}


@pytest.mark.parametrize('board', BOARDS)
def test_sound_program(board: str) -> None:
    found = findings(board, 'sound')
    assert found.problems == []
    assert Blocking(graph_of(board, 'sound')).problems() == []
    assert {(s.entry, s.memory) for s in found.stacks} == {
        ('sender', 'memory'), ('quiet', 'crew'), ('run_main', 'MAIN_STACK'), ('(poll context)', 'POLL_STACK'),
        ('(exceptions)', 'EXC_STACK')}


@pytest.mark.parametrize('board', BOARDS)
def test_pointers_lead_where_their_member_leads(board: str) -> None:
    assert {'square', 'cube'} <= targets(board, 'sender') and 'four' not in targets(board, 'sender')
    assert targets(board, 'apply') & {'square', 'cube'} == {'square', 'cube'}


@pytest.mark.parametrize('board', BOARDS)
def test_an_fpu_is_noticed(board: str) -> None:
    assert Stacks(graph_of(board, 'sound')).has_fpu == (board == 'mps2-an505')


@pytest.mark.parametrize('board', BOARDS)
def test_recursion_counts_as_often_as_it_is_noted(board: str) -> None:
    graph = graph_of(board, 'sound')
    stacks = Stacks(graph)
    halves = graph.named('halves')[0]
    own = next(edge.depth for edge in halves.edges if edge.target is halves)
    assert stacks.tasklet.depth(halves, False) == 4 * own + halves.frame


@pytest.mark.parametrize('board', BOARDS)
def test_code_and_compiler_agree(board: str) -> None:
    """Frames from the machine code are those that the compiler names, but for the registers that a
    variadic function stores, which it does not count."""
    told = 0
    for node in graph_of(board, 'shell').nodes.values():
        if node.said is not None and not node.said.dynamic:
            told += 1
            assert node.code.depth in (node.said.size, node.said.size + 8, node.said.size + 12, node.said.size + 16) \
                if 'printf' in node.name else node.code.depth == node.said.size, node
    assert told > 100


@pytest.mark.parametrize('board', BOARDS)
def test_a_function_without_a_size_hides_nothing(board: str) -> None:
    """On Armv6-M the last of the C library's has none, and constants lie behind it: tables of functions."""
    node = graph_of(board, 'shell').named('shell_execute')[0]
    assert {'ps', 'echo', 'help'} <= {str(edge.target) for edge in node.edges}


# ---- Planted faults ----

@pytest.mark.parametrize('board', BOARDS)
def test_a_stack_too_small(board: str) -> None:
    problems = findings(board, 'small_stack').problems
    assert any(p.startswith('roomy: ') and 'bytes of stack in memory' in p and 'tests/callgraph/small_stack.c' in p
               for p in problems)
    assert any(p.startswith('deep_later: ') and 'bytes of stack in more_memory' in p for p in problems)
    steps = any(p.startswith('roomy: frames larger than the guard') and 'roomy 6' in p for p in problems)
    assert steps == (board in ('mps2-an385', 'virt-rv32'))  # the others have PSPLIM, or a painted word


@pytest.mark.parametrize('board', BOARDS)
def test_a_recursion(board: str) -> None:
    problem, = findings(board, 'recursion').problems
    assert problem.startswith('recursion: ') and 'sum' in problem and 'fibonacci' in problem


@pytest.mark.parametrize('board', BOARDS)
def test_a_pointer(board: str) -> None:
    problem, = findings(board, 'pointer').problems
    assert problem.startswith('main: whom it calls through a pointer is not known (tests/callgraph/pointer.c:')


@pytest.mark.parametrize('board', BOARDS)
def test_functions_that_must_not_switch(board: str) -> None:
    problems = '\n'.join(Blocking(graph_of(board, 'switches')).problems())
    assert re.search(r'^transfer\S* \(MUST_NOT_SWITCH in tests/callgraph/switches.c\) must not switch, and can: '
                     r'transfer\S* -> .*tell -> chan_send -> .*arch_switch$', problems, re.MULTILINE)
    assert "fire (a timer's function) must not switch, and can: fire -> sleep_ms -> " in problems
    assert 'nothing in tests/callgraph/switches.c must not switch, but was inlined everywhere' in problems


def test_targets_fail_and_say_why() -> None:
    for goal, app, why in (('stack', 'small_stack', 'roomy'), ('blocking', 'switches', 'transfer')):
        done = make('BUILD=build/test', 'BOARD=microbit', f'APP={app}', goal)
        assert done.returncode != 0 and why in done.stdout
    done = make('BUILD=build/test', 'BOARD=microbit', 'APP=switches', 'CHECK=1', 'TAG_EXTRA=-checked')
    assert done.returncode != 0 and 'transfer' in done.stdout
    assert not list((ROOT / 'build/test/microbit').glob('*-checked/switches.elf'))
    done = make('BUILD=build/test', 'BOARD=microbit', 'APP=sound', 'blocking', 'FN=sender')
    assert done.returncode == 0 and 'sender -> chan_send -> wait_' in done.stdout
    assert (ROOT / 'build/test/microbit').is_dir()


def test_a_path_is_told_with_all_that_is_wrong() -> None:
    def path_of(name: str, app: str = 'small_stack') -> tuple[int, str]:
        done = make('BUILD=build/test', 'BOARD=microbit', f'APP={app}', 'stack', f'FN={name}')
        return done.returncode, done.stdout

    failed, said = path_of('roomy')
    assert failed and 'roomy in memory: ' in said and 'stack: deep_later: ' in said
    failed, said = path_of('sender', 'sound')
    assert not failed and 'sender in memory: ' in said
    failed, said = path_of('rommy')
    assert failed and 'nothing begins in rommy; there are: run_main, deep_later, roomy, (poll context)' in said
