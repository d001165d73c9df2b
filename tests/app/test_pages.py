"""Every page and every form of the pages, as a desk without scripts would use them."""

from __future__ import annotations

import io
import re
import secrets
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import refresh
from werkzeug.test import TestResponse

from app.accounts import commands as accounts
from app.accounts import queries
from app.accounts.models import Role
from app.database import reading
from app.needs import commands as needs
from app.processes import commands as processes
from tests.builders import PASSWORD, TEAMS, Firm, a_firm
from tests.performing import a_call, perform_all
from tests.selling import FOLDERS, a_customer, a_line, a_product, an_order, publish_shipped, read

pytestmark = pytest.mark.parametrize("database", ["postgres"], indirect=True)


@pytest.fixture(autouse=True)
def _as_each_request_asks(app: Flask) -> None:
    """Forget the language of the request before: these share the application's context."""
    refresh()


class Desk:
    """Signed in, and sends the page's CSRF token as its forms do."""

    def __init__(self, client: FlaskClient, firm: Firm, *roles: Role, teams: tuple[str, ...] = ()) -> None:
        self.client = client
        self.email = f"b-{secrets.token_hex(4)}@{firm.slug}.example"
        accounts.add_person(
            firm.org_id, None, email=self.email, name="Bo", password=PASSWORD, roles=roles, teams=teams
        )
        signed = client.post("/sign-in", data={"email": self.email, "password": PASSWORD})
        assert signed.status_code == 303
        page = client.get("/settings").get_data(as_text=True)
        found = re.search(r'name="csrf-token" content="([0-9a-f]{64})"', page)
        assert found, "a page carries the token for its forms"
        self.csrf = found[1]

    def get(self, path: str, **query: str) -> TestResponse:
        return self.client.get(path, query_string=query)

    def post(self, path: str, **form: Any) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.csrf, **form})

    def swap(self, path: str, **form: Any) -> TestResponse:
        """As htmx does: for a part of the page."""
        headers = {"HX-Request": "true", "X-CSRF-Token": self.csrf}
        return self.client.post(path, data=form, headers=headers)


@pytest.fixture(scope="module")
def shop(app: Flask) -> Firm:
    firm = a_firm()
    publish_shipped(firm)
    return firm


@pytest.fixture
def desk(app: Flask, shop: Firm) -> Desk:
    """Somebody who may do everything, and decides for every team."""
    return Desk(app.test_client(), shop, *Role, teams=TEAMS)


