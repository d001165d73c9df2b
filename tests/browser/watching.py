"""What a page must not do while a test looks elsewhere: report an error, or break the content policy."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, ConsoleMessage, Page

# A dropped style or script fires an event that the page itself does not hear.
_REPORT = """
document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sourceFile }) => {
  console.error(`content policy: ${effectiveDirective} blocked ${blockedURI} asked for by ${sourceFile}`);
});
"""


class Watch:
    """Gathers the faults of all pages of a test; what is brought about on purpose is allowed by its words."""

    def __init__(self) -> None:
        self._faults: list[str] = []
        self._allowed: list[str] = []

    def over(self, context: BrowserContext) -> None:
        context.add_init_script(_REPORT)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self._faults.append(f"uncaught: {error.error}"))

    def allow(self, *words: str) -> None:
        """Expect faults that contain these words, such as "409" where a request is refused on purpose."""
        self._allowed.extend(words)

    @property
    def faults(self) -> list[str]:
        return [each for each in self._faults if not any(words in each for words in self._allowed)]

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            where = message.location.get("url", "")
            self._faults.append(f"{_address(message.page)}: {message.text} {where}")


def _address(page: Page | None) -> str:
    return page.url if page else "a worker"
