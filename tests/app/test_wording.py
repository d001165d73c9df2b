"""A sentence is English to programs and speaks its reader's language on a page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient

from app.accounts import secrets
from app.accounts.models import Person
from app.database import transaction
from app.errors import InvalidError, NotFoundError
from app.orders.errors import TooLateError
from app.processes import commands as processes
from app.wording import listed, translated, worded
from tests import selling
from tests.builders import Firm

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture(scope="module")
def shop(firm: Firm) -> Firm:
    """The firm with the flows that Placet ships."""
    selling.publish_shipped(firm)
    return firm


@pytest.fixture
def in_chinese(app: Flask) -> Iterator[None]:
    with app.test_request_context(headers={"Accept-Language": "zh-CN"}):
        yield


def test_a_program_reads_english(in_chinese: None) -> None:
    assert str(worded("{sku} is no longer sold", sku="CHR-200")) == "CHR-200 is no longer sold"


def test_a_page_speaks_its_readers_language(in_chinese: None) -> None:
    wording = worded("{sku} is no longer sold", sku="CHR-200")

    assert render_template_string("{{ wording }}", wording=wording) == "CHR-200 已停售"


def test_a_page_joins_sentences_in_its_readers_language(in_chinese: None) -> None:
    error = InvalidError("the product was not saved", {"sku": ["is taken", "is empty"]})

    shown = render_template_string("{{ error.message }}: {{ error.fields.sku|join(', ') }}", error=error)
    assert shown == "产品未保存: 已被使用, 不能为空"


def test_what_a_sentence_names_is_translated_with_it(in_chinese: None) -> None:
    error = TooLateError("O-1001", "changes_requested")

    assert translated(error.message) == "订单 O-1001 已退回修改，不能再取消"
    assert str(NotFoundError("order", "O-1")) == "there is no order O-1"
    assert str(error) == "order O-1001 is changes requested and can no longer be cancelled"


def test_what_people_wrote_is_escaped_in_a_sentence(in_chinese: None) -> None:
    wording = worded("{name} has taken this.", name="<b>Mia</b>")

    assert render_template_string("{{ wording }}", wording=wording) == "&lt;b&gt;Mia&lt;/b&gt;已认领此事项。"


def test_a_percent_sign_in_a_sentence_is_only_a_sign(in_chinese: None) -> None:
    wording = worded("Evaluated: on time, complete, margin {margin} %", margin="21.4")

    assert render_template_string("{{ wording }}", wording=wording) == "评估：准时，完整，毛利率 21.4 %"


def test_a_text_that_the_catalogue_does_not_know_stays_as_it_is(in_chinese: None) -> None:
    assert translated("Drawn by {somebody} at 100 %") == "Drawn by {somebody} at 100 %"
    assert translated("") == ""


def test_the_names_of_shipped_diagrams_and_reasons_are_translated(in_chinese: None) -> None:
    shown = render_template_string(
        "{{ name|translated }}: {{ reason|translated }}", name="Approve", reason="Discount above 10%"
    )

    assert shown == "批准: 折扣高于 10%"


def test_a_refusal_over_http_speaks_the_callers_language(app: Flask, firm: Firm) -> None:
    client = app.test_client()
    headers = {"Accept-Language": "zh-CN", **firm.headers("sales")}

    answer = client.get("/api/v1/orders/00000000-0000-7000-8000-000000000000", headers=headers)

    assert answer.json["error"]["code"] == "not_found"
    assert answer.json["error"]["message"] == "没有订单 00000000-0000-7000-8000-000000000000"


def test_a_page_speaks_of_shipped_steps_and_reasons_in_its_readers_language(app: Flask, shop: Firm) -> None:
    line = selling.a_line(selling.a_product(shop, price="2000", cost="900"))
    order_id = selling.an_order(shop, [line], submit=True).id
    desk, headers = _desk(app, shop, "lead"), {"Accept-Language": "zh-CN"}

    order = desk.get(f"/orders/{order_id}", headers=headers).text
    inbox = desk.get("/inbox", headers=headers).text

    assert "批准" in order
    assert "Sales_Lead" in order  # a team that the house does not ship keeps its name
    assert "金额高于 1,000" in inbox
    assert "批准后：不再进入下一级审批，开始执行订单。" in inbox


def test_a_diagram_to_look_at_speaks_its_readers_language_and_one_to_edit_stays(
    app: Flask, shop: Firm
) -> None:
    desk, headers = _desk(app, shop, "owner"), {"Accept-Language": "zh-CN"}
    path = "/processes/order_approval.bpmn/content"

    shown = desk.get(f"{path}?shown=1", headers=headers).text
    edited = desk.get(path, headers=headers).text

    assert 'name="确定审批级别"' in shown
    assert 'name="approval.mode"' in shown  # words of the engine are no words of people
    assert 'name="Plan the levels"' in edited


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/processes/order_approval.bpmn", "订单审批"),
        ("/processes/approval_policy.dmn", "审批政策"),
        ("/processes/order_approval.bpmn/versions", "订单审批 · 版本"),
        ("/nowhere", "这里没有内容"),
        ("/people", "您无权查看"),
    ],
)
def test_the_title_of_a_page_speaks_its_readers_language(
    app: Flask, shop: Firm, path: str, title: str
) -> None:
    desk = _desk(app, shop, "owner")

    shown = desk.get(path, headers={"Accept-Language": "zh-CN"}).text

    assert f"<title>{title} · Placet</title>" in shown


@pytest.mark.parametrize(
    ("path", "said", "not_said"),
    [
        ("/processes/order_approval.bpmn/versions", "人工任务", ">userTask"),
        ("/processes/approval_policy.dmn/versions", "规则顺序", "RULE ORDER"),
        ("/people", "需要角色：管理员", "administrator"),
    ],
)
def test_a_page_keeps_no_english_of_its_own(
    app: Flask, shop: Firm, path: str, said: str, not_said: str
) -> None:
    shown = _desk(app, shop, "owner").get(path, headers={"Accept-Language": "zh-CN"}).text

    assert said in shown
    assert not_said not in shown


def test_words_in_a_row_are_translated_each(in_chinese: None) -> None:
    assert translated(listed([worded("Finance"), worded("Warehouse")])) == "财务部、仓库"
    assert listed([worded("Finance"), worded("Warehouse")]) == "Finance, Warehouse"
    assert listed([]) == ""


def test_a_page_tells_why_something_stopped_and_a_retry_of_all_still_finds_it(app: Flask, shop: Firm) -> None:
    kept = "tried 8 times; the last time: PartyFailedError: Speedy could not be reached: refused"
    orders = []
    for _ in range(2):
        order = selling.an_order(shop, [selling.a_line(selling.a_product(shop))], submit=True)
        processes.report(selling.calls_of(shop, order.id)[0].id, processes.Failed(kept))
        orders.append(selling.read(shop, order.id))
    desk, headers = _desk(app, shop, "operator"), {"Accept-Language": "zh-CN"}

    incidents = desk.get("/incidents", headers=headers).text
    order_page = desk.get(f"/orders/{orders[0].id}", headers=headers).text
    instance = desk.get(f"/instances/{orders[0].instance_id}", headers=headers).text

    told = "已尝试 8 次；最后一次：PartyFailedError: 无法连接 Speedy：refused"
    assert f"<h2>{told}</h2>" in incidents
    assert f'name="message" value="{kept}"' in incidents
    assert f"：{told}" in order_page
    assert told in instance


def _desk(app: Flask, firm: Firm, name: str) -> FlaskClient:
    """A browser in which somebody has signed in, with the password that they are given first."""
    with transaction(firm.org_id) as tx:
        person = tx.session.get_one(Person, firm[name].person_id)
        person.password_hash = secrets.hash_password("correct horse")
    desk = app.test_client()
    assert (
        desk.post("/sign-in", data={"email": firm.email(name), "password": "correct horse"}).status_code
        == 303
    )
    return desk
