"""Settings: how the provider is set up, a section at a time, for managers and owners."""

from collections.abc import Callable
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from appointments.models import Resource
from appointments.selectors import (
    availability_exceptions_for,
    availability_rules_for,
    busy_feeds_for,
    exceptions_between,
    rules_of,
    usual_rules,
)
from appointments.services.feeds import busy_feed_add, busy_feed_remove, busy_feed_retry
from appointments.services.resources import (
    availability_exception_add,
    availability_exception_remove,
    availability_rule_add,
    availability_rule_remove,
    booking_rules_set,
)
from appointments.services.seats import meant
from console.views.busy_feeds import shown_feed
from console.views.guard import for_members
from console.views.settings.booking_forms import AwayForm, BusyFeedForm, RuleForm, RulesForm
from console.views.settings.forms import ExceptionForm, ProviderForm, SettingsForm
from console.views.settings.sections import LOCATIONS, MEMBERS, RESOURCES, SECTIONS, Section
from providers.actors import Actor
from providers.errors import AlreadyMemberError, LastOwnerError, NameTakenError
from providers.models import Location, Role
from providers.selectors import hours_of
from providers.services.locations import location_remove_exception, location_set_exception
from providers.services.members import member_remove
from providers.services.providers import provider_update
from waitlessq import clock
from waitlessq.errors import DomainError, InvalidInputError

FOUND_AT_MOST = 50
FARTHEST = timedelta(days=3650)
View = Callable[..., HttpResponse]


