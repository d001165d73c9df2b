"""A web worker stays small: no page and no list of the API makes it load what models are learned with."""

from __future__ import annotations

import json
import subprocess
import sys

WANTED = (
    *(
        "/needs",
        "/needs/analysis",
        "/needs/explore",
        "/needs/import",
        "/needs/board",
        "/needs/funnel",
        "a need",
    ),
    *("/forecast", "/themes", "/segments", "/models", "/tables", "/experiments", "/surveys", "a need"),
    *("/api/v1/needs", "/api/v1/needs/imports", "/api/v1/needs/explore", "/api/v1/needs/funnel", "its type"),
    *("/api/v1/forecasts", "/api/v1/segments", "/api/v1/themes", "/api/v1/models", "/api/v1/experiments"),
)


def test_a_process_that_served_every_page_and_list_has_loaded_no_learning() -> None:
    served = subprocess.run(
        [sys.executable, "-m", "tests.app.serving_everything"], check=True, capture_output=True, text=True
    )

    found = json.loads(served.stdout.splitlines()[-1])  # after a line for each request
    # No clock and no relay run beside it: it is not ready, which is all that it says.
    broken = {path for path, status in found["answers"].items() if status >= 500} - {"/readyz"}
    assert broken == set()
    assert {path for path in WANTED if found["answers"].get(path) != 200} == set()
    assert found["loaded"] == []
