"""Where the engine is broken, one place at a time, and what that would mean to those who use it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """In `file`, `old` (found exactly once) becomes `new`; the tests that are `near` it are tried first."""

    file: str
    old: str
    new: str
    what: str
    near: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.file}: {self.what}"

    def applied_to(self, text: str) -> str:
        return text.replace(self.old, self.new)


def _in(file: str, *broken: tuple[str, str, str]) -> list[Mutant]:
    return [Mutant(f"workflows/{file}", old, new, what, _NEAR[file]) for old, new, what in broken]


_NEAR: Mapping[str, tuple[str, ...]] = {
    "clock.py": ("test_clock", "test_cycles", "test_events"),
    "cycles.py": ("test_cycles", "test_clock"),
    "durations.py": ("test_cycles", "test_clock"),
    "starving.py": ("test_incidents", "test_joins_again"),
    "specs/gateways.py": ("test_gateways", "test_joins_again"),
    "specs/races.py": ("test_gateways", "test_event_positions"),
    "specs/node.py": ("test_gateways", "test_events", "test_incidents", "test_halting"),
    "tokens.py": ("test_variables", "test_activities", "test_conditions"),
    "scopes.py": ("test_event_positions", "test_caught_inside"),
    "routing.py": ("test_caught_inside", "test_events"),
    "running.py": ("test_incidents", "test_events"),
    "instance.py": ("test_incidents", "test_events"),
    "state.py": ("test_values", "test_activities", "test_state"),
    "values.py": ("test_values",),
    "deciding.py": ("test_decisions",),
    "assigning.py": ("test_activities", "test_variables"),
    "presence.py": ("test_presence",),
    "operating.py": ("test_operating",),
    "compensation.py": ("test_undoing", "test_compensation"),
    "conditions.py": ("test_conditions", "test_caught_inside"),
    "specs/activity.py": ("test_undoing", "test_repeated_work"),
    "specs/repeating.py": ("test_repeated_work", "test_repeating"),
    "specs/event_subprocess.py": ("test_caught_inside", "test_event_subprocesses"),
    "specs/subprocess.py": ("test_undoing", "test_ending", "test_activities"),
    "specs/events.py": ("test_event_positions", "test_undoing"),
}


MUTANTS: list[Mutant] = [
    *_in(
        "clock.py",
        (
            'cycle, shift = _cycle_of(memo), timedelta(seconds=memo.get("shift", 0))',
            "cycle, shift = _cycle_of(memo), timedelta(0)",
            "a cycle that was put off comes back to its old moments",
        ),
        (
            'number = cycle.next(now - shift, memo["round"] + 1)',
            'number = memo["round"] + 1',
            "missed rounds of a cycle fire one by one",
        ),
        ('memo["due"] = due.timestamp()\n    if', "if", "a timer that is put off stays where it was"),
        (
            "return datetime.fromtimestamp(min(dues), UTC) if dues else None",
            "return datetime.fromtimestamp(max(dues), UTC) if dues else None",
            "the latest timer is waited for instead of the first",
        ),
        (
            "if is_iso(text):\n        return text\n    value",
            "value",
            "a timer in ISO 8601 is taken for an expression",
        ),
        (
            "datetime.max.time(), UTC).replace(microsecond=0)",
            "datetime.min.time(), UTC).replace(microsecond=0)",
            "a due day ends when it begins",
        ),
    ),
    *_in(
        "cycles.py",
        (
            "last = None if count is None else count - 1",
            "last = count",
            "a cycle with a start comes once too often",
        ),
        (
            "return self.at(number) <= now",
            "return self.at(number) < now",
            "a round that is due now counts as to come",
        ),
        ("if end <= start:", "if end < start:", "a cycle may end where it begins"),
    ),
    *_in(
        "durations.py",
        (
            "day=min(moment.day, monthrange(year, month)[1])",
            "day=min(moment.day, 28)",
            "a month later is never the 29th",
        ),
        (
            "return Duration(12 * years + months, 7 * weeks + days, rest)",
            "return Duration(12 * years + months, days, rest)",
            "weeks do not count",
        ),
        (
            "local = _months_on(moment.astimezone(zone).replace(tzinfo=None), self.months * times)",
            "local = _months_on(moment.replace(tzinfo=None), self.months * times)",
            "days are counted in UTC whatever the zone",
        ),
    ),
    *_in(
        "starving.py",
        (
            "moving |= {token.task_spec.name for token in fed}",
            "pass",
            "a join behind a join that still opens is given up",
        ),
        (
            'if spec.kind == "boundaryEvent":\n            ahead.append(spec.attached_to)',
            "pass",
            "the way by a boundary event is not seen",
        ),
        (
            "if name == join:\n            continue\n        spec",
            "spec",
            "a join waits for tokens behind itself",
        ),
        (
            "return len(_behind(one, others)), one[0].task_spec.needs_all",
            "return 0, False",
            "of several starved joins any is told of",
        ),
    ),
    *_in(
        "specs/gateways.py",
        (
            "arrived[via] = arrived.get(via, 0) + 1",
            "arrived[via] = 1",
            "a second arrival on one flow is forgotten",
        ),
        ("for _ in range(count - 1):", "for _ in range(0):", "arrivals beyond the first of a flow are lost"),
        (
            "if other is not token and other.task_spec is self and other.state == TaskState.WAITING:",
            "if False:",
            "every arrival at a join waits alone",
        ),
        (
            "if not self.empty(token):\n            self.open(token)",
            "self.open(token)",
            "a parallel join opens with the first arrival",
        ),
        (
            "other.task_spec is not self and other.task_spec.name in ahead for other in token.scope.tokens()",
            "False for other in token.scope.tokens()",
            "an inclusive join waits for nobody",
        ),
        (
            'return [flow for flow in self.incoming if flow.id not in token.internal_data["arrived"]]',
            "return self.incoming",
            "a join counts flows that have arrived as empty",
        ),
        (
            "return [flow]\n        return self.otherwise()",
            "return self.flows\n        return self.otherwise()",
            "an exclusive gateway takes every way",
        ),
        (
            "if len(self.flows) == 1 and self.flows[0].condition is None and self.flows[0].halts is None:",
            "if len(self.flows) == 1:",
            "a single way is taken without asking its condition",
        ),
        (
            "token.scope.spawn(flow.target, via=flow.id, race=token.id)",
            "token.scope.spawn(flow.target, via=flow.id)",
            "behind an event gateway every event goes on",
        ),
        (
            "return [] if upstream(token, empty) & moving else empty",
            "return empty",
            "an inclusive join is given up while somebody can come",
        ),
    ),
    *_in(
        "specs/races.py",
        (
            'if other is not token and other.internal_data.get("race") == race:',
            "if other is not token:",
            "winning a race ends all else in the scope",
        ),
    ),
    *_in(
        "specs/node.py",
        (
            "return taken or self.otherwise()",
            "return taken or self.flows",
            "without a condition that holds all are taken",
        ),
        (
            "if not flow.is_default and (flow.condition is None or self.holds(token, flow))",
            "if flow.condition is None or self.holds(token, flow)",
            "the default flow is always taken",
        ),
        (
            "if self.halts is not None:",
            "if False:",
            "what is not executed is passed",
        ),
        (
            "if default[0].halts is not None:",
            "if False:",
            "a default flow is taken whatever it says",
        ),
        (
            "if token.is_alive:\n            self.leave(token)",
            "self.leave(token)",
            "what a throw has ended goes on all the same",
        ),
        ("token.instance.close_scope(token)", "pass", "what runs inside a cancelled subprocess goes on"),
        ("token.instance.overtake(token)", "pass", "incidents of cancelled elements stay open"),
        (
            "token.write_outside({name: token.answer(value)})",
            "token.write({name: token.answer(value)})",
            "output parameters stay inside their activity",
        ),
        (
            'raise ElementError(self.name, "no condition holds and there is no default flow")',
            "return []",
            "a token without a way vanishes",
        ),
    ),
    *_in(
        "tokens.py",
        (
            "self._write(self.maps()[1:] if self.data else self.maps(), values)",
            "self._write(self.maps(), values)",
            "an answer overwrites the inputs of its task",
        ),
        (
            "holder = next((each for each in maps if name in each), maps[-1])",
            "holder = maps[-1]",
            "variables are written past the scope that has them",
        ),
        (
            "if quick is not None:\n            return quick",
            "return bool(quick)",
            "a condition that gives null is false",
        ),
        ("if self.task_spec.outputs_map:", "if False:", "output parameters do not hold an answer back"),
    ),
    *_in(
        "scopes.py",
        ("if token is not keep and token.is_alive:", "if token.is_alive:", "a terminating end ends itself"),
        ("return int(self.host.scope.depth) + 1", "return 1", "calls nest without end"),
        ("instance.touch(self)", "pass", "no scope ever ends"),
    ),
    *_in(
        "routing.py",
        (
            "for wanted in (code, None):",
            "for wanted in (None, code):",
            "a catcher of any error goes before the one for it",
        ),
        ("if len(found) != 1:", "if not found:", "a message for several wakes the first"),
        ("if token.is_alive:\n            _hand", "_hand", "a signal reaches tokens that it has ended"),
    ),
    *_in(
        "running.py",
        (
            "instance.withdrawn = [each for each in instance.withdrawn if each != key]",
            "pass",
            "a call that reported its failure is withdrawn",
        ),
        (
            "raise StarvedError(token.task_spec.name)",
            "token.task_spec.open(token)",
            "retry opens a parallel join without a branch",
        ),
        ('if memo.pop("done", False):', "if False:", "retry does again what was done"),
        (
            "if token is None or not state.is_open(token):",
            "if token is None:",
            "a task is completed that is not open",
        ),
        (
            '"cancelled" if instance.was_cancelled else (instance.end_event or "ended")',
            '"ended"',
            "an instance does not say how it ended",
        ),
        ("if token.awaited[1]\n", "", "a task without a message is told as a subscription"),
    ),
    *_in(
        "instance.py",
        (
            'elif "incident" not in token.internal_data:\n            self.closed.append',
            "else:\n            self.closed.append",
            "a task that never opened is closed",
        ),
        (
            "if token in self.called:\n            self.called.remove(token)\n        elif",
            "if",
            "a call that was never told of goes out and is withdrawn",
        ),
        (
            "(due, int(token.id), token)",
            "(0, -int(token.id), token)",
            "timers that are due together fire in any order",
        ),
        ('internal_data["due"]) <= moment', 'internal_data["due"]) < moment', "a timer fires a moment late"),
        (
            "for each in self._due(self.timed, now):",
            "for each in ():",
            "a timer begun at its moment waits for more",
        ),
        ("if not token.is_counted_round:", "if True:", "wide work is taken for endless"),
        ("if self.entered + more > WHOLE:", "if False:", "what grows without end exhausts the machine"),
        ("if host.scope.depth >= DEEPEST:", "if False:", "calls without end exhaust the machine"),
        ('token.internal_data["done"] = True', "pass", "what did its work does it again when retried"),
        ("while found := starved(scope):", "while found := None:", "a join that starves is told to nobody"),
        (
            "if scope.completed or not scope.is_exhausted:",
            "if scope.completed:",
            "a scope ends while something runs in it",
        ),
    ),
    *_in(
        "state.py",
        (
            "instance.serial, instance.business_key = serial, business_key",
            "instance.business_key = business_key",
            "after loading new tokens take the keys of old ones",
        ),
        ("status, memo or None, ", "status, None, ", "a token forgets what it remembered"),
        (
            "instance.watch[kind] = {key: instance.index[key] for key in keys}",
            "pass",
            "nothing is awaited after loading",
        ),
    ),
    *_in(
        "deciding.py",
        ("if len(value) > 1:", "if False:", "of several results one is taken"),
        (
            "if outcome.value is None and outcome.warnings:",
            "if False:",
            "a table without an answer goes on with null",
        ),
    ),
    *_in(
        "assigning.py",
        (
            'names = value if isinstance(value, list) else str(value).split(",")',
            "names = [value]",
            "a list of groups is one group",
        ),
        ('priority=_number(token, "priority", 50)', "priority=50", "every task has the same priority"),
    ),
    *_in(
        "presence.py",
        (
            "if name not in known or _differs(known[name], value)",
            "if name not in known",
            "changed variables are not told",
        ),
        ("counted[place] -= 1", "pass", "a repeated activity counts once more"),
    ),
    *_in(
        "operating.py",
        ("win_race(leaving)", "pass", "moving a token out of a race leaves the others waiting"),
        ("if token.is_alive:  # a token", "if True:  # a token", "what was moved along is moved again"),
        (
            "return str((lacking or spec.incoming)[0].id)",
            "return str(spec.incoming[0].id)",
            "a token moved to a join comes by a flow that has one",
        ),
    ),
    *_in(
        "specs/subprocess.py",
        ('elif mapping.get("source") in variables:', "elif False:", "what is mapped by name is not passed"),
    ),
    *_in(
        "tokens.py",
        ("if scope.is_process:", "if scope.host is None:", "a called process sees its caller's variables"),
        ("found.append(token.wrapper.data)", "pass", "a round does not see the counters"),
        ('if instance.watch["condition"]:', "if False:", "no change is seen by a condition"),
    ),
    *_in(
        "scopes.py",
        (
            '"listener" in token.internal_data for token',
            "True for token",
            "a scope ends with its first token",
        ),
        (
            'token is self.task_tree or "listener" in token.internal_data',
            "token is self.task_tree",
            "a listening event subprocess keeps its scope open",
        ),
        ("self.spec.task_specs[name].listen(self)", "pass", "no event subprocess listens"),
        (
            "if token.internal_data.get(relation) == key and token.is_alive:",
            "if token.internal_data.get(relation):",
            "boundary events of other activities are silenced too",
        ),
    ),
    *_in(
        "presence.py",
        (
            'if "host" in memo or "listener" in memo:',
            "if False:",
            "what listens counts as a place",
        ),
    ),
    *_in(
        "values.py",
        (
            "found: dict[str, Any] = feel.from_typed_json(values) if tagged else values",
            "found: dict[str, Any] = values",
            "amounts and dates come back as something else",
        ),
        (
            "if tags < 0 or content.count(_TAG) != tags:",
            "if tags < 0:",
            "a context like a tag is taken for one",
        ),
    ),
    *_in(
        "state.py",
        ("instance.end_event = ended[0] if ended else None", "pass", "the end that was reached is forgotten"),
        ("scope.ledger = ledger", "pass", "what can be undone is forgotten"),
        ("instance.touch(scope)", "pass", "a scope that the limit left open never ends"),
    ),
    *_in(
        "routing.py",
        (
            "if not (spec.is_event_subprocess or scope.is_over):",
            "if not scope.is_over:",
            "an error event subprocess catches its own error",
        ),
        ("token = token.wrapper", "pass", "an error of a round passes the boundary of its activity"),
        ("if found is not None:\n        _catch", "if False:\n        _catch", "no escalation is caught"),
        (
            "if catcher.trigger.kind == kind and catcher.trigger.text == wanted:",
            "if catcher.trigger.kind == kind:",
            "whatever catches errors catches all of them",
        ),
    ),
    *_in(
        "compensation.py",
        ('memo["groups"].pop()', 'memo["groups"].pop(0)', "what was done first is undone first"),
        (
            'if memo["undoing"]:\n        return',
            "if False:\n        return",
            "one handler of several is waited for",
        ),
        ('if activity in (None, entry["activity"])]', "]", "undoing one activity undoes all"),
        (
            'scope.ledger = [entry for entry in scope.ledger if entry["number"] not in numbers]',
            "pass",
            "what was undone is undone again",
        ),
        (
            'key = entry["of"] or ("alone", entry["number"])',
            'key = ("alone", entry["number"])',
            "rounds are undone one after the other",
        ),
        ('key = entry["of"] or ("alone", entry["number"])', 'key = ""', "everything is undone at once"),
        (
            'memo.get("of") if spec.repeats is None or spec.repeats.undone_together else None',
            'memo.get("of")',
            "the rounds of a loop are undone together",
        ),
        (
            "scope = scope.host.scope\n    return scope",
            "break\n    return scope",
            "an event subprocess undoes only itself",
        ),
        ("if len(token.scope.ledger) >= MOST:", "if False:", "a ledger grows without end"),
        (
            'if token.internal_data.get("job") == thrower.id and token.is_alive:',
            "if False:",
            "handlers go on when undoing was stopped",
        ),
    ),
    *_in(
        "conditions.py",
        (
            'for token in fresh if token.internal_data.pop("fresh", False)}',
            "for token in ()}",
            "a condition that holds already waits for a change",
        ),
        ("if found is True:", "if found is not None:", "a condition that does not hold fires"),
        ("else {trigger.variable}", "else {_ANY}", "changes of a variable that is named do not count"),
        ("if not kinds or how in kinds:", "if True:", "any kind of change counts"),
        (
            "(name,) if name.isidentifier() else (name, _ANY)",
            "(name, _ANY)",
            "variables that are not asked count",
        ),
        ("for holder in token.holders():", "for holder in token.holders()[:1]:", "only own variables count"),
        ("if self._waiting.get(key) is token}", "if True}", "who waits no longer is looked at"),
    ),
    *_in(
        "specs/activity.py",
        (
            'if not token.is_undoing and "repeats" not in memo:',
            'if "repeats" not in memo:',
            "what undoes can be undone",
        ),
        (
            'return True if "repeats" in token.internal_data else self.run(token)',
            "return self.run(token)",
            "an activity without rounds is done once",
        ),
        (
            'return () if "job" in memo else self.choose(token)',
            "return self.choose(token)",
            "a handler of compensation goes on along flows",
        ),
        (
            'if "repeats" in memo:\n            token.scope.cancel_those',
            "if False:\n            token.scope.cancel_those",
            "rounds go on when their activity is interrupted",
        ),
        (
            'if "groups" in memo:\n            compensation.abandon(token)',
            "pass",
            "undoing cannot be stopped",
        ),
    ),
    *_in(
        "specs/repeating.py",
        (
            "return enough or done + 1 == data[_TOTAL], done + 1",
            "return done + 1 == data[_TOTAL], done + 1",
            "no completion condition counts",
        ),
        (
            "data[_ACTIVE], data[_DONE] = active - 1, done + 1",
            "data[_DONE] = done + 1",
            "active rounds are not counted down",
        ),
        (
            "data[_ACTIVE], data[_DONE] = active, done\n",
            "pass\n",
            "a round that could not be counted counts twice",
        ),
        ("first = items[:1] if self.is_sequential else items", "first = items", "one by one is all at once"),
        (
            "not self.looks_before or self._again(wrapper, 0)",
            "True",
            "a loop never looks before its first round",
        ),
        ("if self.most is not None and done >= self.most:", "if False:", "a loop's maximum does not count"),
        ("value >= 0 and value % 1 == 0", "value % 1 == 0", "less than no round passes"),
        ("if not isinstance(items, list):", "if False:", "what is no collection is taken for one"),
        ('wrapper.scope.cancel_those("of", wrapper.id)\n', "", "rounds go on after enough were done"),
        (
            "taken = child.variables().get(self.output_item) if self.output_item else None",
            "taken = None",
            "nothing of a round is collected",
        ),
    ),
    *_in(
        "specs/event_subprocess.py",
        ("if self.interrupts:", "if False:", "no event subprocess interrupts"),
        (
            'if token.internal_data.pop("once", False):\n            token.scope.forget(token)',
            "pass",
            "a timer beside a scope fires for ever",
        ),
    ),
    *_in(
        "specs/subprocess.py",
        (
            "if (scope.ledger or scope.spec.undo) and",
            "if scope.ledger and",
            "a subprocess is not undone by its event subprocess",
        ),
        ("if scope.spec.undo is not None:", "if False:", "a subprocess is undone step by step in any case"),
        ('if "called" in token.internal_data:', "if False:", "a cancelled call is opened anew to be undone"),
        ("if not scope.is_over:", "if True:", "what is undone inside a call is handed out"),
    ),
    *_in(
        "specs/events.py",
        ("if trigger.waits_for_completion:", "if False:", "nobody waits until all is undone"),
        ("if self.interrupts:\n            host.cancel()", "pass", "no boundary event interrupts"),
        (
            "if self.interrupts:\n            host.cancel()",
            "host.cancel()",
            "every boundary event interrupts",
        ),
        (
            "token.scope.clear(keep=token)\n            return None",
            "return None",
            "a cancelled transaction goes on beside being undone",
        ),
        (
            "win_race(token)\n        token.instance.unwatch(token)",
            "token.instance.unwatch(token)",
            "an event that comes first leaves the others waiting",
        ),
    ),
]
