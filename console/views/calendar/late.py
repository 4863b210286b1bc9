"""Running late: the rest of somebody's day moves on, and their customers are told."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from appointments.services.delays import resource_run_late, resource_run_late_undo
from console.views.calendar.forms import LateForm, LateUndoForm
from console.views.calendar.presses import pressed
from console.views.calendar.undo import Done
from console.views.guard import for_members
from providers.actors import Actor
from providers.models import Role
from waitlessq.errors import InvalidInputError

MINUTE = timedelta(minutes=1)


@require_POST
@for_members(Role.STAFF)
def run_late(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Moves what is still to come today, once for each time the form was shown."""

    def do() -> Done:
        form = LateForm(actor, data=request.POST)
        if not form.is_valid():
            [name, problems] = next(iter(form.errors.items()))
            raise InvalidInputError(name, f"{form.fields[name].label}: {problems[0]}")
        resource = form.cleaned_data["resource"]
        by = form.cleaned_data["minutes"] * MINUTE
        delay = resource_run_late(actor=actor, resource_id=resource.pk, by=by)
        count = len(delay.appointments)
        said = ngettext(
            "%(count)d booking of %(name)s is moved; its customer is told.",
            "%(count)d bookings of %(name)s are moved; their customers are told.",
            count,
        )
        said %= {"count": count, "name": resource.name}
        if not count:
            return Done(gettext("No booking of %(name)s is left today.") % {"name": resource.name})
        undo = reverse("console-calendar-late-undo", args=[actor.provider.slug])
        return Done(said, undo, {"resource": str(resource.pk), "delay": str(delay.id)})

    return pressed(request, actor, "late", do)


@require_POST
@for_members(Role.STAFF)
def undo(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Puts them back where they were."""

    def do() -> Done:
        form = LateUndoForm(request.POST)
        if not form.is_valid():
            raise InvalidInputError("delay", gettext("Only its own button can undo it."))
        sent = form.cleaned_data
        resource_run_late_undo(actor=actor, resource_id=sent["resource"], delay_id=sent["delay"])
        return Done(gettext("Undone: the bookings are where they were."))

    return pressed(request, actor, "late-undo", do)
