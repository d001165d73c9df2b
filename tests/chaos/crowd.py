"""The people and parties of the run, each over HTTP, who try again when a process dies under them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, Queue
from threading import Event, Lock, Thread
from typing import Any

import httpx

from tasks.commands.walk import ANSWERS
from tests.chaos.fates import Fate, Plan
from tests.chaos.stage import Stage

WRITERS = 2
DECIDERS = ("lead", "finance", "director", "packer", "sales")
ANSWERED_PAUSE_SECONDS = 0.3


@dataclass
class Accepted:
    """An order that a web process said yes to."""

    id: str
    number: str
    plan: Plan
    at: float


@dataclass
class Crowd:
    """`accepted` by id; `surprises` are answers that no death of a process explains."""

    stage: Stage
    plans: list[Plan]
    over: Event = field(default_factory=Event)
    accepted: dict[str, Accepted] = field(default_factory=dict)
    surprises: list[str] = field(default_factory=list)
    _sent_back: set[str] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def start(self) -> list[Thread]:
        """Begin to enter, decide, cancel and report; each does so until `over`."""
        queue: Queue[Plan] = Queue()
        for plan in self.plans:
            queue.put(plan)
        works: list[Callable[[], None]] = [lambda: self._enter(queue)] * WRITERS
        works += [lambda name=name: self._decide(name) for name in DECIDERS]  # type: ignore[misc] # bound now
        works += [self._cancel, self._report]
        threads = [Thread(target=self._guarded, args=(work,), daemon=True) for work in works]
        for thread in threads:
            thread.start()
        return threads

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:
            self._wonder(f"somebody stopped working: {error!r}")
            self.over.set()

    def _enter(self, queue: Queue[Plan]) -> None:
        """Enter and submit orders under keys of their own, each until it is accepted."""
        desk = _Desk(self.stage, "sales")
        while not self.over.is_set():
            try:
                plan = queue.get_nowait()
            except Empty:
                return
            body = {
                "title": f"Order {plan.number}",
                "customer_id": str(self.stage.customers[plan.number % len(self.stage.customers)]),
                "lines": self._lines(plan),
                "submit": True,
            }
            answer = self._insist(
                lambda body=body, plan=plan: desk.post(  # type: ignore[misc] # bound now
                    "/orders", body, {"Idempotency-Key": f"chaos-{plan.number}"}
                )
            )
            if answer is None:
                return
            if answer.status_code != 201:
                self._wonder(f"an order was answered {answer.status_code}: {answer.text[:200]}")
                continue
            order = answer.json()
            with self._lock:
                self.accepted[order["id"]] = Accepted(order["id"], order["number"], plan, time.monotonic())

    def _lines(self, plan: Plan) -> list[dict[str, str]]:
        product = self.stage.products["scarce" if plan.scarce else "common"]
        return [{"product_id": str(product), "quantity": str(plan.quantity)}]

    def _decide(self, name: str) -> None:
        """Do what waits in this person's inbox, as each order's fate says."""
        desk = _Desk(self.stage, name)
        while not self.over.wait(ANSWERED_PAUSE_SECONDS):
            answer = desk.get("/inbox", limit="100")
            if answer is None or answer.is_error:
                continue
            for row in answer.json()["items"]:
                order = self._order(row["order_id"])
                if order and not row["is_held"] and not self.over.is_set():
                    self._work(desk, row, order)

    def _work(self, desk: _Desk, row: dict[str, Any], order: Accepted) -> None:
        if row["form"] == "order":
            # The requester changes the order as asked, in full, and submits it again.
            desk.post(f"/orders/{order.id}/submit", {})
            return
        result = dict(ANSWERS.get(row["form"] or "", {"comment": ""}))
        if row["form"] == "approval":
            result = self._decision(order)
        body = {"result": result, "hold": order.plan.hold and row["form"] == "approval"}
        answer = desk.post(f"/inbox/{row['id']}/complete", body)
        if answer is not None and answer.status_code not in (200, 403, 404, 409) and answer.status_code < 500:
            self._wonder(f"{desk.name} was answered {answer.status_code}: {answer.text[:200]}")
        if answer is not None and answer.status_code == 200 and result.get("decision") == "changes":
            self._sent_back.add(order.id)

    def _decision(self, order: Accepted) -> dict[str, str]:
        if order.plan.fate is Fate.REJECT:
            return {"decision": "rejected", "comment": "Not like this."}
        if order.plan.fate is Fate.CHANGE and order.id not in self._sent_back:
            return {"decision": "changes", "comment": "Say more."}
        return {"decision": "approved", "comment": ""}

    def _cancel(self) -> None:
        """Cancel whose fate it is at its moment, wherever the order stands then."""
        desk, done = _Desk(self.stage, "sales"), set()
        while not self.over.wait(ANSWERED_PAUSE_SECONDS):
            for order in self._all():
                late = time.monotonic() - order.at >= order.plan.cancel_after
                if order.plan.fate is Fate.CANCEL and late and order.id not in done:
                    answer = desk.post(f"/orders/{order.id}/cancel", {"reason": "No longer needed"})
                    if answer is not None and answer.status_code < 500:
                        done.add(order.id)

    def _report(self) -> None:
        """Report parcels as delivered and invoices as paid, each until the report is taken."""
        desk, done = _Desk(self.stage, "operator"), set()
        while not self.over.wait(ANSWERED_PAUSE_SECONDS):
            ids = {order.number: order.id for order in self._all()}
            for kind, event in (("shipments", "shipment.delivered"), ("invoices", "payment.received")):
                for effect in self.stage.parties.of(kind):
                    if effect.reference in done or effect.order_number not in ids:
                        continue
                    body = {"event": event, "reference": effect.reference}
                    answer = desk.post(f"/orders/{ids[effect.order_number]}/reports", body)
                    # 422: booked at the carrier, and not kept by us yet.
                    if answer is not None and answer.status_code == 202:
                        done.add(effect.reference)

    def _insist(self, send: Callable[[], httpx.Response | None]) -> httpx.Response | None:
        while not self.over.is_set():
            answer = send()
            if answer is not None and answer.status_code < 500 and answer.status_code != 409:
                return answer
            self.over.wait(ANSWERED_PAUSE_SECONDS)
        return None

    def _all(self) -> list[Accepted]:
        with self._lock:
            return list(self.accepted.values())

    def _order(self, order_id: str | None) -> Accepted | None:
        with self._lock:
            return self.accepted.get(order_id or "")

    def _wonder(self, text: str) -> None:
        with self._lock:
            self.surprises.append(text)


class _Desk:
    """One person's token at two web processes: the other is asked when one is down."""

    def __init__(self, stage: Stage, name: str) -> None:
        self.name = name
        headers = stage.headers[name]
        self._clients = [
            httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", headers=headers, timeout=20)
            for port in stage.web_ports
        ]

    def get(self, path: str, **query: str) -> httpx.Response | None:
        return self._send("GET", path, params=query)

    def post(
        self, path: str, body: dict[str, Any], headers: dict[str, str] | None = None
    ) -> httpx.Response | None:
        return self._send("POST", path, json=body, headers=headers)

    def _send(self, method: str, path: str, **given: Any) -> httpx.Response | None:
        """Return the answer; None where the process died before it answered."""
        self._clients.reverse()
        try:
            return self._clients[0].request(method, path, **given)
        except httpx.HTTPError:
            return None
