"""Calling the systems of others as a diagram says: bounded in time, size and reach."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import httpx
import orjson

from app.config import settings
from tasks.handlers.registry import BusinessError, Call, HopelessError, InputError, handles
from tasks.reaching import ForbiddenAddressError, Gate

METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS = 3
LONGEST_ANSWER = 256 * 1024
TOTAL_SECONDS = 12.0
_TIMEOUT = httpx.Timeout(5.0, connect=3.0)
# What the protocol or the call itself decides; a diagram does not.
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "idempotency-key"})


@handles("http.call")
def call_http(call: Call) -> dict[str, Any]:
    """Call `url` with `method`, `headers` and `body`; return `status` and `body`.

    An answer of 400 to 499 is a business error "http.<status>"; everything else that fails is tried again.
    """
    end = time.monotonic() + TOTAL_SECONDS
    try:
        with httpx.Client(timeout=_TIMEOUT, trust_env=False, follow_redirects=False) as client:
            answer = _follow(client, _request(client, call), Gate.of(settings()), end)
    except ForbiddenAddressError as error:
        raise HopelessError(str(error)) from error
    return _result(*answer)


def _request(client: httpx.Client, call: Call) -> httpx.Request:
    method, url = str(call.inputs.get("method") or "GET").upper(), call.inputs.get("url")
    headers, body = call.inputs.get("headers") or {}, call.inputs.get("body")
    if method not in METHODS:
        raise InputError("method", f"one of {', '.join(sorted(METHODS))}")
    if not isinstance(url, str) or not url:
        raise InputError("url", "an address")
    if not isinstance(headers, Mapping):
        raise InputError("headers", "a context of names and texts")
    kept = {str(n): str(v) for n, v in headers.items() if str(n).lower() not in _OURS}
    kept["Idempotency-Key"] = str(call.key)
    content = None
    if body is not None:
        content = body.encode() if isinstance(body, str) else orjson.dumps(body, default=str)
        kept.setdefault("Content-Type", "application/json")
    try:
        return client.build_request(method, url, headers=kept, content=content)
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise InputError("url", f"an address that can be called ({error})") from error


def _follow(
    client: httpx.Client, request: httpx.Request, gate: Gate, end: float
) -> tuple[httpx.Response, bytes]:
    """Send a request and go where it leads; every stop is checked anew."""
    for _ in range(MOST_REDIRECTS + 1):
        response = client.send(_pinned(request, gate.address_of(request.url)), stream=True)
        try:
            if response.status_code not in REDIRECTS or request.method != "GET":
                return response, _read(response, end)
            request = _next(client, request, response)
        finally:
            response.close()
    raise HopelessError(f"{request.url.host} redirects more than {MOST_REDIRECTS} times")


def _pinned(request: httpx.Request, address: str) -> httpx.Request:
    """Return the request to this very address; the name stays in the Host header and in TLS."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        content=request.read(),
        extensions={**request.extensions, "sni_hostname": request.url.host},
    )


def _next(client: httpx.Client, request: httpx.Request, response: httpx.Response) -> httpx.Request:
    """Return the request that a redirect asks for; what proves who we are is told to nobody else."""
    url = request.url.join(response.headers.get("Location", ""))
    same = (url.scheme, url.host, url.port) == (request.url.scheme, request.url.host, request.url.port)
    dropped = {"host"} if same else {"host", "authorization", "cookie"}
    headers = {name: value for name, value in request.headers.items() if name not in dropped}
    return client.build_request("GET", url, headers=headers)


def _read(response: httpx.Response, end: float) -> bytes:
    parts = []
    size = 0
    for part in response.iter_bytes():
        size += len(part)
        parts.append(part)
        if size > LONGEST_ANSWER:
            raise HopelessError(f"the answer has more than {LONGEST_ANSWER // 1024} KiB")
        if time.monotonic() > end:
            raise httpx.ReadTimeout(f"the answer took more than {TOTAL_SECONDS:g} s")
    return b"".join(parts)


def _result(response: httpx.Response, content: bytes) -> dict[str, Any]:
    status, body = response.status_code, _body(response, content)
    if status in (408, 425, 429) or status >= 500 or status in REDIRECTS:
        raise httpx.HTTPError(f"the answer was {status}")
    if status >= 400:
        variables = {"status": status, "body": body}
        raise BusinessError(f"http.{status}", f"the answer was {status}", variables)
    return {"status": status, "body": body}


def _body(response: httpx.Response, content: bytes) -> Any:
    if "json" in response.headers.get("Content-Type", ""):
        try:
            return orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise httpx.HTTPError("the answer says that it is JSON, and is not") from error
    return content.decode(response.encoding or "utf-8", errors="replace")
