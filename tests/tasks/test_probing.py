"""The readiness probe asks once, and waits as long as a starting process needs."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tasks import children
from tasks.probing import HttpProbe


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Listens like gunicorn before its workers are there: it accepts, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        found.settimeout(5)
        yield found


def answer(listener: socket.socket, status: str) -> bytes:
    """Take one question and answer it; return the question."""
    connection, _ = listener.accept()
    with connection:
        question = connection.recv(4096)
        connection.sendall(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
    return question


def settled(probe: HttpProbe) -> bool:
    return any(probe() for _ in range(200_000))


def test_a_process_is_ready_when_it_answers_200(listener: socket.socket) -> None:
    probe = HttpProbe(listener.getsockname()[1], "/healthz")
    assert not probe()

    question = answer(listener, "200 OK")

    assert question.startswith(b"GET /healthz HTTP/1.1\r\n")
    assert settled(probe)


def test_a_process_that_does_not_answer_yet_is_asked_once(listener: socket.socket) -> None:
    probe = HttpProbe(listener.getsockname()[1], "/healthz")

    assert not any(probe() for _ in range(20))

    listener.accept()[0].close()
    listener.settimeout(0.1)
    with pytest.raises(TimeoutError):
        listener.accept()


def test_an_error_is_not_readiness_and_is_asked_again(listener: socket.socket) -> None:
    probe = HttpProbe(listener.getsockname()[1], "/healthz")
    assert not probe()
    answer(listener, "503 Service Unavailable")
    while probe._connection:
        assert not probe()
    assert not probe()

    answer(listener, "200 OK")

    assert settled(probe)


def test_nobody_listening_is_not_ready() -> None:
    probe = HttpProbe(children.free_port(), "/healthz")

    assert not probe()
