"""A ticket whose token was lost: the desk shows the way to take it to a phone again."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from console.views.desk import counter_of
from console.views.guard import for_members
from providers.actors import Actor
from providers.models import Role
from queues.selectors import tickets_for
from queues.tokens import token_for
from waitlessq.qr import qr_svg


@require_safe
@never_cache
@for_members(Role.STAFF)
def phone(request: HttpRequest, actor: Actor, counter_id: int, ticket_id: int) -> HttpResponse:
    """The number, and a code that takes it to whichever phone scans it."""
    counter = counter_of(actor, counter_id)
    ticket = tickets_for(actor).filter(pk=ticket_id, queue__location=counter.location_id).first()
    if ticket is None:
        raise Http404
    app = request.build_absolute_uri(reverse("app", args=[actor.provider.slug]))
    # Behind the "#" it reaches no server and no log.
    address = f"{app}#/take/{token_for(ticket.pk)}"
    context = {
        "provider": actor.provider,
        "screen": "desk",
        "counter": counter,
        "ticket": ticket,
        # Dark on light in any colour scheme: many readers know no other.
        "qr": qr_svg(address, scale=6, dark="#15211E", light="#FFFFFF"),
    }
    return render(request, "console/phone.html", context)
