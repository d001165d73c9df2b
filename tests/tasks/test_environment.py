"""The keys of an installation are made up once, and nobody else can read them."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orjson
import pytest

from app.errors import SettingError
from tasks import environment
from tasks.environment import KEYS


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What `prepare` writes into the process's environment is undone after each test."""
    monkeypatch.setattr(os, "environ", {"PLACET_VAR": str(tmp_path / "var")})


def test_keys_are_made_up_once(tmp_path: Path) -> None:
    first = environment.prepare()
    for name in KEYS:
        del os.environ[name]

    second = environment.prepare()

    assert (first.secret_key, first.audit_key) == (second.secret_key, second.audit_key)


def test_only_its_owner_reads_the_data_and_the_keys(tmp_path: Path) -> None:
    environment.prepare()

    var = tmp_path / "var"
    assert stat.S_IMODE(var.stat().st_mode) == 0o700
    assert stat.S_IMODE((var / "secrets.json").stat().st_mode) == 0o600


def test_keys_that_the_operator_set_are_taken(tmp_path: Path) -> None:
    os.environ.update(PLACET_SECRET_KEY="mine", PLACET_AUDIT_KEY="mine too")

    settings = environment.prepare()

    assert (settings.secret_key, settings.audit_key) == ("mine", b"mine too")
    assert not (tmp_path / "var" / "secrets.json").exists()


def test_keys_that_others_could_guess_are_refused_where_they_can_reach_the_address() -> None:
    os.environ.update(PLACET_BASE_URL="https://orders.example.com", PLACET_SECRET_KEY="a")

    with pytest.raises(SettingError, match=r"^PLACET_SECRET_KEY='\.\.\.' is not a secret of at least 32"):
        environment.prepare()


def test_a_folder_that_cannot_be_made_is_one_line() -> None:
    os.environ["PLACET_VAR"] = "/proc/nope"

    with pytest.raises(SettingError, match="PLACET_VAR='/proc/nope' is not a folder that can be made"):
        environment.prepare()


def test_a_folder_that_is_there_but_takes_no_files_is_one_line() -> None:
    os.environ["PLACET_VAR"] = "/proc"

    with pytest.raises(SettingError, match=r"^PLACET_VAR='/proc' is not a folder to write in: \w"):
        environment.prepare()


def test_a_folder_of_the_witness_that_takes_no_files_is_one_line() -> None:
    os.environ["PLACET_AUDIT_WITNESS"] = "/proc"
    settings = environment.prepare()  # whoever does not seal has no use for it

    with pytest.raises(SettingError, match=r"^PLACET_AUDIT_WITNESS='/proc' is not a folder to write in: \w"):
        environment.open_witness(settings)


def test_the_folder_of_the_witness_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    environment.open_witness(environment.prepare())

    assert stat.S_IMODE((tmp_path / "var" / "audit").stat().st_mode) == 0o700


def test_processes_that_start_at_once_agree_on_the_keys(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: environment.kept_keys(file), range(32)))

    assert all(each == orjson.loads(file.read_bytes()) for each in found)
    assert [each.name for each in tmp_path.iterdir()] == ["secrets.json"]


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:8000", "placet.localhost"])
def test_addresses_of_this_machine_need_no_keys_of_their_own(host: str) -> None:
    os.environ["PLACET_BASE_URL"] = f"http://{host}"

    assert environment.prepare().secret_key
