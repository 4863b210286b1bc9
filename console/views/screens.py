"""Boards and kiosks: which screens there are, their settings, and pairing a device with one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Generic, TypeVar

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from console.views.guard import for_members
from providers.actors import Actor
from providers.errors import NameTakenError
from providers.models import Role
from queues import selectors
from queues.models import Queue, Screen
from queues.services import screens as services
from waitlessq.errors import InvalidInputError

S = TypeVar("S", bound=Screen)
QUEUES_PROBLEM = gettext_lazy("Choose up to %(most)d queues of one location.")


class QueueChoice(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Queues, each with its location."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}, {obj.location.name}"


class ScreenForm(forms.Form):
    """What every screen is set up with."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=50, help_text=gettext_lazy("Where it hangs.")
    )
    queues = QueueChoice(
        label=gettext_lazy("Queues"),
        queryset=Queue.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Languages to show and speak"),
        choices=settings.LANGUAGES,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        queues = selectors.queues_for(actor).prefetch_related(None).select_related("location")
        self.fields["queues"].queryset = queues.order_by("location__name", "name")  # type: ignore[attr-defined]


@dataclass(frozen=True)
class ScreenKind(Generic[S]):
    """A kind of screen in the console: its routes are ``console-NAME``, its page's is ``NAME``."""

    name: str
    model: type[S]
    form: type[ScreenForm]
    first: Mapping[str, Any]
    """What the form of a new one says."""

    def route(self, what: str = "") -> str:
        """The name of a route: of one screen, or of something that is done with it."""
        return f"console-{self.name}-{what}" if what else f"console-{self.name}"

    @property
    def list_route(self) -> str:
        """The name of the route to all of them."""
        return f"console-{self.name}s"

    def find(self, actor: Actor, screen_id: int) -> S:
        """One that is open to the actor. Raises Http404."""
        found = selectors.screens_for(self.model, actor).filter(pk=screen_id).first()
        if found is None:
            raise Http404
        return found

    def form_of(self, actor: Actor, found: S) -> ScreenForm:
        """The settings as they are."""
        names = set(self.form.base_fields) - {"queues"}
        initial = {name: getattr(found, name) for name in names}
        return self.form(actor, initial=initial | {"queues": list(found.queues.all())})


def screen_paths(kind: ScreenKind[S]) -> list[URLPattern]:
    """All routes of a kind of screen."""
    base = f"console/<slug:provider>/{kind.name}s/"
    one = f"{base}<int:screen_id>/"
    return [
        path(base, _all(kind), name=kind.list_route),
        path(f"{base}new/", _add(kind), name=kind.route("new")),
        path(one, _one(kind), name=kind.route()),
        path(f"{one}pair/", _pair(kind), name=kind.route("pair")),
        path(f"{one}unpair/", _unpair(kind), name=kind.route("unpair")),
        path(f"{one}remove/", _remove(kind), name=kind.route("remove")),
    ]


View = Callable[..., HttpResponse]


def _all(kind: ScreenKind[S]) -> View:
    @require_safe
    @for_members(Role.VIEWER)
    def view(request: HttpRequest, actor: Actor) -> HttpResponse:
        """The screens and whether a device is paired with each."""
        rows = selectors.screens_for(kind.model, actor).order_by("location__name", "name")
        context = _common(kind, actor) | {"screens": rows, "may_change": actor.may(Role.MANAGER)}
        return render(request, "console/screens.html", context)

    return view


def _add(kind: ScreenKind[S]) -> View:
    @require_http_methods(["GET", "POST"])
    @for_members(Role.MANAGER)
    def view(request: HttpRequest, actor: Actor) -> HttpResponse:
        """A new screen."""
        if request.method != "POST":
            return _form_page(request, kind, actor, kind.form(actor, initial=dict(kind.first)))
        form = kind.form(actor, request.POST)
        made = _saved(
            form,
            lambda fields: services.screen_create(kind=kind.model, actor=actor, **fields),
        )
        if made is None:
            return _form_page(request, kind, actor, form, status=HTTPStatus.BAD_REQUEST)
        return redirect(kind.route(), actor.provider.slug, made.pk)

    return view


def _one(kind: ScreenKind[S]) -> View:
    @require_http_methods(["GET", "POST"])
    @for_members(Role.MANAGER)
    def view(request: HttpRequest, actor: Actor, screen_id: int) -> HttpResponse:
        """One screen: its device, and its settings."""
        found = kind.find(actor, screen_id)
        if request.method != "POST":
            return _form_page(request, kind, actor, kind.form_of(actor, found), found)
        form = kind.form(actor, request.POST)
        made = _saved(
            form,
            lambda fields: services.screen_update(
                kind=kind.model, actor=actor, screen_id=screen_id, **fields
            ),
        )
        if made is None:
            return _form_page(request, kind, actor, form, found, status=HTTPStatus.BAD_REQUEST)
        messages.success(request, gettext("Saved."))
        return redirect(kind.route(), actor.provider.slug, screen_id)

    return view


def _pair(kind: ScreenKind[S]) -> View:
    @require_POST
    @for_members(Role.MANAGER)
    def view(request: HttpRequest, actor: Actor, screen_id: int) -> HttpResponse:
        """The device that shows the typed code becomes this screen."""
        found = kind.find(actor, screen_id)
        code = request.POST.get("code", "")
        try:
            services.screen_pair(kind=kind.model, actor=actor, screen_id=screen_id, code=code)
        except InvalidInputError:
            problem = gettext(
                "No screen shows this code. Look at the screen: it may have a new one."
            )
            context = {"code": code, "code_problem": problem}
            form = kind.form_of(actor, found)
            return _form_page(request, kind, actor, form, found, HTTPStatus.BAD_REQUEST, context)
        messages.success(request, gettext("Paired. The screen is ready in a moment."))
        return redirect(kind.route(), actor.provider.slug, screen_id)

    return view


def _unpair(kind: ScreenKind[S]) -> View:
    @require_POST
    @for_members(Role.MANAGER)
    def view(request: HttpRequest, actor: Actor, screen_id: int) -> HttpResponse:
        """Its device shows nothing of it any more."""
        kind.find(actor, screen_id)
        services.screen_unpair(kind=kind.model, actor=actor, screen_id=screen_id)
        messages.success(request, gettext("The screen is not paired any more, and says so."))
        return redirect(kind.route(), actor.provider.slug, screen_id)

    return view


def _remove(kind: ScreenKind[S]) -> View:
    @require_POST
    @for_members(Role.MANAGER)
    def view(request: HttpRequest, actor: Actor, screen_id: int) -> HttpResponse:
        """The screen is gone; its device says so."""
        name = kind.find(actor, screen_id).name
        services.screen_remove(kind=kind.model, actor=actor, screen_id=screen_id)
        messages.success(request, gettext("%(name)s is removed.") % {"name": name})
        return redirect(kind.list_route, actor.provider.slug)

    return view


def _saved(form: ScreenForm, save: Callable[[Any], S]) -> S | None:
    """What the service made of a form; None when the form now says what is wrong."""
    if not form.is_valid():
        return None
    fields = form.cleaned_data | {"queues": list(form.cleaned_data["queues"])}
    try:
        return save(fields)
    except NameTakenError:
        form.add_error("name", gettext("Another one has this name."))
    except InvalidInputError:
        form.add_error("queues", QUEUES_PROBLEM % {"most": services.MOST_QUEUES})
    return None


def _form_page(
    request: HttpRequest,
    kind: ScreenKind[S],
    actor: Actor,
    form: ScreenForm,
    found: S | None = None,
    status: HTTPStatus = HTTPStatus.OK,
    context: dict[str, Any] | None = None,
) -> HttpResponse:
    slug = actor.provider.slug
    whole = _common(kind, actor) | {"form": form, "paired": found} | (context or {})
    whole["address"] = request.build_absolute_uri(reverse(kind.name))
    whole["here"] = (
        reverse(kind.route("new"), args=[slug])
        if found is None
        else reverse(kind.route(), args=[slug, found.pk])
    )
    return render(request, "console/screen.html", whole, status=status)


def _common(kind: ScreenKind[S], actor: Actor) -> dict[str, Any]:
    new = kind.route("new")
    return {"provider": actor.provider, "screen": "app", "kind": kind, "new_route": new}
