"""UTF-16, as Excel saves “Unicode text”, becomes UTF-8 on its way in: there bytes tell the lines."""

from __future__ import annotations

import codecs
import io
from typing import Any, Protocol

READ_AT_ONCE = 64 * 1024
_CODECS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
# No UTF-8: whoever reads the row finds it, and refuses it by its line.
_BROKEN = b"\xff"


class Source(Protocol):
    """What bytes are read from, until there are none."""

    def read(self, size: int, /) -> bytes | None:
        """Return some bytes."""


def begins(sample: bytes) -> bool:
    """Say whether a file that begins so is one; without its mark, none can be told from what is no text."""
    return sample[:2] in _CODECS


class AsUtf8(io.RawIOBase):
    """The same text in UTF-8, with its mark; what was read of the file already is given as `first`."""

    def __init__(self, first: bytes, stream: Source) -> None:
        first = first or stream.read(READ_AT_ONCE) or b""
        decoder = codecs.getincrementaldecoder(_CODECS[first[:2]])
        self._decoder, self._stream = decoder("surrogatepass"), stream
        self._waiting = codecs.BOM_UTF8 + self._encoded(first[2:])
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        while not self._waiting and not self._ended:
            content = self._stream.read(READ_AT_ONCE) or b""
            self._ended = not content
            self._waiting = self._encoded(content, final=self._ended)
        found = self._waiting[: len(buffer)]
        self._waiting = self._waiting[len(found) :]
        buffer[: len(found)] = found
        return len(found)

    def _encoded(self, content: bytes, *, final: bool = False) -> bytes:
        try:
            return self._decoder.decode(content, final=final).encode("utf-8", "surrogatepass")
        except UnicodeDecodeError:  # the file ends within a character
            return _BROKEN
