"""Child processes that never outlive us, whatever happens to us."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

_PR_SET_PDEATHSIG = 1
# Loaded before any fork: a child may not load libraries between fork and exec.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def start(
    command: Sequence[str | Path],
    output: IO[bytes] | int,
    last_signal: signal.Signals = signal.SIGTERM,
    **options: Any,
) -> subprocess.Popen[bytes]:
    """Start a child in its own session that gets `last_signal` when we die, by kill -9 too.

    Linux sends it when the thread that started the child ends: start children from the main thread.
    """
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=_dying_with_parent(last_signal),  # noqa: PLW1509 # started by the main thread only
        **options,
    )


def _dying_with_parent(last_signal: signal.Signals) -> Callable[[], None]:
    parent = os.getpid()

    def prepare() -> None:
        if _libc is None:
            return
        _libc.prctl(_PR_SET_PDEATHSIG, int(last_signal))
        if os.getppid() != parent:
            os.kill(os.getpid(), last_signal)

    return prepare


def free_port() -> int:
    """Return a loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_port_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def stop(process: subprocess.Popen[bytes], how: signal.Signals, patience_seconds: float) -> bool:
    """Ask the process to stop and wait; kill it when patience ends. Say whether it stopped by itself."""
    if process.poll() is not None:
        return True
    process.send_signal(how)
    try:
        process.wait(patience_seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return False
    return True
