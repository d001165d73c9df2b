"""Adding and changing products, and correcting stock with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app import audit
from app.accounts.actor import Actor
from app.accounts.models import Role
from app.catalogue.models import Product
from app.columns import new_id
from app.currencies import currency_problem
from app.database import Transaction, transaction
from app.entered import check_lengths
from app.errors import InvalidError, NotFoundError, StaleError
from app.moments import utc_now
from app.wording import worded

MOST = Decimal(10**9)
LONGEST = {"sku": 60, "name": 190, "description": 4000, "unit": 20}
CHANGEABLE = frozenset(
    {
        "sku",
        "name",
        "description",
        "unit",
        "currency",
        "price",
        "cost",
        "tax_percent",
        "is_stocked",
        "is_active",
    }
)


@dataclass(frozen=True, slots=True)
class Saved:
    id: UUID
    version: int


def create(actor: Actor, values: Mapping[str, Any]) -> Saved:
    """Add a product; raise InvalidError naming the fields that are wrong."""
    actor.require(Role.SALES, Role.OPERATOR)
    _check(values)
    with transaction(actor.org_id) as tx:
        _check_sku_free(tx, values["sku"], None)
        product = Product(id=new_id(), org_id=actor.org_id, created_at=utc_now(), version=1, **_known(values))
        tx.session.add(product)
        detail = {"product": product.id, "sku": values["sku"]}
        audit.write(tx, "catalogue", actor.person_id, "product.added", detail)
    return Saved(product.id, 1)


def change(actor: Actor, product_id: UUID, values: Mapping[str, Any], expected: int | None) -> Saved:
    """Change what is given; orders keep the prices they were made with."""
    actor.require(Role.SALES, Role.OPERATOR)
    _check(values)
    with transaction(actor.org_id) as tx:
        product = _locked(tx, product_id, expected)
        if "sku" in values:
            _check_sku_free(tx, values["sku"], product_id)
        changed = sorted(set(values) & CHANGEABLE)
        before = {name: getattr(product, name) for name in changed}
        for name, value in _known(values).items():
            setattr(product, name, value)
        product.version += 1
        detail = {"product": product_id, "fields": changed, "changes": audit.changes(before, product)}
        audit.write(tx, "catalogue", actor.person_id, "product.changed", detail)
    return Saved(product_id, product.version)


def correct_stock(actor: Actor, product_id: UUID, on_hand: Decimal, reason: str) -> Saved:
    """Say how many lie in the warehouse; raise InvalidError below what is promised to orders."""
    actor.require(Role.SALES, Role.OPERATOR)
    if not reason.strip():
        raise InvalidError("the stock was not corrected", {"reason": ["say why"]})
    if not 0 <= on_hand <= MOST:
        raise InvalidError(
            "the stock was not corrected", {"on_hand": [worded("is not from 0 to {most}", most=MOST)]}
        )
    with transaction(actor.org_id) as tx:
        product = _locked(tx, product_id, None)
        if not product.is_stocked:
            raise InvalidError("the stock was not corrected", {"on_hand": ["this is not a stocked product"]})
        if on_hand < product.reserved:
            why = worded(
                "is below the {reserved} that are promised to orders",
                reserved=f"{product.reserved.normalize():f}",
            )
            raise InvalidError("the stock was not corrected", {"on_hand": [why]})
        before, product.on_hand = product.on_hand, on_hand
        product.version += 1
        detail = {"product": product_id, "before": before, "after": on_hand, "reason": reason.strip()}
        audit.write(tx, "catalogue", actor.person_id, "stock.corrected", detail)
    return Saved(product_id, product.version)


def _locked(tx: Transaction, product_id: UUID, expected: int | None) -> Product:
    product = tx.session.get(Product, product_id, with_for_update=True, populate_existing=True)
    if product is None:
        raise NotFoundError("product", product_id)
    if expected is not None and expected != product.version:
        raise StaleError("somebody else changed this product meanwhile", version=product.version)
    return product


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in CHANGEABLE}


def _check(values: Mapping[str, Any]) -> None:
    wrong = check_lengths(values, LONGEST)
    for name in ("sku", "name"):
        if name in values and not str(values[name]).strip():
            wrong[name] = ["is empty"]
    for name in ("price", "cost"):
        if not 0 <= Decimal(values.get(name) or 0) <= MOST:
            wrong[name] = [worded("is not from 0 to {most}", most=MOST)]
    if not 0 <= Decimal(values.get("tax_percent") or 0) <= 100:
        wrong["tax_percent"] = ["is not from 0 to 100"]
    if "currency" in values and (problem := currency_problem(values["currency"])):
        wrong["currency"] = [problem]
    if wrong:
        raise InvalidError("the product was not saved", dict(wrong))


def _check_sku_free(tx: Transaction, sku: str, product_id: UUID | None) -> None:
    found = tx.session.scalar(select(Product.id).where(Product.sku == sku))
    if found is not None and found != product_id:
        raise InvalidError("the product was not saved", {"sku": ["is taken"]})
