"""A worker or relay of the real kind, with handlers that leave a trace, fail, or kill their worker.

`python -m tests.tasks.probe worker|relay` runs on the environment's `PLACET_*`.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.observing import request_id
from tasks import environment, relay, worker
from tasks.handlers import BusinessError, Call, handles

TRACES = "traces.log"


def _trace(call: Call, text: str) -> None:
    """Append one line at once: a line is never half written, and never lost by a kill."""
    line = f"{call.key} {text} {request_id()}\n".encode()
    file = os.open(Path(os.environ["PLACET_VAR"]) / TRACES, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(file, line)
    os.close(file)


@handles("probe.trace")
def trace(call: Call) -> Mapping[str, Any]:
    _trace(call, "done")
    return {"traced": True}


@handles("probe.refuse")
def refuse(call: Call) -> Mapping[str, Any]:
    raise BusinessError("out_of_stock", "nothing is left")


@handles("probe.fail")
def fail(call: Call) -> Mapping[str, Any]:
    _trace(call, "failed")
    raise ValueError("the supplier's machine is on fire")


@handles("probe.die")
def die(call: Call) -> Mapping[str, Any]:
    _trace(call, "died")
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


if __name__ == "__main__":
    settings = environment.prepare()
    if sys.argv[1] == "worker":
        worker.run(settings, concurrency=2)
    else:
        relay.run(settings)
