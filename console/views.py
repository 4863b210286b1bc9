"""Screens of the console."""

from collections.abc import Callable
from functools import wraps
from itertools import groupby

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe
from django_scopes import scope

from providers import selectors
from providers.actors import Actor
from providers.models import User
from queues.selectors import lines_now
from waitlessq import clock


def signed_in_user(request: HttpRequest) -> User:
    """Who is behind a request that ``login_required`` let through."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def for_member(
    view: Callable[[HttpRequest, Actor], HttpResponse],
) -> Callable[..., HttpResponse]:
    """The guarded door of every screen of a provider: an outsider gets 404.

    The view runs with the provider in scope.
    """

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, provider: str) -> HttpResponse:
        member = selectors.membership(signed_in_user(request), provider)
        if member is None:
            raise Http404
        with scope(provider=member.provider):
            return view(request, Actor.for_member(member))

    return guarded


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """My providers; the only one opens by itself."""
    memberships = selectors.memberships_of(signed_in_user(request))
    if len(memberships) == 1:
        return redirect("console-today", memberships[0].provider.slug)
    return render(request, "console/home.html", {"memberships": memberships})


@require_safe
@for_member
def today(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Is anything wrong? The longest wait, and a row for each queue."""
    lines = lines_now(actor)
    now = clock.now()
    locations = [
        {
            "name": location.name,
            "as_of": now.astimezone(location.zone).replace(tzinfo=None),
            "lines": list(group),
        }
        for location, group in groupby(lines, lambda line: line.queue.location)
    ]
    waits = [w for line in lines if (w := line.longest_wait_minutes) is not None]
    context = {
        "provider": actor.provider,
        "locations": locations,
        "longest_wait_minutes": max(waits, default=None),
    }
    return render(request, "console/today.html", context)
