"""Event logs in XES (IEEE 1849), read a trace at a time: a log of any length in little memory.

A log is a stranger's file: no entity is expanded, no address is asked, no document type is read.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

from lxml import etree

from app.insights.learning.errors import MisshapenFileError
from app.wording import worded

STEP: Final = "concept:name"
MOMENT: Final = "time:timestamp"
MOST_EVENTS: Final = 100_000  # of one trace; it is held whole


@dataclass(frozen=True, slots=True)
class Event:
    """A step that was reached, its moment (UTC), and whatever else the log says of it."""

    step: str
    at: datetime
    more: dict[str, str]


@dataclass(frozen=True, slots=True)
class Trace:
    """What happened to one case, in the order of time."""

    name: str
    events: tuple[Event, ...]


def read(file: Path) -> Iterator[Trace]:
    """Yield the traces of a log, plain or gzipped; raise MisshapenFileError."""
    try:
        with _opened(file) as stream:
            yield from _traces(file, stream)
    except etree.XMLSyntaxError as error:
        raise MisshapenFileError(file, worded("is no XES file: {why}", why=str(error))) from None
    except (OSError, EOFError, zlib.error) as error:
        raise MisshapenFileError(file, worded("cannot be read: {why}", why=str(error))) from None


def _opened(file: Path) -> IO[bytes]:
    stream = file.open("rb")
    if stream.read(2) == b"\x1f\x8b":
        stream.close()
        return gzip.open(file)  # type: ignore[return-value] # a file to read from, whatever it is called
    stream.seek(0)
    return stream


def _traces(file: Path, stream: IO[bytes]) -> Iterator[Trace]:
    # A tree would grow with the log, and its texts with entities: events of lxml's parser do neither.
    elements = etree.iterparse(
        stream,
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    begun, count, events = False, 0, 0
    for when, element in elements:
        name = etree.QName(element).localname
        if when == "start":
            if not begun:
                _check_head(file, element, name)
                begun = True
            events = 0 if name == "trace" else events + (name == "event")
            if events > MOST_EVENTS:
                raise MisshapenFileError(
                    file, worded("one trace has more than {most} events", most=MOST_EVENTS)
                )
        elif name == "trace":
            count += 1
            yield _trace(file, element, count)
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    if not count:
        raise MisshapenFileError(file, worded("holds no trace"), "trace")


def _check_head(file: Path, root: Any, name: str) -> None:
    if root.getroottree().docinfo.doctype:
        raise MisshapenFileError(file, worded("declares a document type, which no log needs"))
    if name != "log":
        raise MisshapenFileError(file, worded("begins with {name}, not with log", name=name))


def _trace(file: Path, element: Any, number: int) -> Trace:
    its = {part.get("key"): part.get("value") for part in element if not _is_event(part)}
    events = [_event(file, part, number) for part in element if _is_event(part)]
    # What has the same moment stays in the order of the file.
    return Trace(its.get(STEP) or str(number), tuple(sorted(events, key=lambda event: event.at)))


def _is_event(part: Any) -> bool:
    return bool(etree.QName(part).localname == "event")


def _event(file: Path, element: Any, trace: int) -> Event:
    more = {part.get("key"): part.get("value") or "" for part in element}
    step, moment = more.pop(STEP, ""), more.pop(MOMENT, "")
    if not step:
        raise MisshapenFileError(file, worded("an event of trace {number} lacks it", number=trace), STEP)
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        problem = worded("is no moment in trace {number} ({value})", number=trace, value=moment[:40])
        raise MisshapenFileError(file, problem, MOMENT) from None
    return Event(step, at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC), more)
