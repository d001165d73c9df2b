"""DMN decisions: `load` a document, then ask its model to `decide`."""

from rules.dmn.check import check_model
from rules.dmn.errors import DmnError, UnknownDecisionError
from rules.dmn.loading import load
from rules.dmn.model import Model
from rules.dmn.scope import Fault
from rules.dmn.table import DecisionTable
from rules.dmn.trace import Evidence, Hit, Outcome

__all__ = [
    "DecisionTable",
    "DmnError",
    "Evidence",
    "Fault",
    "Hit",
    "Model",
    "Outcome",
    "UnknownDecisionError",
    "check_model",
    "load",
]
