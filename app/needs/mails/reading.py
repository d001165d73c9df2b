"""A message in the shapes in which mail services hand it over, and what of it its sender wrote now."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from html.parser import HTMLParser
from typing import Any

from app.entered import plain_text
from app.errors import InvalidError

# The names of the services that most use; letters are compared without case, hyphens and underscores.
_FROM = ("fromfull", "from", "sender", "fromemail")
_SUBJECT = ("subject",)
_REPLY = ("strippedtextreply", "strippedtext", "replyplain")
_TEXT = ("text", "textbody", "bodyplain", "plain", "plaintext")
_HTML = ("html", "htmlbody", "bodyhtml", "strippedhtml")
_ID = ("messageid", "internetmessageid")
_QUOTED = re.compile(
    r"^(?:On .{5,200} wrote:|Am .{5,200} schrieb.{0,200}:|在.{5,200}写道[:：]|.{0,200}于.{5,80}写道[:：]"
    r"|-{2,} ?(?:Original Message|Forwarded message|Original-Nachricht|原始邮件|转发邮件).*"
    r"|_{10,}|(?:From|Von|发件人) ?[:：] .+)$",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(r"^(?:-- ?|—|发自我的.*|Sent from my .*|Von meinem .* gesendet)$", re.IGNORECASE)
_HEADER_ID = re.compile(r"^message-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")
_ADDRESS_LIMIT = 190


@dataclass(frozen=True, slots=True)
class Message:
    """What counts of a message; `digest` is what it is known by when it comes again."""

    digest: str
    name: str
    address: str
    subject: str
    text: str


def message_of(given: Mapping[str, Any]) -> Message:
    """Read a message; raise InvalidError naming what is missing."""
    fields = _flat(given)
    name, address = _sender(fields)
    subject = _first(fields, _SUBJECT)
    html = _first(fields, _HTML)
    text = written_now(_first(fields, _REPLY) or _first(fields, _TEXT) or (_text_of(html) if html else ""))
    wrong: dict[str, list[str]] = {}
    if not address:
        wrong["from"] = ["is no e-mail address"]
    if not text and not subject:
        wrong["text"] = ["is empty"]
    if wrong:
        raise InvalidError("the message was not taken", dict(wrong))
    known_by = _message_id(fields) or "\x1f".join((address, subject, text))
    return Message(hashlib.sha256(known_by.encode()).hexdigest(), name, address, subject, text)


def _flat(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields by their plain names; headers that come as an object are among them."""
    fields = {_plain(name): value for name, value in given.items()}
    headers = fields.get("headers")
    if isinstance(headers, Mapping):
        fields = {**{_plain(name): value for name, value in headers.items()}, **fields}
    return fields


def _plain(name: str) -> str:
    return re.sub(r"[\s_\-]", "", str(name)).lower()


def _first(fields: Mapping[str, Any], names: tuple[str, ...]) -> str:
    found = (fields[name] for name in names if isinstance(fields.get(name), str) and fields[name].strip())
    return plain_text(next(found, "").replace("\r\n", "\n").replace("\x00", "")).strip()


def _sender(fields: Mapping[str, Any]) -> tuple[str, str]:
    for name in _FROM:
        said = fields.get(name)
        if isinstance(said, Mapping):
            parts = {_plain(key): str(value) for key, value in said.items()}
            found = parts.get("name", ""), parts.get("email", "") or parts.get("address", "")
        else:
            found = parseaddr(said) if isinstance(said, str) else ("", "")
        if _ADDRESS.fullmatch(found[1]) and len(found[1]) <= _ADDRESS_LIMIT:
            return plain_text(found[0])[:_ADDRESS_LIMIT], plain_text(found[1])
    return "", ""


def _message_id(fields: Mapping[str, Any]) -> str:
    said = _first(fields, _ID)
    if not said and isinstance(fields.get("headers"), str):
        header = _HEADER_ID.search(fields["headers"])
        said = header[1] if header else ""
    return said.strip("<>")


def written_now(text: str) -> str:
    """Return what the sender wrote in this message: without what they quote, and without their signature."""
    kept: list[str] = []
    for line in text.splitlines():
        if _QUOTED.match(line.strip()) or _SIGNATURE.match(line.rstrip("\n")):
            break
        if not line.startswith(">"):
            kept.append(line.rstrip())
    written = re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()
    # A message that is all quotation is better kept whole than empty.
    return written or text.strip()


class _Text(HTMLParser):
    _HIDDEN = frozenset({"script", "style", "head", "title", "blockquote"})
    _BREAKS = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in self._HIDDEN
        if tag in self._BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in self._HIDDEN and self._hidden > 0
        if tag in self._BREAKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(re.sub(r"\s+", " ", data))


def _text_of(html: str) -> str:
    parser = _Text()
    parser.feed(html)
    parser.close()
    lines = (line.strip() for line in "".join(parser.parts).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
