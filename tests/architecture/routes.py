"""Every route of the platform, read out of the URL configuration."""

from collections.abc import Iterator
from dataclasses import dataclass
from inspect import getclosurevars
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

HTTP_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, order=True)
class Route:
    """One method of one address; ``path`` has the converters in angle brackets."""

    path: str
    method: str


def all_routes() -> set[Route]:
    """All of them, those of libraries included."""
    return set(_routes(get_resolver().url_patterns, ""))


def _routes(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[Route]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, path)
        else:
            for method in _methods(pattern.callback):
                yield Route(path, method.upper())


def _methods(view: Any) -> list[str]:
    if hasattr(view, "actions"):  # A viewset: the router says what it answers.
        return [method for method in view.actions if method in HTTP_METHODS]
    view_class = getattr(view, "cls", None) or getattr(view, "view_class", None)
    if view_class is None:  # A function: require_safe and require_POST know what it answers.
        allowed = getclosurevars(view).nonlocals.get("request_method_list", ["GET"])
        return [method.lower() for method in allowed if method != "HEAD"]
    allowed = view_class.http_method_names
    return [m for m in HTTP_METHODS if hasattr(view_class, m) and m in allowed]
