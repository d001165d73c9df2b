"""What the diagram of needs asks of machines: reminding whoever looks after one."""

from __future__ import annotations

from typing import Any

from app.needs import reminding
from app.orders import mails
from tasks import letters
from tasks.handlers.registry import Call, handles, id_input


@handles("need.remind")
def remind(call: Call) -> dict[str, Any]:
    """Write to the owner, and into the need's history; the diagram goes on at once."""
    need_id = id_input(call, "need_id")
    letter = reminding.compose(call.org_id, need_id)
    if letter is None:
        return {}
    subject, body = letters.fill(reminding.TEMPLATE, letter.locale, letter.facts)
    mails.keep(
        call.org_id, call.key, mails.Written(None, reminding.TEMPLATE, letter, subject, body), call.now
    )
    reminding.note(call.org_id, call.key, need_id, call.now)
    return {}
