"""What a check found, in the reader's language: findings on tables by their kind, others by their words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import workflows
from app.feel_wording import TEMPLATES
from app.processes import diagram_wording, reasons
from app.wording import Known, Wording, translated, worded

# As rules/dmn/findings.py says them; a test compares.
SENTENCES = {
    "never": worded("rule {rules} can never match: {columns} accepts nothing"),
    "misfit": worded("{detail} in rule {rules} can never be met: {columns} holds values of another kind"),
    "near miss": worded("{detail} in {columns} differ only in capitals or spaces: rules {rules}"),
    "overlap of unique": worded("rules {rules} both match where only one may: {case}"),
    "overlap of different": worded("rules {rules} both match with different results: {case}"),
    "overlap": worded(
        "{detail} pairs of rules match one case, as the hit policy lets them; rules {rules}: {case}"
    ),
    "more overlaps": worded("{detail} more pairs of rules match the same case"),
    "untold": worded(
        "{detail} pairs of rules match one case and may differ in their results; rules {rules}: {case}"
    ),
    "gap": worded("no rule for {case}"),
    "more gaps": worded("there are more cases without a rule"),
    "nothing": worded("no rule for {case}, where the answer is an empty list or zero"),
    "unsearched": worded("the table is too large to look for every case without a rule"),
    "hidden": worded("rule {rules} never counts: the rules before it take every case of it"),
    "alphabet": worded(
        "{detail} goes by the alphabet of texts in {columns}, not by their meaning: rules {rules}"
    ),
    "duplicate": worded("rules {rules} ask for the same and come to the same"),
    "mergeable": worded("rules {rules} differ in {columns} only and could be one"),
    "unseen": worded(
        "rule {rules}, {columns}: what {detail} accepts depends on the case and was not looked into"
    ),
    "entangled": worded(
        "{columns} rest on the same variable: what they make together is told where a case shows it"
    ),
}
_KNOWN = Known(*TEMPLATES, *diagram_wording.TEMPLATES, *reasons.TIMERS)


def told(findings: Sequence[workflows.Finding]) -> list[workflows.Finding]:
    """Return findings that say what they say in the language of the request."""
    return [replace(each, message=translated(find(each))) for each in findings]


def find(finding: workflows.Finding) -> str:
    """Return the Wording that a finding's message is; what is not ours, as it is."""
    found = finding.on_table
    if found is None or found.kind not in SENTENCES:
        return _KNOWN.find(finding.message)
    values = {
        "rules": _joined([str(number) for number in found.rules]),
        "columns": _joined(found.columns),
        "case": _joined([f"{label} = {value}" for label, value in found.case.items()]) or worded("any case"),
        "detail": found.detail,
    }
    return Wording(SENTENCES[found.kind], values)


def _joined(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return worded("{one} and {more}", one=parts[0], more=_joined(parts[1:]))
