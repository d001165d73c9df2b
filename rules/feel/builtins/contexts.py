"""Built-in functions over contexts."""

from typing import Any, Final

from rules.feel.builtins.registry import NoAnswer, Registry
from rules.feel.evaluation import Evaluation, Place

CONTEXTS: Final = Registry()


@CONTEXTS.add("get value", "m:context", "key:string")
def get_value(run: Evaluation, place: Place, context: dict[str, Any], key: str) -> Any:
    if key not in context:
        raise NoAnswer(f"the context has no entry {key!r}{run.suggest(key, context)}")
    return context[key]


@CONTEXTS.add("get value", "context:context", "keys:list")
def get_value_at(run: Evaluation, place: Place, context: dict[str, Any], keys: list[Any]) -> Any:
    value: Any = context
    for key in keys:
        if type(value) is not dict or type(key) is not str or key not in value:
            raise NoAnswer(f"there is no entry {key!r}")
        value = value[key]
    return value


@CONTEXTS.add("get entries", "m:context")
def get_entries(run: Evaluation, place: Place, context: dict[str, Any]) -> list[Any]:
    run.check_list(len(context))
    return [{"key": key, "value": value} for key, value in context.items()]


@CONTEXTS.add("context", "entries:list")
def from_entries(run: Evaluation, place: Place, entries: list[Any]) -> dict[str, Any]:
    run.check_list(len(entries))
    context: dict[str, Any] = {}
    for entry in entries:
        if type(entry) is not dict or type(entry.get("key")) is not str or "value" not in entry:
            raise NoAnswer("an entry wants a key and a value")
        if entry["key"] in context:
            raise NoAnswer(f"the key {entry['key']!r} is there twice")
        context[entry["key"]] = entry["value"]
    return context


@CONTEXTS.add("context put", "context:context", "key:string", "value:any")
def put(run: Evaluation, place: Place, context: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    run.check_list(len(context) + 1)
    return {**context, key: value}


@CONTEXTS.add("context put", "context:context", "keys:list", "value:any")
def put_at(
    run: Evaluation, place: Place, context: dict[str, Any], keys: list[Any], value: Any
) -> dict[str, Any]:
    if not keys or type(keys[0]) is not str:
        raise NoAnswer("a path of keys wants at least one, each a string")
    if len(keys) > 1:
        inner = context.get(keys[0])
        if type(inner) is not dict:
            raise NoAnswer(f"there is no context at {keys[0]!r}")
        value = put_at(run, place, inner, keys[1:], value)
    return put(run, place, context, keys[0], value)


@CONTEXTS.add("context merge", "contexts:list")
def merge(run: Evaluation, place: Place, contexts: list[Any]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for context in contexts:
        if type(context) is not dict:
            raise NoAnswer("the list holds what is no context")
        run.check_list(len(context))
        merged.update(context)
    return merged
