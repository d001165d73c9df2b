"""`placet postman FILE`: the API's Postman collection as a file, for integrators."""

from __future__ import annotations

import json
from pathlib import Path

from app.api_description import description
from app.postman import collection


def text() -> str:
    return json.dumps(collection(description()), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def run(file: Path) -> None:
    file.write_text(text(), "utf-8")
