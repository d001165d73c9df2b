"""`for`, `some` and `every`: walking lists and ranges, within an evaluation's bounds."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

from rules.feel import bounds
from rules.feel.comparing import describe
from rules.feel.errors import FeelLimitError
from rules.feel.evaluation import Evaluation, Place
from rules.feel.numbers import NUMBER_TYPES, Number, add, as_int, is_whole
from rules.feel.ranges import Range
from rules.feel.temporal import Date

Domain: TypeAlias = Callable[..., Any]


class _NoDomain(Exception):  # noqa: N818
    """What should be walked cannot be; a warning says why."""


def for_each(
    run: Evaluation, place: Place, domains: tuple[Domain, ...], body: Callable[..., Any], partial: bool
) -> list[Any] | None:
    """Collect the body's value for every combination; `partial` says that the body reads them so far."""
    results: list[Any] = []
    try:
        for values in _combinations(run, place, domains, ()):
            if partial:
                run.step(len(results))
                results.append(body(*values, list(results)))
            else:
                results.append(body(*values))
            if len(results) > bounds.LIST:
                run.check_list(len(results))
    except _NoDomain:
        return None
    return results


def some(
    run: Evaluation, place: Place, domains: tuple[Domain, ...], condition: Callable[..., Any]
) -> bool | None:
    return _quantify(run, place, domains, condition, True)


def every(
    run: Evaluation, place: Place, domains: tuple[Domain, ...], condition: Callable[..., Any]
) -> bool | None:
    return _quantify(run, place, domains, condition, False)


def _quantify(
    run: Evaluation, place: Place, domains: tuple[Domain, ...], condition: Callable[..., Any], decisive: bool
) -> bool | None:
    answer: bool | None = not decisive
    try:
        for values in _combinations(run, place, domains, ()):
            found: bool | None = condition(*values)
            if found is decisive:
                return decisive
            if found is None:
                answer = None
            elif type(found) is not bool:
                run.warn(place, f"a condition over items cannot be {describe(found)}")
                return None
    except _NoDomain:
        return None
    return answer


def _combinations(
    run: Evaluation, place: Place, domains: tuple[Domain, ...], values: tuple[Any, ...]
) -> Iterator[tuple[Any, ...]]:
    if not domains:
        yield values
        return
    for item in _walk(run, place, domains[0](*values)):
        run.step()
        yield from _combinations(run, place, domains[1:], (*values, item))


def _walk(run: Evaluation, place: Place, domain: Any) -> Iterable[Any]:
    if type(domain) is list:
        return domain
    if type(domain) is Range:
        return _walk_range(run, place, domain)
    if domain is None:
        run.warn(place, "null cannot be walked through")
        raise _NoDomain
    return [domain]


def _walk_range(run: Evaluation, place: Place, domain: Range) -> Iterable[Any]:
    low, high = domain.low, domain.high
    if type(low) in NUMBER_TYPES and type(high) in NUMBER_TYPES and is_whole(low) and is_whole(high):
        return _walk_numbers(run, place, domain)
    if type(low) is Date and type(high) is Date:
        days = _whole_numbers(low.days, high.days, domain)
        return (date for day in days if (date := low.plus_days(day - low.days)))
    run.warn(place, f"a range of {describe(low)} to {describe(high)} cannot be walked through")
    raise _NoDomain


def _walk_numbers(run: Evaluation, place: Place, domain: Range) -> range:
    first, last = as_int(domain.low), as_int(domain.high)
    if first is not None and last is not None:
        return _whole_numbers(first, last, domain)
    _check_length(domain.low, domain.high)
    run.warn(place, "numbers of more than 34 digits cannot be walked through")
    raise _NoDomain


def _whole_numbers(low: int, high: int, domain: Range) -> range:
    _check_length(low, high)
    step = 1 if low <= high else -1
    return range(low if domain.low_closed else low + step, high + step if domain.high_closed else high, step)


def _check_length(low: Number, high: Number) -> None:
    # No difference is taken: that of two large numbers may be none.
    if low != high and add(min(low, high), bounds.RANGE) <= max(low, high):
        raise FeelLimitError(f"a range of more than {bounds.RANGE:,} values")
