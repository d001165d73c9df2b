"""Both languages say everything: nothing is missing, half done or left in English in a page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "app" / "translations" / "zh_Hans_CN" / "LC_MESSAGES" / "messages.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|\{\w+\}|%%")
TEMPLATES = sorted((ROOT / "app" / "templates").rglob("*.html"))
# Names, keys and signs, which are the same in every language.
SAME_EVERYWHERE = re.compile(r"Placet|placet|Ctrl [A-Z]|Enter|\bUTC\b|\bAPI\b|\bCSV\b|&\w+;|https://")


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with FILE.open("rb") as file:
        return read_po(file, locale="zh_Hans_CN")


def key_of(message: Message) -> str:
    return str(message.id if isinstance(message.id, str) else message.id[0])


def texts_of(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else [str(text) for text in message.string]


def said_in_the_code() -> set[str]:
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    keywords: dict[str, Any] = {**DEFAULT_KEYWORDS, "worded": None}
    found = extract_from_dir(ROOT, methods, options, keywords)
    return {text if isinstance(text, str) else text[0] for _, _, text, _, _ in found} - {""}


def test_the_catalogue_holds_what_the_code_says_and_nothing_else(catalogue: Catalog) -> None:
    said = said_in_the_code()
    held = {key_of(message) for message in catalogue if message.id}

    assert said - held == set(), "run make messages and translate what is new"
    assert held - said == set(), "run make messages"


def test_every_message_is_translated_and_none_is_a_guess(catalogue: Catalog) -> None:
    open_ones = [
        key_of(message)
        for message in catalogue
        if message.id and (message.fuzzy or not all(text.strip() for text in texts_of(message)))
    ]

    assert open_ones == []


def test_a_translation_fills_in_what_its_message_fills_in(catalogue: Catalog) -> None:
    different = [
        key_of(message)
        for message in catalogue
        if message.id
        for text in texts_of(message)
        if sorted(PLACEHOLDER.findall(text)) != sorted(PLACEHOLDER.findall(key_of(message)))
    ]

    assert different == []


def test_chinese_is_written_as_chinese(catalogue: Catalog) -> None:
    wrong = [
        text
        for message in catalogue
        if message.id
        for text in texts_of(message)
        if re.search(r"[\u4e00-\u9fff][,.;:!?]|[!?;:,][\u4e00-\u9fff]|你|！|[０-９]", text)
    ]

    assert wrong == []


@pytest.mark.parametrize(
    "template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "app/templates"))
)
def test_a_template_has_no_text_of_one_language(template: Path) -> None:
    source = re.sub(r"\{#.*?#\}", "", template.read_text("utf-8"), flags=re.S)
    source = re.sub(r"\{% block main_class %\}.*?\{% endblock %\}", "", source)
    source = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "\0", source, flags=re.S)
    source = re.sub(r"<(script|style|code|kbd|svg)\b.*?</\1>", "", source, flags=re.S)
    attributes = re.findall(r'\b(?:aria-label|placeholder|title|alt)="([^"]*)"', source)
    between_tags = re.sub(r"<[^>]*>", "\0", source).split("\0")

    said = [SAME_EVERYWHERE.sub("", text).strip() for text in (*attributes, *between_tags)]
    assert [text for text in said if re.search(r"[A-Za-z]{2,}", text)] == []


def test_lists_are_joined_in_the_language_of_the_reader() -> None:
    # A comma that stands in a template as it is stays half as wide on a Chinese page; an address may.
    literal = re.compile(
        r"""(?<!\|select\|)join\(["'][,;] ["']\)"""
        r"""|\{\{ ["'][,;:] ["'] if not loop\.last|if not loop\.last %\}[,;:] """
    )

    found = [
        f"{file.name}: {line.strip()[:60]}"
        for file in TEMPLATES
        for line in file.read_text("utf-8").splitlines()
        if literal.search(line)
    ]

    assert found == []
