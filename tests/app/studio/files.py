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
