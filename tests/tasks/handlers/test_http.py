"""`http.call` against a real server: what it sends, what it makes of answers, and where it may not go."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest
from flask import Flask

from tasks.handlers import BusinessError, HopelessError, InputError, http
from tests.builders import Firm
from tests.performing import a_call, run

Answer = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """Answers each path as the test says, and remembers what arrived."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                outer.seen.append((self.command, self.path, headers, body))
                outer.answers[self.path](self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 # http.server names them so

            def log_message(self, *_: object) -> None:
                """The test looks at what was seen."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _answer(status: int = 200, body: bytes = b"{}", kind: str = "application/json", **headers: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Content-Type", kind)
        request.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)

    return answer


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@pytest.fixture
def allow(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Say which private hosts may be called, and to which public ones calls are limited."""

    def set_allowed(*private: str, hosts: tuple[str, ...] = ()) -> None:
        settings = app.extensions["placet.settings"]
        changed = replace(
            settings, http_allowed_private=frozenset(private), http_allowed_hosts=frozenset(hosts)
        )
        monkeypatch.setitem(app.extensions, "placet.settings", changed)

    return set_allowed


@pytest.fixture
def address(server: Server, allow: Callable[..., None]) -> str:
    """The server's address, which may be called."""
    allow(f"127.0.0.1:{server.port}")
    return f"http://127.0.0.1:{server.port}"


def _call(shop: Firm, url: str, **inputs: object) -> Any:
    return run(shop, a_call(shop, "http.call", url=url, **inputs))


def test_a_call_sends_its_body_under_its_own_key_and_returns_the_answer(
    shop: Firm, server: Server, address: str
) -> None:
    server.answers["/orders"] = _answer(201, b'{"number": 7}')
    call = a_call(
        shop,
        "http.call",
        url=f"{address}/orders",
        method="post",
        headers={"X-Shop": "one", "Idempotency-Key": "forged", "Host": "elsewhere"},
        body={"total": "12.50"},
    )

    answer = run(shop, call)

    method, path, headers, body = server.seen[0]
    assert (method, path, json.loads(body)) == ("POST", "/orders", {"total": "12.50"})
    assert (headers["idempotency-key"], headers["x-shop"]) == (str(call), "one")
    assert headers["host"] == f"127.0.0.1:{server.port}"
    assert answer == {"status": 201, "body": {"number": 7}}


def test_an_answer_that_is_no_json_is_text(shop: Firm, server: Server, address: str) -> None:
    server.answers["/"] = _answer(200, "schön".encode(), "text/plain; charset=utf-8")

    assert _call(shop, f"{address}/") == {"status": 200, "body": "schön"}


def test_a_refusal_is_a_business_error_that_the_diagram_can_catch(
    shop: Firm, server: Server, address: str
) -> None:
    server.answers["/"] = _answer(404, b'{"why": "gone"}')

    with pytest.raises(BusinessError) as caught:
        _call(shop, f"{address}/")

    assert caught.value.code == "http.404"
    assert caught.value.variables == {"status": 404, "body": {"why": "gone"}}


@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
def test_a_passing_failure_is_tried_again(shop: Firm, server: Server, address: str, status: int) -> None:
    server.answers["/"] = _answer(status)

    with pytest.raises(httpx.HTTPError, match=str(status)):
        _call(shop, f"{address}/")


def test_an_answer_that_says_json_and_is_not_is_tried_again(shop: Firm, server: Server, address: str) -> None:
    server.answers["/"] = _answer(200, b"<html>")

    with pytest.raises(httpx.HTTPError, match="is not"):
        _call(shop, f"{address}/")


def test_a_server_that_says_nothing_is_given_up(
    shop: Firm, server: Server, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "_TIMEOUT", httpx.Timeout(0.3))
    server.answers["/"] = lambda _: time.sleep(1)

    with pytest.raises(httpx.ReadTimeout):
        _call(shop, f"{address}/")


def test_a_server_that_never_ends_is_given_up(
    shop: Firm, server: Server, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each drop comes in time; the whole does not."""
    monkeypatch.setattr(http, "TOTAL_SECONDS", 0.4)

    def drip(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        for _ in range(40):
            request.wfile.write(b".")
            request.wfile.flush()
            time.sleep(0.05)

    server.answers["/"] = drip
    began = time.monotonic()

    with pytest.raises(httpx.ReadTimeout, match="took more than"):
        _call(shop, f"{address}/")

    assert time.monotonic() - began < 1.5


def test_an_endless_answer_is_refused(shop: Firm, server: Server, address: str) -> None:
    server.answers["/"] = _answer(200, b"x" * (http.LONGEST_ANSWER + 1), "text/plain")

    with pytest.raises(HopelessError, match="more than 256 KiB"):
        _call(shop, f"{address}/")


@pytest.mark.parametrize(
    "host",
    [
        pytest.param("127.0.0.1", id="by address"),
        pytest.param("localhost", id="by a name that means one"),
        pytest.param("2130706433", id="by a number"),
        pytest.param("127.1", id="by a short form"),
        pytest.param("0.0.0.0", id="by the address of everything"),  # noqa: S104 # is refused
        pytest.param("[::1]", id="by IPv6"),
        pytest.param("[::ffff:127.0.0.1]", id="by IPv4 in IPv6"),
        pytest.param("[64:ff9b::7f00:1]", id="by IPv4 behind NAT64"),
        pytest.param("[2002:7f00:1::]", id="by IPv4 in 6to4"),
        pytest.param("10.1.2.3", id="in the private network"),
        pytest.param("169.254.169.254", id="where clouds keep secrets"),
        pytest.param("[fd00::1]", id="in the private network of IPv6"),
    ],
)
def test_nothing_inside_is_called_by_any_name(
    shop: Firm, server: Server, allow: Callable[..., None], host: str
) -> None:
    allow()
    server.answers["/"] = _answer()

    with pytest.raises(HopelessError, match="is not a public address"):
        _call(shop, f"http://{host}:{server.port}/")

    assert server.seen == []


def test_a_redirect_leads_nowhere_inside(shop: Firm, server: Server, address: str) -> None:
    inside = Server()
    inside.answers["/secret"] = _answer()
    server.answers["/"] = _answer(302, b"", Location=f"http://localhost:{inside.port}/secret")

    with pytest.raises(HopelessError, match="localhost may not be called"):
        _call(shop, f"{address}/")

    assert inside.seen == []
    inside.close()


def test_a_redirect_to_elsewhere_takes_no_proof_of_who_we_are_along(
    shop: Firm, server: Server, allow: Callable[..., None]
) -> None:
    other = Server()
    allow(f"127.0.0.1:{server.port}", f"127.0.0.1:{other.port}")
    other.answers["/there"] = _answer(200, b'"here"')
    server.answers["/"] = _answer(307, b"", Location=f"http://127.0.0.1:{other.port}/there")

    answer = _call(shop, f"http://127.0.0.1:{server.port}/", headers={"Authorization": "Bearer secret"})

    assert answer["body"] == "here"
    assert server.seen[0][2]["authorization"] == "Bearer secret"
    assert "authorization" not in other.seen[0][2]
    other.close()


def test_endless_redirects_end(shop: Firm, server: Server, address: str) -> None:
    server.answers["/"] = _answer(302, b"", Location="/")

    with pytest.raises(HopelessError, match="redirects more than 3 times"):
        _call(shop, f"{address}/")

    assert len(server.seen) == 4


def test_where_hosts_are_listed_no_other_is_called(shop: Firm, allow: Callable[..., None]) -> None:
    allow(hosts=("api.example.com",))

    with pytest.raises(HopelessError, match="not among PLACET_HTTP_ALLOWED_HOSTS"):
        _call(shop, "https://other.example.com/")


@pytest.mark.parametrize(
    ("inputs", "wrong"),
    [
        pytest.param({"url": ""}, "url", id="no address"),
        pytest.param({"url": "http://example.com:door/"}, "url", id="no address at all"),
        pytest.param({"url": "http://example.com", "method": "BREW"}, "method", id="an unknown method"),
        pytest.param({"url": "http://example.com", "headers": "none"}, "headers", id="headers that are none"),
    ],
)
def test_an_input_that_cannot_be_used_is_named(shop: Firm, inputs: dict[str, object], wrong: str) -> None:
    with pytest.raises(InputError) as caught:
        run(shop, a_call(shop, "http.call", **inputs))

    assert caught.value.name == wrong


@pytest.mark.parametrize("url", ["ftp://example.com/", "file:///etc/passwd", "gopher://example.com/"])
def test_only_http_is_spoken(shop: Firm, url: str) -> None:
    with pytest.raises(HopelessError, match="no http or https address"):
        _call(shop, url)
