"""Needs in a browser: collected, imported, added up, moved on."""

from __future__ import annotations

import json
import re

from playwright.sync_api import Browser, Page, Route, expect

from tests.browser import desk
from tests.browser.axe import violations
from tests.browser.serving import Serving


def test_a_bad_row_of_an_import_is_named_by_its_line(mia: Page) -> None:
    kind = desk.unique("imported lamps")
    rows = (
        "need_type,customer,text,channel,quantity,value\n"
        f"{kind},C-1001,Ten lamps,fair,10,485\n"
        f"{kind},C-1001,,fair,x,1\n"
        f"{kind},Nobody Inc,A lamp,fair,1,50\n"
    )
    mia.goto("/needs/import")

    mia.get_by_label("CSV file or Excel workbook").set_input_files(
        {"name": "needs.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    )
    mia.get_by_role("button", name="Look at it").click()
    expect(mia.get_by_role("combobox", name="What “text” says")).to_have_value("text")
    expect(mia.get_by_role("table", name="The first rows")).to_contain_text("'x' is not a number")
    assert violations(mia) == []
    mia.set_viewport_size({"width": 390, "height": 800})
    assert mia.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    mia.get_by_role("button", name="Import").click()

    expect(mia.get_by_role("main")).to_contain_text("2 of 3 rows kept.")
    expect(mia.get_by_role("table", name="Rows that were not kept")).to_contain_text("3")
    noticed = mia.get_by_role("table", name="Kept, with the customer's name as text").get_by_role("row").last
    expect(noticed.get_by_role("cell")).to_have_text(
        ["4", "customer", "“Nobody Inc” is not known; the need keeps the name as text"]
    )
    assert violations(mia) == []
    mia.goto(f"/needs?type={kind}")
    expect(mia.get_by_role("table", name="Needs").get_by_role("link")).to_have_text(["A lamp", "Ten lamps"])


def test_the_analysis_counts_and_sums_by_type(mia: Page) -> None:
    kind = desk.unique("counted lamps")
    for value in ("100", "250.50"):
        body = {"need_type": kind, "text": "Lamps", "value": value, "currency": "EUR"}
        desk.answer(mia, "POST", "/api/v1/needs", data=body)

    mia.goto("/needs/analysis")

    row = mia.locator("section", has_text="Altogether").get_by_role("row", name=kind)
    expect(row.get_by_role("cell")).to_have_text(["EUR", "2", "€350.50"])
    drawn = sum(
        int(title.rsplit(": ", 1)[1]) for title in mia.locator("[data-chart] title").all_text_contents()
    )
    told = mia.get_by_text("all that were ever collected").inner_text()
    assert drawn == int(told.split()[0])


def test_the_chart_groups_its_digits_and_shows_all_of_them(mia: Page) -> None:
    data = {"labels": ["26 Nov 2026"], "series": [{"label": "lamps", "values": [123456]}]}

    def crowded(route: Route) -> None:
        body = re.sub(
            r'(<script type="application/json">)\{"labels".*?(</script>)',
            lambda found: found[1] + json.dumps(data) + found[2],
            route.fetch().text(),
            flags=re.DOTALL,
        )
        route.fulfill(body=body, content_type="text/html")

    mia.route("**/needs/analysis", crowded)
    mia.goto("/needs/analysis")

    expect(mia.locator("[data-chart] .on")).to_have_text("123,456")
    axis = mia.locator("[data-chart] text[text-anchor=end]")
    assert axis.last.text_content() == "150,000"
    assert axis.last.evaluate("text => text.getBBox().x") >= 0


def test_a_type_in_two_currencies_says_so(mia: Page) -> None:
    kind = desk.unique("carpets")
    for currency in ("EUR", "USD"):
        body = {"need_type": kind, "text": "Ten metres", "value": "12000", "currency": currency}
        desk.answer(mia, "POST", "/api/v1/needs", data=body)

    mia.goto("/needs/analysis")

    expect(mia.get_by_text("A type has a row for each currency of its values.")).to_be_visible()
    rows = mia.get_by_role("table").first.get_by_role("row").filter(has_text=kind)
    assert sorted(rows.nth(n).get_by_role("cell").first.inner_text() for n in range(2)) == ["EUR", "USD"]


def test_a_need_is_moved_on_and_its_history_tells_it(mia: Page) -> None:
    body = {"need_type": desk.unique("moved lamps"), "text": "Lamps", "value": "10", "currency": "EUR"}
    need = desk.answer(mia, "POST", "/api/v1/needs", data=body)
    mia.goto(f"/needs/{need['id']}")

    mia.get_by_label("Status").select_option(label="Lost")
    mia.get_by_label("Reason, for a loss").fill("Too dear")
    mia.get_by_role("button", name="Move", exact=True).click()

    history = mia.locator("section", has=mia.get_by_role("heading", name="History"))
    expect(history).to_contain_text("New → Lost")
    expect(history).to_contain_text("Too dear")


def test_a_customer_sends_a_need_by_the_public_form_in_either_language(
    olga: Page, browser: Browser, serving: Serving
) -> None:
    kind = desk.unique("asked lamps")
    olga.goto("/needs/form")
    olga.get_by_label("The form can be used").check()
    olga.get_by_label("Types to choose from").fill(kind)
    olga.get_by_label("Text, English").fill("You may keep what I write.")
    olga.get_by_label("Text, Chinese").fill("同意保存我填写的内容。")
    olga.get_by_role("button", name="Save").click()
    expect(olga.get_by_label("Code for your page")).to_have_value(re.compile("<iframe src="))
    assert violations(olga) == []
    visitor = browser.new_page(base_url=serving.url, viewport={"width": 390, "height": 800})
    for language, asks, send in (("zh", "您需要什么？", "提交"), ("en", "What do you need?", "Send")):
        visitor.goto(f"/f/demo?lang={language}")
        assert violations(visitor) == []
        assert visitor.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        visitor.locator("[name=need_type]").select_option(kind)
        visitor.get_by_label(asks).fill("Ten lamps")
        visitor.locator("[name=name]").fill("Ann")
        visitor.locator("[name=email]").fill("ann@example.com")
        visitor.get_by_role("checkbox").check()
        visitor.wait_for_timeout(3_100)
        visitor.get_by_role("button", name=send).click()
        expect(visitor.get_by_role("status").filter(has_text="N-")).to_be_visible()
    visitor.close()
