"""The events process as pages meet it: over HTTP, with a ticket or a session, for as long as they like."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import httpx
import orjson
import pytest
from flask import Flask
from sqlalchemy import insert

from app.accounts import commands
from app.accounts.signing_in import sign_in
from app.config import Settings
from app.database import transaction
from app.events import tickets
from app.events.listening import Listener
from app.events.models import Change
from app.moments import utc_now
from tasks import children
from tests.builders import Firm, a_firm
from tests.tasks.installation import eventually, installation

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def address(app: Flask, settings: Settings) -> Iterator[str]:
    port = children.free_port()
    url = f"http://127.0.0.1:{port}"
    with installation(settings) as made:
        made.start("events", "tasks.cli", "events", "--port", str(port))
        assert eventually(lambda: _answers(f"{url}/healthz")), made.lines("events.log")[-5:]
        yield f"{url}/events"


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.TransportError:
        return False


def _change(firm: Firm, kind: str = "instance", principals: tuple[str, ...] = ()) -> UUID:
    subject_id = uuid4()
    with transaction(firm.org_id) as tx:
        row = {"org_id": firm.org_id, "at": utc_now(), "kind": kind, "subject_id": subject_id}
        tx.execute(insert(Change), {**row, "principals": list(principals)})
    return subject_id


def _ticket(settings: Settings, firm: Firm, name: str) -> dict[str, str]:
    actor = firm[name]
    listener = Listener(actor.org_id, actor.person_id, frozenset(actor.principals), actor.roles)
    return {"ticket": tickets.mint(settings.secret_key, listener)}


class _Page:
    """What a browser does with the stream: it reads event after event."""

    def __init__(self, response: httpx.Response) -> None:
        assert response.status_code == 200
        self._lines = response.iter_lines()
        self.last_id = ""

    def next(self) -> tuple[str, dict[str, object]]:
        event = ""
        for line in self._lines:
            if line.startswith("id: "):
                self.last_id = line[4:]
            elif line.startswith("event: "):
                event = line[7:]
            elif line.startswith("data: "):
                return event, orjson.loads(line[6:])
            elif line.startswith("retry: "):
                return "ready", {}
        raise AssertionError("the stream ended")


def test_a_page_with_a_ticket_is_told_of_its_own_organisation_only(
    address: str, settings: Settings, firm: Firm
) -> None:
    stranger = a_firm()
    with httpx.stream("GET", address, params=_ticket(settings, firm, "finance"), timeout=20) as response:
        page = _Page(response)
        page.next()
        _change(stranger)
        changed = _change(firm, principals=("t:finance",))

        event, data = page.next()

    assert (event, data) == ("change", {"kind": "instance", "subject": str(changed), "mine": True})


def test_a_page_that_comes_back_is_told_what_it_missed(address: str, settings: Settings, firm: Firm) -> None:
    ticket = _ticket(settings, firm, "sales")
    with httpx.stream("GET", address, params=ticket, timeout=20) as response:
        page = _Page(response)
        page.next()
        _change(firm)
        page.next()
    changed = str(_change(firm))

    with httpx.stream(
        "GET", address, params=ticket, headers={"Last-Event-ID": page.last_id}, timeout=20
    ) as response:
        page = _Page(response)
        page.next()
        while page.next()[1]["subject"] != changed:
            pass  # a few changes before the last one heard are told again


def test_a_signed_in_browser_needs_no_ticket(address: str, firm: Firm, app: Flask) -> None:
    email = f"sam@{firm.slug}.example"
    commands.add_person(
        firm.org_id, None, email=email, name="Sam", password="correct horse battery", roles=(), teams=()
    )
    cookies = {"placet": sign_in(email, "correct horse battery", None).secret}
    origin = {"Origin": "http://127.0.0.1:8000"}

    with httpx.stream("GET", address, cookies=cookies, headers=origin, timeout=20) as response:
        assert response.status_code == 200
        assert response.headers["access-control-allow-origin"] == "http://127.0.0.1:8000"
        assert response.headers["access-control-allow-credentials"] == "true"
        assert response.headers["content-type"].startswith("text/event-stream")


@pytest.mark.parametrize(
    ("headers", "params", "status"),
    [
        pytest.param({}, {}, 401, id="nobody"),
        pytest.param({}, {"ticket": "made up"}, 401, id="a ticket that is not ours"),
        pytest.param({"Cookie": "placet=made-up"}, {}, 401, id="a session that does not exist"),
        pytest.param({"Origin": "https://elsewhere.example"}, {}, 403, id="another site"),
    ],
)
def test_nobody_else_may_listen(
    address: str, headers: dict[str, str], params: dict[str, str], status: int
) -> None:
    assert httpx.get(address, headers=headers, params=params, timeout=10).status_code == status


def test_hundreds_listen_at_once(address: str, settings: Settings, firm: Firm) -> None:
    ticket = _ticket(settings, firm, "sales")
    limits = httpx.Limits(max_connections=None)
    with httpx.Client(limits=limits, timeout=30) as client:
        responses = [
            client.send(client.build_request("GET", address, params=ticket), stream=True) for _ in range(200)
        ]
        pages = [_Page(response) for response in responses]
        for page in pages:
            page.next()

        changed = _change(firm)

        assert all(page.next()[1]["subject"] == str(changed) for page in pages)
        for response in responses:
            response.close()
