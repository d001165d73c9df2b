"""What a check of a model finds: how bad it is, where, and in words that name a case."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from rules.dmn.scope import Fault
from rules.feel.errors import Span

Severity: TypeAlias = Literal["error", "warning", "information"]
Kind: TypeAlias = Literal[
    "broken",
    "never",
    "misfit",
    "near miss",
    "overlap of unique",
    "overlap of different",
    "overlap",
    "more overlaps",
    "untold",
    "gap",
    "more gaps",
    "nothing",
    "unsearched",
    "hidden",
    "alphabet",
    "duplicate",
    "mergeable",
    "unseen",
    "entangled",
]

SEVERITIES: Final[Mapping[Kind, Severity]] = {
    "broken": "error",
    "never": "warning",
    "misfit": "error",
    "near miss": "warning",
    "overlap of unique": "error",
    "overlap of different": "error",
    "overlap": "information",
    "more overlaps": "error",
    "untold": "information",
    "gap": "warning",
    "more gaps": "warning",
    "nothing": "information",
    "unsearched": "information",
    "hidden": "warning",
    "alphabet": "warning",
    "duplicate": "warning",
    "mergeable": "information",
    "unseen": "information",
    "entangled": "information",
}
SENTENCES: Final[Mapping[Kind, str]] = {
    "broken": "{detail}",
    "never": "rule {rules} can never match: {columns} accepts nothing",
    "misfit": "{detail} in rule {rules} can never be met: {columns} holds values of another kind",
    "near miss": "{detail} in {columns} differ only in capitals or spaces: rules {rules}",
    "overlap of unique": "rules {rules} both match where only one may: {case}",
    "overlap of different": "rules {rules} both match with different results: {case}",
    "overlap": "{detail} pairs of rules match one case, as the hit policy lets them; rules {rules}: {case}",
    "more overlaps": "{detail} more pairs of rules match the same case",
    "untold": "{detail} pairs of rules match one case and may differ in their results; rules {rules}: {case}",
    "gap": "no rule for {case}",
    "more gaps": "there are more cases without a rule",
    "nothing": "no rule for {case}, where the answer is an empty list or zero",
    "unsearched": "the table is too large to look for every case without a rule",
    "hidden": "rule {rules} never counts: the rules before it take every case of it",
    "alphabet": "{detail} goes by the alphabet of texts in {columns}, not by their meaning: rules {rules}",
    "duplicate": "rules {rules} ask for the same and come to the same",
    "mergeable": "rules {rules} differ in {columns} only and could be one",
    "unseen": "rule {rules}, {columns}: what {detail} accepts depends on the case and was not looked into",
    "entangled": "{columns} rest on the same variable: what they make together is told where a case shows it",
}
"""English sentences by kind; whoever shows findings in another language translates these."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a rule owner should look at."""

    kind: Kind
    element: str
    """The decision, or the part of the document, that it belongs to."""
    rules: tuple[int, ...] = ()
    """The numbers of the rules, from 1."""
    columns: tuple[str, ...] = ()
    """The labels of the columns."""
    case: Mapping[str, str] = field(default_factory=dict)
    """An example, as a FEEL literal for each column's label."""
    cells: tuple[str, ...] = ()
    """For a gap: the input cells of a rule that would fill it."""
    detail: str = ""
    text: str = ""
    """For a broken text: the whole of it, and where it is wrong."""
    span: Span = (0, 0)

    @property
    def place(self) -> str:
        """Name the element, and the first rule of several."""
        return (
            self.element
            if self.kind == "broken" or not self.rules
            else f"{self.element}, rule {self.rules[0]}"
        )

    @property
    def severity(self) -> Severity:
        return SEVERITIES[self.kind]

    @property
    def message(self) -> str:
        """Say it in English."""
        return self.said(SENTENCES[self.kind], " and ", "any case")

    def said(self, sentence: str, joint: str, anything: str) -> str:
        """Fill in a sentence, which may be a translation; parts of a list are joined by `joint`."""
        example = joint.join(f"{label} = {value}" for label, value in self.case.items())
        return sentence.format(
            rules=joint.join(str(number) for number in self.rules),
            columns=joint.join(self.columns),
            case=example or anything,
            detail=self.detail,
        )


def of_fault(fault: Fault) -> Finding:
    """Say of something that it will not work when it is asked."""
    rules = () if fault.spot is None else (fault.spot.rule,)
    columns = () if fault.spot is None else (fault.spot.column,)
    return Finding(
        "broken", fault.element, rules, columns, detail=fault.reason, text=fault.text, span=fault.span
    )
