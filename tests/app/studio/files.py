"""Contents for tests of the studio: the shipped files, and these with one thing changed."""

from __future__ import annotations

from app.database import reading
from app.processes import deployments
from app.studio import queries
from tests.builders import Firm

APPROVAL = "order_approval.bpmn"
POLICY = "approval_policy.dmn"
POLICY_TESTS = "approval_policy.tests.csv"


def present(firm: Firm, name: str) -> bytes:
    """Return what is published now."""
    with reading(firm.org_id) as tx:
        return queries.read_published(tx, name).content


def changed(firm: Firm, name: str, before: str, after: str) -> bytes:
    content = present(firm, name).decode()
    assert before in content
    return content.replace(before, after).encode()


def renamed(firm: Firm, step: str = "Approve the order") -> bytes:
    """The approval diagram with another name for its first approval."""
    return changed(firm, APPROVAL, 'name="Approve"', f'name="{step}"')


def deployment_number(firm: Firm) -> int:
    with reading(firm.org_id) as tx:
        return deployments.current(tx).number


# Asked before the policy's chain; a rejection ends the order there.
SECOND_LOOK = """
<bpmn:userTask id="second_look" name="Second look" camunda:formKey="approval"
  camunda:candidateGroups="{team}">
  <bpmn:extensionElements><camunda:properties>
    <camunda:property name="approval.excluded" value="[requester]" />
  </camunda:properties></bpmn:extensionElements>
  <bpmn:incoming>start_chain_to_approve_order</bpmn:incoming>
  <bpmn:outgoing>second_look_to_is_looked_at</bpmn:outgoing>
</bpmn:userTask>
<bpmn:exclusiveGateway id="is_looked_at" default="is_looked_at_to_decided">
  <bpmn:incoming>second_look_to_is_looked_at</bpmn:incoming>
  <bpmn:outgoing>is_looked_at_to_decided</bpmn:outgoing>
  <bpmn:outgoing>is_looked_at_to_approve_order</bpmn:outgoing>
</bpmn:exclusiveGateway>
<bpmn:sequenceFlow id="second_look_to_is_looked_at" sourceRef="second_look" targetRef="is_looked_at" />
<bpmn:sequenceFlow id="is_looked_at_to_decided" sourceRef="is_looked_at" targetRef="decided" />
<bpmn:sequenceFlow id="is_looked_at_to_approve_order" sourceRef="is_looked_at" targetRef="approve_order">
  <bpmn:conditionExpression>decision = "approved"</bpmn:conditionExpression>
</bpmn:sequenceFlow>
"""


def with_second_look(firm: Firm, team: str = "finance") -> bytes:
    """The approval diagram with an approval drawn into it that no table asks for."""
    return with_steps(firm, "second_look", SECOND_LOOK.format(team=team))


def with_steps(firm: Firm, first: str, steps: str) -> bytes:
    """The approval diagram with these elements between "Start with the first level" and "Approve"."""
    before = 'sourceRef="start_chain" targetRef="approve_order" />'
    after = f'sourceRef="start_chain" targetRef="{first}" />{steps}'
    return changed(firm, APPROVAL, before, after)
