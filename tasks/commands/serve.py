"""`placet serve`: the web process, gunicorn with threads."""

from __future__ import annotations

import os
import sys


def run(host: str, port: int, workers: int, threads: int) -> None:
    """Become gunicorn; on SIGTERM the requests at work are finished first."""
    words = [
        "-m",
        "gunicorn",
        "--worker-class=gthread",
        f"--workers={workers}",
        f"--threads={threads}",
        f"--bind={host}:{port}",
        "--graceful-timeout=20",
        "--timeout=60",
        "--keep-alive=5",
        "--no-control-socket",
        "--log-level=warning",
        "tasks.web:application()",
    ]
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *words])  # noqa: S606 # no shell is wanted
