"""The shipped diagrams are source code: what a compiler would prove of them is proved here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import SpiffWorkflow
from lxml import etree

import rules
import workflows
from app.needs.models import NeedStatus
from app.orders.models import OrderStatus
from app.processes.forms import FORMS
from tasks import handlers
from tasks.commands.seed import TEAMS
from tasks.worker import load_handlers
from workflows.reading.processes import CLASSES
from workflows.reading.xml import BPMN, CAMUNDA, local

DIAGRAMS = {file.stem: file for file in sorted((Path(workflows.__file__).parent / "bpmn").glob("*/*.bpmn"))}
TABLES = {file.stem: file for file in sorted((Path(rules.__file__).parent / "tables").glob("*/*.dmn"))}
TEMPLATES = Path(handlers.__file__).parents[1] / "templates"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
SCHEMA = Path(SpiffWorkflow.__file__).parent / "bpmn" / "parser" / "schema" / "BPMN20.xsd"
MODELER = "{http://camunda.org/schema/modeler/1.0}"
MOST_ELEMENTS = 35

each_diagram = pytest.mark.parametrize("name", DIAGRAMS)


def _root(name: str) -> Any:
    return etree.parse(DIAGRAMS[name]).getroot()


def _elements(name: str) -> list[Any]:
    return [each for each in _root(name).iter(etree.Element) if local(each) in CLASSES]


def _texts(name: str, attribute: str) -> set[str]:
    return {each.get(CAMUNDA + attribute) for each in _elements(name) if each.get(CAMUNDA + attribute)}


def test_all_four_phases_are_drawn() -> None:
    assert set(DIAGRAMS) >= {"order_lifecycle", "order_approval", "order_execution", "order_closing"}
    assert "need_to_order" in DIAGRAMS
    assert set(TABLES) >= {"approval_policy", "closing_policy"}


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(SCHEMA))


@each_diagram
def test_a_diagram_is_valid_against_the_schema_of_bpmn(name: str, schema: etree.XMLSchema) -> None:
    schema.assertValid(etree.parse(DIAGRAMS[name]))


@each_diagram
def test_only_camundas_words_are_foreign_to_bpmn(name: str) -> None:
    known = (BPMN, DI, DC, "{http://www.omg.org/spec/DD/20100524/DI}", CAMUNDA)
    root = _root(name)
    tags = {each.tag for each in root.iter(etree.Element)}
    words = {word for each in root.iter(etree.Element) for word in each.attrib if word.startswith("{")}
    xsi = "{http://www.w3.org/2001/XMLSchema-instance}"

    assert [tag for tag in tags if not tag.startswith(known)] == []
    assert [word for word in words if not word.startswith((CAMUNDA, MODELER, xsi))] == []


@each_diagram
def test_the_process_is_named_as_its_file(name: str) -> None:
    assert [each.get("id") for each in _root(name).findall(BPMN + "process")] == [name]


@each_diagram
def test_every_element_and_every_flow_is_drawn(name: str) -> None:
    root = _root(name)
    shapes = {each.get("bpmnElement"): each for each in root.iter(DI + "BPMNShape")}
    edges = {each.get("bpmnElement"): each for each in root.iter(DI + "BPMNEdge")}
    flows = {each.get("id") for each in root.iter(BPMN + "sequenceFlow")}

    assert {each.get("id") for each in _elements(name)} == shapes.keys()
    assert flows == edges.keys()
    for shape in shapes.values():
        bounds = shape.find(DC + "Bounds")
        assert float(bounds.get("width")) > 0
        assert float(bounds.get("height")) > 0
    for edge in edges.values():
        assert len(edge.findall("{http://www.omg.org/spec/DD/20100524/DI}waypoint")) >= 2


@each_diagram
def test_no_two_elements_are_drawn_over_each_other(name: str) -> None:
    root = _root(name)
    kinds = {each.get("id"): local(each) for each in _elements(name)}
    boxes = []
    for shape in root.iter(DI + "BPMNShape"):
        bounds = shape.find(DC + "Bounds")
        x, y, width, height = (float(bounds.get(word)) for word in ("x", "y", "width", "height"))
        if kinds[shape.get("bpmnElement")] not in ("boundaryEvent", "subProcess"):
            boxes.append((shape.get("bpmnElement"), x, y, x + width, y + height))

    over = [
        (one[0], two[0])
        for number, one in enumerate(boxes)
        for two in boxes[number + 1 :]
        if one[1] < two[3] and two[1] < one[3] and one[2] < two[4] and two[2] < one[4]
    ]

    assert over == []


@each_diagram
def test_ids_are_names(name: str) -> None:
    ids = [each.get("id") for each in _elements(name)]
    flows = [
        (each.get("id"), f"{each.get('sourceRef')}_to_{each.get('targetRef')}")
        for each in _root(name).iter(BPMN + "sequenceFlow")
    ]

    assert [key for key in ids if not re.fullmatch(r"[a-z]+(_[a-z0-9]+)*", key)] == []
    assert [pair for pair in flows if pair[0] != pair[1]] == []


@each_diagram
def test_what_a_person_reads_has_a_name(name: str) -> None:
    """Gateways that only merge or fork need none; all else says what it is."""
    silent = ("parallelGateway", "eventBasedGateway")
    flows = list(_root(name).iter(BPMN + "sequenceFlow"))
    nameless = []
    for each in _elements(name):
        leaving = [flow for flow in flows if flow.get("sourceRef") == each.get("id")]
        merges = local(each) == "exclusiveGateway" and len(leaving) == 1
        if not each.get("name") and local(each) not in silent and not merges:
            nameless.append(each.get("id"))

    assert nameless == []


@each_diagram
def test_every_way_out_of_a_choice_is_named(name: str) -> None:
    choices = {each.get("id") for each in _elements(name) if local(each) == "exclusiveGateway"}
    flows = list(_root(name).iter(BPMN + "sequenceFlow"))
    sources = [flow.get("sourceRef") for flow in flows]

    assert [
        flow.get("id")
        for flow in flows
        if flow.get("sourceRef") in choices
        and sources.count(flow.get("sourceRef")) > 1
        and not flow.get("name")
    ] == []


@each_diagram
def test_every_way_ends_at_an_end_that_is_drawn(name: str) -> None:
    sources = {flow.get("sourceRef") for flow in _root(name).iter(BPMN + "sequenceFlow")}

    assert [
        each.get("id")
        for each in _elements(name)
        if each.get("id") not in sources and local(each) != "endEvent"
    ] == []


@each_diagram
def test_a_diagram_can_be_taken_in_at_one_look(name: str) -> None:
    assert len(_elements(name)) <= MOST_ELEMENTS


@each_diagram
def test_every_call_of_a_machine_has_a_handler(name: str) -> None:
    load_handlers()

    assert _texts(name, "topic") - handlers.known() == set()


@each_diagram
def test_every_team_is_one_that_the_seed_makes(name: str) -> None:
    teams = {key for key, _ in TEAMS}
    named = {text for text in _texts(name, "candidateGroups") if not text.startswith("=")}

    assert named - teams == set()


def test_every_team_of_a_table_is_one_that_the_seed_makes() -> None:
    teams = {key for key, _ in TEAMS}
    found = set()
    for table, column in (("approval_policy", "level"), ("closing_policy", "team")):
        root = etree.parse(TABLES[table]).getroot()
        dmn = f"{{{etree.QName(root).namespace}}}"
        (decided,) = list(root.iter(dmn + "decisionTable"))
        number = [each.get("name") for each in decided.findall(dmn + "output")].index(column)
        for rule in decided.findall(dmn + "rule"):
            text = "".join(rule.findall(dmn + "outputEntry")[number].itertext()).strip().strip('"')
            found |= {text} - {"", "null", "-"}

    assert found
    assert found - teams == set()


@each_diagram
def test_every_form_and_every_mail_is_there(name: str) -> None:
    mails = {
        (each.text or "").strip()
        for each in _root(name).iter(CAMUNDA + "inputParameter")
        if each.get("name") == "template"
    }

    assert _texts(name, "formKey") - set(FORMS) == set()
    assert [mail for mail in mails if not list(TEMPLATES.glob(f"**/{mail}*.md"))] == []


@each_diagram
def test_every_decision_and_every_called_process_is_there(name: str) -> None:
    called = {each.get("calledElement") for each in _elements(name) if local(each) == "callActivity"}

    assert _texts(name, "decisionRef") <= set(TABLES)
    assert called <= set(DIAGRAMS)


def _milestones(names: set[str]) -> set[str]:
    return {
        each.get("value")
        for name in names
        for each in _root(name).iter(CAMUNDA + "property")
        if each.get("name") == "milestone"
    }


def test_the_milestones_are_the_statuses_of_an_order() -> None:
    assert _milestones(DIAGRAMS.keys() - {"need_to_order"}) == {status.value for status in OrderStatus}


def test_the_milestones_of_a_need_are_its_stages() -> None:
    assert _milestones({"need_to_order"}) == {status.value for status in NeedStatus}


def test_every_unhappy_end_is_drawn() -> None:
    ends = {
        name: {each.get("id") for each in _elements(name) if local(each) == "endEvent"} for name in DIAGRAMS
    }

    assert ends["order_lifecycle"] >= {
        "order_closed",
        "order_rejected",
        "order_expired",
        "order_unfulfilled",
        "order_cancelled_end",
    }
    assert ends["order_approval"] >= {"approved_end", "changes_requested", "rejected_end", "expired_end"}
    assert ends["order_execution"] >= {"order_delivered", "not_fulfilled"}


def test_the_shipped_files_are_deployed_without_a_word_of_warning() -> None:
    findings = workflows.check(
        {file.name: file.read_bytes() for file in DIAGRAMS.values()},
        {file.name: file.read_bytes() for file in TABLES.values()},
    )

    assert [finding for finding in findings if finding.severity != "information"] == []
