"""Activities done several times: for each of a collection, a number of times, or while a condition holds.

BPMN 2.0.2, 13.3.6 and 13.3.7; the variables' names are the standard's (table 10.31) and Camunda's.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from SpiffWorkflow.util.task import TaskState

from rules import feel
from workflows.errors import ElementError

MOST: Final = 10_000
_TOTAL, _ACTIVE, _DONE = "nrOfInstances", "nrOfActiveInstances", "nrOfCompletedInstances"
_COUNTER = "loopCounter"


class Repeats(ABC):
    """How an activity is repeated; `begin` stands at the wrapper, the others at the end of a round."""

    undone_together = True
    """Whether the handlers of all rounds run at the same time; else the last round is undone first."""

    bounded = True
    """Whether the rounds are counted before they begin; else only their scope's steps stop them."""

    @abstractmethod
    def begin(self, wrapper: Any) -> bool:
        """Begin the first rounds; True where none is needed."""

    @abstractmethod
    def count(self, wrapper: Any, child: Any) -> Any:
        """Count a round that is done and decide how to go on; raise ElementError, having changed nothing."""

    @abstractmethod
    def go_on(self, wrapper: Any, decided: Any) -> None:
        """Do what was decided."""

    def _round(self, wrapper: Any, number: int, **more: Any) -> None:
        variables = {_COUNTER: number, **more}
        wrapper.scope.spawn(wrapper.task_spec.name, data=variables, of=wrapper.id)

    def _finish(self, wrapper: Any) -> None:
        wrapper.scope.cancel_those("of", wrapper.id)
        wrapper.instance.guard(wrapper, wrapper.complete)


@dataclass(frozen=True)
class MultiInstance(Repeats):
    """Once for each: all at the same time, or one after the other.

    `cardinality`, `collection` and `until` are FEEL; `output` collects each round's `output_item`.
    """

    is_sequential: bool = False
    cardinality: str | None = None
    collection: str | None = None
    item: str | None = None
    until: str | None = None
    output: str | None = None
    output_item: str | None = None

    def begin(self, wrapper: Any) -> bool:
        items = self._items(wrapper)
        memo = wrapper.internal_data
        memo["repeats"] = True
        if self.output:
            wrapper.data[self.output] = [None] * len(items)
        first = items[:1] if self.is_sequential else items
        wrapper.instance.check_room(wrapper, len(first))
        wrapper.data.update({_TOTAL: len(items), _ACTIVE: len(first), _DONE: 0})
        if not items:
            self._give_output(wrapper)
            return True
        wrapper._set_state(TaskState.STARTED)
        if self.is_sequential and self.collection is not None:
            memo["items"] = [feel.to_typed_json(item) for item in items]
        for number, item in enumerate(first):
            self._begin_round(wrapper, number, item)
        return False

    def _items(self, wrapper: Any) -> list[Any]:
        element = wrapper.task_spec.name
        if self.collection is None:
            times = wrapper.evaluate(self.cardinality or "null")
            if not _is_count(times):
                raise ElementError(element, f"the number of rounds {self.cardinality!r} is {_shown(times)}")
            _bound(element, times)
            return [None] * int(times)
        items = wrapper.evaluate(self.collection)
        if not isinstance(items, list):
            raise ElementError(element, f"the collection {self.collection!r} is no list: {_shown(items)}")
        _bound(element, len(items))
        return items

    def _begin_round(self, wrapper: Any, number: int, item: Any) -> None:
        self._round(wrapper, number, **({self.item: item} if self.item else {}))

    def count(self, wrapper: Any, child: Any) -> tuple[bool, int]:
        """Return whether it is enough, and how many rounds are done."""
        data = wrapper.data
        active, done = data[_ACTIVE], data[_DONE]
        data[_ACTIVE], data[_DONE] = active - 1, done + 1
        try:
            enough = self.until is not None and child.test(self.until)
        except ElementError:
            data[_ACTIVE], data[_DONE] = active, done
            raise
        if self.output:
            taken = child.variables().get(self.output_item) if self.output_item else None
            data[self.output][child.data[_COUNTER]] = taken
        return enough or done + 1 == data[_TOTAL], done + 1

    def go_on(self, wrapper: Any, decided: tuple[bool, int]) -> None:
        enough, done = decided
        if enough:
            self._give_output(wrapper)
            self._finish(wrapper)
        elif self.is_sequential:
            wrapper.data[_ACTIVE] = 1
            items = wrapper.internal_data.get("items")
            self._begin_round(wrapper, done, feel.from_typed_json(items[done]) if items else None)

    def _give_output(self, wrapper: Any) -> None:
        if self.output:
            wrapper.write_outside({self.output: wrapper.data.pop(self.output)})


@dataclass(frozen=True)
class StandardLoop(Repeats):
    """Again while a condition holds, looked at before or after each round, a number of times at most."""

    undone_together = False
    bounded = False

    condition: str | None = None
    looks_before: bool = False
    most: int | None = None

    def begin(self, wrapper: Any) -> bool:
        first = not self.looks_before or self._again(wrapper, 0)
        wrapper.internal_data["repeats"] = True
        if not first:
            return True
        wrapper._set_state(TaskState.STARTED)
        self._round(wrapper, 0)
        return False

    def _again(self, token: Any, done: int) -> bool:
        if self.most is not None and done >= self.most:
            return False
        return self.condition is None or bool(token.test(self.condition))

    def count(self, wrapper: Any, child: Any) -> int | None:
        """Return the number of the next round; None where this was the last."""
        done = child.data[_COUNTER] + 1
        return done if self._again(child, done) else None

    def go_on(self, wrapper: Any, decided: int | None) -> None:
        if decided is None:
            self._finish(wrapper)
        else:
            self._round(wrapper, decided)


def _is_count(value: Any) -> bool:
    """Whether FEEL's value is a whole number, and not below nought."""
    return type(value) in (int, Decimal) and value >= 0 and value % 1 == 0


def _bound(element: str, number: Any) -> None:
    if number > MOST:
        raise ElementError(element, f"more than {MOST} rounds are asked for")


def _shown(value: Any) -> str:
    return "null" if value is None else repr(value)
