"""Where the house ends: carriers, suppliers and payment providers, simulated or real."""

from tasks.adapters.choosing import carrier_of, customer_of, payment_provider_of, supplier_of
from tasks.adapters.parties import (
    Carrier,
    DeclinedError,
    PaymentProvider,
    PurchaseRefusedError,
    Supplier,
    Tracking,
)

__all__ = [
    "Carrier",
    "DeclinedError",
    "PaymentProvider",
    "PurchaseRefusedError",
    "Supplier",
    "Tracking",
    "carrier_of",
    "customer_of",
    "payment_provider_of",
    "supplier_of",
]
