"""Rows of one provider are invisible outside a scope that names it.

``with scope(provider=provider): …`` opens one; ``with scopes_disabled(): …`` is for code that
crosses providers on purpose (sign-in, the relay, retention).
"""

from typing import TypeVar

from django.db import models
from django_scopes import get_scope
from django_scopes.exceptions import ScopeError

M = TypeVar("M", bound=models.Model)


class TenantManager(models.Manager[M]):
    """Finds only rows of the provider in scope.

    Stricter than django-scopes' own manager: without a scope there is no queryset at all, so
    ``create`` and ``exclude`` raise too. It cannot guard forward keys, ``save`` and
    ``_base_manager``; services check what they write.

    Raises:
        ScopeError: no provider is in scope.
    """

    def get_queryset(self) -> models.QuerySet[M]:
        scope = get_scope()  # type: ignore[no-untyped-call]
        if not scope.get("_enabled", True):
            return super().get_queryset()
        if "provider" not in scope:
            raise ScopeError(f"{self.model.__name__} was asked for without a provider in scope.")
        return super().get_queryset().filter(provider=scope["provider"])

    def none(self) -> models.QuerySet[M]:
        """No rows; needs no scope."""
        return super().get_queryset().none()
