"""Signs of life: each part gives its own, and a process is as alive as its quietest part."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tasks import pulse
from tasks.commands import alive
from tasks.errors import SilentProcessError
from tasks.pulse import Pulse, silence


def age(var: Path, part: str, seconds: float) -> None:
    (file,) = (var / "alive").glob(f"*.{part}")
    then = time.time() - seconds
    os.utime(file, (then, then))


def test_a_part_beats_at_once_and_then_now_and_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(pulse.time, "monotonic", lambda: now[0])
    beating = Pulse(tmp_path, "worker")

    beating.beat()
    age(tmp_path, "worker", 30)
    now[0] += pulse.BEAT_SECONDS - 0.1
    beating.beat()
    assert silence(tmp_path, "worker") == pytest.approx(30, abs=1)

    now[0] += 0.1
    beating.beat()
    assert silence(tmp_path, "worker") == pytest.approx(0, abs=1)


def test_a_relay_is_as_alive_as_its_quieter_part(tmp_path: Path) -> None:
    Pulse(tmp_path, "clock").beat()
    assert silence(tmp_path, "relay") == float("inf")

    Pulse(tmp_path, "publisher").beat()
    age(tmp_path, "publisher", 70)

    with pytest.raises(SilentProcessError, match="relay: no sign of life for 70 s"):
        alive.run(tmp_path, "relay", print)


def test_who_never_began_is_not_alive(tmp_path: Path) -> None:
    with pytest.raises(SilentProcessError, match=r"^worker: no sign of life$"):
        alive.run(tmp_path, "worker", print)


def test_who_lives_says_since_when(tmp_path: Path) -> None:
    said: list[str] = []
    Pulse(tmp_path, "worker").beat()

    alive.run(tmp_path, "worker", said.append)

    assert said == ["worker: alive 0 s ago"]
