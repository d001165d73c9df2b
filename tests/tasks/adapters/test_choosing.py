"""An organisation's settings choose its parties; what cannot be used is named."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask

from tasks.adapters import carrier_of, customer_of, payment_provider_of, supplier_of
from tasks.adapters.choosing import PartySettingError
from tasks.adapters.over_http import HttpCarrier, HttpPayments, HttpSupplier, PartyFailedError
from tasks.adapters.simulated import SimulatedCarrier, SimulatedCustomer, SimulatedPayments, SimulatedSupplier
from tests.builders import a_firm


def test_parties_are_simulated_unless_settings_say_otherwise(app: Flask) -> None:
    org_id = a_firm().org_id

    assert isinstance(carrier_of(org_id), SimulatedCarrier)
    assert isinstance(supplier_of(org_id), SimulatedSupplier)
    assert isinstance(payment_provider_of(org_id), SimulatedPayments)


def test_customers_are_real_unless_settings_say_otherwise(app: Flask) -> None:
    real, simulated = (
        a_firm().org_id,
        a_firm(parties={"customer": {"kind": "simulator", "seconds": 9}}).org_id,
    )

    assert customer_of(real) is None
    assert customer_of(simulated) == SimulatedCustomer(9)


def test_settings_choose_real_parties(app: Flask) -> None:
    real: dict[str, object] = {"kind": "http", "name": "Swift", "url": "https://swift.example", "token": "t"}
    org_id = a_firm(parties={"carrier": real, "supplier": real, "payments": real}).org_id

    carrier = carrier_of(org_id)

    assert isinstance(carrier, HttpCarrier)
    assert (carrier.connection.name, carrier.connection.token) == ("Swift", "t")
    assert isinstance(supplier_of(org_id), HttpSupplier)
    assert isinstance(payment_provider_of(org_id), HttpPayments)


def test_settings_say_how_quick_and_how_reliable_a_simulator_is(app: Flask) -> None:
    org_id = a_firm(parties={"carrier": {"seconds": 60, "lost_percent": 2.5}}).org_id

    assert carrier_of(org_id) == SimulatedCarrier(seconds=60, lost_percent=2.5)


@pytest.mark.parametrize(
    ("party", "said", "choose", "problem"),
    [
        pytest.param("carrier", {"kind": "pigeon"}, carrier_of, "pigeon", id="unknown kind"),
        pytest.param("supplier", {"kind": "http"}, supplier_of, "no url", id="no address"),
        pytest.param(
            "payments", {"kind": "http", "url": "ftp://x"}, payment_provider_of, "no url", id="not the web"
        ),
        pytest.param("carrier", {"seconds": -1}, carrier_of, "seconds", id="negative time"),
        pytest.param("carrier", {"lost_percent": True}, carrier_of, "lost_percent", id="no number"),
        pytest.param("carrier", "fast", carrier_of, "not an object", id="no object"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(
    app: Flask, party: str, said: dict[str, object], choose: Callable[[UUID], object], problem: str
) -> None:
    org_id = a_firm(parties={party: said}).org_id

    with pytest.raises(PartySettingError, match=problem) as wrong:
        choose(org_id)

    assert f"parties.{party}" in str(wrong.value)


def test_a_party_inside_our_own_network_is_not_called(app: Flask) -> None:
    inside: dict[str, object] = {"kind": "http", "name": "Inside", "url": "http://127.0.0.1:9"}
    carrier = carrier_of(a_firm(parties={"carrier": inside}).org_id)

    with pytest.raises(PartyFailedError, match=r"127\.0\.0\.1 is not a public address"):
        carrier.track("1")
