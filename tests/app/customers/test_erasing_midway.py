"""A customer erased in the middle: of an order that is decided, of a file that waits or is being read."""

from __future__ import annotations

import io
from uuid import UUID

import pytest

from app.audit.verifying import verify
from app.config import settings
from app.customers import commands as customers
from app.customers import erasing
from app.customers.queries import count_erased
from app.database import reading, transaction
from app.inbox import commands as inbox
from app.needs import views
from app.needs.imports import batches, running, storing
from app.needs.imports import commands as imports
from app.needs.imports import queries as imports_queries
from app.needs.imports.batches import ErasedMeanwhileError
from app.needs.imports.masking import mask
from app.needs.imports.models import NeedImport
from app.needs.models import KeptView
from app.orders import commands as orders
from app.processes import advance
from app.processes.queries import HEADS
from tests.app.customers.test_erasing import number_of, traces
from tests.app.needs.imports.giving import found, give, texts
from tests.builders import Firm
from tests.selling import a_customer, a_line, a_product, an_order, complete, read

NAME, MAIL, PHONE = "Ximena Quiroga", "ximena@quiroga.example", "+49 30 5550199"
WORDS = (NAME, MAIL, PHONE)
ROWS = 2 * imports.SHORT_LINES  # so many are kept by a worker


@pytest.fixture
def customer_id(shop: Firm) -> UUID:
    made = a_customer(shop, NAME)
    customers.change(shop["sales"], made, {"email": MAIL, "phone": PHONE}, None)
    return made


def _a_waiting_order(shop: Firm, customer_id: UUID) -> UUID:
    order = an_order(shop, [a_line(a_product(shop), 1, 40)], customer_id=customer_id, submit=True)
    return order.id


def _open_item(shop: Firm, order_id: UUID) -> UUID:
    instance_id = read(shop, order_id).instance_id
    assert instance_id is not None
    with transaction(shop.org_id) as tx:
        return advance.open_items(tx, advance.load(tx, instance_id))[0].id


def test_comments_and_what_approvers_wrote_go_everywhere_also_from_the_record(
    shop: Firm, customer_id: UUID
) -> None:
    order_id = _a_waiting_order(shop, customer_id)
    orders.comment(shop["sales"], order_id, f"{NAME} moved, call {PHONE}")
    said = {"decision": "changes", "comment": f"{NAME} owes us, ask {MAIL}"}
    complete(shop, order_id, "approve_order", said)
    assert {"comments", "work_items", "instances", "customers"} <= set(traces(shop, *WORDS))

    erasing.erase(shop["admin"], customer_id)

    assert traces(shop, *WORDS) == []
    assert list(verify(shop.org_id, settings().audit_key, [HEADS])) == []
    assert read(shop, order_id).status == "changes_requested"


def test_an_order_goes_on_after_its_customer_was_erased(shop: Firm, customer_id: UUID) -> None:
    order_id = _a_waiting_order(shop, customer_id)
    complete(shop, order_id, "approve_order", {"decision": "changes", "comment": f"ask {NAME}"})
    erasing.erase(shop["admin"], customer_id)

    orders.cancel(shop["sales"], order_id, "no longer wanted")

    assert read(shop, order_id).status == "cancelled"


def test_why_an_order_was_cancelled_goes_too(shop: Firm, customer_id: UUID) -> None:
    order_id = _a_waiting_order(shop, customer_id)
    orders.cancel(shop["sales"], order_id, f"{NAME} died")

    erasing.erase(shop["admin"], customer_id)

    assert traces(shop, *WORDS) == []


def test_kept_views_that_search_for_them_search_for_their_number(shop: Firm, customer_id: UUID) -> None:
    view_id = views.keep(shop["sales"], "list", "Mine", {"search": NAME}, shared=False)
    number = number_of(shop, customer_id)

    erasing.erase(shop["admin"], customer_id)

    assert traces(shop, *WORDS) == []
    with reading(shop.org_id) as tx:
        assert tx.session.get_one(KeptView, view_id).query == {"search": number}


