"""Where one starts: my providers, and how a provider's queues stand today."""

from itertools import groupby

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from console.views.guard import for_members, signed_in_user
from providers import selectors
from providers.actors import Actor
from providers.models import Role
from queues.models import Queue, QueueStatus
from queues.opening import opening_words
from queues.selectors import lines_now, misjudged_queues
from waitlessq import clock


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """My providers; the only one opens by itself."""
    memberships = selectors.memberships_of(signed_in_user(request))
    if len(memberships) == 1:
        return redirect("console-today", memberships[0].provider.slug)
    return render(request, "console/home.html", {"memberships": memberships})


@require_safe
@for_members(Role.VIEWER)
def today(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Is anything wrong? The longest wait, and a row for each queue."""
    lines = lines_now(actor)
    now = clock.now()
    locations = [
        {
            "name": location.name,
            "as_of": now.astimezone(location.zone).replace(tzinfo=None),
            "lines": [(line, _opens(line.queue)) for line in group],
        }
        for location, group in groupby(lines, lambda line: line.queue.location)
    ]
    waits = [w for line in lines if (w := line.longest_wait_minutes) is not None]
    context = {
        "provider": actor.provider,
        "screen": "today",
        # What is wrong comes before how things stand.
        "stuck": [line for line in lines if line.waiting and not line.open_counters],
        "misjudged": misjudged_queues(actor),
        "locations": locations,
        "longest_wait_minutes": max(waits, default=None),
    }
    return render(request, "console/today.html", context)


def _opens(queue: Queue) -> str:
    """When a queue that takes nobody new opens, in words; empty if nobody knows."""
    now, opens_at = clock.now(), queue.opens_at
    if queue.status in {QueueStatus.OPEN, QueueStatus.PAUSED} or not opens_at or opens_at <= now:
        return ""
    return opening_words(opens_at, queue.location.zone, now)