def _said(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


def _where(answer: TestResponse) -> str:
    assert answer.status_code == 303, _said(answer)[:2000]
    return str(answer.headers["Location"])


def test_every_page_without_an_id_is_shown(desk: Desk) -> None:
    for path in (
        "/inbox",
        "/orders",
        "/orders/new",
        "/needs",
        "/needs/new",
        "/needs/analysis",
        "/needs/import",
        "/customers",
        "/customers/new",
        "/products",
        "/products/new",
        "/people",
        "/settings",
        "/incidents",
        "/instances",
        "/heat",
        "/audit",
        "/processes",
    ):
        answer = desk.get(path)
        assert answer.status_code == 200, path
        assert "<h1" in _said(answer), path


def test_a_visitor_is_sent_to_sign_in_and_back(client: FlaskClient, shop: Firm) -> None:
    sent = client.get("/orders?status=draft")
    email = Desk(client.application.test_client(), shop, Role.SALES).email
    data = {"email": email, "password": PASSWORD, "next": "/orders?status=draft"}

    back = client.post("/sign-in", data=data)

    assert sent.headers["Location"] == "/sign-in?next=/orders%3Fstatus%3Ddraft"
    assert _where(back) == "/orders?status=draft"


def test_a_session_that_ended_leads_back_to_the_page_of_the_click(client: FlaskClient) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/inbox?view=mine"}

    answer = client.post(f"/inbox/{uuid4()}/complete", headers=headers)

    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/sign-in?next=/inbox%3Fview%3Dmine"


def test_a_need_of_somebody_unknown_is_no_order_of_the_first_customer(desk: Desk, shop: Firm) -> None:
    unknown = {"need_type": "lamps", "text": "Ten", "customer_name": "Nobody Inc", "currency": "EUR"}
    needs.create(shop["sales"], unknown)
    listed = desk.get("/needs", search="Nobody Inc").get_data(as_text=True)
    need = re.search(r"/needs/([0-9a-f-]{36})", listed)
    assert need
    shown = desk.get(need[0]).get_data(as_text=True)

    refused = desk.post(f"{need[0]}/order", customer_id="")

    assert "“Nobody Inc” is not among the customers." in shown
    assert re.search(r"<select[^>]*required[^>]*><option value=\"\">", shown)
    assert refused.status_code == 422


@pytest.mark.parametrize(
    "path", ["/api/v1/sessions", "/api/v1/orders", "/api/v1/feedback/x", "/orders/panel"]
)
def test_a_body_that_is_nested_too_deeply_is_refused(desk: Desk, path: str) -> None:
    headers = {"X-CSRF-Token": desk.csrf, "Content-Type": "application/json"}

    answer = desk.client.post(path, data="[" * 100_000, headers=headers)

    assert answer.status_code in (400, 422), answer.get_data(as_text=True)[:200]


@pytest.mark.parametrize(
    "where", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:1"]
)
def test_signing_in_leads_to_no_other_site(client: FlaskClient, shop: Firm, where: str) -> None:
    email = Desk(client.application.test_client(), shop, Role.SALES).email

    answer = client.post("/sign-in", data={"email": email, "password": PASSWORD, "next": where})

    assert _where(answer) == "/inbox"


def test_a_wrong_password_is_said_on_the_page_and_the_fifth_locks(client: FlaskClient, shop: Firm) -> None:
    email = Desk(client.application.test_client(), shop, Role.SALES).email
    wrong = {"email": email, "password": "wrong password"}

    answers = [client.post("/sign-in", data=wrong) for _ in range(5)]
    right = client.post("/sign-in", data={"email": email, "password": PASSWORD})

    assert [answer.status_code for answer in answers] == [401, 401, 401, 401, 429]
    assert right.status_code == 429
    assert re.search(r"Try again after \d\d:\d\d UTC", _said(right))


def test_signing_out_ends_the_session_and_its_cookie(desk: Desk) -> None:
    answer = desk.post("/sign-out")

    assert _where(answer) == "/sign-in"
    assert desk.get("/inbox").status_code == 302


def test_somebody_signed_in_does_not_see_the_door(desk: Desk) -> None:
    assert desk.get("/sign-in").headers["Location"] == "/inbox"
    assert desk.get("/").headers["Location"] == "/inbox"


@pytest.mark.parametrize(("language", "kept"), [("zh_Hans_CN", True), ("tlh", False)])
def test_a_visitor_chooses_a_language_that_there_is(client: FlaskClient, language: str, kept: bool) -> None:
    answer = client.post("/language", data={"language": language})

    assert ("Set-Cookie" in answer.headers) is kept


def test_settings_are_kept_and_nonsense_is_not(desk: Desk) -> None:
    desk.post("/settings", locale="zh_Hans_CN", theme="dark", density="compact", keys_on="on")
    chinese = _said(desk.get("/settings"))
    desk.post("/settings", locale="tlh", theme="pink")

    assert 'lang="zh' in chinese
    assert 'lang="en"' in _said(desk.get("/settings"))


def test_a_token_is_shown_once_and_ends_at_once(client: FlaskClient, desk: Desk) -> None:
    made = desk.post("/settings/tokens", name="erp", scopes=["orders:read"], days="30")
    secret = re.search(r"placet_[\w-]{43}", _said(made))
    assert secret
    headers = {"Authorization": f"Bearer {secret[0]}"}
    before = client.get("/api/v1/orders", headers=headers).status_code
    token_id = re.search(r"/settings/tokens/([0-9a-f-]{36})/revoke", _said(made))
    assert token_id

    desk.post(f"/settings/tokens/{token_id[1]}/revoke")

    assert secret[0] not in _said(desk.get("/settings"))
    assert [before, client.get("/api/v1/orders", headers=headers).status_code] == [200, 401]


@pytest.mark.parametrize("form", [{"name": "erp"}, {"name": "erp", "scopes": "orders:read", "days": "²"}])
def test_a_token_that_makes_no_sense_is_not_made(desk: Desk, form: dict[str, str]) -> None:
    assert desk.post("/settings/tokens", **form).status_code == 422


def test_people_and_teams_are_kept(desk: Desk) -> None:
    key, email = f"t{secrets.token_hex(3)}", f"n-{secrets.token_hex(3)}@example.com"
    form = {"email": email, "name": "Nia", "password": "long enough", "roles": ["sales"], "teams": [key]}

    team = desk.post("/teams", key=key, name="A new team")
    person = desk.post("/people", **form)

    assert (_where(team), _where(person)) == ("/people", "/people")
    assert email in _said(desk.get("/people"))


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/teams", {"key": "Not A Key", "name": "x"}),
        ("/people", {"email": "nobody", "name": "", "password": "short"}),
    ],
)
def test_what_is_wrong_with_a_person_or_team_is_said(desk: Desk, path: str, form: dict[str, str]) -> None:
    assert desk.post(path, **form).status_code == 422


