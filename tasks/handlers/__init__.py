"""What machines can do for a diagram: handlers, named by capability and never by industry."""

from tasks.handlers.registry import (
    BusinessError,
    Call,
    Handler,
    HopelessError,
    InputError,
    UnknownHandlerError,
    handler_of,
    handles,
    id_input,
    known,
)

# Importing a module signs its handlers up; last, because they import from here.
from tasks.handlers import arrivals, closing, experiments, money, need_files, shipping, stock, surveys  # isort: skip

__all__ = [
    "BusinessError",
    "Call",
    "Handler",
    "HopelessError",
    "InputError",
    "UnknownHandlerError",
    "arrivals",
    "closing",
    "experiments",
    "handler_of",
    "handles",
    "id_input",
    "known",
    "money",
    "need_files",
    "shipping",
    "stock",
    "surveys",
]
