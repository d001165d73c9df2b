"""DMN decisions: `load` a document, then ask its model to `decide`."""

from rules.dmn.check import broken, check, check_document
from rules.dmn.errors import DmnError, UnknownDecisionError
from rules.dmn.findings import Finding
from rules.dmn.loading import load
from rules.dmn.model import Model
from rules.dmn.table import DecisionTable
from rules.dmn.trace import Evidence, Hit, Outcome

__all__ = [
    "DecisionTable",
    "DmnError",
    "Evidence",
    "Finding",
    "Hit",
    "Model",
    "Outcome",
    "UnknownDecisionError",
    "broken",
    "check",
    "check_document",
    "load",
]