@require_safe
@for_members(Role.MANAGER)
def overview(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The sections, and what has the name that is looked for."""
    text = request.GET.get("q", "").strip()[:100]
    found = [
        (section, _entries(section, actor, _named(section, actor, text)[:FOUND_AT_MOST]))
        for section in _sections(actor)
        if text
    ]
    context = _common(actor) | {"q": text, "found": [one for one in found if one[1]]}
    return render(request, "console/settings/overview.html", context)


@require_http_methods(["GET", "POST"])
@for_members(Role.OWNER)
def about(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What the provider says of itself."""
    row = actor.provider
    initial = {"name": row.name, "trade": row.trade}
    form = ProviderForm(actor, request.POST or None, initial=initial, row=row)
    if request.method == "POST" and _saved(form, lambda: _change_provider(actor, form)):
        messages.success(request, gettext("Saved."))
        return redirect("console-settings-provider", row.slug)
    here = reverse("console-settings-provider", args=[row.slug])
    context = _common(actor) | {"form": form, "here": here, "name": initial["name"]}
    # It has no list and no new one.
    context |= {"list": here, "new": here}
    return render(request, "console/settings/row.html", context, status=_status(form))


def _change_provider(actor: Actor, form: ProviderForm) -> None:
    if form.changes():
        provider_update(actor=actor, **form.changes())


@require_http_methods(["GET", "POST"])
@for_members(Role.MANAGER)
def booking_rules(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What holds for all bookings of the provider."""
    row = rules_of(actor.provider)
    initial = {name: getattr(row, name) for name in RulesForm.base_fields}
    form = RulesForm(actor, request.POST or None, initial=initial, row=row)
    here = reverse("console-settings-booking-rules", args=[actor.provider.slug])
    if request.method == "POST" and _saved(
        form, lambda: booking_rules_set(actor=actor, **form.changes())
    ):
        messages.success(request, gettext("Saved."))
        return redirect(here)
    context = _common(actor) | {"form": form, "name": gettext("Rules for all bookings")}
    context |= {"here": here, "list": here, "new": here}
    return render(request, "console/settings/row.html", context, status=_status(form))


def _list_of(section: Section) -> View:
    @require_safe
    @for_members(section.least)
    def rows(request: HttpRequest, actor: Actor) -> HttpResponse:
        entries = _entries(section, actor, section.rows(actor))
        context = _common(actor) | _addresses(section, actor) | {"entries": entries}
        return render(request, "console/settings/rows.html", context)

    return rows


def _add_to(section: Section, create: Callable[..., Any]) -> View:
    @require_http_methods(["GET", "POST"])
    @for_members(section.least)
    def add(request: HttpRequest, actor: Actor) -> HttpResponse:
        form = section.form(actor, request.POST or None)
        made: list[Any] = []
        if request.method == "POST" and _saved(
            form, lambda: made.append(create(actor=actor, **form.changes()))
        ):
            messages.success(request, gettext("Added."))
            return redirect(f"console-settings-{section.slug}", actor.provider.slug)
        context = _common(actor) | _addresses(section, actor)
        context |= {"form": form, "name": section.add}
        return render(request, "console/settings/row.html", context, status=_status(form))

    return add


def _row_of(section: Section) -> View:
    @require_http_methods(["GET", "POST"])
    @for_members(section.least)
    def row(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
        found = _found(section, actor, pk)
        form = section.form(actor, request.POST or None, initial=section.initial(found), row=found)
        if request.method == "POST" and _saved(
            form, lambda: section.update(actor=actor, row=found, **form.changes())
        ):
            messages.success(request, gettext("Saved."))
            return redirect(f"console-settings-{section.slug}-row", actor.provider.slug, pk)
        return _row_page(request, actor, section, found, form)

    return row


def _row_page(
    request: HttpRequest,
    actor: Actor,
    section: Section,
    found: Any,
    form: SettingsForm,
    exception: ExceptionForm | None = None,
    part: SettingsForm | None = None,
) -> HttpResponse:
    # Behind a refused form the row has what was typed; its name stays what it is.
    kept = _found(section, actor, found.pk)
    context = _common(actor) | _addresses(section, actor, kept)
    context |= {"form": form, "row": kept, "name": section.name(kept)}
    if section is LOCATIONS:
        context |= {
            "exceptions": _exceptions(kept),
            "exception_form": exception or ExceptionForm(actor, prefix="exception"),
        }
    if section is RESOURCES:
        context |= _availability(actor, kept, part)
    status = _status(exception or part or form)
    return render(request, "console/settings/row.html", context, status=status)


@require_POST
@for_members(Role.MANAGER)
def add_exception(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """On a date the location is closed, or has hours of its own."""
    location = _found(LOCATIONS, actor, pk)
    form = ExceptionForm(actor, request.POST, prefix="exception")
    if not _saved(form, lambda: _set_exception(actor, location, form)):
        usual = LOCATIONS.form(actor, initial=LOCATIONS.initial(location), row=location)
        return _row_page(request, actor, LOCATIONS, location, usual, form)
    messages.success(request, gettext("Saved."))
    return redirect("console-settings-locations-row", actor.provider.slug, pk)


def _availability(actor: Actor, resource: Resource, part: SettingsForm | None) -> dict[str, Any]:
    """What the page of a resource shows besides its form; ``part`` is a form that was refused."""
    usual = {rule.pk for rule, _ in usual_rules(resource)}
    now = clock.now()
    return {
        "zone": resource.location.zone,
        "rules": resource.availability_rules.exclude(pk__in=usual).order_by("pk"),
        "exceptions": exceptions_between([resource], now, now + FARTHEST).filter(feed=None),
        "feeds": [shown_feed(feed) for feed in resource.busy_feeds.order_by("pk")],
        "away_form": part if isinstance(part, AwayForm) else AwayForm(actor, prefix="away"),
        "rule_form": part if isinstance(part, RuleForm) else RuleForm(actor, prefix="rule"),
        "feed_form": part if isinstance(part, BusyFeedForm) else BusyFeedForm(actor, prefix="feed"),
    }


def _add_availability(form_of: type[SettingsForm], prefix: str, add: Callable[..., Any]) -> View:
    @require_POST
    @for_members(Role.MANAGER)
    def view(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
        resource = _found(RESOURCES, actor, pk)
        form = form_of(actor, request.POST, prefix=prefix)
        if not _saved(form, lambda: add(actor=actor, resource=resource, **form.cleaned_data)):
            usual = RESOURCES.form(actor, initial=RESOURCES.initial(resource), row=resource)
            return _row_page(request, actor, RESOURCES, resource, usual, part=form)
        messages.success(request, gettext("Saved."))
        return redirect("console-settings-resources-row", actor.provider.slug, pk)

    return view


def _away_add(*, actor: Actor, resource: Resource, **fields: Any) -> None:
    for name in ("starts_at", "ends_at"):
        # As it was written: which instant that is, the location's wall says.
        fields[name] = meant(fields[name].replace(tzinfo=None), resource.location)
    availability_exception_add(actor=actor, resource=resource, **fields)


def _change_availability(
    found_for: Callable[[Actor], Any], change: Callable[[Actor, Any], None], said: Any
) -> View:
    @require_POST
    @for_members(Role.MANAGER)
    def view(request: HttpRequest, actor: Actor, pk: int, part_id: int) -> HttpResponse:
        found = found_for(actor).filter(pk=part_id, resource=pk).first()
        if found is None:
            raise Http404
        change(actor, found)
        messages.success(request, said)
        return redirect("console-settings-resources-row", actor.provider.slug, pk)

    return view


add_away = _add_availability(AwayForm, "away", _away_add)
add_rule = _add_availability(RuleForm, "rule", availability_rule_add)
add_feed = _add_availability(BusyFeedForm, "feed", busy_feed_add)
remove_away = _change_availability(
    availability_exceptions_for,
    lambda actor, found: availability_exception_remove(actor=actor, exception=found),
    gettext_lazy("Removed."),
)
remove_rule = _change_availability(
    availability_rules_for,
    lambda actor, found: availability_rule_remove(actor=actor, rule=found),
    gettext_lazy("Removed."),
)
remove_feed = _change_availability(
    busy_feeds_for,
    lambda actor, found: busy_feed_remove(actor=actor, feed=found),
    gettext_lazy("Removed. Its times can be booked again."),
)
retry_feed = _change_availability(
    busy_feeds_for,
    lambda actor, found: busy_feed_retry(actor=actor, feed=found),
    gettext_lazy("It is read now. Look again in a minute."),
)


def _set_exception(actor: Actor, location: Location, form: ExceptionForm) -> None:
    fields = form.cleaned_data
    location_set_exception(
        actor=actor,
        location=location,
        day=fields["date"],
        name=fields["name"],
        spans=fields["spans"],
    )


@require_POST
@for_members(Role.MANAGER)
def remove_exception(request: HttpRequest, actor: Actor, pk: int, day: str) -> HttpResponse:
    """On that date the usual week counts again."""
    location = _found(LOCATIONS, actor, pk)
    try:
        on = date.fromisoformat(day)
    except ValueError:
        raise Http404 from None
    location_remove_exception(actor=actor, location=location, day=on)
    messages.success(request, gettext("The usual hours count on that date again."))
    return redirect("console-settings-locations-row", actor.provider.slug, pk)


@require_POST
@for_members(Role.OWNER)
def remove_member(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """They work here no more; the last owner stays."""
    member = _found(MEMBERS, actor, pk)
    try:
        member_remove(actor=actor, member=member)
    except LastOwnerError:
        messages.error(request, gettext("Make somebody else an owner first."))
        return redirect("console-settings-members-row", actor.provider.slug, pk)
    messages.success(request, gettext("%(name)s is removed.") % {"name": MEMBERS.name(member)})
    return redirect("console-settings-members", actor.provider.slug)


def _saved(form: SettingsForm, save: Callable[[], Any]) -> bool:
    """Whether a form was good and its service took it; else the form says what is wrong."""
    if not form.is_valid():
        return False
    try:
        save()
    except NameTakenError:
        form.add_error("name", gettext("This name is taken. Choose another."))
    except AlreadyMemberError:
        form.add_error("email", gettext("They work here already."))
    except LastOwnerError:
        form.add_error("role", gettext("Make somebody else an owner first."))
    except InvalidInputError as error:
        for problem in error.data["errors"]:
            field = problem["field"] if problem["field"] in form.fields else None
            form.add_error(field, problem["message"])
    except DomainError as error:
        form.add_error(None, error.detail)
    else:
        return True
    return False


def _status(form: SettingsForm) -> HTTPStatus:
    return HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK


def _found(section: Section, actor: Actor, pk: int) -> Any:
    row = section.rows(actor).filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def _named(section: Section, actor: Actor, text: str) -> Any:
    matches = Q()
    for field in section.search:
        matches |= Q(**{f"{field}__icontains": text})
    return section.rows(actor).filter(matches)


def _exceptions(location: Location) -> list[dict[str, Any]]:
    """The dates to come on which a location is not open as usual."""
    today = clock.local_date(location.zone)
    hours = hours_of([location], since=today)[location.pk]
    return [
        {"day": day, "name": hours.names.get(day, ""), "spans": spans}
        for day, spans in sorted(hours.exceptions.items())
    ]


def _sections(actor: Actor) -> list[Section]:
    return [section for section in SECTIONS if actor.may(section.least)]


def _entries(section: Section, actor: Actor, rows: Any) -> list[dict[str, str]]:
    """Rows as a list shows them."""
    return [
        {
            "name": section.name(row),
            "note": section.note(row),
            "href": _addresses(section, actor, row)["here"],
        }
        for row in rows
    ]


def _addresses(section: Section, actor: Actor, row: Any = None) -> dict[str, Any]:
    """A section, and where its list, its new row and one of its rows are."""
    name, slug = f"console-settings-{section.slug}", actor.provider.slug
    return {
        "section": section,
        "list": reverse(name, args=[slug]),
        "new": reverse(f"{name}-new", args=[slug]) if section.create else "",
        "here": reverse(f"{name}-row", args=[slug, row.pk]) if row is not None else "",
    }


def _common(actor: Actor) -> dict[str, Any]:
    return {
        "provider": actor.provider,
        "screen": "settings",
        "sections": [_addresses(section, actor) for section in _sections(actor)],
        "is_owner": actor.may(Role.OWNER),
    }


def settings_routes() -> list[URLPattern]:
    """The addresses of all sections, below those of the provider."""
    base = "console/<slug:provider>/settings/"
    routes = [
        path(base, overview, name="console-settings"),
        path(f"{base}provider/", about, name="console-settings-provider"),
        path(
            f"{base}locations/<int:pk>/exceptions/",
            add_exception,
            name="console-settings-exceptions",
        ),
        path(
            f"{base}locations/<int:pk>/exceptions/<str:day>/remove/",
            remove_exception,
            name="console-settings-exception-remove",
        ),
        path(f"{base}booking-rules/", booking_rules, name="console-settings-booking-rules"),
        path(f"{base}resources/<int:pk>/away/", add_away, name="console-settings-away"),
        path(
            f"{base}resources/<int:pk>/away/<int:part_id>/remove/",
            remove_away,
            name="console-settings-away-remove",
        ),
        path(f"{base}resources/<int:pk>/rules/", add_rule, name="console-settings-rule"),
        path(
            f"{base}resources/<int:pk>/rules/<int:part_id>/remove/",
            remove_rule,
            name="console-settings-rule-remove",
        ),
        path(f"{base}resources/<int:pk>/calendars/", add_feed, name="console-settings-feed"),
        path(
            f"{base}resources/<int:pk>/calendars/<int:part_id>/remove/",
            remove_feed,
            name="console-settings-feed-remove",
        ),
        path(
            f"{base}resources/<int:pk>/calendars/<int:part_id>/retry/",
            retry_feed,
            name="console-settings-feed-retry",
        ),
        path(
            f"{base}members/<int:pk>/remove/", remove_member, name="console-settings-member-remove"
        ),
    ]
    for section in SECTIONS:
        here, name = f"{base}{section.slug}/", f"console-settings-{section.slug}"
        routes += [
            path(here, _list_of(section), name=name),
            path(f"{here}<int:pk>/", _row_of(section), name=f"{name}-row"),
        ]
        if section.create:
            new = _add_to(section, section.create)
            routes.append(path(f"{here}new/", new, name=f"{name}-new"))
    return routes
