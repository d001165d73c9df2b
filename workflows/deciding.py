"""Asking a decision table of the deployment, and keeping the evidence of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rules import dmn, feel
from workflows.errors import ElementError

MAPPINGS = ("singleEntry", "singleResult", "collectEntries", "resultList", "value")


def decide(token: Any, decision: str, mapping: str) -> tuple[Any, dict[str, Any]]:
    """Return a decision's result in the shape that the task asks for, and how it came about.

    Raises ElementError where there is no such table, or it cannot answer (ambiguous rules, a wrong input).
    """
    instance, element = token.instance, token.task_spec.name
    model = token.scope.deployment.models.get(decision)
    if model is None:
        raise ElementError(element, f"no table here decides {decision!r}")
    variables = dict(token.variables())
    try:
        outcome = model.decide(decision, variables, now=instance.now)
    except (dmn.DmnError, feel.FeelError) as error:
        raise ElementError(element, f"the decision {decision!r} failed: {error}") from error
    if outcome.value is None and outcome.warnings:
        reasons = "; ".join(str(warning.reason) for warning in outcome.warnings)
        raise ElementError(element, f"the decision {decision!r} has no answer: {reasons}")
    evidence = {
        "decision": decision,
        "given": _given(model, decision, variables),
        "tables": [_told(each) for each in outcome.evidence],
        "warnings": [str(warning.reason) for warning in outcome.warnings],
        "output": feel.to_plain_json(outcome.value),
    }
    return _shaped(outcome.value, mapping, element), evidence


def _given(model: dmn.Model, decision: str, variables: Mapping[str, Any]) -> Any:
    """Return the inputs as they were, without loss: a changed table is tried on them later."""
    wanted = model.inputs_of(decision)
    return feel.to_typed_json({name: value for name, value in variables.items() if name in wanted})


def _told(evidence: dmn.Evidence) -> dict[str, Any]:
    """Return which rows of a table answered, and what they saw, for the history."""
    return {
        "decision": evidence.decision,
        "rules": [
            {"number": hit.rule, "id": hit.rule_id, "annotation": hit.annotation} for hit in evidence.hits
        ],
        "inputs": feel.to_plain_json(dict(evidence.inputs)),
    }


def _shaped(value: Any, mapping: str, element: str) -> Any:
    if mapping == "value":
        return value
    if mapping == "resultList":
        return [] if value is None else value if isinstance(value, list) else [value]
    if mapping == "collectEntries":
        found = [] if value is None else value if isinstance(value, list) else [value]
        return [_entry(each) for each in found]
    if isinstance(value, list):
        if len(value) > 1:
            raise ElementError(element, f"{len(value)} rules matched where the task takes one result")
        value = value[0] if value else None
    return _entry(value) if mapping == "singleEntry" else value


def _entry(value: Any) -> Any:
    """A result of one output is that output's value."""
    if isinstance(value, dict) and len(value) == 1:
        return next(iter(value.values()))
    return value
