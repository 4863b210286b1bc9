"""One's own bookings, to be followed in a calendar program."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from appointments.links import feed_address
from appointments.models import Resource
from appointments.selectors import feed_of_member
from appointments.services.feeds import calendar_feed_close, calendar_feed_open
from console.views.guard import for_members, signed_in_user
from providers.actors import Actor
from providers.models import Member, Role
from providers.selectors import membership
from waitlessq.db.reading import newest


@require_http_methods(["GET", "POST"])
@newest
@for_members(Role.VIEWER)
def feed(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The secret address of my calendar; makes it, or lets it lead nowhere any more."""
    member = _me(request, actor)
    if request.method == "POST":
        return _changed(request, actor, member)
    found = feed_of_member(member)
    context = {
        "provider": actor.provider,
        "screen": "calendar",
        "names": [one.name for one in Resource.objects.filter(member=member).order_by("name")],
        "url": feed_address(request, found.pk) if found else "",
    }
    return render(request, "console/feed.html", context)


def _changed(request: HttpRequest, actor: Actor, member: Member) -> HttpResponse:
    found = feed_of_member(member)
    if "close" not in request.POST:
        calendar_feed_open(actor=actor, member=member)
    elif found is not None:
        calendar_feed_close(feed=found)
        messages.success(request, gettext("The address leads nowhere any more."))
    return redirect("console-feed", actor.provider.slug)


def _me(request: HttpRequest, actor: Actor) -> Member:
    found = membership(signed_in_user(request), actor.provider.slug)
    if found is None:
        raise Http404
    return found
