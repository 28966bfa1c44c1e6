# SPDX-License-Identifier: MIT
"""Who calls whom in a linked image, and how deep each stack can become. docs/stack.md says what is
known from where:

    elf.py      the image: functions, bytes, records of kernel/callgraph.h
    thumb.py, riscv.py, flow.py   its machine code: depth at each call
    ci.py       what the compiler says of each function (-fcallgraph-info=su)
    dwarf.py    types of functions, of pointers to functions and of objects
    sources.py  what is written where an indirect call or a spawn stands
    spawns.py   which functions are tasklets, and in which memory
    notes.py    annotations: records in the image, and tools/callgraph/*.txt for libraries
    graph.py    all of it in one graph
    paths.py    the deepest path from a function, and recursion
    stacks.py   the stacks of an image, and how deep each can become
    blocking.py who can switch to another tasklet, and who must not
"""