def test_a_persons_access_ends_on_the_page(client: FlaskClient, shop: Firm, desk: Desk) -> None:
    other = Desk(client, shop, Role.SALES)
    with_id = _said(desk.get("/people"))
    with reading(shop.org_id) as tx:
        person = next(p for p in queries.list_people(tx) if p.email == other.email)

    wrong = desk.post(f"/people/{person.id}", roles=["king"])
    ended = desk.post(f"/people/{person.id}", roles=["sales"])

    assert str(person.id) in with_id
    assert wrong.status_code == 422
    assert _where(ended) == "/people"
    assert other.get("/inbox").status_code == 302


def _change_password(desk: Desk, current: str, new: str, again: str) -> TestResponse:
    form = {"current_password": current, "new_password": new, "repeated_password": again}
    return desk.post("/settings/password", **form)


def test_ones_own_password_is_changed_and_the_page_goes_on(client: FlaskClient, desk: Desk) -> None:
    elsewhere = client.application.test_client()
    elsewhere.post("/sign-in", data={"email": desk.email, "password": PASSWORD})

    changed = _change_password(desk, PASSWORD, "a new one", "a new one")

    assert _where(changed) == "/settings"
    assert "All other sessions of yours have ended." in _said(desk.get("/settings"))
    assert elsewhere.get("/inbox").status_code == 302
    assert _where(_change_password(desk, "a new one", PASSWORD, PASSWORD)) == "/settings"


@pytest.mark.parametrize(
    ("current", "new", "again", "status", "said"),
    [
        pytest.param("wrong one", "a new one", "a new one", 401, "the present password is wrong", id="wrong"),
        pytest.param(PASSWORD, "a new one", "another one", 422, "is another one", id="not the same twice"),
        pytest.param(PASSWORD, "short", "short", 422, "has fewer than 8 characters", id="too short"),
        pytest.param(PASSWORD, PASSWORD, PASSWORD, 422, "is the present one", id="the present one"),
    ],
)
def test_what_is_wrong_with_a_new_password_is_said_at_its_field(
    desk: Desk, current: str, new: str, again: str, status: int, said: str
) -> None:
    answer = _change_password(desk, current, new, again)

    assert answer.status_code == status
    assert re.search(rf'<small class="err" id="e-\w+password">{said}</small>', _said(answer))
    assert desk.get("/inbox").status_code == 200


def test_too_many_wrong_present_passwords_are_said_on_the_page(desk: Desk) -> None:
    answers = [_change_password(desk, "wrong one", "a new one", "a new one") for _ in range(5)]

    assert [answer.status_code for answer in answers] == [401] * 4 + [429]
    assert "Too many wrong passwords. Try again after" in _said(answers[-1])


