"""The pictures of the README: a fresh Placet with some life in it, as four people see it.

`make screenshots` writes docs/images; look at the pictures before you commit them.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests import chromium
from tests.browser import desk
from tests.browser.serving import Serving

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
WIDE = {"width": 1440, "height": 900}
PATIENCE_SECONDS = 120
# Title, customer, lines: enough for every kind of row.
ORDERS = (
    ("Office move, second floor", "Northwind Offices", (("CHR-200", 12), ("DSK-160", 8), ("SRV-ASM", 6))),
    ("Desks for the new room", "Lisbon Cowork", (("DSK-160", 8), ("LMP-010", 8))),
    ("Staff room", "Brightside School", (("TBL-240", 1), ("WBD-120", 2))),
    ("First office", "Corner Startup", (("CHR-200", 5), ("DSK-160", 5))),
    ("工作室台灯", "青禾设计工作室", (("LMP-010", 26),)),
)
CLOSED = "Reception chair and lamps"  # small enough that nobody must approve it


def main() -> None:
    program = chromium.find()
    if program is None:
        sys.exit("there is no Chromium: make browser fetches one")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        _placet(Path(folder) / "var") as serving,
        sync_playwright() as playwright,
    ):
        environ, flags = chromium.environment(program), list(chromium.FLAGS)
        browser = playwright.chromium.launch(executable_path=program, args=flags, env=environ)
        _take(browser, serving)
        browser.close()


@contextmanager
def _placet(var: Path) -> Iterator[Serving]:
    serving = Serving(var)
    try:
        serving.wait_until_ready()
        yield serving
    finally:
        serving.stop()


def _take(browser: Browser, serving: Serving) -> None:
    mia = _open(browser, serving, "mia")
    jon, sam = _open(browser, serving, "jon"), _open(browser, serving, "sam")
    closed = desk.enter_order(mia, CLOSED, (("CHR-200", 1), ("LMP-010", 2)), customer="Brightside School")
    _until(lambda: _decide(sam, closed["number"], {}), "the order cannot be packed")
    entered = [desk.enter_order(mia, title, lines, customer=name) for title, name, lines in ORDERS]
    _until(lambda: _decide(jon, entered[1]["number"], {"decision": "approved"}), "nobody is asked")
    _until(lambda: desk.status_of(mia, closed) == "closed", "the order was not closed")
    packing = desk.enter_order(mia, "Plants at the entrance", (("PNT-001", 6),), customer="Brightside School")
    _until(lambda: "Warehouse" in desk.waits_for(mia, packing), "nobody is asked to pack")

    _shoot(jon, "/inbox", "inbox", "#detail .djs-element")
    _shoot(mia, f"/orders/{packing['id']}", "order", "svg .djs-element")
    draft = desk.enter_order(mia, "Conference corner", (("TBL-240", 2), ("CHR-200", 12)), submit=False)
    _shoot(mia, f"/orders/{draft['id']}/edit", "new-order", "[data-preview] li")
    olga = _open(browser, serving, "olga")
    _shoot(olga, "/processes/order_approval.bpmn", "editor", "svg .djs-element")
    _shoot(olga, "/processes/approval_policy.dmn", "rules", "#rules td")
    _in_chinese(mia)
    _shoot(mia, "/orders", "orders-zh", "table")


def _open(browser: Browser, serving: Serving, person: str) -> Page:
    context = browser.new_context(
        base_url=serving.url, viewport=WIDE, locale="en-GB", color_scheme="light", reduced_motion="reduce"
    )
    serving.sign_in(context, person)
    page = context.new_page()
    page.goto("/inbox")
    return page


def _in_chinese(page: Page) -> None:
    page.goto("/settings")
    page.locator('input[name="locale"][value="zh_Hans_CN"]').check()
    page.locator('form[action="/settings"] button.go').click()
    page.wait_for_load_state()


def _decide(page: Page, number: str, result: dict[str, object]) -> bool:
    """Complete this person's item of an order, if it is there already."""
    items = desk.answer(page, "GET", "/api/v1/inbox?limit=50")["items"]
    mine = [item for item in items if item["number"] == number]
    if mine:
        path = f"/api/v1/inbox/{mine[0]['id']}/complete"
        desk.answer(page, "POST", path, data={"result": result})
    return bool(mine)


def _until(happened: Callable[[], bool], otherwise: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        if time.monotonic() > end:
            sys.exit(otherwise)
        time.sleep(0.5)


def _shoot(page: Page, path: str, name: str, shows: str) -> None:
    """Keep a picture of a page, once it shows this."""
    page.goto(path)
    page.locator(shows).first.wait_for()
    page.wait_for_timeout(800)  # diagrams and fonts settle
    file = IMAGES / f"{name}.png"
    page.screenshot(path=file)
    print(f"{file.relative_to(IMAGES.parent.parent)}: {file.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
