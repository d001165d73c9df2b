"""An instance that is never saved nor loaded: the verbs are given it where they would read a state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from unittest.mock import patch

import workflows
from workflows import presence, running, state
from workflows.instance import Instance

OF_ONE_STEP = (
    *(
        "events",
        "milestones",
        "closed",
        "withdrawn",
        "new_incidents",
        "overtaken",
        "sent",
        "opened",
        "called",
    ),
)
"""What an instance holds of what happened since it was loaded."""


class Kept:
    def __init__(self, deployment: workflows.Deployment) -> None:
        self.deployment = deployment
        self.instance: Any = None

    def start(self, *arguments: Any, **more: Any) -> workflows.Step:
        kept = self

        class Seen(Instance):
            def __init__(self, *words: Any) -> None:
                kept.instance = self
                super().__init__(*words)

        with patch.object(running, "Instance", Seen):
            return workflows.start(self.deployment, *arguments, **more)

    def do(self, verb: Callable[..., workflows.Step], *arguments: Any, **more: Any) -> workflows.Step:
        with patch.object(state, "load", self._as_loaded):
            return verb(self.deployment, b"", *arguments, **more)

    def _as_loaded(self, before: bytes, deployment: workflows.Deployment, now: datetime) -> Any:
        for name in OF_ONE_STEP:
            setattr(self.instance, name, [])
        self.instance.now = now
        presence.remember(self.instance)
        return self.instance
