"""The guarded door of the console's screens."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django_scopes import scope

from providers import selectors
from providers.actors import Actor
from providers.models import Role, User

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, Actor, P], HttpResponse]


def signed_in_user(request: HttpRequest) -> User:
    """Who is behind a request that ``login_required`` let through."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def for_members(least: Role) -> Callable[[View[P]], Callable[..., HttpResponse]]:
    """Opens a provider's screen to its members: an outsider gets 404, too low a role 403.

    The view gets the member as an ``Actor`` and runs with the provider in scope.
    """

    def decorate(view: View[P]) -> Callable[..., HttpResponse]:
        @login_required
        @wraps(view)
        def guarded(
            request: HttpRequest, provider: str, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponse:
            member = selectors.membership(signed_in_user(request), provider)
            if member is None:
                raise Http404
            actor = Actor.for_member(member)
            if not actor.may(least):
                raise PermissionDenied
            # The bar of every screen asks.
            request.may_set_up = actor.may(Role.MANAGER)  # type: ignore[attr-defined]
            request.may_see_people = actor.may(Role.STAFF)  # type: ignore[attr-defined]
            with scope(provider=member.provider):
                return view(request, actor, *args, **kwargs)

        return guarded

    return decorate
