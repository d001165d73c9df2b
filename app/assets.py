"""Finding what the front end's build made: names carry a hash of their content, so they are kept for ever."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import orjson
from flask import Flask, Response, current_app, request

FOLDER = "dist"


def init(app: Flask) -> None:
    app.jinja_env.globals["asset"] = asset
    app.after_request(_keep)


def asset(name: str) -> str:
    """Return the address of a built file; raise RuntimeError where the front end was not built."""
    try:
        return f"/static/{FOLDER}/{_manifest()[name]}"
    except (FileNotFoundError, KeyError):
        raise RuntimeError(f"{name} is not built: run make setup") from None


def _manifest() -> dict[str, str]:
    manifest = Path(current_app.static_folder or "") / FOLDER / "manifest.json"
    return _read(manifest, manifest.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _read(manifest: Path, _changed_at: int) -> dict[str, str]:
    found: dict[str, str] = orjson.loads(manifest.read_bytes())
    return found


def _keep(response: Response) -> Response:
    if request.path.startswith(f"/static/{FOLDER}/") and response.status_code == 200:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
