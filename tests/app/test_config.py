"""Settings that cannot be are refused by one line that names the variable and shows no secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.config import load_settings
from app.errors import SettingError


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PLACET_PORT", "0", "PLACET_PORT='0' is not a port from 1 to 65535"),
        ("PLACET_EVENTS_PORT", "8000", "PLACET_EVENTS_PORT='8000' is not another port than PLACET_PORT"),
        ("PLACET_TRAININGS", "0", "PLACET_TRAININGS='0' is not a number from 1 to 64"),
        ("PLACET_PROXIES", "-1", "PLACET_PROXIES='-1' is not a number from 0 to 9"),
        ("PLACET_UNDO_SECONDS", "-1", "PLACET_UNDO_SECONDS='-1' is not a number of seconds from 0 to 600"),
        ("PLACET_UNDO_SECONDS", "nan", "PLACET_UNDO_SECONDS='nan' is not a number of seconds from 0 to 600"),
        ("PLACET_UNDO_SECONDS", "soon", "PLACET_UNDO_SECONDS='soon' is not a number of seconds"),
        (
            "PLACET_AUDIT_WITNESS",
            "none",
            "PLACET_AUDIT_WITNESS='none' is not the whole path of a folder, or off",
        ),
        (
            "PLACET_AUDIT_WITNESS",
            __file__,
            f"PLACET_AUDIT_WITNESS={__file__!r} is not the whole path of a folder",
        ),
        ("PLACET_RATE_LIMITS", "maybe", "PLACET_RATE_LIMITS='maybe' is not on or off"),
        ("PLACET_SMTP_URL", "http://me:secret@x", "PLACET_SMTP_URL='http:...' is not smtp://host:port"),
        ("PLACET_SMTP_URL", "smtp://", "PLACET_SMTP_URL='smtp:...' is not smtp://host:port"),
        ("PLACET_SMTP_URL", "smtp://[", "PLACET_SMTP_URL=':...' is not smtp://host:port"),
        ("PLACET_BASE_URL", "http://[", "PLACET_BASE_URL='http://[' is not an address"),
        ("PLACET_BASE_URL", "orders.example.com", "PLACET_BASE_URL='orders.example.com' is not an address"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(name: str, value: str, said: str) -> None:
    with pytest.raises(SettingError) as refused:
        load_settings({name: value})

    assert str(refused.value).startswith(said)
    assert "secret" not in str(refused.value)


def test_what_is_not_set_has_a_value_that_works() -> None:
    found = load_settings({})

    assert (found.port, found.events_port, found.undo_seconds, found.rate_limits) == (8000, 8001, 5.0, True)
    assert load_settings({"PLACET_RATE_LIMITS": "off"}).rate_limits is False
    assert load_settings({"PLACET_UNDO_SECONDS": "0"}).undo_seconds == 0
    assert (
        load_settings({"PLACET_SMTP_URL": "smtps://mail.example.com"}).smtp_url == "smtps://mail.example.com"
    )


def test_the_witness_is_a_folder_under_var_another_or_nobody() -> None:
    assert load_settings({"PLACET_VAR": "/data"}).audit_witness == Path("/data/audit")
    assert load_settings({"PLACET_VAR": "/data", "PLACET_AUDIT_WITNESS": ""}).audit_witness == Path(
        "/data/audit"
    )
    assert load_settings({"PLACET_AUDIT_WITNESS": "/elsewhere"}).audit_witness == Path("/elsewhere")
    assert load_settings({"PLACET_AUDIT_WITNESS": "off"}).audit_witness is None
