"""Which addresses a diagram's HTTP call may reach: never, by any name, those inside our own network."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import httpx

from app.config import Settings

_NAT64 = IPv6Network("64:ff9b::/96")


class ForbiddenAddressError(Exception):
    """The call would reach where it may not."""

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(f"{host} may not be called: {reason}")
        self.host = host


@dataclass(frozen=True, slots=True)
class Gate:
    """Names are "host" or "host:port". Of `hosts`, if any, only these are called; `private` may be inside."""

    hosts: frozenset[str]
    private: frozenset[str]

    @classmethod
    def of(cls, settings: Settings) -> Gate:
        return cls(settings.http_allowed_hosts, settings.http_allowed_private)

    def address_of(self, url: httpx.URL) -> str:
        """Return the one address to connect to, so that the name cannot mean another a moment later.

        Raises ForbiddenAddressError, or OSError where the name means nothing.
        """
        host = url.host.lower().rstrip(".")
        names = {host, f"{host}:{url.port or _port(url)}"}
        if url.scheme not in ("http", "https") or not host:
            raise ForbiddenAddressError(str(url), "it is no http or https address")
        if self.hosts and not names & (self.hosts | self.private):
            raise ForbiddenAddressError(host, "it is not among PLACET_HTTP_ALLOWED_HOSTS")
        found = _resolve(host, url.port or _port(url))
        if not names & self.private:
            for address in found:
                if not is_public(address):
                    raise ForbiddenAddressError(host, f"{address} is not a public address")
        return found[0]


def _port(url: httpx.URL) -> int:
    return 443 if url.scheme == "https" else 80


def _resolve(host: str, port: int) -> list[str]:
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_public(text: str) -> bool:
    """Say whether an address, and any IPv4 address hidden in it, is on the public internet."""
    return all(each.is_global and not each.is_multicast for each in _meanings(text))


def _meanings(text: str) -> Iterator[IPv4Address | IPv6Address]:
    address = ip_address(text.partition("%")[0])
    yield address
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            yield address.ipv4_mapped
        if address.sixtofour:
            yield address.sixtofour
        if address.teredo:
            yield from address.teredo
        if address in _NAT64:
            yield IPv4Address(address.packed[-4:])
