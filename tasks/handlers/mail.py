"""Mails: kept first, then handed over by a call of their own, so that no order waits for a mail server."""

from __future__ import annotations

from smtplib import SMTPAuthenticationError, SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Any

from app.config import settings
from app.needs import reminding
from app.orders import mails
from tasks import letters
from tasks.edge import said
from tasks.handlers.registry import Call, HopelessError, InputError, handles, id_input
from tasks.mail_server import MailServer

# A reminder of a need tells facts that no order has; "need.remind" writes it.
OF_ORDERS = letters.names() - {reminding.TEMPLATE}


@handles("mail.send")
def send(call: Call) -> dict[str, Any]:
    """Keep the mail; the diagram goes on at once (docs/adr/0010)."""
    template, to = str(call.inputs.get("template") or ""), str(call.inputs.get("to") or "")
    if template not in OF_ORDERS:
        raise InputError("template", f"one of {', '.join(sorted(OF_ORDERS))}")
    if not to:
        raise InputError("to", "customer, requester, the key of a team or an address")
    order_id = id_input(call, "order_id") if call.inputs.get("order_id") else None
    letter = mails.compose(call.org_id, order_id, to)
    subject, body = letters.fill(template, letter.locale, letter.facts)
    written = mails.Written(order_id, template, letter, subject, body)
    mails.keep(call.org_id, call.key, written, call.now)
    return {}


@handles(mails.DELIVER)
def deliver(call: Call) -> dict[str, Any]:
    """Hand a kept mail to the server; a second run after success does nothing."""
    mail_id = id_input(call, "mail_id")
    mail = mails.waiting(call.org_id, mail_id)
    if mail is None:
        return {}
    server = MailServer.at(settings().smtp_url, settings().base_url)
    try:
        refused = server.hand_over(mail, str(call.inputs.get("locale")))
    except (SMTPException, OSError, ValueError) as error:
        mails.note(call.org_id, mail_id, None, said(error))
        if _is_final(error):
            raise HopelessError(f"the mail server refuses it: {said(error)}") from error
        raise
    mails.note(call.org_id, mail_id, call.now, refused)
    return {}


def _is_final(error: Exception) -> bool:
    """Say whether the server, or the address itself, will never let this mail through (RFC 5321: 5yz)."""
    if isinstance(error, SMTPAuthenticationError):
        return False  # the password is the operator's to mend, for all mails at once
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, ValueError) or (
        isinstance(error, SMTPResponseException) and error.smtp_code >= 500
    )
