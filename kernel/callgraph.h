// SPDX-License-Identifier: MIT
//
// What only people know of who calls whom, for `make stack` and `make blocking` (docs/stack.md). Each
// macro stands alone at file level, behind the function that it speaks of, and leaves a line in a
// section of the image that is not loaded: it costs no byte of flash.
//
//     CALLS(net_addr_parse, parse_ipv4, parse_ipv6); // (six ? parse_ipv6 : parse_ipv4)(text, bytes)
//     RECURSES(walk, 8);                             // a tree of 8 levels
//     MUST_NOT_SWITCH(swap_tables);                  // between these two, tables do not match
//     DOES_NOT_SWITCH(report, chan_send);            // with NOWAIT
//     ENDS_IN(consume, tcp_recved);                  // so little that no acknowledgement is sent
#pragma once

// The indirect calls in `function` reach the functions that follow, and no others.
#define CALLS(function, ...) CALLGRAPH_NOTE("calls " #function " : " #__VA_ARGS__)

// The function to which its caller gives it a pointer is what `function` calls, and what those that
// follow, its helpers, call: each caller's call then reaches only what that caller names.
#define CALLS_ARGUMENT(function, ...) CALLGRAPH_NOTE("calls_argument " #function " : " #__VA_ARGS__)

// At most `depth` calls of `function` are on one stack at a time.
#define RECURSES(function, depth) CALLGRAPH_NOTE("recurses " #function " : " #depth)

// The build fails if `function` can reach a switch to another tasklet.
#define MUST_NOT_SWITCH(function) CALLGRAPH_NOTE("must_not_switch " #function)

// What `function` calls with `callee` does not switch, though others' calls can: it passes NOWAIT.
#define DOES_NOT_SWITCH(function, callee) CALLGRAPH_NOTE("does_not_switch " #function " : " #callee)

// Called from `function`, `callee` calls nobody: what makes it go deeper is not so there.
#define ENDS_IN(function, callee) CALLGRAPH_NOTE("ends_in " #function " : " #callee)

#define CALLGRAPH_NOTE(text)                                                                       \
    __asm__(".pushsection .stint.callgraph,\"\",%progbits\n\t"                                     \
            ".asciz \"" __FILE__ " " text "\"\n\t"                                                 \
            ".popsection");                                                                        \
    struct callgraph_note // so that the macro is followed by a semicolon
