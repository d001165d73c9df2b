"""What one diagram sends, another receives."""

from __future__ import annotations

from typing import Any

from app.entered import identity
from app.processes.passing_on import Sending, pass_on
from rules import feel
from tasks.handlers.registry import Call, InputError, handles


@handles("process.message")
def send(call: Call) -> dict[str, Any]:
    kind, name = call.inputs.get("kind"), call.inputs.get("name")
    if kind not in ("message", "signal"):
        raise InputError("kind", "message or signal")
    if not isinstance(name, str):
        raise InputError("name", "a text")
    correlation = feel.from_typed_json(call.inputs.get("correlation") or {})
    sending = Sending(
        kind,
        name,
        feel.from_typed_json(call.inputs.get("payload") or {}),
        correlation.get("business_key"),
        correlation.get("keys") or {},
        identity(call.inputs.get("from_instance")),
    )
    return {"received": pass_on(call.org_id, call.key, sending, call.now)}
