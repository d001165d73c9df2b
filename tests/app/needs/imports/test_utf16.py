"""Files in UTF-16 are read as any other: nothing is lost, and what is broken costs its own row."""

from __future__ import annotations

import io

import pytest

from app.needs.imports import commands, running, utf16
from tests.app.needs.imports.giving import found, give, texts
from tests.builders import Firm, a_firm

TEXT = "需求类型\t描述\r\n灯\tTwo “lamps” 🪔\r\n"


class _Slowly(io.RawIOBase):
    """A file that gives three bytes at a time: characters come in pieces."""

    def __init__(self, content: bytes) -> None:
        self._inner = io.BytesIO(content)

    def read(self, _size: int = -1, /) -> bytes:
        return self._inner.read(3)


@pytest.fixture
def fresh(firm: Firm) -> Firm:
    return a_firm()


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_the_same_text_comes_out_however_it_comes_in(codec: str) -> None:
    content = f"\ufeff{TEXT}".encode(codec)

    whole = io.BufferedReader(utf16.AsUtf8(b"", io.BytesIO(content))).read()
    slowly = io.BufferedReader(utf16.AsUtf8(content[:5], _Slowly(content[5:]))).read()

    assert whole == slowly == TEXT.encode("utf-8-sig")


def test_a_file_given_in_utf_16_is_kept_and_known_again_in_utf_8(fresh: Firm) -> None:
    rows = "type\ttext\n" + "".join(f"灯\t“Lamp {number}” 🪔\n" for number in range(5_000))
    first = give(fresh, f"\ufeff{rows}".encode("utf-16-le"))
    commands.start(fresh["sales"], first)
    running.advance(fresh.org_id, first)
    again = give(fresh, rows.encode())
    commands.start(fresh["sales"], again)
    running.advance(fresh.org_id, again)

    assert (found(fresh, first).kept, found(fresh, first).bad) == (5_000, 0)
    assert (found(fresh, again).kept, found(fresh, again).known) == (0, 5_000)


@pytest.mark.parametrize(
    "end", ["b\tLamp".encode("utf-16-le") + b"\x41", "b\tLamp".encode("utf-16-le") + b"\x3d\xd8"]
)
def test_a_file_that_ends_within_a_character_loses_that_row_only(fresh: Firm, end: bytes) -> None:
    content = "\ufefftype\ttext\na\tOne\n".encode("utf-16-le") + end
    import_id = give(fresh, content)

    commands.start(fresh["sales"], import_id)

    assert texts(fresh) == ["One"]
    assert found(fresh, import_id).bad == 1


def test_half_a_character_within_a_file_costs_its_row_only(fresh: Firm) -> None:
    broken = b"\x3d\xd8"
    content = "\ufefftype\ttext\na\tTwo".encode("utf-16-le") + broken + "\nb\tOne\n".encode("utf-16-le")
    import_id = give(fresh, content)

    commands.start(fresh["sales"], import_id)

    assert texts(fresh) == ["One"]
    assert found(fresh, import_id).bad == 1