def test_an_administrator_sets_a_password_on_the_page(client: FlaskClient, shop: Firm, desk: Desk) -> None:
    other = Desk(client, shop, Role.SALES)
    with reading(shop.org_id) as tx:
        ids = {person.email: person.id for person in queries.list_people(tx)}
    path = f"/people/{ids[other.email]}/password"

    short = desk.post(path, password="short")
    given = desk.post(path, password="a new one")
    own = desk.post(f"/people/{ids[desk.email]}/password", password="a new one")

    assert short.status_code == 422
    assert _said(short).count("has fewer than 8 characters</small>") == 1
    assert _where(given) == "/people"
    assert other.get("/inbox").status_code == 302
    assert own.status_code == 403
    assert f"/people/{ids[desk.email]}/password" not in _said(desk.get("/people"))


def test_a_customer_is_kept_changed_and_talked_to(desk: Desk) -> None:
    made = _where(desk.post("/customers/new", name="Northwind", credit_limit="900.50", country="de"))
    desk.post(f"{made}/edit", name="Southwind", version="1", city="Berlin")
    added = desk.post(f"{made}/contacts", name="Ann Buyer", email="ann@example.com")
    page = _said(desk.get(made))
    contact = re.search(rf"{made}/contacts/([0-9a-f-]{{36}})/remove", page)
    assert contact

    removed = desk.post(f"{made}/contacts/{contact[1]}/remove")

    assert (_where(added), _where(removed)) == (made, made)
    assert "Southwind" in page
    assert "Ann Buyer" in page
    assert desk.get(f"{made}/edit").status_code == 200
    assert desk.post(f"{made}/edit", name="Eastwind", version="1").status_code == 412
    assert desk.get("/customers", search="Southwind").status_code == 200


@pytest.mark.parametrize(
    "form",
    [
        {"name": ""},
        {"name": "x", "credit_limit": "NaN"},
        {"name": "x", "credit_limit": "1e30"},
        {"name": "x", "payment_days": "²"},
        {"name": "x" * 191},
        {"name": "x", "kind": "alien", "locale": "tlh"},
        {"name": "x\x00y"},
    ],
)
def test_what_is_wrong_with_a_customer_is_said(desk: Desk, form: dict[str, str]) -> None:
    good = _where(desk.post("/customers/new", name="Good"))

    assert desk.post("/customers/new", **form).status_code == 422
    assert desk.post(f"{good}/edit", **form).status_code == 422
    assert "Good" in _said(desk.get(good))


def test_a_product_is_kept_changed_and_counted(desk: Desk) -> None:
    sku = f"S-{secrets.token_hex(4)}"
    form = {"sku": sku, "name": "Lamp", "unit": "pcs", "currency": "eur", "price": "9.50", "is_stocked": "on"}
    made = _where(desk.post("/products/new", **form))

    changed = desk.post(made, **{**form, "name": "Lamp, red", "version": "1"})
    counted = desk.post(f"{made}/stock", on_hand="12", reason="Counted")
    page = _said(desk.get(made))

    assert (_where(changed), _where(counted)) == (made, made)
    assert "Lamp, red" in page
    assert desk.post("/products/new", **form).status_code == 422
    assert desk.post(made, **{**form, "price": "dear"}).status_code == 422
    for on_hand, reason in (("NaN", "x"), ("", "x"), ("5", "")):
        assert desk.post(f"{made}/stock", on_hand=on_hand, reason=reason).status_code == 422


def test_a_need_is_kept_followed_and_made_an_order(desk: Desk, shop: Firm) -> None:
    customer = a_customer(shop)
    form = {"need_type": "lighting", "text": "Lamps", "currency": "EUR", "quantity": "20", "value": "970"}
    made = _where(desk.post("/needs/new", **form))

    desk.post(f"{made}/edit", **{**form, "text": "Twenty lamps", "version": "1"})
    moved = desk.post(f"{made}/status", status="qualified")
    noted = desk.post(f"{made}/note", text="They called")
    page = _said(desk.get(made))
    nobody = desk.post(f"{made}/order")
    nonsense = desk.post(f"{made}/order", customer_id="x")
    order = desk.post(f"{made}/order", customer_id=str(customer))

    assert (_where(moved), _where(noted)) == (made, made)
    assert "Twenty lamps" in page
    assert "They called" in page
    assert [nobody.status_code, nonsense.status_code] == [422, 422]
    assert re.fullmatch(r"/orders/[0-9a-f-]{36}/edit", _where(order))
    line = read(shop, UUID(_where(order).split("/")[2])).lines[0]
    assert (line.description, line.quantity, line.unit_price) == ("Twenty lamps", 20, Decimal("48.5"))
    assert desk.get(f"{made}/edit").status_code == 200


