"""Tasks, calls and their variables."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

import workflows
from tests.workflows.building import NOW, Run, diagram, element, script, service, user

pytestmark = pytest.mark.usefixtures("each_way")

_START = element("startEvent", "s")
_PARAMETERS = (
    "<bpmn:extensionElements><camunda:inputOutput>"
    '<camunda:inputParameter name="to">= customer</camunda:inputParameter>'
    '<camunda:inputParameter name="template">hello</camunda:inputParameter>'
    '<camunda:inputParameter name="both"><camunda:list><camunda:value>a</camunda:value>'
    "<camunda:value>= 1 + 1</camunda:value></camunda:list></camunda:inputParameter>"
    "{more}</camunda:inputOutput></bpmn:extensionElements>"
)


def test_a_user_task_says_all_that_the_diagram_says_of_it() -> None:
    inside = (
        "<bpmn:documentation>Look closely.</bpmn:documentation>"
        "<bpmn:extensionElements><camunda:properties>"
        '<camunda:property name="approval.mode" value="one"/>'
        '<camunda:property name="approval.excluded" value="[requester]"/>'
        "</camunda:properties></bpmn:extensionElements>"
    )
    body = _START + user(
        "a",
        inside,
        name="Approve",
        camunda_candidateGroups="finance, credit",
        camunda_candidateUsers="= people",
        camunda_formKey="approval",
        camunda_dueDate="= now() + duration(&quot;P2D&quot;)",
        camunda_priority="80",
    )

    task = Run(diagram(body, "s -> a"), requester="mia", people=["x", "y"]).task("a")

    assert task.name == "Approve"
    assert task.candidate_groups == ("finance", "credit")
    assert task.candidate_users == ("x", "y")
    assert task.form == "approval"
    assert task.due == NOW + timedelta(days=2)
    assert task.priority == 80
    assert task.documentation == "Look closely."
    assert task.properties == {"approval.mode": "one", "approval.excluded": ["mia"]}


def test_a_service_call_carries_its_parameters_evaluated() -> None:
    run = Run(
        diagram(_START + service("m", _PARAMETERS.format(more=""), topic="mail.send"), "s -> m"), customer="c"
    )

    call = run.step.calls[0]

    assert (call.handler, call.element) == ("mail.send", "m")
    assert call.inputs == {"to": "c", "template": "hello", "both": ["a", "2"]}


def test_an_answer_becomes_variables_of_the_process() -> None:
    run = Run(diagram(_START + service("m") + user("a"), "s -> m\nm -> a"))

    run.answer("do.it", due_on="2026-03-04")

    assert run.variables["due_on"] == "2026-03-04"


def test_output_parameters_choose_what_comes_out_of_an_answer() -> None:
    more = '<camunda:outputParameter name="late">= days &gt; 3</camunda:outputParameter>'
    body = _START + service("m", _PARAMETERS.format(more=more)) + user("a")
    run = Run(diagram(body, "s -> m\nm -> a"), customer="c")

    run.answer("do.it", days=4)

    assert run.variables == {"customer": "c", "late": True}


def test_a_call_is_answered_once() -> None:
    run = Run(diagram(_START + service("m") + user("a"), "s -> m\nm -> a"))
    key = run.step.calls[0].key
    run.answer("do.it")

    with pytest.raises(workflows.NotOpenError):
        workflows.complete(run.deployment, run.step.state, key, {}, run.now)


def test_a_user_task_is_completed_once() -> None:
    run = Run(diagram(_START + user("a") + user("b"), "s -> a\na -> b"))
    key = run.task("a").key
    run.complete("a")

    with pytest.raises(workflows.NotOpenError):
        workflows.complete(run.deployment, run.step.state, key, {}, run.now)


def test_a_script_is_one_expression_with_a_clock_that_the_caller_owns() -> None:
    body = _START + script("t", 'today() + duration("P14D")', "promised_on") + user("a")

    run = Run(diagram(body, "s -> t\nt -> a"))

    assert str(run.variables["promised_on"]) == "2026-03-16"


def test_a_task_that_says_nothing_of_who_does_it_passes_through() -> None:
    run = Run(diagram(_START + element("task", "t") + user("a"), "s -> t\nt -> a"))

    assert run.tasks == ["a"]


def test_a_receive_task_waits_for_its_message() -> None:
    body = _START + element("receiveTask", "r", messageRef="m") + user("a")
    run = Run(diagram(body, "s -> r\nr -> a", before='<bpmn:message id="m" name="stock.received"/>'))

    run.message("stock.received", quantity=3)

    assert run.tasks == ["a"]
    assert run.variables["quantity"] == 3


def test_a_send_task_with_a_message_tells_other_instances() -> None:
    body = _START + element("sendTask", "t", messageRef="m") + user("a")

    run = Run(diagram(body, "s -> t\nt -> a", before='<bpmn:message id="m" name="hello"/>'))

    assert [(sent.name, sent.correlation) for sent in run.sent] == [("hello", {"business_key": "key"})]
    assert run.tasks == ["a"]


def _call(mapping: str) -> tuple[bytes, bytes]:
    inside = f"<bpmn:extensionElements>{mapping}</bpmn:extensionElements>"
    caller = diagram(
        _START + element("callActivity", "c", inside, calledElement="child") + user("after"),
        "s -> c\nc -> after",
    )
    return caller, diagram(_START + user("a"), "s -> a", process="child")


def test_a_called_process_sees_only_what_is_mapped_in_and_gives_only_what_is_mapped_out() -> None:
    caller, child = _call(
        '<camunda:in source="amount" target="sum"/>'
        '<camunda:in sourceExpression="amount * 2" target="double"/>'
        '<camunda:out source="decision" target="decision"/>'
    )
    run = Run(caller, child, amount=21, secret="x")
    run.complete("a", decision="approved", other=1)

    assert run.tasks == ["after"]
    assert run.variables == {"amount": 21, "secret": "x", "decision": "approved"}


def test_a_call_may_map_everything() -> None:
    caller, child = _call('<camunda:in variables="all"/><camunda:out variables="all"/>')
    run = Run(caller, child, amount=21)

    run.complete("a", decision="approved")

    assert run.variables == {"amount": 21, "decision": "approved"}


def test_two_files_may_use_the_same_ids_inside() -> None:
    caller, child = _call("")
    run = Run(caller, child)
    assert run.task("a").process == "child"

    run.complete("a")

    assert run.tasks == ["after"]


def test_elements_may_be_named_start_and_end() -> None:
    body = element("startEvent", "Start") + user("End") + element("endEvent", "Done")
    run = Run(diagram(body, "Start -> End\nEnd -> Done"))
    assert run.tasks == ["End"]

    run.complete("End")

    assert run.step.finished == "Done"


def test_what_a_form_gives_goes_past_the_inputs_of_its_task() -> None:
    inside = (
        "<bpmn:extensionElements><camunda:inputOutput>"
        '<camunda:inputParameter name="comment">= comment</camunda:inputParameter>'
        "</camunda:inputOutput></bpmn:extensionElements>"
    )
    run = Run(diagram(_START + user("a", inside) + user("b"), "s -> a\na -> b"), comment="old")
    assert run.task("a").inputs == {"comment": "old"}

    run.complete("a", comment="new")

    assert run.variables["comment"] == "new"


def test_a_milestone_is_passed_when_its_element_is_entered() -> None:
    inside = (
        "<bpmn:extensionElements><camunda:properties>"
        '<camunda:property name="milestone" value="submitted"/></camunda:properties></bpmn:extensionElements>'
    )
    run = Run(diagram(_START + user("a") + user("b", inside), "s -> a\na -> b"))
    assert run.milestones == []

    run.complete("a")

    assert run.milestones == ["submitted"]


def test_an_assignment_that_cannot_be_evaluated_is_an_incident_and_not_a_lost_task() -> None:
    body = _START + user("a", camunda_dueDate="= 5 + nothing_here")
    run = Run(diagram(body, "s -> a"))
    assert run.tasks == ["a"]

    broken = Run(diagram(_START + user("a", camunda_dueDate="tomorrow"), "s -> a"))

    assert [incident.element for incident in broken.incidents] == ["a"]


def test_eight_threads_share_one_deployment_and_change_nothing_in_it() -> None:
    content = diagram(_START + user("a") + service("m") + user("b"), "s -> a\na -> m\nm -> b")
    deployment = workflows.deploy({"p.bpmn": content})
    before = repr({name: sorted(vars(spec)) for name, spec in deployment.specs["p"].task_specs.items()})

    def walk(number: int) -> list[str]:
        run = Run(content, number=number)
        run.complete("a")
        run.answer("do.it")
        return run.tasks

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(walk, range(200))) == [["b"]] * 200

    after = repr({name: sorted(vars(spec)) for name, spec in deployment.specs["p"].task_specs.items()})
    assert after == before


def test_a_state_of_another_version_is_refused() -> None:
    run = Run(diagram(_START + user("a"), "s -> a"))

    with pytest.raises(workflows.WorkflowError, match="version 99"):
        workflows.tick(run.deployment, b"[99]", run.now)


def test_an_unknown_process_is_refused() -> None:
    run = Run(diagram(_START + user("a"), "s -> a"))

    with pytest.raises(workflows.UnknownProcessError):
        workflows.start(run.deployment, "q", {}, NOW, "k")
    with pytest.raises(workflows.UnknownProcessError):
        workflows.start(run.deployment, "p", {}, NOW, "k", message="nothing")
