"""The translators' files: gathered from code and templates, and compiled for Django.

`locale/<language>/LC_MESSAGES/django.po` is kept in the repository; the `.mo` beside it is built.
Babel does both, so GNU gettext need not be installed.
"""

import io
import os
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po
from django.utils.translation.template import templatize

from embedded.say import ProblemError

# Where texts are that people see.
PACKAGES = (
    "console",
    "pwa",
    "queues",
    "appointments",
    "providers",
    "integrations",
    "notifications",
    "events",
    "waitlessq",
)
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def gather(checkout: Path) -> Catalog:
    """Every text that the code and the templates of `checkout` ask a translation of."""
    catalog = Catalog()
    for path in _sources(checkout):
        text = path.read_text()
        if path.suffix == ".html":
            # As makemessages does it: a template becomes something that reads like code.
            text = "\n".join(line.lstrip() for line in templatize(text).splitlines())
        found = extract("python", io.BytesIO(text.encode()), keywords=KEYWORDS)
        for line, message, comments, context in found:
            place = (path.relative_to(checkout).as_posix(), line)
            catalog.add(message, locations=[place], auto_comments=comments, context=context)
    return catalog


def update_catalogs(checkout: Path) -> None:
    """Bring every language's file up to date: new texts are empty, those that are gone go."""
    template = gather(checkout)
    for path in catalogs(checkout):
        catalog = read_catalog(path)
        created = catalog.creation_date
        catalog.update(template, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        # Otherwise every run would change the file.
        catalog.creation_date = created
        file = io.BytesIO()
        write_po(file, catalog, width=100, include_lineno=False)
        _replace(path, file.getvalue())


def compile_catalogs(checkout: Path) -> None:
    """Compile each language's file where it is newer than what was compiled of it."""
    for path in catalogs(checkout):
        compiled = path.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime <= path.stat().st_mtime:
            file = io.BytesIO()
            write_mo(file, read_catalog(path))
            _replace(compiled, file.getvalue())


def catalogs(checkout: Path) -> list[Path]:
    """The file of each language."""
    return sorted(checkout.glob("locale/*/LC_MESSAGES/django.po"))


def read_catalog(path: Path) -> Catalog:
    """One language's texts.

    Raises:
        ProblemError: the file does not say what it must in the form it must.
    """
    try:
        with path.open("rb") as file:
            return read_po(file, locale=path.parent.parent.name, abort_invalid=True)
    except (PoFileError, ValueError) as error:
        raise ProblemError(f"{path}: {error}") from error


def _sources(checkout: Path) -> Iterator[Path]:
    for package in PACKAGES:
        paths = sorted((checkout / package).rglob("*.py"))
        yield from (path for path in paths if "tests" not in path.parts)
    yield from sorted((checkout / "templates").rglob("*.html"))


def _replace(path: Path, content: bytes) -> None:
    # Whoever reads it meanwhile gets the whole file, the old one or the new.
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_bytes(content)
    partial.replace(path)
