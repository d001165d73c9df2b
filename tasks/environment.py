"""The environment of every command: what the operator set, and the keys of this installation."""

from __future__ import annotations

import ipaddress
import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import orjson
from flask import Flask

from app import create_app
from app.config import Settings, load_settings
from app.errors import SettingError
from tasks.errors import MissingSecretError

KEYS = ("PLACET_SECRET_KEY", "PLACET_AUDIT_KEY")
SHORTEST_KEY = 32
"""Where others can reach the address; the keys that are made up have 64."""


def prepare() -> Settings:
    """Complete this process's environment, which its children inherit, and return its settings."""
    settings = load_settings(os.environ)
    open_var(settings.var)
    os.environ.update(_missing_keys(settings, os.environ))
    return load_settings(os.environ)


def application() -> Flask:
    """Return the application of this environment, for commands that need its database."""
    return create_app(prepare())


def open_var(var: Path) -> None:
    """Make the folder of all data, closed to other people."""
    _open_folder("PLACET_VAR", var)


def open_witness(settings: Settings) -> None:
    """Make the folder of the record's witness, for the process that seals."""
    if settings.audit_witness:
        _open_folder("PLACET_AUDIT_WITNESS", settings.audit_witness)


def _open_folder(variable: str, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        expected = f"a folder that can be made: {error.strerror}"
        raise SettingError(variable, str(folder), expected) from None
    try:
        # Asking for rights would say yes to root on a file system that is read-only.
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise SettingError(variable, str(folder), f"a folder to write in: {error.strerror}") from None


def _missing_keys(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    if not _is_loopback(settings.base_url):
        for name in KEYS:
            if 0 < len(environ.get(name, "")) < SHORTEST_KEY:
                raise SettingError(name, "...", f"a secret of at least {SHORTEST_KEY} characters")
    missing = [name for name in KEYS if not environ.get(name)]
    if not missing:
        return {}
    if not _is_loopback(settings.base_url):
        raise MissingSecretError(missing[0], settings.base_url)
    kept = kept_keys(settings.var / "secrets.json")
    return {name: kept[name] for name in missing}


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def kept_keys(file: Path) -> dict[str, str]:
    """Return the keys that were made up once for this folder; two processes at once agree on them."""
    with tempfile.NamedTemporaryFile(dir=file.parent) as fresh:  # mode 0600
        fresh.write(orjson.dumps({name: secrets.token_hex(32) for name in KEYS}))
        fresh.flush()
        with suppress(FileExistsError):
            os.link(fresh.name, file)
    kept: dict[str, str] = orjson.loads(file.read_bytes())
    return kept
