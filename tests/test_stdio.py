# SPDX-License-Identifier: MIT
"""The C library's stdio in tasklets: the same function in conversation on two serial ports at once."""
import socket
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 60


class Port:
    """One end of a serial port, with the text that has come so far."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end
        self.seen = ""
        end.settimeout(LIMIT)

    def expect(self, text: str) -> None:
        while text not in self.seen:
            got = self.end.recv(4096)
            assert got, f"the port closed while waiting for {text!r} after {self.seen!r}"
            self.seen += got.decode(errors="replace")
        self.seen = self.seen[self.seen.index(text) + len(text):]

    def send(self, text: str) -> None:
        self.end.sendall(text.encode())


def listen(path: Path) -> socket.socket:
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    server.listen(1)
    server.settimeout(LIMIT)
    return server


def test_two_conversations_at_once() -> None:
    subprocess.run(["make", "-s", "BOARD=mps2-an386", "APP=stdio"], cwd=ROOT, check=True)
    image = next((ROOT / "build" / "mps2-an386").glob("O2-stdio/stdio.elf"))
    with tempfile.TemporaryDirectory() as folder:
        servers = [listen(Path(folder) / f"uart{i}") for i in range(2)]
        machine = subprocess.Popen(
            ["qemu-system-arm", "-M", "mps2-an386", "-display", "none", "-monitor", "none",
             "-serial", f"unix:{folder}/uart0", "-serial", f"unix:{folder}/uart1",
             "-kernel", str(image)], stdin=subprocess.DEVNULL)
        try:
            a, b = (Port(server.accept()[0]) for server in servers)
            a.expect("Port 0: numbers")
            b.expect("Port 1: numbers")
            a.send("1\r")
            a.expect("sum 1\r\n")
            b.send("10\r\n")  # CR LF is one end of line, not an empty line as well
            b.expect("sum 10\r\n")
            a.send("99999999999999999999\n")  # errno is ERANGE here ...
            a.expect("not a number")
            b.send("20\n")  # ... and not there
            b.expect("sum 30\r\n")
            a.send("2\r")  # half a line there, while the other goes on here
            b.send("4")
            a.expect("sum 3\r\n")
            b.send("0\r\r")
            b.expect("sum 70\r\n")
            b.expect("Port 1: the sum is 70.")
            a.send("\r")
            a.expect("Port 0: the sum is 3.")
        finally:
            machine.kill()
            machine.wait()
