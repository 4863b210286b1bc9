"""The poster: a page to hang up, with the way into one queue."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, get_language_bidi, gettext, override
from django.views.decorators.http import require_safe

from console.views.guard import for_members
from providers.actors import Actor
from providers.models import Role
from queues.selectors import queues_for
from waitlessq.qr import qr_svg


@require_safe
@for_members(Role.VIEWER)
def poster(request: HttpRequest, actor: Actor, queue_id: int) -> HttpResponse:
    """One A4 page in all languages, the reader's own first."""
    queue = queues_for(actor).filter(pk=queue_id).first()
    if queue is None:
        raise Http404
    address = request.build_absolute_uri(reverse("app", args=[actor.provider.slug]))
    codes = sorted(dict(settings.LANGUAGES), key=lambda code: code != get_language())
    context = {
        "provider": actor.provider,
        "queue": queue,
        # As wide as what it stands in; the paper around it is its quiet zone.
        "qr": qr_svg(
            f"{address}#/join/{queue.pk}", omitsize=True, border=0, dark="#000", light="#fff"
        ),
        # As one types it.
        "address": address.split("://")[1].rstrip("/"),
        "languages": [_texts(code) for code in codes],
    }
    return render(request, "console/poster.html", context)


def _texts(language: str) -> dict[str, str]:
    with override(language):
        return {
            "code": language,
            "dir": "rtl" if get_language_bidi() else "ltr",
            "head": gettext("Wait where you like"),
            "how": gettext("Scan, take a number, come when it is your turn."),
        }
