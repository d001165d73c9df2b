"""What the children say, line by line, each behind the name of who said it."""

from __future__ import annotations

import os
import selectors
from collections.abc import Callable
from typing import IO

_SHOWN_WIDTH = 7


class Outputs:
    """Reads any number of pipes without ever waiting for one of them."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._selector = selectors.DefaultSelector()
        self._unfinished: dict[int, bytes] = {}
        self._unsaid: dict[str, tuple[str, ...]] = {}
        self.last_lines: dict[str, str] = {}

    def add(self, name: str, pipe: IO[bytes], unsaid: tuple[str, ...] = ()) -> None:
        """Read this pipe too; lines with one of the texts in `unsaid` are passed over."""
        self._unsaid[name] = unsaid
        os.set_blocking(pipe.fileno(), False)
        self._unfinished[pipe.fileno()] = b""
        self._selector.register(pipe, selectors.EVENT_READ, name)

    def pump(self, patience_seconds: float) -> None:
        """Write the lines that arrive within this time; return as soon as some did."""
        for key, _events in self._selector.select(patience_seconds):
            pipe: IO[bytes] = key.fileobj  # type: ignore[assignment] # we register nothing else
            data = os.read(key.fd, 65536)
            *lines, rest = (self._unfinished[key.fd] + data).split(b"\n")
            self._unfinished[key.fd] = rest
            self._say(key.data, lines if data else [*lines, rest])
            if not data:
                self._selector.unregister(pipe)
                pipe.close()

    def close(self) -> None:
        """Read what is there already, then let go of all pipes."""
        while self._selector.get_map() and self._selector.select(0):
            self.pump(0)
        for key in list(self._selector.get_map().values()):
            self._selector.unregister(key.fileobj)
            key.fileobj.close()  # type: ignore[union-attr] # we register nothing else than pipes
        self._selector.close()

    def _say(self, name: str, lines: list[bytes]) -> None:
        for line in lines:
            text = line.decode(errors="replace").rstrip()
            if text and not any(each in text for each in self._unsaid[name]):
                self.last_lines[name] = text
                self._write(f"{name:<{_SHOWN_WIDTH}}| {text}")
