"""A whole Placet for the browser tests: `placet run` in an empty folder, with its demo business."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import orjson
from playwright.sync_api import BrowserContext

from tasks import children
from tests.servers import ROOT

READY_SECONDS = 120
# Shorter than in real life, so that a walk of many decisions stays short.
UNDO_SECONDS = 3


class Serving:
    """The running installation: where it is, and who may sign in."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.port, self.events_port = children.free_port(), children.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        # Those whom tests have added to the demo: their passwords by their e-mail address.
        self.added: dict[str, str] = {}
        self._log = var.with_name("run.log")
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tasks.cli", "run"],
                cwd=ROOT,
                env=self._environ(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def _environ(self) -> dict[str, str]:
        ours = {name: value for name, value in os.environ.items() if not name.startswith("PLACET_")}
        return {
            **ours,
            "PLACET_VAR": str(self.var),
            "PLACET_PORT": str(self.port),
            "PLACET_EVENTS_PORT": str(self.events_port),
            "PLACET_UNDO_SECONDS": str(UNDO_SECONDS),
            "PLACET_RATE_LIMITS": "off",
        }

    def wait_until_ready(self) -> None:
        end = time.monotonic() + READY_SECONDS
        while "Ctrl-C stops everything." not in self.said() or not self._listens(self.events_port):
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < end, self.said()
            time.sleep(0.1)

    @staticmethod
    def _listens(port: int) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    def said(self) -> str:
        return self._log.read_text()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def sign_in(self, context: BrowserContext, name: str) -> None:
        """Open a session for somebody of the demo: mia, jon, chen, ana, sam, olga, or who was added."""
        demo = orjson.loads((self.var / "demo.json").read_bytes())
        passwords = {each["email"]: each["password"] for each in demo["people"]} | self.added
        email = next(each for each in passwords if each.startswith(f"{name}@"))
        form = {"email": email, "password": passwords[email]}
        answer = context.request.post(f"{self.url}/sign-in", form=form, max_redirects=0)
        assert answer.status == 303, f"{name} could not sign in: {answer.status}"
