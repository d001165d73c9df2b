"""Handing a mail to the mail server that PLACET_SMTP_URL names."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

from app.errors import SettingError
from app.moments import utc_now
from app.orders.mails import Mail
from tasks import letters

TIMEOUT_SECONDS = 8
_PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class MailServer:
    """`smtp://user:secret@host:587?from=orders@example.com`; `smtps` encrypts from the first byte."""

    host: str
    port: int
    is_encrypted: bool
    user: str
    secret: str
    sender: str

    @classmethod
    def at(cls, url: str, base_url: str) -> Self:
        """Read the URL; raise SettingError where it cannot be one."""
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise SettingError("PLACET_SMTP_URL", parts.scheme, "smtp://host:port or smtps://host:port")
        sender = parse_qs(parts.query).get("from", [f"no-reply@{urlsplit(base_url).hostname}"])[0]
        return cls(
            host=parts.hostname,
            port=parts.port or _PORTS[parts.scheme],
            is_encrypted=parts.scheme == "smtps",
            user=unquote(parts.username or ""),
            secret=unquote(parts.password or ""),
            sender=sender,
        )

    def hand_over(self, mail: Mail, locale: str) -> str | None:
        """Return whom the server refused while it took the mail for others.

        Raises SMTPException or OSError where it took it for nobody.
        """
        with self._connect() as connection:
            if self.user:
                connection.login(self.user, self.secret)
            refused = connection.send_message(self._message(mail, locale))
        return f"refused for {', '.join(sorted(refused))}" if refused else None

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.is_encrypted:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_SECONDS, context=context)
        connection = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS)
        connection.ehlo()
        if connection.has_extn("starttls"):
            connection.starttls(context=context)
        elif self.user:
            connection.close()
            raise smtplib.SMTPException("the server offers no encryption, so it is not told the password")
        return connection

    def _message(self, mail: Mail, locale: str) -> EmailMessage:
        message = EmailMessage()
        message["Subject"] = mail.subject
        message["From"] = Address(mail.sender, addr_spec=self.sender)
        message["To"] = [Address(addr_spec=each) for each in mail.recipients]
        message["Date"] = format_datetime(utc_now())
        # The same for every attempt: a server that got it twice can tell.
        message["Message-ID"] = f"<{mail.id}@{self.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letters.to_text(mail.body))
        message.add_alternative(letters.to_html(mail.body, locale), subtype="html")
        return message
