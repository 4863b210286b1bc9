"""What goes wrong around a test: errors in the pages, programs that end, and the evidence."""

import re
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Error, Page

from tests.browser.whole import Platform

PICTURES = Path("build") / "browser"
LINES = 30


class Watch:
    """Listens to the pages of one test; `expected` are patterns of errors that belong to it."""

    def __init__(self, platform: Platform, expected: Sequence[str]) -> None:
        self._platform = platform
        self._expected = [re.compile(pattern) for pattern in expected]
        self._pages: dict[str, Page] = {}
        self._errors: list[str] = []
        self._read = {part.name: len(_text(part.log)) for part in platform.parts}

    def add(self, name: str, page: Page) -> None:
        """Listen to a page, too."""
        self._pages[name] = page
        page.on("pageerror", lambda error: self._note(name, str(error)))
        page.on("console", lambda message: self._hear(name, message))

    def problems(self) -> list[str]:
        """Errors that nobody expected, and programs that ended by themselves."""
        dead = [part.name for part in self._platform.parts if not part.is_running]
        return [*self._errors, *(f"{name} ended by itself" for name in dead)]

    def close(self) -> None:
        """Close the pages and their profiles."""
        for page in self._pages.values():
            page.context.close()

    def evidence(self, test: str) -> list[tuple[str, str]]:
        """Titled sections for the report of a failure: pictures, and what programs have said."""
        sections = [("the pages", "\n".join(self._pictures(test)))]
        for part in self._platform.parts:
            said = _text(part.log)[self._read[part.name] :].splitlines()[-LINES:]
            if said:
                sections.append((f"the log of {part.name}", "\n".join(said)))
        return sections

    def _pictures(self, test: str) -> list[str]:
        PICTURES.mkdir(parents=True, exist_ok=True)
        lines = list(self.problems())
        for name, page in self._pages.items():
            path = PICTURES / f"{re.sub(r'[^a-z0-9]+', '-', test.lower())}-{name}.png"
            try:
                page.screenshot(path=path, full_page=True)
                lines.append(f"{name} at {page.url}: {path}")
            except Error as error:
                lines.append(f"{name} at {page.url} shows nothing: {error.message}")
        return lines

    def _hear(self, name: str, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._note(name, f"{message.text} {message.location.get('url', '')}")

    def _note(self, name: str, text: str) -> None:
        if not any(pattern.search(text) for pattern in self._expected):
            self._errors.append(f"{name}: {text}")


def _text(log: Path) -> str:
    return log.read_text(errors="replace") if log.exists() else ""
