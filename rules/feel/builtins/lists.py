"""Built-in functions over lists."""

from functools import cmp_to_key
from typing import Any, Final

from rules.feel.builtins.registry import NoAnswer, Registry
from rules.feel.calling import call
from rules.feel.comparing import order_keys, same
from rules.feel.evaluation import Evaluation, Place
from rules.feel.functions import Function
from rules.feel.numbers import Number, as_int

LISTS: Final = Registry()


@LISTS.add("list contains", "list:list", "element:any")
def list_contains(run: Evaluation, place: Place, items: list[Any], element: Any) -> bool:
    run.step(len(items))
    return any(same(run, item, element) is True for item in items)


@LISTS.add("count", "list:list")
def count(run: Evaluation, place: Place, items: list[Any]) -> int:
    return len(items)


def _extreme(items: list[Any], sign: int) -> Any:
    if not items:
        return None
    best = items[0]
    for item in items:
        keys = order_keys(item, best)
        if keys is None:
            raise NoAnswer("the list holds what has no order")
        if (keys[0] < keys[1]) if sign < 0 else (keys[0] > keys[1]):
            best = item
    return best


@LISTS.add("min", "list:list")
def minimum(run: Evaluation, place: Place, items: list[Any]) -> Any:
    run.step(len(items))
    return _extreme(items, -1)


@LISTS.add("max", "list:list")
def maximum(run: Evaluation, place: Place, items: list[Any]) -> Any:
    run.step(len(items))
    return _extreme(items, 1)


@LISTS.add("min", "first:any", "rest:any*")
def minimum_of(run: Evaluation, place: Place, *items: Any) -> Any:
    return _extreme(list(items), -1)


@LISTS.add("max", "first:any", "rest:any*")
def maximum_of(run: Evaluation, place: Place, *items: Any) -> Any:
    return _extreme(list(items), 1)


@LISTS.add("all", "list:list")
def all_true(run: Evaluation, place: Place, items: list[Any]) -> bool | None:
    return _decide(items, False)


@LISTS.add("any", "list:list")
def any_true(run: Evaluation, place: Place, items: list[Any]) -> bool | None:
    return _decide(items, True)


@LISTS.add("all", "first:any", "second:any", "rest:any*")
@LISTS.add("all", "first:any", "second:any")
def all_of(run: Evaluation, place: Place, *items: Any) -> bool | None:
    return _decide(list(items), False)


@LISTS.add("any", "first:any", "second:any", "rest:any*")
@LISTS.add("any", "first:any", "second:any")
def any_of(run: Evaluation, place: Place, *items: Any) -> bool | None:
    return _decide(list(items), True)


def _decide(items: list[Any], decisive: bool) -> bool | None:
    if any(item is decisive for item in items):
        return decisive
    if any(item is not None and type(item) is not bool for item in items):
        raise NoAnswer("the list holds what is neither true nor false")
    return None if None in items else not decisive


@LISTS.add("sublist", "list:list", "start position:number", "length:number=")
def sublist(
    run: Evaluation, place: Place, items: list[Any], start: Number, length: Number | None = None
) -> list[Any]:
    index = _index(items, start)
    if length is None:
        return items[index:]
    count = as_int(length)
    if count is None or not 1 <= count <= len(items) - index:
        raise NoAnswer(f"the list has no {length} items from there on")
    return items[index : index + count]


@LISTS.add("append", "list:list", "item:any*")
def append(run: Evaluation, place: Place, items: list[Any], *more: Any) -> list[Any]:
    run.check_list(len(items) + len(more))
    return [*items, *more]


@LISTS.add("concatenate", "list:list*")
def concatenate(run: Evaluation, place: Place, *lists: list[Any]) -> list[Any]:
    run.check_list(sum(map(len, lists)))
    return [item for items in lists for item in items]


@LISTS.add("union", "list:list*")
def union(run: Evaluation, place: Place, *lists: list[Any]) -> list[Any]:
    return distinct_values(run, place, concatenate(run, place, *lists))


