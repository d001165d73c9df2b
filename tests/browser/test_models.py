"""Models and the forecast in a browser: trained by a click, in a worker, with an answer in words."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import NARROW, Open


def test_a_training_by_a_click_says_what_is_missing(open_page: Open) -> None:
    olga = open_page("olga", "/models")
    olga.get_by_role("link", name="Forecast").last.click()
    expect(olga.get_by_text("No version has passed the gate yet")).to_be_visible()

    olga.get_by_role("button", name="Train now").click()

    expect(olga.locator("#progress")).to_contain_text("the longest history has", timeout=60_000)
    assert violations(olga) == []


def test_an_empty_forecast_says_what_it_needs_in_the_readers_language(open_page: Open) -> None:
    page = open_page("mia", "/forecast", locale="zh-CN", viewport=NARROW)

    expect(page.get_by_role("heading", name="暂无可预测的内容")).to_be_visible()
    assert violations(page) == []


def test_the_hour_of_the_night_is_chosen(open_page: Open) -> None:
    olga: Page = open_page("olga", "/models")

    olga.get_by_label("Hour").select_option(label="4:00")
    olga.get_by_role("button", name="Save").click()

    expect(olga.get_by_text("each night from 4:00")).to_be_visible()
