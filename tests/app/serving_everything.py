"""A process of its own that serves each page and list once, and prints as JSON what it loaded for it."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from app import create_app
from app.accounts.models import Role
from app.config import load_settings
from app.migrating import migrate
from app.needs import commands
from tests.builders import a_firm
from tests.signing_in import signed_in

HEAVY = {"pandas", "numpy", "scipy", "sklearn", "statsmodels", "skops", "pyarrow", "openpyxl"}


def serve(folder: str) -> dict[str, object]:
    environ = {
        "PLACET_VAR": folder,
        "PLACET_DATABASE_URL": f"sqlite:///{Path(folder) / 'served.db'}",
        "PLACET_SECRET_KEY": "x" * 64,
        "PLACET_AUDIT_KEY": "y" * 64,
    }
    settings = load_settings(environ)
    migrate(settings)
    app = create_app(settings)
    with app.app_context():
        firm = a_firm()
        for number in range(30):
            commands.create(firm["sales"], {"need_type": f"type {number % 3}", "text": f"Lamp {number}"})
        client = signed_in(app, firm, Role.SALES, Role.PROCESS_OWNER, Role.ADMINISTRATOR)
        headers = firm.headers("sales") | {"Accept": "application/json"}
    answers: dict[str, int] = {}
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.arguments:
            is_api = rule.rule.startswith("/api/")
            with app.app_context():
                answer = (app.test_client() if is_api else client).get(
                    rule.rule, headers=headers if is_api else {}, buffered=False
                )
                answers[rule.rule] = answer.status_code
                answer.close()
    with app.app_context():
        (need,) = client.get("/api/v1/needs?limit=1", headers=headers).get_json()["items"]
        answers["a need"] = client.get(f"/needs/{need['id']}").status_code
        asked = app.test_client().post("/api/v1/needs/suggest-type", json={"text": "a lamp"}, headers=headers)
        answers["its type"] = asked.status_code
    loaded = sorted({name.split(".")[0] for name in sys.modules} & HEAVY)
    status = Path("/proc/self/status").read_text()
    resident = int(status.split("VmRSS:", 1)[1].split()[0]) // 1024
    return {"answers": answers, "loaded": loaded, "resident_mib": resident}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        json.dump(serve(place), sys.stdout)
