"""Estimators to bytes and back in skops' format: what they may hold is named by code, never by the bytes."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from skops.io import dumps, get_untrusted_types, loads


class UntrustedError(Exception):
    """The bytes name types that this kind does not allow."""

    def __init__(self, types: Collection[str]) -> None:
        super().__init__(f"not among the trusted types: {', '.join(sorted(types))}")
        self.types = frozenset(types)


def pack(estimator: Any, trusted: Collection[str] = ()) -> bytes:
    """Return an estimator as bytes; raise UntrustedError where it could not be read again with `trusted`."""
    packed: bytes = dumps(estimator)
    _refuse(packed, trusted)
    return packed


def unpack(packed: bytes, trusted: Collection[str] = ()) -> Any:
    """Return what was packed. `trusted` comes from the code that learns, not from where the bytes lay.

    What skops itself trusts (arrays, scikit-learn's own estimators, plain values) need not be named.
    """
    _refuse(packed, trusted)
    return loads(packed, trusted=list(trusted))


def _refuse(packed: bytes, trusted: Collection[str]) -> None:
    foreign = set(get_untrusted_types(data=packed)) - set(trusted)
    if foreign:
        raise UntrustedError(foreign)