@LISTS.add("insert before", "list:list", "position:number", "newItem:any")
def insert_before(run: Evaluation, place: Place, items: list[Any], position: Number, item: Any) -> list[Any]:
    index = _index(items, position)
    run.check_list(len(items) + 1)
    return [*items[:index], item, *items[index:]]


@LISTS.add("remove", "list:list", "position:number")
def remove(run: Evaluation, place: Place, items: list[Any], position: Number) -> list[Any]:
    index = _index(items, position)
    return items[:index] + items[index + 1 :]


@LISTS.add("list replace", "list:list", "position:number", "newItem:any")
def replace_at(run: Evaluation, place: Place, items: list[Any], position: Number, item: Any) -> list[Any]:
    index = _index(items, position)
    return [*items[:index], item, *items[index + 1 :]]


@LISTS.add("list replace", "list:list", "match:function", "newItem:any")
def replace_where(run: Evaluation, place: Place, items: list[Any], match: Function, new: Any) -> list[Any]:
    run.check_list(len(items))
    result = []
    for item in items:
        answer = call(run, place, match, (item, new))
        if type(answer) is not bool:
            raise NoAnswer("the match is neither true nor false")
        result.append(new if answer else item)
    return result


@LISTS.add("reverse", "list:list")
def reverse(run: Evaluation, place: Place, items: list[Any]) -> list[Any]:
    return items[::-1]


@LISTS.add("index of", "list:list", "match:any")
def index_of(run: Evaluation, place: Place, items: list[Any], match: Any) -> list[int]:
    run.step(len(items))
    return [index for index, item in enumerate(items, 1) if same(run, item, match) is True]


@LISTS.add("distinct values", "list:list")
def distinct_values(run: Evaluation, place: Place, items: list[Any]) -> list[Any]:
    kept: list[Any] = []
    for item in items:
        run.step(1 + len(kept) // 10)
        if not any(same(run, item, other) is True for other in kept):
            kept.append(item)
    return kept


@LISTS.add("flatten", "list:list")
def flatten(run: Evaluation, place: Place, items: list[Any]) -> list[Any]:
    run.check_list(len(items))
    flat: list[Any] = []
    for item in items:
        if type(item) is list:
            flat.extend(flatten(run, place, item))
        else:
            flat.append(item)
    run.check_list(len(flat))
    return flat


@LISTS.add("sort", "list:list", "precedes:function")
def sort(run: Evaluation, place: Place, items: list[Any], precedes: Function) -> list[Any]:
    def order(left: Any, right: Any) -> int:
        if _precedes(run, place, precedes, left, right):
            return -1
        return 1 if _precedes(run, place, precedes, right, left) else 0

    run.check_list(len(items))
    return sorted(items, key=cmp_to_key(order))


@LISTS.add("sort", "list:list")
def sort_naturally(run: Evaluation, place: Place, items: list[Any]) -> list[Any]:
    def order(left: Any, right: Any) -> int:
        keys = order_keys(left, right)
        if keys is None:
            raise NoAnswer("the list holds what has no order")
        return int(keys[0] > keys[1]) - int(keys[0] < keys[1])

    run.check_list(len(items))
    return sorted(items, key=cmp_to_key(order))


def _precedes(run: Evaluation, place: Place, precedes: Function, left: Any, right: Any) -> bool:
    answer = call(run, place, precedes, (left, right))
    if answer is True or answer is False:
        return answer
    raise NoAnswer("`precedes` is neither true nor false")


def _index(items: list[Any], position: Number) -> int:
    """Turn a position, from 1 or from -1 at the end, into Python's index."""
    whole = as_int(position)
    if whole is None or not 1 <= abs(whole) <= len(items):
        raise NoAnswer(f"the list has {len(items)} items, none at {position}")
    return whole - 1 if whole > 0 else len(items) + whole
