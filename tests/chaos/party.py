"""A carrier and a bank that are really there, honour idempotency keys as real ones do, and count."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

ANSWERS_AFTER_SECONDS = 0.15


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that happened at a party: once for each key."""

    kind: str  # shipments | invoices | payments | refunds
    order_number: str
    reference: str
    amount: Decimal


@dataclass
class Parties:
    """`asked` counts requests, which may be repeated; `effects` are what came of them."""

    url: str = ""
    asked: int = 0
    effects: dict[tuple[str, str], Effect] = field(default_factory=dict)
    recalled: set[str] = field(default_factory=set)
    lock: Lock = field(default_factory=Lock)

    def of(self, kind: str) -> list[Effect]:
        with self.lock:
            return [effect for effect in self.effects.values() if effect.kind == kind]

    def answer(self, path: str, key: str, body: dict[str, Any]) -> dict[str, Any]:
        kind, *rest = path.strip("/").split("/")
        with self.lock:
            self.asked += 1
            if rest:
                self.recalled.add(rest[0])
                return {}
            effect = self.effects.get((kind, key))
            if effect is None:
                reference = f"{kind[0].upper()}-{len(self.effects) + 1}"
                amount = Decimal(body.get("amount", 0))
                effect = Effect(kind, body["order_number"], reference, amount)
                self.effects[kind, key] = effect
        # As slow as real ones, so that some kill falls between their effect and our knowing of it.
        time.sleep(ANSWERS_AFTER_SECONDS)
        return {
            "tracking_number": effect.reference,
            "reference": effect.reference,
            "expected_on": "2030-01-01",
        }


@contextmanager
def open_parties() -> Iterator[Parties]:
    parties = Parties()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length) or b"{}")
            sent = json.dumps(parties.answer(self.path, self.headers["Idempotency-Key"], body)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def do_GET(self) -> None:
            sent = b'{"status": "in_transit"}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *_: object) -> None:
            """What happened is in `effects`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    parties.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield parties
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
