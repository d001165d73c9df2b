"""`placet walk`: one order from a need to closed through the API of a running Placet."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tasks.errors import ProcessError

PATIENCE_SECONDS = 240.0
PAUSE_SECONDS = 0.4
APPROVED = ("approved", "executing", "delivered", "closing", "closed")
LOST = ("rejected", "cancelled", "expired")
# What each form of the shared diagrams is answered with.
ANSWERS: dict[str, dict[str, Any]] = {
    "approval": {"decision": "approved", "comment": "Within the policy."},
    "find_a_way": {"way": "try again", "comment": ""},
    "debt": {"more_time": True, "comment": ""},
    "closing": {"close_now": True, "comment": ""},
}


class WalkError(ProcessError):
    """The walk could not go on; the message says at which step."""


@dataclass
class Desk:
    """One person's signed-in session."""

    name: str
    client: httpx.Client

    def get(self, path: str, **query: Any) -> Any:
        return self._answer(self.client.get(f"/api/v1{path}", params=query))

    def post(self, path: str, body: dict[str, Any] | None = None, **headers: str) -> Any:
        return self._answer(self.client.post(f"/api/v1{path}", json=body or {}, headers=headers))

    def _answer(self, response: httpx.Response) -> Any:
        if response.is_error:
            text = response.text[:500]
            raise WalkError(
                f"{self.name}: {response.request.url.path} answered {response.status_code}: {text}"
            )
        return response.json() if response.content else None


def run(url: str | None, demo_file: Path, until: str, number: str | None, say: Callable[[str], None]) -> None:
    """Walk, with a new order or the one of this number; raise WalkError where a step fails.

    `until` is closed or approved.
    """
    seller, desks = _sign_in_all(url, demo_file, say)
    order = _order_of(seller, number) if number else _order(seller, say)
    _follow(order["id"], seller, desks, until, say)
    say(f"order {order['number']} {until}")


def _order_of(seller: Desk, number: str) -> dict[str, Any]:
    found = [row for row in seller.get("/orders", search=number)["items"] if row["number"] == number]
    if not found:
        raise WalkError(f"there is no order {number}")
    order: dict[str, Any] = found[0]
    return order


def _sign_in_all(url: str | None, demo_file: Path, say: Callable[[str], None]) -> tuple[Desk, list[Desk]]:
    """Return the seller's desk, and everybody's."""
    demo = _demo(demo_file)
    base = (url or demo["url"]).rstrip("/")
    desks = [_sign_in(base, person, say) for person in demo["people"]]
    seller = next(d for d, p in zip(desks, demo["people"], strict=True) if "sales" in p["roles"])
    return seller, desks


def _demo(file: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise WalkError(f"{file} says nobody who could sign in ({error}); run placet seed") from None
    return found


def _sign_in(base: str, person: dict[str, Any], say: Callable[[str], None]) -> Desk:
    client = httpx.Client(base_url=base, timeout=30)
    desk = Desk(person["name"], client)
    try:
        answer = client.post(
            "/api/v1/sessions", json={"email": person["email"], "password": person["password"]}
        )
    except httpx.HTTPError as error:
        raise WalkError(f"{base} does not answer: {error}") from None
    if answer.is_error:
        raise WalkError(f"{person['email']} could not sign in: {answer.text[:200]}")
    client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
    say(f"{person['name']} signed in: {person['does']}")
    return desk


def _order(seller: Desk, say: Callable[[str], None]) -> dict[str, Any]:
    """Collect a need, make an order of it, see who will approve, submit it."""
    customer = seller.get("/customers", limit=1)["items"][0]
    product = next(p for p in seller.get("/products", is_active="true")["items"] if p["is_stocked"])
    need = seller.post(
        "/needs",
        {
            "need_type": "office furniture",
            "text": f"Eight of {product['name']}",
            "customer_id": customer["id"],
            "channel": "phone",
            "quantity": "8",
            "value": "2000.00",
            "currency": product["currency"],
        },
    )
    say(f"need {need['number']} of {customer['name']} collected")
    order_id = seller.post(f"/needs/{need['id']}/order")["order_id"]
    order = seller.get(f"/orders/{order_id}")
    say(f"order {order['number']} made of it")
    line = {"product_id": product["id"], "quantity": "8", "discount_percent": "5"}
    changed = seller.client.patch(
        f"/api/v1/orders/{order_id}",
        json={"lines": [line]},
        headers={"If-Match": f'"{order["version"]}"'},
    )
    seller._answer(changed)
    for level in seller.get(f"/orders/{order_id}/preview")["levels"]:
        say(f"  will be asked: {level['team_name']} ({'; '.join(level['reasons'])})")
    submitted: dict[str, Any] = seller.post(f"/orders/{order_id}/submit")
    say(f"order {order['number']} submitted, {submitted['currency']} {submitted['total']}")
    return submitted


def _follow(order_id: str, seller: Desk, desks: list[Desk], until: str, say: Callable[[str], None]) -> None:
    """Let everybody do what waits for them, until the order is where it should be."""
    wanted = APPROVED if until == "approved" else ("closed",)
    status, deadline = "", time.monotonic() + PATIENCE_SECONDS
    while True:
        order = seller.get(f"/orders/{order_id}")
        if order["status"] != status:
            status = order["status"]
            say(f"order {order['number']} is {status}")
        if status in wanted:
            return
        if status in LOST:
            raise WalkError(f"order {order['number']} ended as {status}")
        if order["open_incidents"]:
            raise WalkError(f"order {order['number']} has an incident; see /incidents")
        if time.monotonic() > deadline:
            raise WalkError(f"order {order['number']} is still {status} after {PATIENCE_SECONDS:.0f} s")
        worked = [_work(desk, order_id, say) for desk in desks]
        if not any(worked):
            time.sleep(PAUSE_SECONDS)


def _work(desk: Desk, order_id: str, say: Callable[[str], None]) -> bool:
    """Complete what this person may complete of the order."""
    done = False
    for row in desk.get("/inbox", limit=100)["items"]:
        if row["order_id"] != order_id or row["form"] == "order" or row["is_held"]:
            continue
        item = desk.get(f"/inbox/{row['id']}")
        if not item["may_decide"]:
            continue
        answer = ANSWERS.get(item["form"] or "", {"comment": ""})
        desk.post(f"/inbox/{row['id']}/complete", {"result": answer})
        why = f" ({'; '.join(item['why'])})" if item["why"] else ""
        say(f"{desk.name}: {row['name']}{why}: {next(iter(answer.values())) or 'done'}")
        done = True
    return done
