from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, RequestFactory
from django.test.signals import template_rendered

from console.views.styleguide import COLUMNS, styleguide

COMPONENTS = Path(settings.BASE_DIR) / "templates" / "components"
# What only scripts read, and words alone.
UNSEEN = {"texts.html", "people.html"}


def test_it_is_not_there_in_production(client: Client, db: None) -> None:
    assert client.get("/styleguide").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(("theme", "language"), COLUMNS)
def test_it_shows_every_theme_and_direction(theme: str, language: str) -> None:
    text = styleguide(RequestFactory().get("/styleguide")).text
    assert f'data-theme="{theme}" lang="{language}"' in text


def test_every_component_is_in_it() -> None:
    rendered: set[str] = set()

    def note(template: Any, **_: Any) -> None:
        rendered.add(template.name)

    template_rendered.connect(note)
    try:
        styleguide(RequestFactory().get("/styleguide"))
    finally:
        template_rendered.disconnect(note)
    components = {f"components/{path.name}" for path in COMPONENTS.iterdir()}
    assert components - rendered == {f"components/{name}" for name in UNSEEN}
