"""What one diagram sends, another receives."""

from __future__ import annotations

from typing import Any

from app.processes.passing_on import Sending, pass_on
from tasks.handlers.registry import Call, InputError, handles


@handles("process.message")
def send(call: Call) -> dict[str, Any]:
    kind, name = call.inputs.get("kind"), call.inputs.get("name")
    if kind not in ("message", "signal"):
        raise InputError("kind", "message or signal")
    if not isinstance(name, str):
        raise InputError("name", "a text")
    correlation = call.inputs.get("correlation") or {}
    sending = Sending(kind, name, call.inputs.get("payload") or {}, correlation.get("business_key"))
    return {"received": pass_on(call.org_id, call.key, sending, call.now)}