@pytest.mark.parametrize(
    "form",
    [
        {"need_type": ""},
        {"quantity": "NaN"},
        {"value": "1e30"},
        {"customer_id": "x"},
        {"owner_id": "y"},
        {"currency": "euro"},
        {"need_type": "x" * 81},
    ],
)
def test_what_is_wrong_with_a_need_is_said(desk: Desk, shop: Firm, form: dict[str, str]) -> None:
    good = {"need_type": "lighting", "text": "Lamps", "currency": "EUR"}
    need = needs.create(shop["sales"], good)

    assert desk.post("/needs/new", **{**good, **form}).status_code == 422
    assert desk.post(f"/needs/{need.id}/edit", **{**good, **form}).status_code == 422


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        ("status", {"status": "lost"}, 422),
        ("status", {"status": "flying"}, 409),
        ("status", {"status": "won"}, 409),
        ("note", {"text": " "}, 422),
    ],
)
def test_a_need_stays_where_a_form_makes_no_sense(
    desk: Desk, shop: Firm, path: str, form: dict[str, str], status: int
) -> None:
    need = needs.create(shop["sales"], {"need_type": "x", "text": "x", "currency": "EUR"})

    assert desk.post(f"/needs/{need.id}/{path}", **form).status_code == status


def test_an_order_is_entered_previewed_submitted_and_read(desk: Desk, shop: Firm) -> None:
    customer, product = a_customer(shop), a_product(shop, price="2000")
    edit = _where(desk.post("/orders/new", customer_id=str(customer), title="Chairs"))
    order_page = edit.removesuffix("/edit")
    empty = desk.post(f"{order_page}/submit")
    line = {"product_id": str(product), "quantity": "1"}
    api = f"/api/v1{order_page}"
    headers = {"X-CSRF-Token": desk.csrf}

    nothing = desk.client.post(
        f"/orders/panel?order={api[15:]}", json={"customer_id": str(customer), "lines": []}, headers=headers
    )
    panel = desk.client.post(
        "/orders/panel", json={"customer_id": str(customer), "lines": [line]}, headers=headers
    )
    saved = desk.client.patch(api, json={"lines": [line]}, headers=headers)
    form = desk.get(edit)
    submitted = desk.post(f"{order_page}/submit")
    commented = desk.post(f"{order_page}/comment", text="Hurry")
    page = _said(desk.get(order_page))
    too_late = desk.get(edit)
    cancelled = desk.post(f"{order_page}/cancel", reason="Ordered twice")

    assert empty.status_code == 422
    assert "There is nothing to approve yet" in nothing.get_json()["html"]
    assert "Sales_Lead" in panel.get_json()["html"]
    assert "2,000.00" in panel.get_json()["totals"]["total"]
    assert (saved.status_code, form.status_code) == (200, 200)
    assert _where(submitted) == order_page
    assert _where(commented) == f"{order_page}#timeline"
    assert "Hurry" in page
    assert _where(too_late) == order_page
    assert _where(cancelled) == order_page


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", "Line 1, quantity is not more than 0; Line 2, item names no product"),
        ("zh_Hans_CN", "第 1 行，数量须大于 0；第 2 行，项目未选择产品"),
    ],
)
def test_a_refused_order_names_its_fields_as_the_form_does(
    desk: Desk, shop: Firm, locale: str, said: str
) -> None:
    edit = _where(desk.post("/orders/new", customer_id=str(a_customer(shop))))
    lines = [{"product_id": str(a_product(shop)), "quantity": "0"}, {"description": "Rest", "quantity": "1"}]
    headers = {"X-CSRF-Token": desk.csrf}
    saved = desk.client.patch(f"/api/v1{edit.removesuffix('/edit')}", json={"lines": lines}, headers=headers)
    desk.post("/settings", locale=locale)
    refresh()

    page = _said(desk.post(f"{edit.removesuffix('/edit')}/submit"))

    assert saved.status_code == 200
    assert said in page
    assert "lines.0" not in page


