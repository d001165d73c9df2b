"""Money of today: which codes it has, and how many decimals its amounts have; the one place that knows."""

from __future__ import annotations

from decimal import Decimal

from babel.core import get_global

from app.wording import Wording, worded

# ISO 4217: what differs from two decimals.
_MINOR_UNITS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF"), 0),
    **dict.fromkeys(("UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
# What some territory pays with, and still does: no metals, no test codes, no money of the past.
CURRENCIES = frozenset(
    code
    for used in get_global("territory_currencies").values()
    for code, _since, until, is_tender in used
    if is_tender and until is None
)


def minor_units(currency: str) -> int:
    """Return how many decimals an amount of this currency has."""
    return _MINOR_UNITS.get(currency, 2)


def exact(amount: Decimal, currency: str | None) -> str:
    """Write an amount with its currency's decimals, and with more where it has them: nothing is rounded."""
    return f"{amount:.{max(minor_units(currency or ''), _decimals(amount))}f}"


def shortest(number: Decimal) -> str:
    """Write a quantity or a percentage without needless zeros."""
    return f"{number:.{_decimals(number)}f}"


def _decimals(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def currency_problem(code: object) -> Wording | None:
    """Return what is wrong with a code, None for one of money that is paid with today."""
    if isinstance(code, str) and code in CURRENCIES:
        return None
    return worded("is not a currency of today, three capital letters such as EUR")
