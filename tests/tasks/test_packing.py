"""What is shipped: the wheel, the image, the compose file, each complete and free of complaints."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import orjson
import pytest

from tests.servers import ROOT

BIN = Path(sys.executable).parent
SECRETS = {
    "PLACET_BASE_URL": "http://127.0.0.1:8000",
    "PLACET_SECRET_KEY": "secret",
    "PLACET_AUDIT_KEY": "audit",
    "POSTGRES_PASSWORD": "super",
    "PLACET_OWNER_PASSWORD": "owner",
    "PLACET_APP_PASSWORD": "app",
    "VALKEY_PASSWORD": "valkey",
}
PACKAGES = ("app", "rules", "tasks", "workflows")


def compose(*words: str, **environ: str) -> subprocess.CompletedProcess[bytes]:
    bare = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
    return subprocess.run(
        [BIN / "docker-compose", "--env-file", os.devnull, "config", *words],
        cwd=ROOT,
        env={**bare, **environ},
        capture_output=True,
    )


def test_the_image_has_no_complaints() -> None:
    done = subprocess.run([BIN / "hadolint", ROOT / "Dockerfile"], capture_output=True, text=True)

    assert (done.returncode, done.stdout) == (0, "")


def test_the_compose_file_is_valid() -> None:
    done = compose("--quiet", **SECRETS)

    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("missing", sorted(SECRETS))
def test_no_secret_has_a_default(missing: str) -> None:
    done = compose("--quiet", **{name: value for name, value in SECRETS.items() if name != missing})

    assert done.returncode != 0
    assert f"required variable {missing} is missing a value" in done.stderr.decode()


def test_every_service_but_the_job_says_whether_it_is_well() -> None:
    services = orjson.loads(compose("--format", "json", **SECRETS).stdout)["services"]

    silent = {name for name, service in services.items() if "test" not in service.get("healthcheck", {})}

    assert silent == {"migrate"}


def test_the_application_in_compose_is_not_the_owner_of_its_tables() -> None:
    services = orjson.loads(compose("--format", "json", **SECRETS).stdout)["services"]

    roles = {
        name: service["environment"]["PLACET_DATABASE_URL"].split(":")[1].strip("/")
        for name, service in services.items()
        if service.get("image") == "placet"
    }
    owners = {name for name, service in services.items() if "PLACET_MIGRATION_URL" in service["environment"]}

    assert set(roles.values()) == {"placet_app"}
    assert owners == {"migrate"}


def test_the_witness_of_the_record_lasts_and_only_the_relay_can_write_it() -> None:
    found = orjson.loads(compose("--format", "json", **SECRETS).stdout)
    image = (ROOT / "Dockerfile").read_text("utf-8")

    kept = {
        (name, volume["type"], volume["source"], volume["target"])
        for name, service in found["services"].items()
        if service.get("image") == "placet"
        for volume in service.get("volumes", [])
    }

    assert kept == {("relay", "volume", "witness", "/var/lib/placet/audit")}
    assert "witness" in found["volumes"]
    # A new volume takes its owner from the folder that is there in the image.
    assert "--owner=placet --mode=0700 /var/lib/placet/audit" in image
    assert "PLACET_VAR=/var/lib/placet " in image


def test_the_wheel_carries_every_file_of_the_packages(tmp_path: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", *PACKAGES, "pyproject.toml", "README.md", "LICENSE", "NOTICE"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    files = [name for name in listed.stdout.split("\0") if name]
    for name in files:
        copy = tmp_path / "source" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, copy)

    subprocess.run(
        [sys.executable, "-c", f"from setuptools import build_meta as b; b.build_wheel({str(tmp_path)!r})"],
        cwd=tmp_path / "source",
        capture_output=True,
        check=True,
    )

    (wheel,) = tmp_path.glob("placet-*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    assert {name for name in files if name.startswith(PACKAGES)} <= packed