def test_a_draft_gets_another_customer_at_list_prices(desk: Desk, shop: Firm) -> None:
    first, other = a_customer(shop, "First"), a_customer(shop, "Other")
    edit = _where(desk.post("/orders/new", customer_id=str(first)))
    path = edit.removesuffix("/edit")
    line = {"product_id": str(a_product(shop, price="100")), "quantity": "2"}
    words = {"description": "Carried up", "quantity": "1", "unit_price": "30"}
    lines = [{**line, "unit_price": "80", "discount_percent": "10"}, line, words]
    desk.client.patch(f"/api/v1{path}", json={"lines": lines}, headers={"X-CSRF-Token": desk.csrf})

    changed = desk.post(f"{path}/customer", customer_id=str(other))
    form = _said(desk.get(edit))
    kept = desk.client.get(f"/api/v1{path}").get_json()
    nobody = desk.post(f"{path}/customer", customer_id="x")
    gone = desk.post(f"{path}/customer", customer_id=str(a_customer(shop, is_active=False)))

    assert _where(changed) == edit
    assert "1 line was quoted anew at its list price." in form
    assert (kept["customer_name"], kept["title"]) == ("Other", "Order of Other")
    assert [Decimal(each["unit_price"]) for each in kept["lines"]] == [100, 100, 30]
    assert [Decimal(each["discount_percent"]) for each in kept["lines"]] == [10, 0, 0]
    assert (nobody.status_code, gone.status_code) == (422, 422)


def test_a_title_cannot_turn_the_words_around_it(desk: Desk, shop: Firm) -> None:
    deceiving, plain = "Chairs \u202egpj.exe\u2066\x1b", "Chairs gpj.exe"
    edit = _where(desk.post("/orders/new", customer_id=str(a_customer(shop)), title=deceiving))
    path = edit.removesuffix("/edit")

    entered = desk.client.get(f"/api/v1{path}").get_json()["title"]
    patched = desk.client.patch(
        f"/api/v1{path}", json={"title": "Tables \u202egpj"}, headers={"X-CSRF-Token": desk.csrf}
    )
    page = _said(desk.get(path))

    assert entered == plain
    assert patched.get_json()["title"] == "Tables gpj"
    assert '<h1 dir="auto">Tables gpj</h1>' in page


def test_forms_of_orders_that_make_no_sense_are_said(desk: Desk, shop: Firm) -> None:
    order = an_order(shop)
    headers = {"X-CSRF-Token": desk.csrf}

    nobody = desk.post("/orders/new", customer_id="x")
    long = desk.post("/orders/new", customer_id=str(a_customer(shop)), title="x" * 191)
    panel = desk.client.post("/orders/panel", json={"lines": [{"quantity": "x"}]}, headers=headers)
    silent = desk.post(f"/orders/{order.id}/comment", text=" ")
    endless = desk.post(f"/orders/{order.id}/comment", text="x" * 4001)

    assert [nobody.status_code, long.status_code] == [200, 422]
    assert "lines.0.quantity" in panel.get_json()["error"]["fields"]
    assert [silent.status_code, endless.status_code] == [422, 422]


def test_orders_are_listed_filtered_and_products_found_for_the_grid(desk: Desk, shop: Firm) -> None:
    a_product(shop, name="Very special chair")
    order = an_order(shop)
    query = {"search": order.number, "status": "draft", "from": "2026-01-01", "to": "x", "customer": "y"}

    listed = _said(desk.get("/orders", **query))
    found = desk.get("/orders/products", q="very special").get_json()

    assert order.number in listed
    assert [product["name"] for product in found] == ["Very special chair"]


