"""Tasks: what people, machines, scripts and tables do."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.util.task import TaskState

from workflows import correlating, deciding
from workflows.specs.activity import Activity
from workflows.specs.races import win_race
from workflows.specs.waiting import remember_name


class UserTask(Activity, defaults.UserTask):
    """Waits for a person."""

    kind = "userTask"

    def ready(self, token: Any) -> None:
        token.instance.opened.append(token)

    def take_result(self, token: Any, result: dict[str, Any]) -> None:
        token.take(result)

    def give_up(self, token: Any) -> None:
        token.instance.close(token)


class ManualTask(UserTask):
    """Waits for a person who does it without us."""

    kind = "manualTask"


class PlainTask(Activity, defaults.NoneTask):
    """A `bpmn:task` says nothing of who does it: the token passes through."""

    kind = "task"


class ServiceTask(Activity, defaults.ServiceTask):
    """Starts; the call goes out with the step; `complete` or `fail` brings the answer."""

    kind = "serviceTask"
    waits_for_machine = True
    handler = ""
    result_variable: str | None = None

    def run(self, token: Any) -> None:
        token.instance.called.append(token)

    def take_result(self, token: Any, result: dict[str, Any]) -> None:
        if self.result_variable:
            token.write_outside({self.result_variable: result})
        else:
            token.take(result)

    def give_up(self, token: Any) -> None:
        token.instance.withdraw(token)


class ScriptTask(Activity, defaults.NoneTask):
    """One FEEL expression; its value goes into the result variable."""

    kind = "scriptTask"
    script = ""
    result_variable: str | None = None

    def run(self, token: Any) -> bool:
        value = token.evaluate(self.script)
        if self.result_variable:
            token.write({self.result_variable: value})
        return True


class RuleTask(ScriptTask):
    """Asks a decision table of the deployment."""

    kind = "businessRuleTask"
    decision = ""
    mapping = "resultList"

    def run(self, token: Any) -> bool:
        decision = str(token.answer(self.decision))
        value, evidence = deciding.decide(token, decision, self.mapping)
        token.instance.note(self, "decided", token, **evidence)
        if self.result_variable:
            token.write({self.result_variable: value})
        return True


class SendTask(PlainTask):
    """Sends a message to other instances and goes on."""

    kind = "sendTask"
    message = ""

    def run(self, token: Any) -> bool:
        name = token.named(self.message)
        token.instance.send(token, "message", name, correlating.given(token))
        token.instance.note(self, "thrown", token, message=name)
        return True


class ReceiveTask(Activity, defaults.NoneTask):
    """Waits for its message; without one, for the message that is named as the task itself."""

    kind = "receiveTask"
    message: str | None = None

    def begin(self, token: Any) -> bool:
        token._set_state(TaskState.WAITING)
        remember_name(token)
        correlating.remember(token)
        token.instance.watch["message"][token.id] = token
        return False

    @property
    def awaited(self) -> tuple[str, str]:
        return ("message", self.message or self.name)

    def triggered(self, token: Any) -> None:
        win_race(token)
        token.instance.unwatch(token)
        token._ready()
