"""Asking a web process whether it serves, without waiting for the answer."""

from __future__ import annotations

import socket
import time
from contextlib import suppress

PATIENCE_SECONDS = 20.0


class HttpProbe:
    """Call it now and then: true once the path answered 200.

    One question is open at a time: gunicorn listens long before its workers serve, and would find all
    questions waiting that were given up meanwhile.
    """

    def __init__(self, port: int, path: str) -> None:
        self._address = ("127.0.0.1", port)
        self._question = (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode()
        )
        self._connection: socket.socket | None = None
        self._asked_at = 0.0

    def __call__(self) -> bool:
        try:
            if self._connection is None:
                self._connection = self._ask()
            answer = self._connection.recv(4096)
        except BlockingIOError:
            if time.monotonic() - self._asked_at > PATIENCE_SECONDS:
                self._forget()
            return False
        except OSError:
            self._forget()
            return False
        self._forget()
        return answer.partition(b"\r\n")[0].split(b" ")[1:2] == [b"200"]

    def _ask(self) -> socket.socket:
        connection = socket.create_connection(self._address, 2)
        connection.sendall(self._question)
        connection.setblocking(False)
        self._asked_at = time.monotonic()
        return connection

    def _forget(self) -> None:
        with suppress(OSError):
            if self._connection:
                self._connection.close()
        self._connection = None
