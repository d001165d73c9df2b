"""SpiffWorkflow's members without a promise that we stand on: each is there, with the signature we know.

An upgrade that changes one fails here, by name, before anything runs wrong.
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from types import FunctionType

import pytest
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState
from SpiffWorkflow.workflow import Workflow

import workflows
from tests.workflows.building import Run, diagram, element, user
from workflows.instance import Instance
from workflows.reading.processes import CLASSES
from workflows.scopes import Subscope
from workflows.tokens import Token

METHODS: list[tuple[type, str, list[str]]] = [
    (Task, "__init__", ["workflow", "task_spec", "parent", "state", "id"]),
    (Task, "_set_state", ["value"]),
    (Task, "_inherit_data", []),
    (Task, "_ready", []),
    (Task, "_child_added_notify", ["child"]),
    (Task, "run", []),
    (Task, "complete", []),
    (Task, "cancel", []),
    (Task, "error", []),
    (TaskSpec, "_update", ["my_task"]),
    (TaskSpec, "_update_hook", ["my_task"]),
    (TaskSpec, "_predict_hook", ["my_task"]),
    (TaskSpec, "_on_ready", ["my_task"]),
    (TaskSpec, "_on_ready_hook", ["my_task"]),
    (TaskSpec, "_run", ["my_task"]),
    (TaskSpec, "_run_hook", ["my_task"]),
    (TaskSpec, "_on_complete", ["my_task"]),
    (TaskSpec, "_on_complete_hook", ["my_task"]),
    (TaskSpec, "_on_cancel", ["my_task"]),
    (TaskSpec, "_on_error", ["my_task"]),
    (TaskSpec, "_on_error_hook", ["my_task"]),
    (TaskSpec, "test", []),
    (Workflow, "_task_completed_notify", ["task"]),
    (BpmnSubWorkflow, "_calculate_depth", []),
    (BpmnWorkflow, "__init__", ["spec", "subprocess_specs", "script_engine", "kwargs"]),
    (BpmnSubWorkflow, "__init__", ["spec", "parent_task_id", "top_workflow", "kwargs"]),
]
ATTRIBUTES = {"_state", "_children", "_parent", "_inputs", "_outputs"}
"""Set on objects: `Task` has the first three, `TaskSpec` the others."""
SOURCE = Path(workflows.__file__).parent


@pytest.mark.parametrize(("owner", "name", "parameters"), METHODS)
def test_a_member_of_the_library_is_as_we_know_it(owner: type, name: str, parameters: list[str]) -> None:
    found = list(inspect.signature(getattr(owner, name)).parameters)

    assert found == ["self", *parameters]


def test_its_attributes_are_there() -> None:
    run = Run(diagram(element("startEvent", "s") + user("a"), "s -> a"))
    spec = run.deployment.specs["p"]
    instance = Instance(run.deployment, "p", run.now)
    instance.plant("0.0")
    token = instance.place(spec.task_specs["a"], "1", TaskState.FUTURE)

    assert {"_state", "_children", "_parent"} <= vars(token).keys()
    assert {"_inputs", "_outputs"} <= vars(token.task_spec).keys()
    assert token._parent == "0.0"
    assert instance.task_tree._children == ["1"]


def test_a_token_has_the_attributes_that_the_library_gives_a_task() -> None:
    run = Run(diagram(element("startEvent", "s") + user("a"), "s -> a"))
    instance = Instance(run.deployment, "p", run.now)
    theirs = Task(instance, instance.spec.task_specs["a"], id="theirs")
    ours = Token(instance, instance.spec.task_specs["a"], theirs, TaskState.FUTURE, "ours")

    for name, value in vars(theirs).items():
        assert isinstance(getattr(ours, name), type(value)) or name == "_parent"
    assert ours.parent is theirs
    assert theirs.children == [ours]


def test_its_start_end_and_join_do_not_stay_in_a_process_of_ours() -> None:
    theirs = BpmnProcessSpec(name="p")
    run = Run(diagram(element("startEvent", "s") + user("a"), "s -> a"))

    assert {"Start", "End"} <= theirs.task_specs.keys()
    assert list(run.deployment.specs["p"].task_specs) == ["s", "a"]


def test_every_class_of_ours_stands_on_one_of_its_own() -> None:
    bases = {each for each in vars(defaults).values() if isinstance(each, type)}

    for kind, ours in CLASSES.items():
        assert bases & set(ours.__mro__), kind
        assert issubclass(ours, TaskSpec)


def test_the_list_above_is_whole() -> None:
    """What we override, or call with an underscore, and the library has, is listed."""
    listed = {name for _, name, _ in METHODS} | ATTRIBUTES
    theirs = {name for owner in (Task, TaskSpec, BpmnWorkflow, BpmnSubWorkflow) for name in dir(owner)}
    theirs = {name for name in theirs | ATTRIBUTES if re.match(r"_[a-z]", name)}
    used = {
        name
        for file in SOURCE.rglob("*.py")
        for name in re.findall(r"\.(_[a-z]\w*)|def (_[a-z]\w*)", file.read_text("utf-8"))
        for name in name
        if name
    }

    assert sorted((used & theirs) - listed) == []


def test_nothing_of_the_library_is_patched() -> None:
    """Every method of its classes is still the one that its own file defines."""
    for owner in (Task, TaskSpec, Workflow, BpmnWorkflow, BpmnSubWorkflow, BpmnProcessSpec):
        for name, member in vars(owner).items():
            if isinstance(member, FunctionType):
                assert "SpiffWorkflow" in member.__code__.co_filename, f"{owner.__name__}.{name}"
    assert issubclass(Token, Task)
    assert issubclass(Instance, BpmnWorkflow)
    assert issubclass(Subscope, BpmnSubWorkflow)
