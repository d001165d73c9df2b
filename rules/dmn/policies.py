"""DMN's hit policies: how many of the matching rules count, and what becomes of their results."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rules.feel.builtins.library import FUNCTIONS
from rules.feel.calling import call
from rules.feel.evaluation import Evaluation, Place


@dataclass(frozen=True, slots=True)
class Policy:
    """A hit policy: `many` gives a list or its aggregate, `ranked` goes by the order of allowed outputs."""

    name: str
    many: bool = False
    ranked: bool = False
    aggregator: str | None = None

    @property
    def nothing(self) -> Any:
        """Return what a table without defaults comes to when no rule matches."""
        if not self.many:
            return None
        return [] if self.aggregator is None else 0 if self.aggregator == "COUNT" else None


POLICIES: Final[Mapping[tuple[str, str | None], Policy]] = {
    ("UNIQUE", None): Policy("UNIQUE"),
    ("FIRST", None): Policy("FIRST"),
    ("ANY", None): Policy("ANY"),
    ("PRIORITY", None): Policy("PRIORITY", ranked=True),
    ("RULE ORDER", None): Policy("RULE ORDER", many=True),
    ("OUTPUT ORDER", None): Policy("OUTPUT ORDER", many=True, ranked=True),
    ("COLLECT", None): Policy("COLLECT", many=True),
    **{
        ("COLLECT", aggregator): Policy("COLLECT", many=True, aggregator=aggregator)
        for aggregator in ("SUM", "MIN", "MAX", "COUNT")
    },
}


def aggregate(aggregator: str, values: Sequence[Any], place: Place, run: Evaluation) -> Any:
    """Make one value of the collected ones; equal ones count each time."""
    return call(run, place, FUNCTIONS[aggregator.lower()], (list(values),))
