"""An experiment in a browser: planned with its size, begun, told of by a program, read by a worker."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser import desk
from tests.browser.axe import violations


def test_an_experiment_is_planned_run_and_read(mia: Page) -> None:
    name = desk.unique("Shorter form")
    mia.goto("/experiments")
    mia.get_by_role("link", name="Plan an experiment").click()
    mia.get_by_label("Name").fill(name)
    mia.get_by_label("Hypothesis").fill("Fewer questions bring more orders.")
    mia.get_by_label("Expected without the change").fill("20")
    mia.get_by_label("Smallest change worth finding, in percent of it").fill("100")
    mia.get_by_label("Looks, evenly spread").click()
    expect(mia.locator("#size")).to_contain_text(re.compile(r"\d+ must take part altogether"))

    mia.get_by_role("button", name="Keep the plan").click()
    mia.get_by_role("button", name="Start it").click()
    expect(mia.get_by_role("main")).to_contain_text("It runs")
    path = "/api/v1" + re.sub(r".*(/experiments/.*)", r"\1", mia.url)
    for number in range(60):
        unit = {"unit": f"v{number}"}
        variant = desk.answer(mia, "POST", f"{path}/assignments", data=unit)["variant"]
        if variant == "changed" and number % 10:
            told = {**unit, "metric": "ordered", "value": 1, "key": "o"}
            desk.answer(mia, "POST", f"{path}/outcomes", data=told)
    mia.get_by_role("button", name="Look now").click()

    for _ in range(40):
        if desk.answer(mia, "GET", path)["looks"]:
            break
        mia.wait_for_timeout(250)
    mia.reload()
    found = mia.get_by_role("table", name="Compared with As it is")
    expect(found.get_by_role("row").last).to_contain_text("Ordered")
    expect(mia.get_by_role("main")).to_contain_text("Changed is better")
    assert violations(mia) == []
