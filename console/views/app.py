"""The app: what do they see? Its look, its state, and how to get to it."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from console.views.guard import for_members
from providers.actors import Actor
from providers.models import Provider, ProviderLogo, Role
from providers.services.providers import provider_set_look
from pwa.bundle import short_name
from pwa.palette import palette_of
from pwa.selectors import app_state
from pwa.services.builds import build_request
from queues.selectors import queues_for
from waitlessq import clock
from waitlessq.errors import InvalidInputError
from waitlessq.qr import qr_svg


@require_safe
@for_members(Role.VIEWER)
def app(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The page, and for htmx the part of it that changes: 204 when nothing did."""
    if request.headers.get("HX-Request") is None:
        return render(request, "console/app.html", _context(request, actor))
    context = _live(request, actor.provider)
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
            build_request(provider=actor.provider)
    except InvalidInputError as error:
        problem = {"problem": error.data["errors"][0], "colour": colour}
        context = _context(request, actor) | problem
        return render(request, "console/app.html", context, status=error.status)
    messages.success(request, gettext("Saved."))
    return redirect("console-app", actor.provider.slug)


def _context(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    provider = actor.provider
    return _live(request, provider) | {
        "screen": "app",
        "may_change": actor.may(Role.MANAGER),
        "colour": provider.colour,
        "palette": palette_of(provider.colour),
        "has_logo": ProviderLogo.objects.exists(),
        "short_name": short_name(provider.name),
        "queues": queues_for(actor).prefetch_related(None).order_by("location__name", "name"),
    }


def _live(request: HttpRequest, provider: Provider) -> dict[str, Any]:
    address = request.build_absolute_uri(reverse("app", args=[provider.slug]))
    return {
        "provider": provider,
        "state": app_state(),
        "now": clock.now(),
        "address": address,
        # Dark on light in any colour scheme: many readers know no other.
        "qr": qr_svg(address, scale=4, dark="#15211E", light="#FFFFFF"),
    }
