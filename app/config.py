"""Everything that an installation may set, read once from the environment into one frozen value."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from flask import current_app

from app.errors import SettingError

LONGEST_UNDO = 600


@dataclass(frozen=True, slots=True)
class Settings:
    """URLs are SQLAlchemy's for databases and Celery's for brokers; `var` holds all data of `make run`."""

    var: Path
    database_url: str
    migration_url: str
    broker_url: str
    base_url: str
    events_url: str
    smtp_url: str
    secret_key: str = field(repr=False)
    audit_key: bytes = field(repr=False)
    port: int = 8000
    events_port: int = 8001
    # Decisions wait this long before they take effect, so that they can be taken back.
    undo_seconds: float = 5.0
    # Hosts that `http.call` may reach though they are private ("host" or "host:port").
    http_allowed_private: frozenset[str] = frozenset()
    http_allowed_hosts: frozenset[str] = frozenset()
    rate_limits: bool = True
    # How many models are trained at once in the whole installation; more must not take every worker.
    trainings: int = 1
    # The folder that remembers the newest seals outside the database; None where nobody does.
    audit_witness: Path | None = None
    # How many proxies stand in front, whose word on the client's address is taken.
    proxies: int = 0

    @property
    def secure(self) -> bool:
        """Cookies are `__Host-` and Secure where the public address is https."""
        return self.base_url.startswith("https://")

    @property
    def events_origin(self) -> str:
        """The origin that pages may listen to, for the content security policy."""
        parts = urlsplit(self.events_url)
        return f"{parts.scheme}://{parts.netloc}"


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Read `PLACET_*`; raise SettingError naming the variable that is wrong."""
    var = Path(environ.get("PLACET_VAR", "var")).absolute()
    port = _port(environ, "PLACET_PORT", 8000)
    events_port = _port(environ, "PLACET_EVENTS_PORT", port + 1)
    if events_port == port:
        raise SettingError("PLACET_EVENTS_PORT", str(events_port), "another port than PLACET_PORT")
    database_url = _database_url(environ.get("PLACET_DATABASE_URL") or f"sqlite:///{var / 'placet.db'}")
    base_url = _web_url(environ, "PLACET_BASE_URL", f"http://127.0.0.1:{port}")
    return Settings(
        var=var,
        database_url=database_url,
        migration_url=_database_url(environ.get("PLACET_MIGRATION_URL") or database_url),
        broker_url=environ.get("PLACET_BROKER_URL")
        or f"redis+socket://{var / 'valkey' / 'valkey.sock'}?virtual_host=0",
        base_url=base_url,
        events_url=_web_url(environ, "PLACET_EVENTS_URL", f"http://127.0.0.1:{events_port}/events"),
        smtp_url=_smtp_url(environ),
        secret_key=environ.get("PLACET_SECRET_KEY") or secrets.token_hex(32),
        audit_key=_audit_key(environ),
        audit_witness=_witness(environ, var),
        port=port,
        events_port=events_port,
        undo_seconds=_seconds(environ, "PLACET_UNDO_SECONDS", 5.0),
        http_allowed_private=_names(environ.get("PLACET_HTTP_ALLOWED_PRIVATE", "")),
        http_allowed_hosts=_names(environ.get("PLACET_HTTP_ALLOWED_HOSTS", "")),
        rate_limits=_switch(environ, "PLACET_RATE_LIMITS"),
        proxies=_count(environ, "PLACET_PROXIES"),
        trainings=_trainings(environ),
    )


def _port(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise SettingError(name, text, "a port from 1 to 65535")
    return int(text)


def _count(environ: Mapping[str, str], name: str) -> int:
    text = environ.get(name) or "0"
    if not text.isdigit() or int(text) > 9:
        raise SettingError(name, text, "a number from 0 to 9")
    return int(text)


def _trainings(environ: Mapping[str, str]) -> int:
    text = environ.get("PLACET_TRAININGS") or "1"
    if not text.isdigit() or not 0 < int(text) < 65:
        raise SettingError("PLACET_TRAININGS", text, "a number from 1 to 64")
    return int(text)


def _seconds(environ: Mapping[str, str], name: str, default: float) -> float:
    text = environ.get(name) or str(default)
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 <= seconds <= LONGEST_UNDO:
        raise SettingError(name, text, "a number of seconds from 0 to 600")
    return seconds


def _switch(environ: Mapping[str, str], name: str) -> bool:
    text = environ.get(name) or "on"
    if text not in ("on", "off"):
        raise SettingError(name, text, "on or off")
    return text == "on"


def _smtp_url(environ: Mapping[str, str]) -> str:
    """Look at the scheme and the host only: a refusal must not show a password."""
    text = environ.get("PLACET_SMTP_URL", "")
    parts = _split(text)
    if text and (parts.scheme not in ("smtp", "smtps") or not parts.hostname):
        shown = f"{parts.scheme}:..."
        raise SettingError("PLACET_SMTP_URL", shown, "smtp://host:port or smtps://host:port")
    return text


def _web_url(environ: Mapping[str, str], name: str, default: str) -> str:
    text = (environ.get(name) or default).rstrip("/")
    parts = _split(text)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise SettingError(name, text, "an address such as https://orders.example.com")
    return text


def _split(text: str) -> SplitResult:
    """Split an address; a broken one, such as `http://[`, has no parts."""
    try:
        return urlsplit(text)
    except ValueError:
        return SplitResult("", "", "", "", "")


def _database_url(url: str) -> str:
    """Name the drivers that we ship, so that plain `postgresql://` and `mysql://` URLs work."""
    for plain, driver in (
        ("postgres://", "postgresql+psycopg://"),
        ("postgresql://", "postgresql+psycopg://"),
        ("mysql://", "mysql+pymysql://"),
        ("mariadb://", "mariadb+pymysql://"),
    ):
        if url.startswith(plain):
            return driver + url.removeprefix(plain)
    return url


def _audit_key(environ: Mapping[str, str]) -> bytes:
    text = environ.get("PLACET_AUDIT_KEY")
    return text.encode() if text else secrets.token_bytes(32)


def _witness(environ: Mapping[str, str], var: Path) -> Path | None:
    text = environ.get("PLACET_AUDIT_WITNESS") or str(var / "audit")
    if text == "off":
        return None
    folder = Path(text)
    # A whole path, so that all processes mean the same and no word such as "none" becomes a folder.
    # Whether it takes files is asked where it is written: most processes have no use for it.
    if not folder.is_absolute() or (folder.exists() and not folder.is_dir()):
        raise SettingError("PLACET_AUDIT_WITNESS", text, "the whole path of a folder, or off")
    return folder


def _names(text: str) -> frozenset[str]:
    return frozenset(name.strip().lower() for name in text.split(",") if name.strip())


def settings() -> Settings:
    """Return the settings of the application at work."""
    found: Settings = current_app.extensions["placet.settings"]
    return found
