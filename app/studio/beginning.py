"""How a new file begins, and what an imported one is called."""

from __future__ import annotations

import re
import unicodedata
from xml.sax.saxutils import quoteattr

from lxml import etree

from app.errors import InvalidError
from app.studio.reading import parser, problem_of

_BPMN = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="{id}_definitions" targetNamespace="http://bpmn.io/schema/bpmn">
  <bpmn:process id="{id}" name={name} isExecutable="true" camunda:historyTimeToLive="P3650D">
    <bpmn:startEvent id="begun"><bpmn:outgoing>begun_to_done</bpmn:outgoing></bpmn:startEvent>
    <bpmn:endEvent id="done"><bpmn:incoming>begun_to_done</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="begun_to_done" sourceRef="begun" targetRef="done" />
  </bpmn:process>
  <bpmndi:BPMNDiagram id="{id}_diagram">
    <bpmndi:BPMNPlane id="{id}_plane" bpmnElement="{id}">
      <bpmndi:BPMNShape id="begun_shape" bpmnElement="begun"><dc:Bounds x="180" y="160" width="36" height="36" /></bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="done_shape" bpmnElement="done"><dc:Bounds x="420" y="160" width="36" height="36" /></bpmndi:BPMNShape>
      <bpmndi:BPMNEdge id="begun_to_done_edge" bpmnElement="begun_to_done"><di:waypoint x="216" y="178" /><di:waypoint x="420" y="178" /></bpmndi:BPMNEdge>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"""  # noqa: E501 - a document is kept as its tools write it
_DMN = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="{id}_definitions" name={name} namespace="http://camunda.org/schema/1.0/dmn">
  <inputData id="amount_data" name="amount"><variable id="amount_variable" name="amount" typeRef="number" /></inputData>
  <decision id="{id}" name={name}>
    <variable id="{id}_result" name="{id}" typeRef="Any" />
    <informationRequirement id="{id}_needs_amount"><requiredInput href="#amount_data" /></informationRequirement>
    <decisionTable id="{id}_table" hitPolicy="FIRST">
      <input id="amount_input" label="Amount"><inputExpression id="amount_expression" typeRef="number"><text>amount</text></inputExpression></input>
      <output id="result_output" label="Result" name="result" typeRef="string" />
      <rule id="{id}_otherwise"><inputEntry id="{id}_otherwise_amount"><text></text></inputEntry><outputEntry id="{id}_otherwise_result"><text>""</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>
"""  # noqa: E501 - a document is kept as its tools write it


def new_file(title: str, kind: str) -> tuple[str, bytes]:
    """Return the name and the first content of a diagram or a table; its id is its file's name."""
    stem = _stem(title)
    if not stem:
        raise InvalidError("nothing was begun", {"title": ["needs a Latin letter, to name the file by"]})
    text = (_DMN if kind == "dmn" else _BPMN).format(id=stem, name=quoteattr(title))
    return f"{stem}.{'dmn' if kind == 'dmn' else 'bpmn'}", text.encode()


def imported_name(filename: str, content: bytes) -> str:
    """Name an imported file: a diagram by its process, as orders look for it, else by the file's own name."""
    last = filename.replace("\\", "/").rsplit("/", 1)[-1].lower()
    for ending in (".tests.csv", ".bpmn20.xml", ".bpmn", ".dmn"):
        if last.endswith(ending):
            kind = ".bpmn" if ending == ".bpmn20.xml" else ending
            named = _process_in(content) if kind == ".bpmn" else ""
            return named or _stem(last.removesuffix(ending)) + kind
    raise InvalidError("nothing was imported", {"file": ["is not a .bpmn, .dmn or .tests.csv file"]})


def _process_in(content: bytes) -> str:
    if problem_of(content):
        return ""
    root = etree.fromstring(content, parser())
    ids = [each.get("id") or "" for each in root if etree.QName(each).localname == "process"]
    return f"{ids[0]}.bpmn" if len(ids) == 1 and re.fullmatch(r"[a-z][a-z0-9_]{0,80}", ids[0]) else ""


def _stem(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_").lstrip("0123456789_")[:80]
