"""What tests do beside the page that they look at: orders by the API, as the person of the page."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from playwright.sync_api import APIResponse, Page


def unique(title: str) -> str:
    """A title that no other test has: all of them share one business."""
    return f"{title} {secrets.token_hex(3)}"


def call(page: Page, method: str, path: str, **options: Any) -> APIResponse:
    """Ask the API as the person of this page."""
    token = page.locator("meta[name=csrf-token]").get_attribute("content")
    headers = {"X-CSRF-Token": token or "", **options.pop("headers", {})}
    return page.request.fetch(path, method=method, headers=headers, max_retries=2, **options)


def answer(page: Page, method: str, path: str, **options: Any) -> Any:
    response = call(page, method, path, **options)
    assert response.ok, f"{method} {path}: {response.status} {response.text()}"
    return response.json()


def customer_id(page: Page, name: str = "Northwind Offices") -> str:
    found = answer(page, "GET", "/api/v1/customers?limit=50")["items"]
    return next(each["id"] for each in found if each["name"] == name)


def add_customer(page: Page, name: str, email: str = "library@example.com") -> None:
    """Add a customer of whom nothing is known yet: credit control is asked about their first orders."""
    body = {"name": name, "risk": "low", "credit_limit": "50000", "email": email}
    answer(page, "POST", "/api/v1/customers", data=body)


def product_id(page: Page, sku: str) -> str:
    found = answer(page, "GET", f"/orders/products?q={sku}")
    return next(each["id"] for each in found if each["sku"] == sku)


def enter_order(
    page: Page,
    title: str,
    lines: Sequence[tuple[str, int]] = (("LMP-010", 25),),
    *,
    submit: bool = True,
    customer: str = "Northwind Offices",
) -> dict[str, Any]:
    """Enter an order; the default one asks the sales lead alone."""
    body = {
        "title": title,
        "customer_id": customer_id(page, customer),
        "lines": [{"product_id": product_id(page, sku), "quantity": str(n)} for sku, n in lines],
        "submit": submit,
    }
    entered: dict[str, Any] = answer(page, "POST", "/api/v1/orders", data=body)
    return entered


def waits_for(page: Page, order: dict[str, Any]) -> list[str]:
    """The teams and people that are asked now."""
    found = answer(page, "GET", f"/api/v1/orders/{order['id']}")["waiting"]
    return [name for each in found for name in each["whom"]]


def status_of(page: Page, order: dict[str, Any]) -> str:
    status: str = answer(page, "GET", f"/api/v1/orders/{order['id']}")["status"]
    return status
