"""Server-sent events for thousands of open pages, from one process that follows one table."""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from app.events.following import Follower, missed
from app.events.listening import Listener, News, message, messages
from app.observing import log

FOLLOW_SECONDS = 0.25
HEARTBEAT_SECONDS = 15.0
# Whoever listens must prove from time to time that they still may.
LIFE_SECONDS = 900.0
MOST_WAITING = 200
MOST_LISTENERS = 20_000

Identify = Callable[[Request], Awaitable[Listener | None]]
# Runs a function that asks the database, outside the loop.
InThread = Callable[..., Awaitable[Any]]


@dataclass(eq=False, slots=True)
class _Line:
    """One open page. When it reads too slowly it is told to load anew, and the rest is dropped."""

    listener: Listener
    waiting: asyncio.Queue[bytes] = field(default_factory=lambda: asyncio.Queue(MOST_WAITING))

    def send(self, messages: list[bytes], last_id: int) -> None:
        if self.waiting.qsize() + len(messages) > MOST_WAITING:
            while not self.waiting.empty():
                self.waiting.get_nowait()
            messages = [message("reload", {}, last_id)]
        for each in messages:
            self.waiting.put_nowait(each)


class Hub:
    """All open pages of this process, by organisation, and the follower that feeds them."""

    def __init__(self, follower: Follower) -> None:
        self._follower = follower
        self._lines: dict[UUID, set[_Line]] = defaultdict(set)

    @property
    def count(self) -> int:
        return sum(len(lines) for lines in self._lines.values())

    async def follow(self, in_thread: InThread) -> None:
        """Tell every page what concerns it, for as long as the process lives."""
        while True:
            try:
                found = await in_thread(self._follower.news)
            except SQLAlchemyError as error:
                log.warning("the changes cannot be read", error=type(error).__name__)
                await asyncio.sleep(1)
                continue
            self.tell(found, self._follower.last)
            await asyncio.sleep(FOLLOW_SECONDS)

    def tell(self, found: list[News], last_id: int) -> None:
        by_organisation: dict[UUID, list[News]] = defaultdict(list)
        for news in found:
            by_organisation[news.org_id].append(news)
        for org_id, batch in by_organisation.items():
            for line in self._lines.get(org_id, ()):
                line.send(messages(line.listener, batch, last_id), last_id)

    async def stream(
        self, listener: Listener, last_heard: int | None, in_thread: InThread
    ) -> AsyncIterator[bytes]:
        """Yield what a page is sent, with a sign of life where nothing happens."""
        line = _Line(listener)
        lines = self._lines[listener.org_id]
        lines.add(line)
        ends_at = time.monotonic() + LIFE_SECONDS * random.uniform(0.8, 1.0)  # noqa: S311 # spreads returns
        try:
            yield b"retry: 2000\n\n"
            if last_heard is not None:
                await self._catch_up(line, last_heard, in_thread)
            while time.monotonic() < ends_at:
                try:
                    yield await asyncio.wait_for(line.waiting.get(), HEARTBEAT_SECONDS)
                except TimeoutError:
                    yield b": alive\n\n"
        finally:
            lines.discard(line)

    async def _catch_up(self, line: _Line, last_heard: int, in_thread: InThread) -> None:
        found: list[News] | None = await in_thread(missed, line.listener.org_id, last_heard)
        last_id = self._follower.last
        if found is None:
            line.send([message("reload", {}, last_id)], last_id)
        else:
            line.send(messages(line.listener, found, last_id), last_id)


def make_events(hub: Hub, identify: Identify, in_thread: InThread, pages_origin: str) -> Starlette:
    """Return the process's application; `pages_origin` is where the pages come from."""

    @asynccontextmanager
    async def live(_: Starlette) -> AsyncIterator[None]:
        following = asyncio.create_task(hub.follow(in_thread))
        yield
        following.cancel()

    async def listen(request: Request) -> Response:
        origin = request.headers.get("origin")
        if origin is not None and origin != pages_origin:
            return PlainTextResponse("this page may not listen here\n", 403)
        headers = _headers(origin)
        if hub.count >= MOST_LISTENERS:
            return PlainTextResponse("too many listen already\n", 503, headers)
        listener = await identify(request)
        if listener is None:
            return PlainTextResponse("show a ticket, or sign in\n", 401, headers)
        stream = hub.stream(listener, _last_heard(request), in_thread)
        return StreamingResponse(stream, headers=headers, media_type="text/event-stream")

    return Starlette(
        routes=[Route("/events", listen), Route("/healthz", _show_health)],
        lifespan=live,
    )


async def _show_health(_: Request) -> Response:
    return PlainTextResponse("ok\n")


def _headers(origin: str | None) -> dict[str, str]:
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Vary": "Origin"}
    if origin is not None:
        headers |= {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"}
    return headers


def _last_heard(request: Request) -> int | None:
    """Return the number in Last-Event-ID; a page that opens anew says it in its address."""
    text = request.headers.get("last-event-id") or request.query_params.get("last_event_id") or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
