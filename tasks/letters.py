"""Turning a Markdown template and some facts into a mail that reads well with and without HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from string import Template

from markdown_it import MarkdownIt
from markdown_it.token import Token

FOLDER = Path(__file__).parent / "templates" / "mail"
FALLBACK = "en"
_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&])")
_markdown = MarkdownIt("commonmark", {"html": False})
_PAGE = Template(
    '<!doctype html><html lang="$language"><body style="margin:0;padding:24px;background:#f6f7f9">'
    '<div style="max-width:560px;margin:0 auto;padding:24px 32px;background:#fff;border-radius:8px;'
    'font:15px/1.6 system-ui,sans-serif;color:#1d2129">$content</div></body></html>'
)


@cache
def names() -> frozenset[str]:
    """Return the templates that there are."""
    return frozenset(file.stem for file in (FOLDER / FALLBACK).glob("*.md"))


def fill(template: str, locale: str, facts: Mapping[str, str]) -> tuple[str, str]:
    """Return a mail's subject, in plain text, and its body, in Markdown."""
    text = _text_of(template, locale.partition("_")[0])
    head, _, body = text.partition("\n")
    subject = Template(head.removeprefix("# ")).safe_substitute(facts)
    # What people typed is text here: no link and no emphasis of theirs gets into a mail of ours.
    escaped = {
        name: value if name.endswith("url") else _SPECIAL.sub(r"\\\1", " ".join(value.split()))
        for name, value in facts.items()
    }
    return " ".join(subject.split()), Template(body).safe_substitute(escaped).strip() + "\n"


@cache
def _text_of(template: str, language: str) -> str:
    for folder in (language, FALLBACK):
        file = FOLDER / folder / f"{template}.md"
        if file.is_file():
            break
    return file.read_text("utf-8")


def to_html(body: str, locale: str) -> str:
    """Return a body as a page of its own."""
    return _PAGE.substitute(language=locale.replace("_", "-"), content=_markdown.render(body))


def to_text(body: str) -> str:
    """Return a body as plain text, with the addresses of its links."""
    return "\n\n".join(_blocks(_markdown.parse(body))) + "\n"


def _blocks(tokens: list[Token]) -> Iterator[str]:
    for index, token in enumerate(tokens):
        if token.type == "inline":
            in_list = index >= 2 and tokens[index - 2].type == "list_item_open"
            yield ("- " if in_list else "") + "".join(_words(token.children or []))


def _words(tokens: list[Token]) -> Iterator[str]:
    address = ""
    for token in tokens:
        if token.type in ("text", "code_inline"):
            yield token.content
        elif token.type in ("softbreak", "hardbreak"):
            yield "\n"
        elif token.type == "link_open":
            address = str(token.attrs["href"])
        elif token.type == "link_close":
            yield f": {address}"
