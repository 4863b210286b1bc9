"""The rules for Prometheus ask for figures that there are."""

import re
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django_prometheus.middleware import Metrics  # type: ignore[import-untyped]
from prometheus_client import REGISTRY

from waitlessq.celery import regular_tasks

ROOT = Path(settings.BASE_DIR)
HOUR = 3600


def rules() -> list[dict[str, Any]]:
    text = (ROOT / "deploy" / "prometheus" / "alerts.yaml").read_text()
    [group] = yaml.safe_load(text)["groups"]
    return list(group["rules"])


def test_each_asks_for_what_is_counted_by_labels_that_it_has() -> None:
    # Those of requests are there once the first one comes.
    Metrics.get_instance()
    # Counters are named without the end that they are asked for by.
    families = {family.name: family for family in REGISTRY.collect()}
    for rule in rules():
        asked = re.findall(r"\b((?:waitlessq|django)_\w+)", rule["expr"])
        assert asked, rule["alert"]
        assert {name.removesuffix("_total") for name in asked} <= families.keys(), rule["alert"]
        grouped = set(re.findall(r"by \((\w+)\)", rule["expr"]))
        named = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
        assert named <= grouped, rule["alert"]


def test_each_says_how_urgent_it_is_and_is_explained() -> None:
    explained = (ROOT / "docs" / "operations.md").read_text()
    names = [rule["alert"] for rule in rules()]
    assert len(names) == len(set(names))
    for rule in rules():
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert f"`{rule['alert']}`" in explained


def test_a_job_that_is_seldom_is_given_the_time_for_it() -> None:
    [never] = [rule for rule in rules() if rule["alert"] == "JobNeverDone"]
    assert int(never["for"].removesuffix("h")) * HOUR > max(regular_tasks().values())
