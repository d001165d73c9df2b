"""The Postman collection: as the API is, and its walk runs against a real server."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import make_server

from app import api_description, postman
from app.accounts import commands as accounts
from tasks.commands.postman import text
from tests.builders import Firm

ROOT = Path(__file__).resolve().parents[3]
FILE = ROOT / "docs" / "api" / "placet.postman_collection.json"
NEWMAN = ROOT / "tests" / "newman"

pytestmark = pytest.mark.parametrize("database", ["postgres"], indirect=True)


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Where the application answers over a real connection."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture(scope="module")
def newman() -> Path:
    """The program, installed from its lock where it is not there yet."""
    program = NEWMAN / "node_modules" / ".bin" / "newman"
    if not program.exists():
        install = ("npm", "ci", "--ignore-scripts", "--silent", "--no-audit", "--no-fund")
        subprocess.run(install, cwd=NEWMAN, check=True)
    return program


def test_the_file_is_what_the_api_is_now(app: Flask) -> None:
    assert FILE.read_text("utf-8") == text(), f"run: placet postman {FILE.relative_to(ROOT)}"


def test_every_operation_is_in_it(app: Flask) -> None:
    folders = postman.collection(api_description.description())["item"]
    requests = [request for folder in folders if folder["name"] != postman.WALK for request in folder["item"]]

    assert len(requests) == len(list(api_description.operations(api_description.description())))


@pytest.mark.timeout(300)
def test_its_walk_takes_an_order_from_a_need_through_its_approval(
    app: Flask, shop: Firm, address: str, newman: Path, tmp_path: Path
) -> None:
    accounts.change_person(shop["admin"], shop["lead"].person_id, teams=["sales_lead", "credit"])
    token, approver = (shop.headers(who)["Authorization"].split()[1] for who in ("sales", "lead"))
    report = tmp_path / "report.json"
    values = {"base_url": address, postman.SELLER: token, postman.APPROVER: approver}
    given = [part for name, value in values.items() for part in ("--env-var", f"{name}={value}")]
    reporting = ("--reporters", "cli,json", "--reporter-json-export", report)

    ran = subprocess.run(
        [newman, "run", FILE, "--folder", postman.WALK, "--bail", *reporting, *given],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    found = json.loads(report.read_text())["run"]
    assert found["failures"] == []
    assert found["stats"]["requests"]["total"] == found["stats"]["assertions"]["total"] >= 15
