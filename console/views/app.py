"""The app: what do they see? Its look, its state, and how to get to it."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_POST, require_safe

from console.views.guard import for_members
from providers.actors import Actor
from providers.models import Provider, ProviderLogo, Role
from providers.services.providers import provider_set_look
from pwa.bundle import short_name
from pwa.models import Build
from pwa.palette import palette_of
from pwa.selectors import AppState, app_state, domains, names_of_publishers, publishes_itself
from pwa.services.builds import app_set_publishing, build_publish, build_request
from pwa.tasks import build_app
from queues.selectors import queues_for
from waitlessq import clock
from waitlessq.errors import InvalidInputError, NotFoundError
from waitlessq.forms import whole_number
from waitlessq.qr import qr_svg
from waitlessq.sending import send_soon

STEPS = {
    "queued": gettext_noop("Queued"),
    "icons": gettext_noop("Icons"),
    "bundle": gettext_noop("Bundle"),
    "published": gettext_noop("Published"),
}


@require_safe
@for_members(Role.VIEWER)
def app(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The page, and for htmx the part of it that changes: 204 when nothing did."""
    if request.headers.get("HX-Request") is None:
        return app_page(request, actor)
    context = _live(request, actor)
    if request.GET.get("since") == context["state"].stamp:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return render(request, "console/_app.html", context)


@require_POST
@for_members(Role.MANAGER)
def set_look(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Changes colour and logo and asks for a new version; what cannot be used is said."""
    colour = request.POST.get("colour", "")
    logo = request.FILES.get("logo")
    try:
        with transaction.atomic():
            provider_set_look(
                actor=actor,
                colour=colour,
                logo=logo.read() if isinstance(logo, UploadedFile) else None,
                without_logo="without_logo" in request.POST,
            )
            build_request(provider=actor.provider, by=actor.name)
    except InvalidInputError as error:
        problem = {"problem": error.data["errors"][0], "colour": colour}
        return app_page(request, actor, problem, status=error.status)
    messages.success(request, gettext("Saved."))
    return redirect("console-app", actor.provider.slug)


@require_POST
@for_members(Role.MANAGER)
def publish(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Makes a version what customers get: the one that waits, or one from before."""
    number = whole_number(request.POST.get("version", "")) or 0
    try:
        live = build_publish(actor=actor, build_id=number)
    except NotFoundError:
        messages.error(request, gettext("This version is no longer kept. Choose another."))
    except OSError:
        messages.error(
            request, gettext("It could not be stored. Your last version is still live. Try again.")
        )
    else:
        text = (
            gettext("Version %(number)s is live.")
            if publishes_itself()
            else gettext("Version %(number)s is live. Changes wait until you publish them.")
        )
        messages.success(request, text % {"number": live.number})
    return redirect("console-app", actor.provider.slug)


@require_POST
@for_members(Role.MANAGER)
def set_publishing(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Whether changes are published by themselves, or wait."""
    by_itself = "by_itself" in request.POST
    app_set_publishing(actor=actor, publishes_itself=by_itself)
    if by_itself:
        transaction.on_commit(lambda: send_soon(build_app, actor.provider.pk), robust=True)
    messages.success(request, gettext("Saved."))
    return redirect("console-app", actor.provider.slug)


def app_page(
    request: HttpRequest,
    actor: Actor,
    problem: Mapping[str, Any] | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    """The whole screen; ``problem`` says what was wrong with a form, and what was typed."""
    context = _context(request, actor) | dict(problem or {})
    return render(request, "console/app.html", context, status=status)


def _context(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    provider = actor.provider
    return _live(request, actor) | {
        "screen": "app",
        "publishes_itself": publishes_itself(),
        "own_address": _own_address(request, provider),
        "domains": domains(),
        "colour": provider.colour,
        "palette": palette_of(provider.colour),
        "has_logo": ProviderLogo.objects.exists(),
        "short_name": short_name(provider.name),
        "queues": queues_for(actor).prefetch_related(None).order_by("location__name", "name"),
    }


def _live(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    provider, state = actor.provider, app_state()
    address = request.build_absolute_uri(reverse("app", args=[provider.slug]))
    return {
        "provider": provider,
        "state": state,
        "steps": [(name, gettext(label)) for name, label in STEPS.items()],
        "versions": _versions(state),
        "may_change": actor.may(Role.MANAGER),
        "now": clock.now(),
        "address": address,
        # Dark on light in any colour scheme: many readers know no other.
        "qr": qr_svg(address, scale=4, dark="#15211E", light="#FFFFFF"),
    }


def _own_address(request: HttpRequest, provider: Provider) -> str:
    """Below the platform's domain for apps, if it has one."""
    name = settings.APPS_DOMAIN
    return f"{request.scheme}://{provider.slug}.{name}/" if name else ""


def _versions(state: AppState) -> list[tuple[Build, str]]:
    """What can be looked at, the newest first, each with who published it."""
    builds = [build for build in (state.draft, state.live, *state.earlier) if build]
    names = names_of_publishers(builds)
    return [(build, names.get(build.published_by, "")) for build in builds]