def test_a_decision_that_is_held_loses_its_comment_and_is_still_given(shop: Firm, customer_id: UUID) -> None:
    order_id = _a_waiting_order(shop, customer_id)
    item_id = _open_item(shop, order_id)
    said = {"decision": "rejected", "comment": f"{NAME} never pays"}
    inbox.decide(shop["lead"], item_id, said, hold=True)
    assert "pending_decisions" in traces(shop, *WORDS)

    erasing.erase(shop["admin"], customer_id)

    assert traces(shop, *WORDS) == []
    assert inbox.put_in_force(shop.org_id, item_id)
    assert read(shop, order_id).status == "rejected"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_file_that_waits_for_its_mapping_names_them_no_more(
    shop: Firm, customer_id: UUID, encoding: str
) -> None:
    content = f"type,customer,text\ntea,{NAME},绿茶 for {MAIL.upper()}\ncake,Ben,蛋糕\n"
    import_id = give(shop, content.encode(encoding))
    assert "need_import_parts" in traces(shop, NAME)

    erasing.erase(shop["admin"], customer_id)

    assert traces(shop, *WORDS, MAIL.upper()) == []
    imports.start(shop["sales"], import_id)
    done = found(shop, import_id)
    assert (done.kept, done.bad, texts(shop)) == (1, 1, ["蛋糕"])
    with reading(shop.org_id) as tx:
        refused = imports_queries.result(tx, done).problems
    assert [(row.line, str(row.message)) for row in refused] == [(2, "its customer was erased")]
    assert traces(shop, "绿茶") == []


def test_a_name_over_the_border_of_two_parts_is_found(shop: Firm, customer_id: UUID) -> None:
    begin = "type,text\ntea,"
    filler = "\ntea,x" * (storing.PART_BYTES // 6)
    border = (begin + filler)[: storing.PART_BYTES - len(begin) - 4]
    give(shop, f"{border}\n{NAME},{NAME}\ntea,{'y ' * 40}\n")

    erasing.erase(shop["admin"], customer_id)

    assert traces(shop, "Xime", "Quiroga") == []


def test_a_short_name_is_found_as_a_word_of_its_own_only(shop: Firm) -> None:
    import_id = give(shop, "type,text\ntea,Deliver it to Li, live\n".replace(", live", " live"))
    with reading(shop.org_id) as tx:
        assert mask(tx, import_id, "file", ["Li"]) == 1
        assert mask(tx, import_id, "file", []) == 0


def test_an_import_that_runs_keeps_nothing_that_it_read_before(shop: Firm, customer_id: UUID) -> None:
    rows = "".join(f"tea,{NAME},cup {number} for {MAIL}\n" for number in range(ROWS))
    import_id = give(shop, f"type,customer,text\n{rows}")
    imports.start(shop["sales"], import_id)
    assert not running.advance(shop.org_id, import_id, 0)
    with reading(shop.org_id) as tx:
        before = tx.session.get_one(NeedImport, import_id)
        midway = running.Run(before, "EUR", count_erased(tx))

    erasing.erase(shop["admin"], customer_id)

    with pytest.raises(ErasedMeanwhileError):
        midway.go(None)
    assert running.advance(shop.org_id, import_id)
    assert traces(shop, *WORDS) == []
    done = found(shop, import_id)
    assert (done.read, done.kept + done.bad) == (ROWS, ROWS)
    assert done.bad >= ROWS - batches.BATCH


def test_a_file_that_nobody_can_search_yet_is_given_again(shop: Firm, customer_id: UUID) -> None:
    class Slow(io.BytesIO):
        """The customer is erased while the rest of the file is on its way."""

        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() and not erased:
                erased.append(erasing.erase(shop["admin"], customer_id))
            return super().read(size)

    erased: list[int] = []
    rows = f"tea,{NAME}\n" * (2 * storing.PART_BYTES // 19)

    with pytest.raises(Exception, match="give the file again"):
        imports.receive(shop["sales"], "tea.csv", Slow(f"type,text\n{rows}".encode()))

    assert traces(shop, *WORDS) == []


def test_a_workbook_that_waits_to_be_unpacked_is_forgotten_and_says_so(shop: Firm, customer_id: UUID) -> None:
    import_id = give(shop, b"PK\x03\x04" + NAME.encode(), "needs.xlsx")
    assert found(shop, import_id).status == "unpacking"

    erasing.erase(shop["admin"], customer_id)

    failed = found(shop, import_id)
    assert (failed.status, bool(failed.error)) == ("failed", True)
    assert not imports.begin_unpacking(shop.org_id, import_id)
    assert traces(shop, *WORDS) == []
