# SPDX-License-Identifier: MIT
"""No global symbol of ours may be one of the C libraries', of POSIX, or of the libraries that firmware
links: lwIP, mbedTLS, littlefs, TinyUSB. A linker would silently take one of the two."""
from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

from harness.build import Image, build
from harness.checks import Report
from harness.tree import ROOT

BOARDS = ('mps2-an386', 'virt-rv32', 'host')  # one per architecture and C library
APP = 'hello'
OVERRIDES = Path(__file__).with_name('overrides.txt')

# What others call their public functions. The list is short because these prefixes are theirs alone.
PREFIXES = re.compile('''
    (tcp|udp|ip|ip4|ip6|icmp|igmp|arp|etharp|ethernet|netif|netbuf|netconn|pbuf|mem|memp|sys|lwip|dhcp|
     dns|raw|altcp|api|tcpip|inet|acd|autoip|nd6|mld6|ethip6|stats|                           # lwIP
     mbedtls|psa|                                                                            # mbedTLS
     lfs|lfs1|lfs2|                                                                          # littlefs
     tud|tuh|tusb|dcd|hcd|usbd|usbh|cdcd|cdch|hidd|hidh|mscd|msch|osal                       # TinyUSB
    )_.*''', re.VERBOSE)


def defined(nm: str, *words: str) -> list[tuple[str, str]]:
    """(member or file, symbol) for each global symbol that is defined in an archive or object."""
    done = subprocess.run([nm, '--defined-only', '--extern-only', *words], cwd=ROOT, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    member, found = '', []
    for line in done.stdout.splitlines():
        if line.endswith(':'):
            member = line[:-1]
        elif match := re.fullmatch(r'\s*[0-9a-f]* (\w) (\S+)', line):
            found.append((member, match[2].split('@')[0]))
    return found


def libraries_of(image: Image) -> list[str]:
    """The archives of others that the linker looked at, and the mathematics beside the C library."""
    if image.board == 'host':
        return []
    loaded = re.findall(r'^LOAD (\S+\.a)$', image.map.read_text(), re.MULTILINE)
    paths = [Path(path) for path in loaded if not path.endswith('libstint.a')]
    paths += [path.with_name('libm.a') for path in paths if path.name.startswith('libc')]
    return sorted({str(path) for path in paths if path.exists()})


@cache
def of_the_system() -> dict[str, str]:
    """What this machine's C library defines: POSIX and more. Programs for the host link with it."""
    path = subprocess.run(['gcc', '-print-file-name=libc.so.6'], stdout=subprocess.PIPE, text=True,
                          check=True).stdout.strip()
    return {name: 'POSIX' for _, name in defined('nm', '-D', path)}


def foreign(image: Image) -> dict[str, str]:
    """Symbols of others, and whose each is."""
    names = dict(of_the_system())
    for path in libraries_of(image):
        library = Path(path).parts[-1]
        names.update({name: library for _, name in defined(f'{image.variables["CROSS"]}nm', path)})
    return names


def overrides() -> dict[str, str]:
    """Our symbols that stand in for one of theirs on purpose, with the reason."""
    lines = [line for line in OVERRIDES.read_text().splitlines() if line and not line.startswith('#')]
    return dict(line.split(None, 1) for line in lines)


def problems_of(ours: list[tuple[str, str]], others: dict[str, str], allowed: dict[str, str],
                board: str) -> list[str]:
    found = []
    for member, name in ours:
        owner = others.get(name) or ('a prefix of another library' if PREFIXES.fullmatch(name) else None)
        if owner and name not in allowed:
            where = re.sub(r'^.*/(?=\w+/(\w+/)?[\w-]+\.o$)', '', member)
            found.append(f'{name} in {where} ({board}): also in {owner}')
    return found


def check() -> Report:
    report, count, allowed = Report(), 0, overrides()
    for board in BOARDS:
        image = build(board, APP)
        ours = defined(f'{image.variables["CROSS"]}nm', str(image.library))
        count += len(ours)
        report.problems += problems_of(ours, foreign(image), allowed, board)
    report.about = f'{count} global symbols on {", ".join(BOARDS)}'
    return report
