"""A deep description of what instances share, to prove that running them changed nothing of it."""

from __future__ import annotations

from enum import Enum
from functools import cache
from itertools import zip_longest
from types import FunctionType, MappingProxyType, MethodType
from typing import Any

import workflows

ENOUGH = 10
"""A case that reads its files anew has a deployment for each step; so many of them are described."""
_PLAIN = (str, bytes, int, float, complex, bool, type(None), Enum, type, FunctionType)


def fingerprint(thing: object) -> list[str]:
    """Return every attribute and every part of it, however deep; what is met again is named by its place."""
    lines: list[str] = []
    _describe(thing, "", {}, lines)
    return lines


def _describe(value: Any, path: str, seen: dict[int, str], lines: list[str]) -> None:
    if isinstance(value, _PLAIN):
        lines.append(f"{path} = {value!r}")
    elif id(value) in seen:
        lines.append(f"{path} is {seen[id(value)]}")
    else:
        seen[id(value)] = path
        lines.append(f"{path}: {type(value).__qualname__}")
        for name, part in _parts(value):
            _describe(part, f"{path}{name}", seen, lines)


def _parts(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, dict | MappingProxyType):
        return [(f"[{key!r}]", part) for key, part in value.items()]
    if isinstance(value, list | tuple | set | frozenset):
        parts = sorted(value, key=repr) if isinstance(value, set | frozenset) else value
        return [(f"[{number}]", part) for number, part in enumerate(parts)]
    if isinstance(value, MethodType):
        return [(".__self__", value.__self__), (".__func__", value.__func__)]
    slots = [(f".{name}", getattr(value, name)) for name in _slots(type(value)) if hasattr(value, name)]
    return [*slots, *((f".{name}", part) for name, part in getattr(value, "__dict__", {}).items())]


@cache
def _slots(kind: type) -> tuple[str, ...]:
    return tuple(name for each in kind.__mro__ for name in vars(each).get("__slots__", ()))


class Shared:
    """The deployments of one case, each described as it was when it was first met."""

    def __init__(self) -> None:
        self.met: dict[int, tuple[workflows.Deployment, list[str]]] = {}
        self.files: dict[Any, list[str]] = {}

    def meet(self, deployment: workflows.Deployment, files: Any = None) -> workflows.Deployment:
        """Take note of it; files that were read anew must be as they were when they were first read."""
        if id(deployment) not in self.met and len(self.met) < ENOUGH:
            before = self.files.get(files) if files else None
            if before is None:
                before = self.files[files] = fingerprint(deployment.specs)
            self.met[id(deployment)] = deployment, before
        return deployment

    def changed(self) -> list[str]:
        """Return the first line of each description that is not true any more."""
        found = []
        for deployment, before in self.met.values():
            now = fingerprint(deployment.specs)
            pairs = zip_longest(before, now) if now != before else ()
            found += [f"{one} became {other}" for one, other in pairs if one != other][:1]
        return found
