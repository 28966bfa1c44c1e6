# SPDX-License-Identifier: MIT
"""What the scripts in tools/ and the tests in tests/ share: building, running and looking at images.

Standard library only, but for machine.py, which types at consoles through pexpect.
"""
