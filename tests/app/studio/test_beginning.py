"""New and imported files: named so that orders find them, and ready to be drawn on."""

from __future__ import annotations

import pytest

from app.database import reading
from app.errors import ConflictError, InvalidError
from app.studio import beginning, commands, outline, queries
from tests.app.studio.files import APPROVAL, present, renamed
from tests.builders import Firm

pytestmark = pytest.mark.own_databases


@pytest.mark.parametrize(
    ("title", "kind", "name"),
    [
        pytest.param("Contract approval", "bpmn", "contract_approval.bpmn", id="a diagram"),
        pytest.param(
            "Réduction & Co. 2", "dmn", "reduction_co_2.dmn", id="a table, signs and accents dropped"
        ),
        pytest.param("2nd look", "bpmn", "nd_look.bpmn", id="no digit first"),
        pytest.param('A "quoted" <name>', "bpmn", "a_quoted_name.bpmn", id="nothing breaks the document"),
    ],
)
def test_a_new_file_can_be_published_as_it_begins(shop: Firm, title: str, kind: str, name: str) -> None:
    found, content = beginning.new_file(title, kind)

    commands.begin_new(shop["owner"], found, content)

    assert found == name
    with reading(shop.org_id) as tx:
        findings = queries.check_together(tx, name, content)
    assert [each for each in findings if each.severity == "error"] == []


def test_a_name_without_latin_letters_is_asked_for_again() -> None:
    with pytest.raises(InvalidError):
        beginning.new_file("合同审批", "bpmn")


def test_a_new_file_never_replaces_one_that_is_there(shop: Firm) -> None:
    with pytest.raises(ConflictError):
        commands.begin_new(shop["owner"], APPROVAL, renamed(shop))


def test_an_import_never_overwrites_a_draft(shop: Firm) -> None:
    commands.begin(shop["owner"], {APPROVAL: renamed(shop, "Mine")})

    with pytest.raises(ConflictError):
        commands.begin(shop["owner"], {APPROVAL: renamed(shop, "Imported")})

    with reading(shop.org_id) as tx:
        assert b"Mine" in queries.read_file(tx, APPROVAL).content


@pytest.mark.parametrize(
    ("filename", "content", "name"),
    [
        pytest.param("My Flow (1).bpmn", b"<definitions/>", "my_flow_1.bpmn", id="by the file's name"),
        pytest.param(
            "x.bpmn", b'<definitions><process id="refund"/></definitions>', "refund.bpmn", id="by its process"
        ),
        pytest.param(
            "x.bpmn20.xml",
            b'<definitions><process id="a"/><process id="b"/></definitions>',
            "x.bpmn",
            id="several processes",
        ),
        pytest.param(
            "y.bpmn",
            b'<definitions><process id="Process_1"/></definitions>',
            "y.bpmn",
            id="an id that is no name",
        ),
        pytest.param("C:\\files\\Rates.DMN", b"<definitions/>", "rates.dmn", id="another system's path"),
        pytest.param("rates.tests.csv", b"a,expect:b\n", "rates.tests.csv", id="tests"),
        pytest.param("broken.bpmn", b"<", "broken.bpmn", id="unreadable, refused when kept"),
    ],
)
def test_an_imported_file_is_named_so_that_orders_find_it(filename: str, content: bytes, name: str) -> None:
    assert beginning.imported_name(filename, content) == name


def test_a_file_of_another_kind_is_not_imported() -> None:
    with pytest.raises(InvalidError):
        beginning.imported_name("flow.pdf", b"")


def test_a_diagram_is_told_in_words(shop: Firm) -> None:
    steps = {step.id: step for step in outline.steps_of(present(shop, APPROVAL))}

    assert steps["decide_instead"].who == "management"
    assert steps["must_anyone"].then == (("yes", "Start with the first level"), ("no", "Approve by rule"))


def test_a_table_is_told_in_words(shop: Firm) -> None:
    (table,) = outline.tables_of(present(shop, "approval_policy.dmn"))

    assert (table.name, table.policy) == ("Approval policy", "RULE ORDER")
    assert (table.inputs[0], table.outputs) == ("Amount", ("Team", "Reason"))
    assert table.rules[0] == ("> 1000", "–", "–", "–", "–", "–", '"sales_lead"', '"Amount above 1,000"')


def test_what_cannot_be_read_has_no_words() -> None:
    assert outline.steps_of(b"<") == []
    assert outline.tables_of(b"<") == []
