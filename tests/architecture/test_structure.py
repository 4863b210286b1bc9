"""The house's order, checked against the code itself."""

import ast
import sys
import tomllib
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import models

ROOT = Path(settings.BASE_DIR)
# From the top: an app may refer to those below it only.
# Of integrations and notifications none knows the other.
LAYERS = [
    "console", "pwa", "integrations", "notifications", "queues", "appointments", "providers",
    "events",
]  # fmt: skip
# What is no app of Django's and has no layer.
SUPPORT = {"waitlessq", "bench", "embedded", "tests", "tools"}


def first_party_packages() -> set[str]:
    return {path.parent.name for path in ROOT.glob("*/__init__.py")}


def first_party_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.app_label in LAYERS]


def test_every_package_has_its_place() -> None:
    assert first_party_packages() == {*LAYERS, *SUPPORT}
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert set(config["tool"]["importlinter"]["root_packages"]) == {"waitlessq", *LAYERS}
    layers = config["tool"]["importlinter"]["contracts"][0]["layers"]
    ours = [layer for layer in layers if not layer.startswith("waitlessq")]
    apps_in_layers = [app for layer in ours for app in layer.split(" | ")]
    assert apps_in_layers == LAYERS
    assert [app for app in settings.INSTALLED_APPS if app in LAYERS] == LAYERS[::-1]


def test_every_foreign_key_points_down_or_stays_at_home() -> None:
    for model in first_party_models():
        for field in model._meta.get_fields():
            target = field.related_model
            if (
                field.auto_created
                or not isinstance(target, type)
                or target._meta.app_label not in LAYERS
            ):
                continue
            assert LAYERS.index(model._meta.app_label) <= LAYERS.index(target._meta.app_label), (
                field
            )


def test_every_module_of_an_app_belongs_to_its_shape() -> None:
    shape = {
        "actors",
        "accounts",
        "admin",
        "api",
        "apps",
        "channels",
        "client",
        "errors",
        "handlers",
        "health",
        "keys",
        "management",
        "middleware",
        "migrations",
        "models",
        "selectors",
        "services",
        "tasks",
        "tests",
        "urls",
        "views",
    }
    # What only one app has.
    own = {
        "events": {"idempotency", "outbox", "parts", "relay"},
        "providers": {"contacts", "hours", "public_holidays"},
        "appointments": {
            "busy",
            "calendars",
            "delays",
            "links",
            "questions",
            "recurrence",
            "slots",
            "tokens",
            "transitions",
            "words",
        },
        "queues": {
            "bookings",
            "figures",
            "forecast",
            "history",
            "on_site",
            "opening",
            "snapshot",
            "tokens",
            "transitions",
            "waits",
            "what_if",
            "why",
        },
        "integrations": {"replay"},
        "notifications": {"messages"},
        "console": {"charts", "client"},
        "pwa": {
            *("archive", "bundle", "client", "domains", "icons", "middleware", "palette"),
            *("screenshots", "storage"),
        },
    }
    for app in LAYERS:
        modules = {path.stem for path in (ROOT / app).iterdir() if not path.name.startswith("_")}
        assert modules <= shape | own.get(app, set()), app


def test_the_forecast_is_plain_python() -> None:
    for path in (ROOT / "queues" / "forecast").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                is_own = name.startswith("queues.forecast")
                assert is_own or name.split(".")[0] in sys.stdlib_module_names, path


def test_nothing_but_the_clock_asks_for_the_time() -> None:
    banned = {("timezone", "now"), ("datetime", "now"), ("datetime", "utcnow"), ("date", "today")}
    for app in [*LAYERS, "waitlessq"]:
        for path in (ROOT / app).rglob("*.py"):
            if path == ROOT / "waitlessq" / "clock.py" or "migrations" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                    assert (node.value.id, node.attr) not in banned, f"{path}:{node.lineno}"


def test_every_migration_has_a_name_that_says_what_it_does() -> None:
    for app in LAYERS:
        for path in (ROOT / app / "migrations").glob("0*.py"):
            assert "auto" not in path.stem, path
            assert path.stem != "0001_initial", path