def test_an_order_that_ended_shows_the_path_that_it_took(desk: Desk, shop: Firm) -> None:
    order = an_order(shop)
    before = _said(desk.get(f"/orders/{order.id}"))

    desk.post(f"/orders/{order.id}/cancel", reason="Ordered twice")
    perform_all(shop, order.id)
    after = _said(desk.get(f"/orders/{order.id}"))

    assert "The path that it took" not in before
    assert "The path that it took" in after
    assert "data-diagram" in after.split("The path that it took")[1]


def test_an_approver_decides_on_the_page_and_takes_it_back(desk: Desk, shop: Firm) -> None:
    order = an_order(shop, [a_line(a_product(shop, price="2000"))], submit=True)
    item = f"/inbox/{read(shop, order.id).waiting[0].item_id}"

    claimed = desk.post(f"{item}/claim")
    released = desk.swap(f"{item}/release")
    commented = desk.post(f"{item}/comment", text="Looks fine")
    no_reason = desk.post(f"{item}/complete", decision="rejected")
    part = desk.swap(f"{item}/complete", decision="rejected")
    decided = desk.swap(f"{item}/complete", decision="approved")
    undone = desk.post(f"{item}/undo")
    plainly = desk.post(f"{item}/complete", decision="approved")

    assert [_where(answer) for answer in (claimed, commented, undone, plainly)] == [item] * 4
    assert (no_reason.status_code, part.status_code) == (422, 422)
    assert "<!doctype" not in _said(part)
    assert order.title in _said(released)
    assert decided.status_code == 200, _said(decided)
    assert "placet:held" in decided.headers["HX-Trigger-After-Swap"]
    assert desk.get(item).status_code == 200


def test_an_item_says_until_when_only_where_there_is_a_deadline(desk: Desk, shop: Firm) -> None:
    approval = an_order(shop, [a_line(a_product(shop, price="2000"))], submit=True)
    small = an_order(shop, [a_line(a_product(shop))], submit=True)
    perform_all(shop, small.id)

    asked, packing = (
        _said(desk.get(f"/inbox/{read(shop, order.id).waiting[0].item_id}")) for order in (approval, small)
    )

    inbox = _said(desk.get("/inbox", search=small.number))

    assert asked.count("Decide by") == 2
    assert "Pack order" in packing
    assert "Decide by" not in packing
    assert small.number in inbox
    assert "no deadline" not in packing + inbox


def test_the_inbox_shows_its_views_groups_and_the_wanted_item(desk: Desk, shop: Firm) -> None:
    order = an_order(shop, [a_line(a_product(shop, price="2000"))], submit=True)
    item_id = str(read(shop, order.id).waiting[0].item_id)

    page = _said(desk.get("/inbox", item=item_id, search=order.number))
    rows = desk.client.get("/inbox", headers={"HX-Request": "true", "HX-Target": "rows"})

    assert order.number in page
    assert "<!doctype" not in _said(rows)
    assert desk.get("/inbox", view="nowhere", item="x").status_code == 200
    assert desk.client.get(f"/inbox/{item_id}", headers={"HX-Request": "true"}).status_code == 200


def test_operators_see_and_retry_incidents(desk: Desk, shop: Firm) -> None:
    for _ in range(3):
        processes.report(a_call(shop, "mail.send"), processes.Failed("the mail is away"))
    page = _said(desk.get("/incidents"))
    incident = re.search(r"/incidents/([0-9a-f-]{36})/retry", page)
    assert incident

    one = desk.post(f"/incidents/{incident[1]}/retry", reason="again")
    rest = desk.post("/incidents/retry-all", message="the mail is away")

    assert (_where(one), _where(rest)) == ("/incidents", "/incidents")
    assert "the mail is away" not in _said(desk.get("/incidents"))
    assert "the mail is away" in _said(desk.get("/incidents", all="1"))


def test_an_instance_and_the_record_are_read(desk: Desk, shop: Firm) -> None:
    order = an_order(shop)

    assert order.number in _said(desk.get(f"/instances/{order.instance_id}"))
    assert desk.get("/audit", action="person").status_code == 200
    assert desk.get("/events/ticket").get_json()["ticket"]


