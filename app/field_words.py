"""What pages call the fields of a refusal: the API names them by path, people by words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from app.wording import Wording, translated, worded

_LINE = re.compile(r"lines\.(\d+)\.(\w+)")
# A product is chosen in the column of the item, by its name.
_OF_A_LINE = {
    "product_id": worded("Item"),
    "description": worded("Item"),
    "quantity": worded("Quantity"),
    "unit_price": worded("Price"),
    "discount_percent": worded("Discount"),
}
_NAMES = {
    "city": worded("City"),
    "comment": worded("The comment"),
    "content": worded("File"),
    "cost": worded("Cost"),
    "country": worded("Country, two letters"),
    "credit_limit": worded("Credit limit"),
    "currency": worded("Currency"),
    "current_password": worded("Present password"),
    "customer_id": worded("Customer"),
    "description": worded("Description"),
    "email": worded("E-mail"),
    "file": worded("File"),
    "kind": worded("Kind"),
    "lines": worded("Lines"),
    "locale": worded("Language of mails"),
    "name": worded("Name"),
    "need_type": worded("Type"),
    "new_password": worded("New password"),
    "note": worded("Note"),
    "notes": worded("Notes"),
    "on_hand": worded("Counted"),
    "password": worded("First password"),
    "payment_days": worded("Pays within, days"),
    "phone": worded("Phone"),
    "position": worded("Position"),
    "postcode": worded("Postcode"),
    "price": worded("Price"),
    "quantity": worded("Quantity"),
    "reason": worded("Why"),
    "repeated_password": worded("New password again"),
    "risk": worded("Risk"),
    "roles": worded("Roles"),
    "sku": worded("Number"),
    "street": worded("Street"),
    "tax_number": worded("Tax number"),
    "tax_percent": worded("Tax"),
    "teams": worded("Teams"),
    "title": worded("Title"),
    "unit": worded("Unit"),
    "value": worded("Value"),
    "wanted_on": worded("Wanted on"),
}
# What an order's form has beside its lines, and may hear refused while it is typed.
_OF_AN_ORDER = ("title", "customer_id", "currency", "wanted_on", "note", "lines")


def field_words(path: str) -> str:
    """Return what a page calls this field: `lines.0.quantity` is "Line 1, quantity"."""
    if line := _LINE.fullmatch(path):
        field = translated(_name(line[2], _OF_A_LINE)).lower()
        return str(gettext("Line %(n)s, %(field)s", n=int(line[1]) + 1, field=field))
    return translated(_name(path, _NAMES))


def problem_words(fields: Mapping[str, Any]) -> str:
    """Return what is wrong with which field, as one line."""
    between = translated(worded("; "))
    said = (
        worded("{field} {problem}", field=field_words(path), problem=between.join(map(translated, why)))
        for path, why in fields.items()
    )
    return between.join(map(translated, said))


def order_field_words() -> dict[str, str]:
    """Return the words of an order's fields by their names, for scripts."""
    of_lines = {f"field.lines.{name}": translated(words).lower() for name, words in _OF_A_LINE.items()}
    return {**{f"field.{name}": translated(_NAMES[name]) for name in _OF_AN_ORDER}, **of_lines}


def _name(name: str, known: dict[str, Wording]) -> str:
    return known.get(name) or name.replace("_", " ").capitalize()
