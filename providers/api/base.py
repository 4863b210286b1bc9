"""The guarded door of every view below /api/v1/providers/{provider}/."""

from collections.abc import Hashable, Mapping
from contextlib import ExitStack
from functools import cache
from typing import Any, ClassVar, cast

from django.db import models
from django.http import Http404
from django_scopes import scope
from rest_framework import serializers, status
from rest_framework.exceptions import MethodNotAllowed, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from events.api import IdempotentPostMixin
from providers import selectors
from providers.actors import Actor
from providers.models import Role, User
from waitlessq.api.pagination import NewestFirst


@cache
def _writer(serializer_class: Any) -> Any:
    return serializer_class()


def represent(serializer_class: type[serializers.BaseSerializer[Any]], row: object) -> Any:
    """The row as the serializer writes it, for serializers that ask nothing of the request.

    A serializer copies all its fields when it is made; this one is made once.
    """
    return _writer(cast("Hashable", serializer_class)).to_representation(row)


class ProviderViewSet(IdempotentPostMixin, GenericViewSet[Any]):
    """Views of one provider's rows, for its members and API keys.

    Whoever is not signed in gets 401, an outsider 404 (as if the provider did not exist), a role
    that is too low 403. The handler runs with the provider in scope, for ``self.actor``.
    ``serializer_class`` writes answers; ``input_serializers`` read bodies.
    """

    roles: ClassVar[Mapping[str, Role]]
    """The least role for each action; an action that is not listed is allowed to nobody."""

    input_serializers: ClassVar[Mapping[str, type[serializers.Serializer[Any]]]] = {}
    pagination_class = NewestFirst
    lookup_value_converter = "int"
    http_method_names = ["get", "head", "post", "patch", "delete"]
    actor: Actor

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        with ExitStack() as self._until_answered:
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if self.action is None or request.method == "OPTIONS":
            raise MethodNotAllowed(request.method or "")
        super().initial(request, *args, **kwargs)
        self.actor = self._authorise(request, kwargs["provider"])
        self._until_answered.enter_context(scope(provider=self.actor.provider))

    def _authorise(self, request: Request, provider_slug: str) -> Actor:
        actor = self._find_actor(request, provider_slug)
        if actor is None or actor.provider.slug != provider_slug:
            raise Http404
        role = self.roles.get(self.action)
        if role is None or not actor.may(role):
            raise PermissionDenied(f"This takes the role {role} or above.")
        return actor

    def _find_actor(self, request: Request, provider_slug: str) -> Actor | None:
        if isinstance(request.auth, Actor):
            return request.auth
        if not isinstance(request.user, User):
            return None
        member = selectors.membership(request.user, provider_slug)
        return None if member is None else Actor.for_member(member)

    def idempotency_scope(self) -> str:
        return f"provider:{self.actor.provider.pk}/{self.actor.name}"

    def validated(self) -> dict[str, Any]:
        """The body of the request, checked by the action's input serializer.

        Raises:
            ValidationError: it is not what the serializer takes.
        """
        serializer = self.input_serializers[self.action](
            data=self.request.data,
            partial=self.action == "partial_update",
            context=self.get_serializer_context(),
        )
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def answer(self, row: models.Model, code: int = status.HTTP_200_OK) -> Response:
        """The row as the view's serializer writes it."""
        return Response(represent(self.get_serializer_class(), row), status=code)


class CreateMixin(ProviderViewSet):
    """POST to the list; subclasses write the row in ``create_row``."""

    def create_row(self, **fields: Any) -> models.Model:
        raise NotImplementedError

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(self.create_row(**self.validated()), status.HTTP_201_CREATED)


class UpdateMixin(ProviderViewSet):
    """PATCH of one row; subclasses write the row in ``update_row``."""

    def update_row(self, row: Any, **changes: Any) -> models.Model:
        raise NotImplementedError

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(self.update_row(self.get_object(), **self.validated()))