def test_diagrams_are_shown_restored_imported_and_discarded(desk: Desk) -> None:
    content = (FOLDERS[0] / "order_approval.bpmn").read_bytes()

    imported = desk.post("/processes/import", file=(io.BytesIO(content), "Order-Approval.bpmn"))
    file = _where(imported)
    pages = [desk.get(f"{file}{path}").status_code for path in ("", "/content", "/versions")]
    discarded = desk.post(f"{file}/discard")
    restored = desk.post(f"{file}/restore", version="1")
    nothing = desk.post("/processes/import")

    assert file == "/processes/order_approval.bpmn"
    assert pages == [200, 200, 200]
    assert _where(discarded) == "/processes"
    assert restored.status_code == 303
    assert nothing.status_code == 422
    assert desk.get("/processes/approval_policy.dmn").status_code == 200


@pytest.mark.parametrize(
    "cursor", ["x", "WyJhIiwieCJd", "WyIyMDI2LTAxLTAxIiwgIjAxIl0", "WyJhIiwgImIiLCAiYyJd"]
)
@pytest.mark.parametrize("path", ["/orders", "/needs", "/customers", "/products", "/audit"])
def test_a_forged_cursor_is_said_and_breaks_nothing(desk: Desk, path: str, cursor: str) -> None:
    assert desk.get(path, cursor=cursor).status_code == 422


@pytest.mark.parametrize("path", ["/orders?search=%00", "/processes/a%00.bpmn", "/needs?type=%00"])
def test_what_no_database_keeps_is_refused_at_the_door(desk: Desk, path: str) -> None:
    assert desk.client.get(path).status_code in (404, 422)


def test_every_form_needs_the_token_of_its_page(app: Flask, desk: Desk) -> None:
    entered = []
    for rule in app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()) or rule.rule in ("/sign-in", "/language"):
            continue
        values = {argument: uuid4() for argument in rule.arguments}
        path = app.url_map.bind("localhost").build(rule.endpoint, values, method="POST")
        answer = desk.client.post(path, data={})
        if answer.status_code not in (403, 401) and not rule.rule.startswith(
            ("/feedback", "/api/v1/feedback", "/f/", "/api/v1/forms/")  # whoever has the link
        ):
            entered.append(f"{path}: {answer.status_code}")

    assert [each for each in entered if not each.startswith("/api/v1/sessions")] == []


def test_a_token_opens_no_page(client: FlaskClient, shop: Firm) -> None:
    answer = client.post("/needs/new", data={"need_type": "x"}, headers=shop.headers("sales"))

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("role", "path"),
    [
        (Role.APPROVER, "/needs/new"),
        (Role.APPROVER, "/customers/new"),
        (Role.AUDITOR, "/products/new"),
        (Role.SALES, "/people"),
        (Role.SALES, "/audit"),
        (Role.OPERATOR, "/orders/new"),
    ],
)
def test_a_page_is_refused_to_whoever_lacks_its_role(
    client: FlaskClient, shop: Firm, role: Role, path: str
) -> None:
    answer = Desk(client, shop, role).get(path)

    assert answer.status_code == 403
    assert "role" in _said(answer)


def test_a_refusal_of_a_part_is_shown_among_the_alerts(client: FlaskClient) -> None:
    visitor = client.get("/orders", headers={"HX-Request": "true"})
    lost = client.get("/nowhere", headers={"HX-Request": "true"})

    assert (visitor.status_code, visitor.headers["HX-Redirect"]) == (401, "/sign-in?next=/orders")
    assert (lost.status_code, lost.headers["HX-Retarget"]) == (404, "#alerts")


def test_errors_have_a_page_with_the_requests_id(client: FlaskClient) -> None:
    lost = client.get("/nowhere", headers={"X-Request-Id": "abcdefgh-1"})
    wrong = client.delete("/orders")

    assert (lost.status_code, wrong.status_code) == (404, 405)
    assert "abcdefgh-1" in _said(lost)
