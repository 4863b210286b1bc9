"""What the docs name exists, and what exists is in the docs."""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.utils.module_loading import module_has_submodule

import events.idempotency  # noqa: F401 (so that its errors are known)
from bench.scale.projection import Costs, tables
from queues.transitions import TRANSITIONS
from waitlessq.errors import DomainError

ROOT = Path(settings.BASE_DIR)


def table_column(document: str) -> set[str]:
    """The code in the first column of a document's tables."""
    return set(re.findall(r"^\| `([\w-]+)` \|", (ROOT / document).read_text(), re.MULTILINE))


def all_subclasses(cls: type[Any]) -> set[type[Any]]:
    return {cls} | {sub for child in cls.__subclasses__() for sub in all_subclasses(child)}


def test_every_setting_is_documented_and_every_documented_setting_exists() -> None:
    source = (ROOT / "waitlessq" / "settings.py").read_text()
    read = set(re.findall(r'env(?:\.\w+)?\(\s*"([A-Z_]+)"', source))
    assert read == table_column("docs/operations.md")


def test_every_error_code_is_documented_and_every_documented_code_exists() -> None:
    for config in apps.get_app_configs():
        if module_has_submodule(config.module, "errors"):
            import_module(f"{config.name}.errors")
    import_module("waitlessq.limits")
    errors = all_subclasses(DomainError) - {DomainError}
    raised = {error.__dict__["code"] for error in errors if "code" in error.__dict__}
    written_out = set()
    for path in ("waitlessq/errors.py", "waitlessq/api/problems.py", "integrations/middleware.py"):
        text = (ROOT / path).read_text()
        written_out |= set(re.findall(r'"([a-z]+(?:-[a-z]+)+|forbidden|unavailable)"', text))
    library = {"method-not-allowed", "not-acceptable", "unsupported-media-type"}
    assert table_column("docs/api.md") == raised | written_out | library


def test_every_make_command_in_the_docs_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for document in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for command in re.findall(r"make ([a-z]+(?:-[a-z]+)*)", document.read_text()):
            assert command in targets | {"a", "it"}, f"{document.name}: make {command}"


def test_every_link_between_documents_leads_somewhere() -> None:
    for document in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for link in re.findall(r"\]\(([^)#:]+)\)", document.read_text()):
            assert (document.parent / link).exists(), f"{document.name}: {link}"


def test_the_table_of_states_is_the_one_in_the_code() -> None:
    text = (ROOT / "docs/queues.md").read_text().partition("## States")[2].partition("\n## ")[0]
    head, _, *rows = (
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("|")
    )
    written = {
        event: {state: after for state, after in zip(head[1:], cells, strict=True) if after}
        for event, *cells in rows
    }
    assert written == {
        event.value: {state.value: after.value for state, after in table.items()}
        for event, table in TRANSITIONS.items()
    }


def test_the_projection_in_the_docs_is_what_its_script_says() -> None:
    text = (ROOT / "docs" / "scale.md").read_text()
    [found] = re.findall(r"<!-- projection -->\n(.*)<!-- /projection -->", text, re.DOTALL)
    assert found == tables(Costs()) + "\n"
