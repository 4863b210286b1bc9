"""Where the app is found: on the platform, and at domains of the provider's own."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from console.views.app import app_page
from console.views.guard import for_members
from providers.actors import Actor
from providers.models import Role
from pwa.archive import archive
from pwa.selectors import live_build
from pwa.services.builds import look_of
from pwa.services.domains import domain_add, domain_remove, domain_verify
from waitlessq.errors import InvalidInputError, NotFoundError
from waitlessq.forms import whole_number


@require_POST
@for_members(Role.MANAGER)
def add(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A domain that is to be verified; what cannot be one is said, and kept in its field."""
    name = request.POST.get("domain", "")
    try:
        domain_add(actor=actor, name=name)
    except InvalidInputError as error:
        problem = {"problem": error.data["errors"][0], "typed_domain": name}
        return app_page(request, actor, problem, status=error.status)
    return _back(actor)


@require_POST
@for_members(Role.MANAGER)
def verify(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Asks DNS; says what is missing, or that the app is there now."""

    def ask(domain_id: int) -> None:
        domain = domain_verify(actor=actor, domain_id=domain_id)
        text = gettext("The app is at %(name)s now.") % {"name": domain.shown}
        messages.success(request, text)

    return _with_domain(request, actor, ask)


@require_POST
@for_members(Role.MANAGER)
def remove(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The app is no longer found there."""

    def take_out(domain_id: int) -> None:
        domain_remove(actor=actor, domain_id=domain_id)
        messages.success(request, gettext("The domain is removed."))

    return _with_domain(request, actor, take_out)


@require_safe
@for_members(Role.MANAGER)
def download(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The live version as a zip for any static host."""
    live = live_build()
    if live is None:
        messages.error(request, gettext("Not published yet."))
        return _back(actor)
    try:
        look = look_of(live)
    except OSError:
        messages.error(request, gettext("The files can not be read now. Try again in a moment."))
        return _back(actor)
    platform = request.build_absolute_uri("/").rstrip("/")
    response = HttpResponse(archive(look, platform), content_type="application/zip")
    name = f"{actor.provider.slug}-{live.number}.zip"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _with_domain(request: HttpRequest, actor: Actor, act: Callable[[int], None]) -> HttpResponse:
    try:
        act(whole_number(request.POST.get("domain", "")) or 0)
    except InvalidInputError as error:
        messages.error(request, error.detail)
    except NotFoundError:
        messages.error(request, gettext("This domain was removed meanwhile."))
    return _back(actor)


def _back(actor: Actor) -> HttpResponse:
    return redirect("console-app", actor.provider.slug)
