"""The supervisor: order, restarts, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tasks.errors import ServiceFailedError
from tasks.supervise import Service, Supervisor
from tests.servers import ROOT

# Says when it starts and when it is told to stop, and ignores nothing.
OBEDIENT = """
import signal, sys, time
def leave(*_):
    print("stopping", flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
print("started", flush=True)
time.sleep(60)
"""
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
time.sleep(60)
"""


def a_service(name: str, program: str = OBEDIENT, **options: object) -> Service:
    return Service(name, [sys.executable, "-c", program], **options)  # type: ignore[arg-type] # its own fields


def serve_until(supervisor: Supervisor, done: Callable[[], bool], patience_seconds: float = 30) -> None:
    """Run the supervisor here, in the main thread, and tell it to stop when `done` holds."""

    def tell() -> None:
        end = time.monotonic() + patience_seconds
        while not done() and time.monotonic() < end:
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGTERM)

    teller = threading.Thread(target=tell)
    teller.start()
    supervisor.run()
    teller.join()


def test_services_start_in_order_each_when_the_one_before_is_ready() -> None:
    said: list[str] = []
    first = a_service("first", is_ready=lambda: "first  | started" in said)
    second = a_service("second", when_ready=lambda: said.append("second is ready"))
    supervisor = Supervisor([first, second], ["second", "first"], said.append)

    serve_until(supervisor, lambda: "second is ready" in said and "second | started" in said)

    assert said.index("first  | started") < said.index("second is ready")


def test_services_stop_in_the_order_that_is_asked_for() -> None:
    said: list[str] = []
    supervisor = Supervisor([a_service("broker"), a_service("web")], ["web", "broker"], said.append)

    serve_until(supervisor, lambda: sum("started" in line for line in said) == 2)

    assert [line for line in said if "stopping" in line] == ["web    | stopping", "broker | stopping"]


def test_a_service_that_dies_is_started_again() -> None:
    said: list[str] = []
    supervisor = Supervisor([a_service("web")], ["web"], said.append)

    def died_once_and_came_back() -> bool:
        starts = said.count("web    | started")
        if (
            starts == 1
            and not any("starts again" in line for line in said)
            and (pid := supervisor.pid("web"))
        ):
            os.kill(pid, signal.SIGKILL)
        return starts == 2

    serve_until(supervisor, died_once_and_came_back)

    assert said[1] == "web ended with -9; it starts again in 0.25 s"


def test_what_helps_nobody_is_not_passed_on() -> None:
    said: list[str] = []
    chatty = 'print("aside", flush=True); print("of use", flush=True); import time; time.sleep(60)'
    supervisor = Supervisor([a_service("web", chatty, unsaid=("asid",))], ["web"], said.append)

    serve_until(supervisor, lambda: "web    | of use" in said)

    assert said == ["web    | of use"]


def test_a_service_that_never_gets_ready_stops_everything_and_names_its_last_words() -> None:
    said: list[str] = []
    broken = a_service("web", "raise SystemExit('no such table')", is_ready=lambda: False)
    supervisor = Supervisor([a_service("broker"), broken], ["web", "broker"], said.append)

    with pytest.raises(ServiceFailedError, match="web ended 3 times before it was ready: no such table"):
        supervisor.run()

    assert said[-1] == "broker | stopping"


def test_a_service_that_does_not_stop_is_killed_when_its_time_is_over() -> None:
    said: list[str] = []
    supervisor = Supervisor([a_service("web", STUBBORN, stop_seconds=0.3)], ["web"], said.append)

    serve_until(supervisor, lambda: "web    | up" in said)

    assert said[-1] == "web did not stop within 0.3 s; it is killed"
    assert supervisor.pid("web") is None


def test_nothing_survives_a_killed_supervisor() -> None:
    program = textwrap.dedent(
        """
        import sys
        from tasks.supervise import Service, Supervisor
        child = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
        services = [Service(name, [sys.executable, "-c", child]) for name in ("one", "two")]
        say = lambda line: print(line.split()[-1], flush=True)
        Supervisor(services, ["one", "two"], say).run()
        """
    )
    supervisor = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert supervisor.stdout
    children = [int(supervisor.stdout.readline()) for _ in range(2)]

    supervisor.kill()
    supervisor.wait()

    deadline = time.monotonic() + 5
    while any(is_alive(child) for child in children) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(is_alive(child) for child in children)


def is_alive(process: int) -> bool:
    """A zombie that nobody has waited for is not alive."""
    try:
        return "State:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return False
