"""The command line as an operator types it: what it prints last, and how it exits."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.servers import ROOT


class Folder:
    """An installation in a folder of its own, seeded with the demo business."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.placet("migrate")
        self.placet("seed")

    def placet(self, *words: str) -> subprocess.CompletedProcess[str]:
        named = {name: value for name, value in os.environ.items() if not name.startswith("PLACET_")}
        return subprocess.run(
            [sys.executable, "-m", "tasks.cli", *words],
            cwd=ROOT,
            env={**named, "PLACET_VAR": str(self.var)},
            capture_output=True,
            text=True,
        )

    def change(self, statement: str) -> None:
        engine = create_engine(f"sqlite:///{self.var / 'placet.db'}")
        with engine.begin() as connection:
            connection.execute(text(statement))
        engine.dispose()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return Folder(tmp_path_factory.mktemp("installation"))


def _last_line(done: subprocess.CompletedProcess[str]) -> str:
    return done.stdout.rstrip().rsplit("\n", 1)[-1]


def test_good_rows_of_needs_are_kept_and_bad_ones_named_by_their_line(folder: Folder, tmp_path: Path) -> None:
    file = tmp_path / "needs.csv"
    file.write_text(
        "need_type,customer,text,channel,quantity,value\n"
        "lighting,Northwind Offices,Ten lamps,web,10,485.00\n"
        "lighting,Northwind Offices,Many lamps,web,many,485.00\n"
        "plants,Nobody Inc,A palm,fair,1,90\n",
        "utf-8",
    )

    done = folder.placet("import-needs", str(file), "--org", "demo")

    assert done.returncode == 1
    assert "needs.csv:3: quantity" in done.stdout
    assert "needs.csv:4: customer “Nobody Inc” is not known; the need keeps the name as text" in done.stdout
    assert _last_line(done) == "2 needs kept of 3 rows, 1 refused"


def test_needs_for_a_business_that_there_is_not_are_refused(folder: Folder, tmp_path: Path) -> None:
    file = tmp_path / "needs.csv"
    file.write_text("need_type,text\nlighting,A lamp\n", "utf-8")

    done = folder.placet("import-needs", str(file), "--org", "nobody")

    assert done.returncode == 1
    assert done.stderr.startswith("placet: ")
    assert "nobody" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_person_is_added_and_given_a_token(folder: Folder) -> None:
    person = ("--org", "demo", "--email", "eva@demo.example", "--name", "Eva", "--role", "sales")

    added = folder.placet("user", "add", *person, "--password", "long enough")
    token = folder.placet("token", "add", "--email", "eva@demo.example", "--scope", "orders:write")

    assert _last_line(added).startswith("eva@demo.example added: ")
    assert token.returncode == 0
    assert len(_last_line(token)) > 30


def test_a_person_who_forgot_their_password_is_given_one(folder: Folder) -> None:
    person = ("--org", "demo", "--email", "kim@demo.example", "--name", "Kim")
    folder.placet("user", "add", *person, "--password", "long enough")

    given = folder.placet("user", "password", "Kim@demo.example", "--password", "another one")
    short = folder.placet("user", "password", "kim@demo.example", "--password", "short")
    nobody = folder.placet("user", "password", "nobody@demo.example", "--password", "another one")

    assert _last_line(given) == (
        "kim@demo.example has a new password; all their sessions have ended; API tokens still valid: 0"
    )
    assert (short.returncode, "fewer than 8" in short.stderr) == (1, True)
    assert (nobody.returncode, "there is no person" in nobody.stderr) == (1, True)


def test_a_second_business_is_made_ready_for_its_people(folder: Folder) -> None:
    made = folder.placet("organisation", "add", "--slug", "other", "--name", "Another business")
    again = folder.placet("organisation", "add", "--slug", "other", "--name", "Another business")
    person = ("--org", "other", "--email", "zoe@other.example", "--name", "Zoe", "--team", "sales_lead")
    added = folder.placet("user", "add", *person, "--role", "approver", "--password", "long enough")

    assert _last_line(made).startswith("other added: ")
    assert (again.returncode, "is taken" in again.stderr) == (1, True)
    assert added.returncode == 0, added.stderr
    assert folder.placet("audit", "verify", "--org", "other").returncode == 0


def test_a_role_that_there_is_not_is_named(folder: Folder) -> None:
    person = ("--org", "demo", "--email", "x@demo.example", "--name", "X", "--role", "king")

    done = folder.placet("user", "add", *person, "--password", "long enough")

    assert done.returncode == 1
    assert "roles: " in done.stderr


def test_a_second_seed_makes_nothing(folder: Folder) -> None:
    before = (folder.var / "demo.json").read_text("utf-8")

    done = folder.placet("seed")

    assert done.returncode == 0
    assert (folder.var / "demo.json").read_text("utf-8") == before


def test_the_record_is_proved_until_somebody_writes_in_it(tmp_path: Path) -> None:
    mine = Folder(tmp_path / "var")
    whole = mine.placet("audit", "verify")
    mine.change("update audit_entries set detail = '{}' where seq = 2")

    broken = mine.placet("audit", "verify", "--org", "demo")

    said = _last_line(whole).split()
    assert (whole.returncode, said[:2], said[3], said[5]) == (0, ["audit", "ok:"], "streams,", "entries")
    assert int(said[2]) > 1
    assert int(said[4]) > 1
    assert broken.returncode == 1
    words = _last_line(broken).split(maxsplit=4)
    assert (words[:2], words[3]) == (["audit", "broken:"], "2")
    assert words[4]
