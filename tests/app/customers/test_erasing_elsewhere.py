"""An erased customer is found by the names of their people, in what is others', in files read in one go."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from app.clearing import replaced_in, without
from app.customers import commands as customers
from app.customers import erasing
from app.customers.erasing import Erased
from app.database import reading
from app.needs import commands as needs
from app.needs.imports.at_once import ImportReport, StoppedByErasureError, import_needs
from app.needs.imports.batches import BATCH
from app.needs.models import Need
from app.orders import commands as orders
from app.orders.terms import NewOrder
from tests.app.customers.test_erasing import number_of, traces
from tests.app.needs.imports.giving import found, give, texts
from tests.builders import Firm
from tests.selling import a_customer, a_line, a_product, an_order, complete

NAME, MAIL = "Ximena Quiroga", "ximena@quiroga.example"
PEOPLE = (
    {"name": "Pablo Ott", "email": "pablo@ott.example", "phone": "+49 30 5550188"},
    {"name": "Ada", "position": "Buyer"},
)
WORDS = (NAME, MAIL, *(PEOPLE[0].values()))


@pytest.fixture
def customer_id(shop: Firm) -> UUID:
    made = a_customer(shop, NAME)
    customers.change(shop["sales"], made, {"email": MAIL}, None)
    for person in PEOPLE:
        customers.add_contact(shop["sales"], made, dict(person))
    return made


def a_need(shop: Firm, text: str, **more: Any) -> UUID:
    return needs.create(shop["sales"], {"need_type": "tea", "text": text, "currency": "EUR", **more}).id


def need(shop: Firm, need_id: UUID) -> Need:
    with reading(shop.org_id) as tx:
        return tx.session.scalars(select(Need).where(Need.id == need_id)).one()


def at_once(shop: Firm, lines: str) -> ImportReport:
    return import_needs(shop.org_id, None, io.BytesIO(f"type,customer,text\n{lines}".encode()), "EUR")


def test_the_name_of_a_file_that_names_them_has_their_number(shop: Firm, customer_id: UUID) -> None:
    import_id = give(shop, "type,customer,text\ntea,,cups\n", f"needs of {NAME.upper()}.csv")

    erasing.erase(shop["admin"], customer_id)

    assert found(shop, import_id).name == f"needs of {number_of(shop, customer_id)}.csv"
    assert traces(shop, NAME) == []


def test_the_people_at_a_customer_go_from_orders_and_needs_too(shop: Firm, customer_id: UUID) -> None:
    line = a_line(a_product(shop), 1, 40)
    order = an_order(shop, [line], customer_id=customer_id, submit=True)
    orders.place(shop["sales"], NewOrder(customer_id, (line,), title="For pablo ott"), submit=False)
    said = {"decision": "changes", "comment": "call Pablo Ott, +49 30 5550188"}
    complete(shop, order.id, "approve_order", said)
    mine = a_need(shop, "pablo ott asks again", customer_name="Pablo Ott")
    assert {"contacts", "instances", "needs"} <= set(traces(shop, *WORDS))

    erasing.erase(shop["admin"], customer_id)

    assert traces(shop, *WORDS, "PABLO@ott", "pablo ott") == []
    assert need(shop, mine).text == ""


def test_what_others_said_of_them_keeps_the_rest_of_its_words(shop: Firm, customer_id: UUID) -> None:
    other = a_customer(shop, "Ben & Sons")
    number = number_of(shop, customer_id)
    by_hand = a_need(shop, f"As {NAME.upper()} has it; ask {MAIL}, not Adam", customer_id=other)
    needs.add_note(shop["sales"], by_hand, f"{NAME} was there")
    assert at_once(shop, f"tea,Ben & Sons,cups like those of {NAME}\n").kept == 1

    erasing.erase(shop["admin"], customer_id)

    assert traces(shop, *WORDS, NAME.upper()) == []
    assert texts(shop) == [f"As {number} has it; ask {number}, not Adam", f"cups like those of {number}"]
    assert need(shop, by_hand).customer_name == "Ben & Sons"


def test_a_name_is_found_by_its_letters_and_not_as_a_pattern(shop: Firm) -> None:
    names = ("A. (B) [c] 50%_\\d+ & Co", "陈小明 有限公司")
    made = [(a_customer(shop, name), a_need(shop, f"like {name}, or like A1 B")) for name in names]

    for customer_id, _ in made:
        erasing.erase(shop["admin"], customer_id)

    assert [need(shop, need_id).text for _, need_id in made] == [
        f"like {number_of(shop, customer_id)}, or like A1 B" for customer_id, _ in made
    ]


def test_a_single_word_is_no_name_to_look_for_in_what_is_others(shop: Firm) -> None:
    customer_id, words = a_customer(shop, "Tea"), "Tea and teacups for Ada"
    customers.add_contact(shop["sales"], customer_id, {"name": "Ada"})
    theirs = a_need(shop, words)

    erasing.erase(shop["admin"], customer_id)

    assert need(shop, theirs).text == words


def test_a_file_read_in_one_go_stops_where_its_customer_is_erased(shop: Firm, customer_id: UUID) -> None:
    class Slow(io.BytesIO):
        """The customer is erased while the second half of the file is on its way."""

        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() > half and not erased:
                erased.append(erasing.erase(shop["admin"], customer_id))
            return super().read(size)

    erased: list[int] = []
    rows = "".join(f"tea,{NAME},{NAME} wants cup {number}\n" for number in range(40 * BATCH))
    content = f"type,customer,text\n{rows}".encode()
    half = len(content) // 2

    with pytest.raises(StoppedByErasureError, match="Take them out of the file") as stopped:
        import_needs(shop.org_id, None, Slow(content), "EUR")

    assert erased
    assert 0 < stopped.value.report.kept < 40 * BATCH
    assert traces(shop, *WORDS) == []


def test_a_row_of_who_was_erased_is_left_out_of_every_file(shop: Firm, customer_id: UUID) -> None:
    number = number_of(shop, customer_id)
    erasing.erase(shop["admin"], customer_id)

    report = at_once(shop, f"tea,{number},for her house\ncake,,cakes\n")

    assert (report.read, report.kept, report.bad) == (2, 1, 1)
    assert [(row.line, row.message) for row in report.problems] == [(2, "its customer was erased")]
    assert texts(shop) == ["cakes"]


def test_stars_that_a_file_had_before_are_a_name_like_any_other(shop: Firm, customer_id: UUID) -> None:
    import_id = give(shop, "type,customer,text\ntea,***,cups\n")

    erasing.erase(shop["admin"], customer_id)

    assert found(shop, import_id).cleared == 0
    assert at_once(shop, "tea,***,cups\n").kept == 1


def test_what_tells_somebody_apart_is_more_than_a_word() -> None:
    people = ("Li", "王小明", "+86 10 1234", "Ann Ott", "Ann")
    whom = Erased(UUID(int=1), "C-1", "Tea", "tea@house.example", "12", people)

    assert set(whom.telling) == {"tea@house.example", "王小明", "+86 10 1234", "Ann Ott"}
    assert set(whom.replaced) == {*whom.telling, "Tea"}
    assert next(iter(whom.replaced)) == "tea@house.example"
    assert whom.addresses == ["tea@house.example"]


def test_short_names_are_words_of_their_own_and_others_are_found_however_written() -> None:
    replaced = {"Ann Ott": "C-1", "Li": "C-2"}

    assert replaced_in("ann ott, Live, Li, li; Ann Otts", replaced) == "C-1, Live, C-2, li; C-1s"
    assert replaced_in("Ann Ott", {}) == "Ann Ott"
    assert without({"a": ["ANN OTT", 3], "text": "x", "n": {"$feel": "day"}}, replaced) == {
        "a": ["C-1", 3],
        "text": "",
        "n": {"$feel": "day"},
    }
